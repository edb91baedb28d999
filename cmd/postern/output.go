package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
)

// reportFlags are the flags of commands that report findings.
func reportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "format", Value: "text", Usage: "`FORMAT` of the report on standard output: " + strings.Join(report.Formats(), ", "),
			EnvVars: []string{"POSTERN_FORMAT"}, Action: oneOf("format", report.Formats()...),
		},
		&cli.StringSliceFlag{Name: "output", Usage: "write a report to a file too, as `FORMAT=FILE` (repeat the flag for more)"},
	}
}

// outputOptions says which reports to write.
type outputOptions struct {
	format string
	files  []outputFile
}

type outputFile struct{ format, name string }

// readOutputs reads the flags of reportFlags. A report may not take the place of what is judged.
func readOutputs(c *cli.Context, inputs []string) (o outputOptions, err error) {
	o.format = c.String("format")
	for _, v := range c.StringSlice("output") {
		format, name, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return o, gate.Usagef("write it as FORMAT=FILE, such as sarif=postern.sarif", "--output cannot be %q", v)
		}
		if !slices.Contains(report.Formats(), format) {
			return o, gate.Usagef("FORMAT is one of "+strings.Join(report.Formats(), ", "), "--output cannot be %q", v)
		}
		if name == mailbox.Stdin {
			return o, gate.Usagef("--format is for standard output", "--output %s names no file", v)
		}
		if slices.ContainsFunc(o.files, func(f outputFile) bool { return sameFile(f.name, name) }) {
			return o, gate.Usagef("give each report a file of its own", "--output names %s twice", name)
		}
		for _, in := range inputs {
			if in != mailbox.Stdin && sameFile(in, name) {
				return o, gate.Usagef("name another file", "--output %s would overwrite what is judged", v)
			}
		}
		o.files = append(o.files, outputFile{format, name})
	}
	return o, nil
}

// sameFile tells whether two paths lead to one file, which need not exist.
func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return x.Mode().IsRegular() && os.SameFile(x, y)
	}
	p, errA := filepath.Abs(a)
	q, errB := filepath.Abs(b)
	return errA == nil && errB == nil && p == q
}

// reports writes all reports of a run. Those in files appear under their names only when they are complete.
type reports struct {
	stdout  *bufio.Writer
	writers []report.Writer
	files   []*replacement
	summary *os.File // of a step of GitHub Actions
}

// textReport makes the writer of the format text on w, which leads to terminal.
type textReport func(w, terminal io.Writer, color string) report.Writer

// open makes the writers. It fails before anything is judged if a file cannot be written. The caller closes it.
func (o *outputOptions) open(stdout io.Writer, opts report.Options, text textReport, color string, getenv func(string) string) (r *reports, err error) {
	r = &reports{stdout: bufio.NewWriterSize(stdout, 64<<10)}
	defer func() {
		if err != nil {
			r.discard()
		}
	}()
	if wd, err := os.Getwd(); err == nil {
		opts.Root = filepath.ToSlash(wd)
	}
	github := o.format == "github" || slices.ContainsFunc(o.files, func(f outputFile) bool { return f.format == "github" })
	if name := getenv("GITHUB_STEP_SUMMARY"); name != "" && github {
		if r.summary, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
			return r, gate.Errorf(gate.Usage, "GITHUB_STEP_SUMMARY names it", "write the summary of the step: %w", err)
		}
	}
	add := func(format string, w io.Writer) {
		opts := opts
		if format == "github" && r.summary != nil && github {
			opts.StepSummary, github = r.summary, false // once
		}
		r.writers = append(r.writers, report.NewWriter(format, w, opts))
	}
	opts.Text = func(w io.Writer) report.Writer { return text(w, stdout, color) }
	add(o.format, r.stdout)
	// Files are no terminals: what the environment says of colours is not meant for them.
	if color != "always" {
		color = "never"
	}
	opts.Text = func(w io.Writer) report.Writer { return text(w, w, color) }
	for _, f := range o.files {
		file, err := replace(f.name)
		if err != nil {
			return r, gate.Errorf(gate.Usage, "no message was judged", "write the report %s: %w", f.name, err)
		}
		r.files = append(r.files, file)
		add(f.format, file.out)
	}
	return r, nil
}

// Item writes one message into every report.
func (r *reports) Item(it *report.Item) error {
	for _, w := range r.writers {
		if err := w.Item(it); err != nil {
			return err
		}
	}
	return nil
}

// Flush shows on standard output what is known so far.
func (r *reports) Flush() error { return r.stdout.Flush() }

// Close ends every report and puts the files in their places. After an error no file has changed that was not complete.
func (r *reports) Close(s *report.Summary) error {
	var errs []error
	for _, w := range r.writers {
		errs = append(errs, w.Close(s))
	}
	errs = append(errs, r.stdout.Flush())
	if err := errors.Join(errs...); err != nil {
		r.discard()
		return err
	}
	if r.summary != nil {
		errs = append(errs, r.summary.Close())
		r.summary = nil
	}
	for _, f := range r.files {
		errs = append(errs, f.commit())
	}
	return errors.Join(errs...)
}

// discard gives up all files.
func (r *reports) discard() {
	if r.summary != nil {
		r.summary.Close()
	}
	for _, f := range r.files {
		f.discard()
	}
}

// replacement is a file that takes the place of another when it is complete.
type replacement struct {
	name, temporary string // temporary is "" for what cannot be replaced, such as a pipe
	file            *os.File
	out             *bufio.Writer
}

// replace begins a file that is to be called name. Links are followed; a file that exists keeps its mode; a device or a pipe
// is written as it is.
func replace(name string) (*replacement, error) {
	mode := os.FileMode(0o666) // less the umask
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("it is a directory")
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, bare(err)
		}
		return &replacement{name: name, file: f, out: bufio.NewWriter(f)}, nil
	case err == nil:
		mode = info.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, bare(err)
		}
		// Replacing a file that may not be written would get round its mode.
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, bare(err)
		}
		f.Close()
	}
	for i := 0; ; i++ {
		temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d-%d.tmp", filepath.Base(name), os.Getpid(), i))
		f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, os.ErrExist) && i < 100 {
			continue
		}
		if err != nil {
			return nil, bare(err)
		}
		return &replacement{name: name, temporary: temporary, file: f, out: bufio.NewWriterSize(f, 64<<10)}, nil
	}
}

func (r *replacement) commit() error {
	err := errors.Join(r.out.Flush(), r.file.Close())
	if r.temporary == "" {
		return err
	}
	if err == nil {
		err = os.Rename(r.temporary, r.name)
	}
	if err != nil {
		os.Remove(r.temporary)
	}
	return err
}

func (r *replacement) discard() {
	r.file.Close()
	if r.temporary != "" {
		os.Remove(r.temporary)
	}
}

// bare is the reason of a failed system call without the path, which the caller names.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditreport"
	"postern/cmd/internal/export"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
)

// auditFormats are the formats of reports of an audit. Those after "html" are for files only.
var auditFormats = []string{"text", "json", "ndjson", "csv", "html", "sqlite", "parquet", "part"}

const auditStreams = 5 // of them go to standard output too

// rowFormats hold a row for each message.
var rowFormats = []string{"ndjson", "csv", "sqlite", "parquet", "part"}

func auditReportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "format", Value: "text", Usage: "`FORMAT` of the report on standard output: " + strings.Join(auditFormats[:auditStreams], ", "),
			Action: oneOf("format", auditFormats[:auditStreams]...)},
		&cli.StringSliceFlag{Name: "output", Usage: "write a report to a file too, as `FORMAT=FILE`: " + strings.Join(auditFormats, ", ") + " (repeat the flag for more)"},
		&cli.IntFlag{Name: "top", Value: 10, Usage: "show the first `N` lines of each table in the text report"},
		&cli.BoolFlag{Name: "no-redact", Usage: "show addresses, subjects and names of files as they are"},
		&cli.StringFlag{Name: "redact-key", Usage: "take the key of the hashes that stand for addresses from `FILE`, so that several reports join"},
		&cli.Int64Flag{Name: "allow-unjudged", Usage: "do not fail for up to `N` messages that could not be judged"},
		colorFlag(),
	}
}

type auditReportOptions struct {
	format  string
	files   []outputFile
	top     int
	redact  bool
	key     []byte // nil takes the one of the run
	allowed int64
	color   string
}

func readAuditReport(c *cli.Context, inputs []string) (o auditReportOptions, err error) {
	o = auditReportOptions{format: c.String("format"), top: c.Int("top"), redact: !c.Bool("no-redact"), allowed: c.Int64("allow-unjudged"), color: c.String("color")}
	if o.top < 1 {
		return o, gate.Usagef("write a number from 1 on", "--top cannot be %d", o.top)
	}
	if o.allowed < 0 {
		return o, gate.Usagef("write a number from 0 on", "--allow-unjudged cannot be %d", o.allowed)
	}
	if c.IsSet("redact-key") {
		if !o.redact {
			return o, gate.Usagef("leave out one of them", "--redact-key contradicts --no-redact")
		}
		b, err := os.ReadFile(c.String("redact-key"))
		if err != nil {
			return o, gate.Usagef("it holds the key, any 16 octets or more that nobody can guess", "--redact-key %s: %w", c.String("redact-key"), bare(err))
		}
		if len(b) < 16 {
			return o, gate.Usagef("head -c 32 /dev/urandom > FILE makes one", "the key in %s has %d octets, 16 are the least", c.String("redact-key"), len(b))
		}
		sum := sha256.Sum256(b)
		o.key = sum[:]
	}
	for _, v := range c.StringSlice("output") {
		format, name, ok := strings.Cut(v, "=")
		if !ok || name == "" || !slices.Contains(auditFormats, format) {
			return o, gate.Usagef("write it as FORMAT=FILE; FORMAT is one of "+strings.Join(auditFormats, ", "), "--output cannot be %q", v)
		}
		if name == mailbox.Stdin {
			return o, gate.Usagef("--format is for standard output", "--output %s names no file", v)
		}
		if slices.ContainsFunc(o.files, func(f outputFile) bool { return sameFile(f.name, name) }) {
			return o, gate.Usagef("give each report a file of its own", "--output names %s twice", name)
		}
		for _, in := range inputs {
			if in != mailbox.Stdin && in != "" && (sameFile(in, name) || sameFile(in+".rows", name)) {
				return o, gate.Usagef("name another file", "--output %s would overwrite what is read", v)
			}
		}
		o.files = append(o.files, outputFile{format, name})
	}
	return o, nil
}

func (o *auditReportOptions) wants(format string) bool {
	return slices.ContainsFunc(o.files, func(f outputFile) bool { return f.format == format })
}

// needsRows tells whether some report has a row for each message.
func (o *auditReportOptions) needsRows() bool {
	return slices.Contains(rowFormats, o.format) || slices.ContainsFunc(o.files, func(f outputFile) bool { return slices.Contains(rowFormats, f.format) })
}

// verdict is the exit of the run.
func (o *auditReportOptions) verdict(s *audit.Summary) error {
	switch {
	case s.Unjudged > o.allowed || s.Messages == 0:
		return &gate.Error{Cause: gate.Unjudged, Silent: true}
	case s.Fail > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	}
	return nil
}

// auditOutputs are the files of a run, which appear under their names when they are complete.
type auditOutputs struct {
	o     *auditReportOptions
	files []*replacement
}

// open makes sure that the files can be written.
func (o *auditReportOptions) open() (*auditOutputs, error) {
	out := &auditOutputs{o: o}
	for _, f := range o.files {
		_, missing := os.Stat(f.name)
		file, err := replace(f.name)
		if err == nil {
			out.files = append(out.files, file)
			// A part holds addresses and subjects in the clear.
			if f.format == "part" && errors.Is(missing, os.ErrNotExist) {
				err = file.file.Chmod(0o600)
			}
		}
		if err != nil {
			out.discard()
			return nil, gate.Errorf(gate.Usage, "no message was judged", "write the report %s: %w", f.name, err)
		}
	}
	return out, nil
}

func (x *auditOutputs) discard() {
	for _, f := range x.files {
		f.discard()
	}
	x.files = nil
}

// auditResult is what reports are made of.
type auditResult struct {
	report *audit.Report
	rows   func(func(*audit.Row) error) error
	rules  []audit.RuleInfo
	part   func(io.Writer) error
}

// write writes all reports, the files first.
func (x *auditOutputs) write(res *auditResult, stdout io.Writer) error {
	defer x.discard()
	var hide *audit.Redactor
	if x.o.redact {
		key := x.o.key
		if key == nil {
			key = []byte(res.report.Key())
		}
		hide = audit.NewRedactor(key, res.rules)
	}
	res.report.Redact(hide)
	rows := func(yield func(*audit.Row) error) error {
		return res.rows(func(r *audit.Row) error {
			if r.Kind > audit.Broken {
				return nil
			}
			hide.Row(r)
			return yield(r)
		})
	}
	one := func(format string, w, terminal io.Writer, color, dir string) error {
		switch format {
		case "json":
			return auditreport.JSON(w, res.report)
		case "ndjson":
			return auditreport.NDJSON(w, res.report, rows)
		case "csv":
			return auditreport.CSV(w, rows)
		case "html":
			return auditreport.HTML(w, res.report)
		case "sqlite":
			return export.SQLite(w, dir, res.report, rows)
		case "parquet":
			return export.Parquet(w, rows)
		case "part":
			return res.part(w)
		}
		t := auditreport.Text{Printer: printer(w, terminal, color), Top: x.o.top}
		return t.Write(res.report)
	}
	color := "never"
	if x.o.color == "always" {
		color = "always"
	}
	for i, f := range x.files {
		if err := one(x.o.files[i].format, f.out, f.out, color, filepath.Dir(f.name)); err != nil {
			return err
		}
	}
	out := bufio.NewWriterSize(stdout, 64<<10)
	if err := one(x.o.format, out, stdout, x.o.color, ""); err != nil {
		return err
	}
	var errs []error
	for _, f := range x.files {
		errs = append(errs, f.commit())
	}
	x.files = nil
	return errors.Join(append(errs, out.Flush())...)
}

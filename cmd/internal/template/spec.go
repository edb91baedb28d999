package template

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// Spec is one entry of postern.yaml's templates list: which files are templates and what belongs to the message that each
// of them makes. Paths are slash-separated and relative to the root. In HTML, Text, Data, Attachments and Inline the words
// {dir}, {name} and {base} stand for the template's directory, its name up to the first dot, and its whole file name.
//
// What a meta.json beside the template states (Postmark: Subject, LayoutTemplate) replaces what the Spec does, and the
// template's front matter replaces both. Front matter knows the names engine, kind, layout, html, text, attachments, inline,
// headers, and header fields such as subject and reply_to; everything in it is the variable "page".
type Spec struct {
	// Files are the templates: globs in which ** stands for any directories. Exclude takes files out again.
	Files   []string `yaml:"files"`
	Exclude []string `yaml:"exclude"`
	// Engine is go-text, go-html, liquid, handlebars, mustache, jinja2 or none. Without it the file's extension and then its
	// content tell; a content that fits Liquid and Jinja2 alike is an error when the template is rendered.
	Engine string `yaml:"engine"`
	// Command is a program that writes HTML, text or a whole message, with its arguments: there is no shell. {file} and {data}
	// stand for the paths of template and sample, {out} for a file that is read instead of standard output.
	Command []string `yaml:"command"`
	// Timeout bounds Command, 30 seconds if it is 0.
	Timeout time.Duration `yaml:"timeout"`
	// Functions are names of functions, filters and helpers that only the sending program defines. They hand through their
	// first argument.
	Functions []string `yaml:"functions"`
	// Data are globs of sample data files, JSON or YAML, relative to the root or to the template's directory. Each makes a
	// message of its own; without any there is one, from empty data.
	Data []string `yaml:"data"`
	// Kind tells what the template is: a whole message with its header, or the html or text body of one. Without it the
	// rendered content tells.
	Kind string `yaml:"kind"`
	// HTML and Text are the sibling template for the other body, such as {dir}/content.txt.
	HTML string `yaml:"html"`
	Text string `yaml:"text"`
	// Header fields, for bodies; a whole message has its own. They are templates of the same engine, unescaped.
	Subject string            `yaml:"subject"`
	From    string            `yaml:"from"`
	To      string            `yaml:"to"`
	Cc      string            `yaml:"cc"`
	Bcc     string            `yaml:"bcc"`
	ReplyTo string            `yaml:"reply_to"`
	Headers map[string]string `yaml:"headers"`
	// File is the file below the root that states all this, and Lines are the lines of the header fields in it, by the keys
	// above, and by the names below headers. Findings about the fields point there. "" if it is no file.
	File  string         `yaml:"-"`
	Lines map[string]int `yaml:"-"`
	// Includes are directories for partials, includes and layouts; the template's own directory is always one.
	Includes []string `yaml:"includes"`
	// Layout is a template that shows the rendered one as "content" ({{{@content}}} and {{{body}}} work too in Handlebars; in
	// Go it calls {{template "content" .}}).
	Layout string `yaml:"layout"`
	// Attachments and Inline are files that the message carries. HTML shows an inline one as cid: and the file's name.
	Attachments []string `yaml:"attachments"`
	Inline      []string `yaml:"inline"`
}

// Unit is one message to be rendered: a template with one sample.
type Unit struct {
	// Name is stable and unique among the units of one call: the template's path, with the sample's name in brackets.
	Name string
	// Template and Data are paths below the root. Data is "" for empty data.
	Template, Data string

	root string
	spec *Spec
	// samples are all data files of the template, for the first unit of it only.
	samples []string
	// output is what the Command printed, where it has been run already.
	output *string
}

// Units gives the messages that specs make of the files below root, in order of the specs, then of names. An error is a
// *SpecError: a field that cannot be used, or a glob that matches nothing. Units come back together with errors.
func Units(root string, specs []Spec) ([]Unit, []error) {
	t, err := openTree(root)
	if err != nil {
		return nil, []error{err}
	}
	defer t.close()
	var units []Unit
	var errs []error
	names := map[string]int{}
	for i := range specs {
		s := &specs[i]
		found, err := specUnits(t, s)
		if err != nil {
			errs = append(errs, &SpecError{i, err.Error()})
		}
		for _, u := range found {
			names[u.Name]++
			if n := names[u.Name]; n > 1 { // the same template in two entries
				u.Name = fmt.Sprintf("%s (templates[%d])", u.Name, i)
			}
			u.root, u.spec = root, s
			units = append(units, u)
		}
	}
	return units, errs
}

// check finds the fields that cannot be used.
func (s *Spec) check() error {
	switch {
	case len(s.Files) == 0:
		return fmt.Errorf("files is empty")
	case s.Engine != "" && !knownEngine(s.Engine):
		return fmt.Errorf("engine %q is none of %s", s.Engine, strings.Join(engineNames(), ", "))
	case !slices.Contains([]string{"", "message", "html", "text"}, s.Kind):
		return fmt.Errorf("kind %q is none of message, html, text", s.Kind)
	case len(s.Command) > 0 && s.Command[0] == "":
		return fmt.Errorf("command names no program")
	case s.Timeout < 0:
		return fmt.Errorf("timeout is negative")
	case s.HTML != "" && s.Text != "":
		return fmt.Errorf("html and text are both set: the template itself is one of them")
	}
	for name := range s.Headers {
		if !fieldName(name) {
			return fmt.Errorf("headers: %q is no name of a header field", name)
		}
		switch canonicalField(name) {
		case "MIME-Version", "Content-Type", "Content-Transfer-Encoding":
			return fmt.Errorf("headers: %s is made from the parts", canonicalField(name))
		}
	}
	for _, list := range [][]string{s.Files, s.Exclude, s.Data} {
		for _, p := range list {
			if p == "" || !doublestar.ValidatePattern(p) {
				return fmt.Errorf("%q is no glob", p)
			}
		}
	}
	for _, p := range append(append([]string{}, s.Files...), s.Includes...) {
		if base, _ := doublestar.SplitPattern(path.Clean(p)); !fs.ValidPath(base) {
			return fmt.Errorf("%q leads out of the root", p)
		}
	}
	return nil
}

func knownEngine(name string) bool { _, ok := engines[name]; return ok }

func engineNames() []string {
	var names []string
	for n := range engines {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// glob gives the files that match any of patterns, sorted.
func (t *tree) glob(patterns []string) ([]string, error) {
	seen := map[string]bool{}
	for _, p := range patterns {
		p = path.Clean(p)
		if base, _ := doublestar.SplitPattern(p); !fs.ValidPath(base) {
			continue
		}
		found, err := doublestar.Glob(t.root.FS(), p, doublestar.WithFilesOnly(), doublestar.WithNoFollow(),
			doublestar.WithFailOnIOErrors()) // a directory that cannot be read may hold what the pattern means
		if err != nil {
			return nil, fmt.Errorf("%q: %w", p, err)
		}
		for _, f := range found {
			if f != ".git" && !strings.HasPrefix(f, ".git/") && !strings.Contains(f, "/.git/") {
				seen[f] = true
			}
		}
	}
	var files []string
	for f := range seen {
		files = append(files, f)
	}
	sort.Strings(files)
	return files, nil
}

func specUnits(t *tree, s *Spec) ([]Unit, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	files, err := t.glob(s.Files)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("files: no file matches %s", strings.Join(quoteAll(s.Files), ", "))
	}
	samples := map[string][]string{}
	dataFiles := map[string]bool{}
	for _, f := range files {
		list, err := s.samples(t, f)
		if err != nil {
			return nil, err
		}
		samples[f] = list
		for _, d := range list {
			dataFiles[d] = true
		}
	}
	// Files that are part of another template's message are no templates of their own.
	part := map[string]bool{}
	if s.Layout != "" {
		part[path.Clean(s.Layout)] = true
	}
	for _, f := range files {
		for _, p := range []string{s.HTML, s.Text} {
			if p == "" {
				continue
			}
			if sibling := expand(p, f); sibling != f && t.exists(sibling) {
				part[sibling] = true
			}
		}
	}
	var units []Unit
	kept := 0
	for _, f := range files {
		if excluded(s.Exclude, f) || part[f] || dataFiles[f] || path.Base(f) == metaName {
			continue
		}
		kept++
		units = append(units, named(f, samples[f])...)
	}
	switch {
	case kept == 0:
		return nil, fmt.Errorf("files: exclude leaves none of %d files", len(files))
	case len(s.Data) > 0 && len(dataFiles) == 0:
		return units, fmt.Errorf("data: no file matches %s", strings.Join(quoteAll(s.Data), ", "))
	}
	return units, nil
}

func excluded(patterns []string, file string) bool {
	for _, p := range patterns {
		if doublestar.MatchUnvalidated(path.Clean(p), file) {
			return true
		}
	}
	return false
}

// samples are the data files of one template.
func (s *Spec) samples(t *tree, file string) ([]string, error) {
	var patterns []string
	for _, d := range s.Data {
		p := expand(d, file)
		patterns = append(patterns, p)
		if !strings.Contains(d, "{dir}") {
			patterns = append(patterns, path.Join(path.Dir(file), p))
		}
	}
	found, err := t.glob(patterns)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(f string) bool { return f == file || path.Base(f) == metaName }), nil
}

// named gives the units of one template.
func named(file string, samples []string) []Unit {
	if len(samples) == 0 {
		return []Unit{{Name: file, Template: file, samples: []string{}}}
	}
	label := map[string]int{}
	short := func(d string) string { return strings.TrimSuffix(path.Base(d), path.Ext(d)) }
	for _, d := range samples {
		label[short(d)]++
	}
	var units []Unit
	for _, d := range samples {
		name := short(d)
		if label[name] > 1 {
			name = d
		}
		units = append(units, Unit{Name: file + " [" + name + "]", Template: file, Data: d})
	}
	units[0].samples = samples
	return units
}

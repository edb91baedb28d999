package report

import (
	"io"
	"slices"

	"postern/rules"
)

// Options are what the writers need to know of a run.
type Options struct {
	// Version is the version of postern that reports name.
	Version string
	// Noun is what is judged; the zero value means messages.
	Noun Noun
	// Rules are the rules of the run. Formats that describe rules describe these.
	Rules []rules.Rule
	// FailOn is the gravity that fails a message; "" means SeverityError.
	FailOn rules.Severity
	// Root is the directory that relative paths start from, with slashes, "" if unknown. Formats that want paths below it
	// shorten absolute ones.
	Root string
	// StepSummary, if set, takes the Markdown summary that goes with the format github.
	StepSummary io.Writer
	// Text makes the writer of the format text.
	Text func(io.Writer) Writer
}

func (o *Options) noun() Noun {
	if o.Noun == (Noun{}) {
		return Messages
	}
	return o.Noun
}

// fails tells whether a finding fails its message.
func (o *Options) fails(f *Finding) bool {
	if !f.Live() {
		return false
	}
	switch o.FailOn {
	case rules.SeverityInfo:
		return true
	case rules.SeverityWarning:
		return f.Severity != rules.SeverityInfo
	}
	return f.Severity == rules.SeverityError
}

// formats are all formats, in the order in which they are listed.
var formats = []struct {
	name string
	make func(io.Writer, Options) Writer
}{
	{"text", func(w io.Writer, o Options) Writer { return o.Text(w) }},
	{"json", func(w io.Writer, o Options) Writer { return &JSON{W: w, Version: o.Version, Noun: o.Noun} }},
	{"ndjson", func(w io.Writer, o Options) Writer { return newNDJSON(w, o) }},
	{"sarif", func(w io.Writer, o Options) Writer { return newSARIF(w, o) }},
	{"junit", func(w io.Writer, o Options) Writer { return newJUnit(w, o) }},
	{"github", func(w io.Writer, o Options) Writer { return newGitHub(w, o) }},
	{"gitlab", func(w io.Writer, o Options) Writer { return newGitLab(w, o) }},
	{"checkstyle", func(w io.Writer, o Options) Writer { return newCheckstyle(w, o) }},
	{"tap", func(w io.Writer, o Options) Writer { return newTAP(w, o) }},
	{"markdown", func(w io.Writer, o Options) Writer { return newMarkdown(w, o) }},
	{"html", func(w io.Writer, o Options) Writer { return newHTML(w, o) }},
}

// Formats gives the names of all formats.
func Formats() []string {
	out := make([]string, len(formats))
	for i := range formats {
		out[i] = formats[i].name
	}
	return out
}

// NewWriter makes the writer of a format, which is one of Formats.
func NewWriter(format string, w io.Writer, o Options) Writer {
	i := slices.IndexFunc(formats, func(f struct {
		name string
		make func(io.Writer, Options) Writer
	}) bool {
		return f.name == format
	})
	return formats[i].make(w, o)
}

// sink is a writer that keeps its first error and drops what follows.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) string(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

func (s *sink) bytes(b []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(b)
	}
}

// json writes v on one line, without a line end.
func (s *sink) json(v any) {
	b, err := Encode(v)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.bytes(b)
}

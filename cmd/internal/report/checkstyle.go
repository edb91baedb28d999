package report

import (
	"encoding/xml"
	"io"

	"postern/rules"
)

// checkstyle writes the XML of Checkstyle, which Jenkins' warnings-ng, reviewdog and many editors read. It has no place for
// accepted findings; they are left out.
type checkstyle struct {
	out xmlSink
	o   Options
}

func newCheckstyle(w io.Writer, o Options) *checkstyle {
	return &checkstyle{out: xmlSink{sink: sink{w: w}}, o: o}
}

type checkstyleFile struct {
	XMLName xml.Name          `xml:"file"`
	Name    string            `xml:"name,attr"`
	Errors  []checkstyleError `xml:"error"`
}

type checkstyleError struct {
	Line     int64  `xml:"line,attr"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

func (c *checkstyle) start() { c.out.root("checkstyle", ` version="4.3"`) }

// Item writes a file element for each file that findings of the message stand in, and at least one.
func (c *checkstyle) Item(it *Item) error {
	c.start()
	var files []checkstyleFile
	add := func(name string, e ...checkstyleError) {
		name = xmlText(name)
		if n := len(files); n > 0 && files[n-1].Name == name {
			files[n-1].Errors = append(files[n-1].Errors, e...)
			return
		}
		files = append(files, checkstyleFile{Name: name, Errors: e})
	}
	all := it.All()
	for i := range all {
		if f := &all[i]; f.Live() {
			p := c.o.place(it, f)
			add(p.file, checkstyleError{Line: p.line, Severity: string(f.Severity), Message: xmlText(sentence(f) + remedy(f)), Source: xmlText("postern." + f.Rule)})
		}
	}
	if it.Verdict.Outcome == rules.Unjudged {
		add(c.o.place(it, nil).file, checkstyleError{Line: 1, Severity: "error", Message: xmlText("could not be judged: " + why(it)), Source: "postern.unjudged"})
	}
	if len(files) == 0 {
		add(c.o.place(it, nil).file)
	}
	for _, f := range files {
		c.out.element(f)
	}
	return c.out.err
}

// Close ends the document.
func (c *checkstyle) Close(s *Summary) error {
	c.start()
	if text := incomplete(s, c.o.noun()); text != "" {
		c.out.element(checkstyleFile{Name: "postern", Errors: []checkstyleError{{Line: 1, Severity: "error", Message: text, Source: "postern.unjudged"}}})
	}
	c.out.end()
	return c.out.err
}

// remedy is the remedy of a finding as a sentence that follows its message.
func remedy(f *Finding) string {
	if f.Remedy == "" {
		return ""
	}
	return ". Remedy: " + f.Remedy
}

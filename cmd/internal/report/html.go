package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// html writes one page that needs nothing else: no script, no network, no file beside it. Its Content-Security-Policy allows
// its own style sheet only. The messages are kept in a spool, as HTML, until the counts are known, which stand first.
type html struct {
	w     io.Writer
	o     Options
	body  spool
	clean int
	err   error
}

func newHTML(w io.Writer, o Options) *html { return &html{w: w, o: o} }

//go:embed report.html.tmpl
var pageSource string

//go:embed report.css
var pageStyle string

// pages parses the page once, and only when it is needed.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"q": quote.Text,
	}).Parse(pageSource))
})

type htmlItem struct {
	Name, Verdict, Reason, Hint string
	Class                       string
	Octets, Recipients          string
	Open                        bool
	Findings                    []htmlFinding
}

type htmlFinding struct {
	Severity, Place, Message, Rule, Remedy, Clause, Source, Read, Accepted, Baseline string
}

// Item takes one message.
func (h *html) Item(it *Item) error {
	all := it.All()
	if it.Verdict.Outcome == rules.Pass && len(all) == 0 {
		h.clean++
		if h.clean > fewMessages {
			return h.err
		}
	}
	x := htmlItem{
		Name: quote.Text(it.Name), Verdict: verdictWord(it.Verdict.Outcome), Class: string(it.Verdict.Outcome),
		Open: it.Verdict.Outcome != rules.Pass,
	}
	if it.Size != nil {
		x.Octets = Count(it.Size.DataBytes, "octet", "octets")
	}
	if r := it.Recipients; r != nil {
		x.Recipients = Count(r.Unique, "recipient", "recipients")
		if r.Uncertain {
			x.Recipients += " or more"
		}
	}
	if it.Verdict.Outcome == rules.Unjudged {
		x.Reason, x.Hint = quote.Text(it.Verdict.Reason), quote.Text(it.Hint)
	}
	for i := range all {
		x.Findings = append(x.Findings, h.finding(it, &all[i]))
	}
	h.execute(&h.body, "item", x)
	return h.err
}

// execute writes a template.
func (h *html) execute(w io.Writer, name string, data any) {
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, name, data); err != nil && h.err == nil {
		h.err = err
	}
	// See inert: the page may be printed into a log.
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("##"), []byte("#&#35;")))
	if err != nil && h.err == nil {
		h.err = err
	}
}

func (h *html) finding(it *Item, f *Finding) htmlFinding {
	p := h.o.place(it, f)
	x := htmlFinding{
		Severity: string(f.Severity), Place: quote.Text(p.file), Message: quote.Text(sentence(f)), Rule: quote.Text(f.Rule),
		Remedy: quote.Text(f.Remedy), Clause: quote.Text(f.Clause.Text), Read: quote.Text(f.Clause.Read), Accepted: quote.Text(accepted(f)),
	}
	if p.sure {
		x.Place += ":" + strconv.FormatInt(p.line, 10)
	}
	if strings.HasPrefix(f.Clause.Source, "https://") {
		x.Source = quote.Text(f.Clause.Source)
	}
	if f.BaselineState == Unchanged {
		x.Baseline = "in the baseline"
	} else if f.BaselineState == Absent {
		x.Baseline = "gone since the baseline"
	}
	return x
}

// Close writes the page.
func (h *html) Close(s *Summary) error {
	s.finish()
	outcome := s.outcome(h.o.noun())
	// The hash is of exactly what stands between the tags.
	style := "\n" + pageStyle
	sum := sha256.Sum256([]byte(style))
	hidden := max(h.clean-fewMessages, 0)
	page := struct {
		Title, Class, Version, Incomplete, Hidden, CSP string
		Noun                                           Noun
		Summary                                        *Summary
		Style                                          template.CSS
	}{
		Title: verdictWord(outcome), Class: string(outcome), Version: quote.Text(h.o.Version), Noun: h.o.noun(), Summary: s,
		Incomplete: incomplete(s, h.o.noun()), Style: template.CSS(style),
		CSP: "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
	if hidden > 0 {
		page.Hidden = Count(hidden, "more "+h.o.noun().One+" without findings is not shown", "more "+h.o.noun().Many+" without findings are not shown")
	}
	h.execute(h.w, "top", page)
	if h.err == nil {
		_, h.err = h.body.WriteTo(h.w)
	}
	h.execute(h.w, "bottom", page)
	return h.err
}

package preview

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
	"postern/rules/facts"
)

//go:embed page.html.tmpl
var pageSource string

// pages parses the page once, and only when it is needed.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("preview").Funcs(template.FuncMap{
		"q": quote.Text, "comma": report.Comma,
	}).Parse(pageSource))
})

// gmailClip is the size at which Gmail hides the end of a message, as the rule size.html_gmail_clip has it.
const gmailClip = 102_400

// page is what page.html.tmpl shows.
type page struct {
	Name, Verdict, Reason string
	Header                []Field
	Frame                 string // the message as srcdoc
	HasHTML, HasText      bool
	Text                  string
	Attachments           []string
	Findings              []finding
	Size                  *facts.Size
	Bars                  []bar
	Skipped               int
}

type finding struct{ Severity, Place, Message, Rule, Remedy, Accepted string }

// bar is a segment of the size bar: its share of the whole in hundredths.
type bar struct {
	Class, Label string
	Octets       int64
	Percent      float64
}

// Write writes the page of a message that was judged.
func Write(w io.Writer, it *report.Item, m *Message) error {
	p := page{
		Name: it.Name, Verdict: string(it.Verdict.Outcome), Reason: it.Verdict.Reason, Header: m.Header,
		HasHTML: m.HasHTML, HasText: m.HasText, Text: text(m.Text), Attachments: m.Attachments, Size: it.Size, Skipped: len(it.Verdict.Skipped),
	}
	if m.HasHTML {
		p.Frame = m.frame()
	}
	if s := it.Size; s != nil {
		rest := s.DataBytes - s.HeaderBytes - s.AttachmentsBytes
		p.Bars = []bar{
			{"header", "header", s.HeaderBytes, share(s.HeaderBytes, s.DataBytes)},
			{"body", "bodies", rest, share(rest, s.DataBytes)},
			{"attachments", "attachments", s.AttachmentsBytes, share(s.AttachmentsBytes, s.DataBytes)},
		}
	}
	if m.HasHTML {
		n := int64(len(m.HTML))
		p.Bars = append(p.Bars, bar{"clip", "HTML, of the 102,400 octets that Gmail shows", n, min(100, share(n, gmailClip))})
	}
	for _, f := range it.All() {
		place := it.Path
		if f.File != "" {
			place = f.File
		}
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, f.Line)
		}
		x := finding{Severity: string(f.Severity), Place: place, Message: f.Message, Rule: f.Rule, Remedy: f.Remedy}
		if f.Suppressed != nil {
			x.Accepted = f.Suppressed.Reason
		}
		p.Findings = append(p.Findings, x)
	}
	return pages().Execute(w, p)
}

func share(n, of int64) float64 {
	if of <= 0 {
		return 0
	}
	return float64(max(n, 0)) * 100 / float64(of)
}

var (
	// linkTag is every link element: preconnect and dns-prefetch reach out whatever a policy says.
	linkTag = regexp.MustCompile(`(?i)<link\b[^>]*>?`)
	doctype = regexp.MustCompile(`(?i)^\s*<!doctype[^>]*>`)
	cidLink = regexp.MustCompile(`(?i)\bcid:[^"'\s>)]+`)
)

// policy forbids everything that would leave the page; it stands before anything that the message says.
const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">` +
	`<meta http-equiv="x-dns-prefetch-control" content="off">`

// frame is the HTML of the message with its own pictures in it, for a frame that may do nothing.
func (m *Message) frame() string {
	s := linkTag.ReplaceAllString(text(m.HTML), "")
	s = cidLink.ReplaceAllStringFunc(s, func(link string) string {
		img, ok := m.Images[link[len("cid:"):]]
		if !ok {
			return link
		}
		return "data:" + img.Type + ";base64," + base64.StdEncoding.EncodeToString(img.Data)
	})
	at := len(doctype.FindString(s))
	return s[:at] + policy + s[at:]
}

// text gives octets as text: UTF-8, else as ISO 8859-1, which has a character for every octet.
func text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

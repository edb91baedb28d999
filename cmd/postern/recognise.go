package main

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/template"
)

// maxTemplate bounds the files that are looked at for placeholders: what people write by hand.
const maxTemplate = 1 << 20

// pages are extensions of files that are no mail by themselves, and templateNames those of templates.
var (
	pages         = []string{".html", ".htm", ".xhtml", ".md", ".markdown", ".rst"}
	templateNames = []string{
		".tmpl", ".tpl", ".tt", ".tt2", ".j2", ".jinja", ".jinja2", ".liquid", ".hbs", ".handlebars", ".mustache", ".erb", ".ejs", ".eex",
		".ftl", ".ftlh", ".vm", ".twig", ".njk", ".gohtml", ".gotmpl", ".gotxt", ".template", ".mjml",
	}
)

// errLargeTemplate is told of a file that only its name says to be a template.
var errLargeTemplate = errors.New("is named like a template, and larger than the 1 MiB that is read of one")

// named tells whether a file's name has one of the extensions, perhaps before others: welcome.html.erb.
func named(file string, extensions []string) bool {
	name := strings.ToLower(filepath.Base(file))
	for ext := filepath.Ext(name); ext != ""; ext = filepath.Ext(name) {
		if slices.Contains(extensions, ext) {
			return true
		}
		name = strings.TrimSuffix(name, ext)
	}
	return false
}

// isTemplate tells whether a file of a directory that is not named like mail is a template of mail. Files that are named like a
// page, a text or a template are looked at; of all others those that begin with a header, as the templates of programs do
// that name them after their purpose (queue.rejected). A file with the name of a page or a template that cannot be read is an
// error: what it holds is not known, so that it is not left out as something else.
func isTemplate(file string, r io.ReaderAt, size int64) (bool, error) {
	if size > maxTemplate {
		if named(file, templateNames) {
			return false, errLargeTemplate
		}
		return false, nil
	}
	likely := named(file, pages[:3]) || named(file, templateNames) || named(file, []string{".txt", ".text"})
	if !likely {
		head := make([]byte, min(size, 512))
		if n, err := r.ReadAt(head, 0); n < len(head) && err != nil || named(file, pages) || !beginsWithField(head) {
			return false, nil
		}
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); int64(n) < size && err != nil {
		return false, err
	}
	found, ok := template.Recognise(filepath.ToSlash(file), b)
	return ok && (likely || found.Kind == "message"), nil
}

// beginsWithField tells whether the first line is a header field of mail and a later one is another.
func beginsWithField(head []byte) bool {
	line, rest, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	mbox := bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
	return !mbox && mailbox.LooksLikeMail(line) && mailbox.LooksLikeMail(rest)
}

// recognise gives the template that a file holds which is a template that nobody has rendered, with its source; nil for
// mail. An error says that the file is neither.
func recognise(m *mailbox.Message) (*template.Rendered, []byte, error) {
	// What comes from a pipe, an mbox or a store is meant to be mail.
	if m.Path == mailbox.StdinName || mailbox.IsRemote(m.Path) || m.Name != m.Path || m.Size == 0 || m.Size > maxTemplate {
		return nil, nil, nil
	}
	b := make([]byte, m.Size)
	if n, err := m.Reader.ReadAt(b, 0); int64(n) < m.Size && err != nil {
		return nil, nil, nil // told when it is measured
	}
	if delivered(b) {
		return nil, nil, nil
	}
	name := filepath.ToSlash(m.Path)
	if found, ok := template.Recognise(name, b); ok {
		r := found.Rendered(name, b)
		r.Variables = found.Variables(name, b)
		return r, b, nil
	}
	if (named(name, pages) || named(name, templateNames)) && !mailbox.LooksLikeMail(b[:min(len(b), 4096)]) {
		return nil, nil, errNoTemplate
	}
	return nil, nil, nil
}

// delivered tells by the first field whether mail has been on its way, which most saved mail has. Recognise finds it out too,
// but later.
func delivered(b []byte) bool {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	name, _, _ := bytes.Cut(line, []byte(":"))
	switch strings.ToLower(string(name)) {
	case "received", "return-path", "delivered-to", "dkim-signature", "x-original-to":
		return true
	}
	return false
}

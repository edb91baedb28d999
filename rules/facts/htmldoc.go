package facts

import (
	"strings"
	"unicode/utf8"
)

func (h *htmlReader) at() at { return at{part: h.part, row: h.row} }

// meta reads the charset that a meta element states (HTML section 4.2.5.4).
func (h *htmlReader) meta(a *attributes) {
	charset := a.charset
	if charset == "" && strings.EqualFold(a.equiv, "content-type") {
		if i := indexFold(a.content, "charset="); i >= 0 {
			charset = strings.Trim(a.content[i+len("charset="):], " \"';")
		}
	}
	if h.doc.Charset == "" {
		h.doc.Charset = strings.Clone(clipRunes(strings.TrimSpace(charset), maxSpotText))
	}
}

// preview takes a run of text, hidden or not, for what mail programs show beside the subject: the first text of the body.
func (h *htmlReader) preview(s string) {
	if !h.after && len(h.before) < 4*maxPreheader {
		h.before = append(h.before, cut(s, 4*maxPreheader)...)
	}
}

// block ends the preheader if some of it has been met.
func (h *htmlReader) block() {
	if !h.after && len(h.before) > 0 {
		h.after = hasChars(viewOf(h.before))
	}
}

// document writes down what the part says of itself.
func (h *htmlReader) document() {
	d := &h.doc
	d.Path, d.Line = h.c.path(h.part), h.c.lineOf(at{part: h.part})
	d.Title = h.c.keep(clipRunes(h.c.oneLine(viewOf(h.title)), maxTitle))
	padding := func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return r
	}
	before := viewOf(h.before)
	if !isASCII(before) {
		before = strings.Map(padding, before)
	}
	d.Preheader = h.c.keep(clipRunes(h.c.oneLine(before), maxPreheader))
	d.PreheaderChars = utf8.RuneCountInString(d.Preheader)
	h.c.f.HTML.Documents = append(h.c.f.HTML.Documents, *d)
}

// resource notes the host that something is loaded from.
func (h *htmlReader) resource(v string) {
	if len(v) < 8 || len(h.c.f.Links.Resources) >= maxResources {
		return
	}
	u := splitURL(tidyTarget(v))
	host := u.host
	switch {
	case u.scheme == "file":
		host = "file"
	case host == "":
		return
	case !u.ip:
		host = cut(h.c.domain(octetsOf(host)).ascii, 255)
	}
	host = clipRunes(host, maxSpotText)
	for _, r := range h.c.f.Links.Resources {
		if r.Text == host {
			return
		}
	}
	h.c.f.Links.Resources = append(h.c.f.Links.Resources, Spot{Text: h.c.keep(host), Path: h.c.path(h.part), Line: h.c.lineOf(h.at())})
}

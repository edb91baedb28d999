package facts

import (
	"cmp"
	"strings"

	"golang.org/x/net/html"
)

// comment reads the links in a conditional comment, which Outlook on Windows shows and nobody else.
func (h *htmlReader) comment(s string) {
	if len(s) > len("<!--[if") && equalFold(octetsOf(s[:len("<!--[if")]), "<!--[if") {
		h.aside(strings.TrimSuffix(s[len("<!--"):], "-->"))
	}
}

// aside reads the links in what is markup to some readers only. Their text is not looked at.
//
// QUIRK: in SVG and MathML style, title and the like hold markup, and <style/> is whole (HTML section 13.2.6.5). To know where that
// ends takes the tree that browsers build, so that after the first of them such content is read both ways.
func (h *htmlReader) aside(s string) {
	t := &htmlTokens{text: s, nul: strings.IndexByte(s, 0) >= 0}
	row := h.row
	for t.next() {
		t.raw = ""
		if t.kind == html.StartTagToken {
			if name := string(t.name); name == "a" || name == "area" || strings.HasPrefix(name, "v:") {
				if href := cmp.Or(t.attr.href, t.attr.xlink); href != "" {
					where := at{part: h.part, row: row}
					h.c.addLink(where, h.absolute(href), t.attr.alt)
					h.c.placeholders(href, "html", where)
				}
			}
		}
		row += t.lines()
	}
}

// action notes where a form is sent to, if that is said.
func (h *htmlReader) action(target string) {
	if target != "" {
		h.c.addLink(h.at(), h.absolute(target), "")
	}
}

// absolute gives a link as it is, or, if it is relative, with the host of the base element before it.
func (h *htmlReader) absolute(href string) string {
	if h.base == "" || href == "" || href[0] == '#' {
		return href
	}
	if u := splitURL(tidyTarget(href)); u.scheme != "" || u.host != "" {
		return href
	}
	base := h.base
	if i := strings.IndexAny(base, "?#"); i >= 0 {
		base = base[:i]
	}
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(href, "/")
}

// isRaw tells of an element that its content is no markup in HTML.
func isRaw(name string) bool {
	switch name {
	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp":
		return true
	}
	return false
}

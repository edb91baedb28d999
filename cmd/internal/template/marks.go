package template

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Where the lines of a rendered text come from is found out by rendering twice. The second time each line of the template
// begins with a mark of private-use characters; the marks that come out tell the line. If the marked text without its marks
// is not the text of the first rendering (a filter counted or cut it), the marks are dropped and only lines whose text is
// unique are known.

const (
	markFirst = '\U000F1A5E' // begins a mark
	markLast  = '\U000F1A5F'
	markZero  = '\U000F1A60' // digit 0
)

// ref is a line of a file. exact tells that the rendered line is that line with its tags filled in, not one near it.
type ref struct {
	file  string
	line  int64
	exact bool
}

// marks numbers the lines that were marked.
type marks struct{ refs []ref }

func markable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= markFirst && r <= markZero+9 }) < 0
}

func (m *marks) add(b *strings.Builder, file string, line int64) {
	n := len(m.refs)
	m.refs = append(m.refs, ref{file: file, line: line})
	b.WriteRune(markFirst)
	var digits [20]rune
	i := len(digits)
	for {
		i--
		digits[i] = markZero + rune(n%10)
		if n /= 10; n == 0 {
			break
		}
	}
	for _, d := range digits[i:] {
		b.WriteRune(d)
	}
	b.WriteRune(markLast)
}

// insert gives s with a mark before the first character of each line that is neither white space nor part of a tag; a tag
// that writes a value counts as a character. Such a place is never touched by the trimming of white space, and a line that
// holds nothing but a section tag stays such a line. With inHTML, marks stand outside of HTML tags, scripts and style sheets,
// because html/template escapes by what stands around a value.
func (m *marks) insert(fam family, s, file string, first int64, inHTML bool) string {
	tags, err := scanTags(fam, s)
	if err != nil || !markable(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	line, need := first, true
	h := htmlState{off: !inHTML}
	literal := func(t string) {
		for i := 0; i < len(t); {
			c := t[i]
			switch {
			case c == '\n':
				line++
				need = true
			case c == ' ' || c == '\t' || c == '\r':
			case need:
				need = false
				if !h.inside() {
					m.add(&b, file, line)
				}
			}
			h.next(t[i:])
			_, n := utf8.DecodeRuneInString(t[i:])
			b.WriteString(t[i : i+n])
			i += n
		}
	}
	pos := 0
	for _, t := range tags {
		literal(s[pos:t.start])
		text := s[t.start:t.end]
		if t.kind == tagOutput && need && !t.trimL {
			need = false
			if !h.inside() {
				m.add(&b, file, line)
			}
		}
		b.WriteString(text)
		if n := int64(strings.Count(text, "\n")); n > 0 {
			line += n
			need = true
		}
		pos = t.end
	}
	literal(s[pos:])
	return b.String()
}

// htmlState follows, roughly, whether a place is inside of an HTML tag, comment, script or style sheet.
type htmlState struct {
	off   bool
	tag   bool
	quote byte
	until string // what ends a comment, script or style sheet
}

func (h *htmlState) inside() bool { return h.tag || h.until != "" }

// next takes the first octet of s.
func (h *htmlState) next(s string) {
	if h.off {
		return
	}
	c := s[0]
	switch {
	case h.until != "":
		if len(s) >= len(h.until) && strings.EqualFold(s[:len(h.until)], h.until) {
			h.tag, h.until = h.until != "-->", ""
		}
	case h.tag:
		switch {
		case h.quote != 0:
			if c == h.quote {
				h.quote = 0
			}
		case c == '"' || c == '\'':
			h.quote = c
		case c == '>':
			h.tag = false
		}
	case c == '<' && len(s) > 1:
		for _, raw := range []string{"!--", "script", "style", "textarea", "title"} {
			if len(s) > len(raw) && strings.EqualFold(s[1:1+len(raw)], raw) {
				h.until = "</" + raw
				if raw == "!--" {
					h.until = "-->"
				}
				return
			}
		}
		d := s[1] | 0x20
		h.tag = d >= 'a' && d <= 'z' || s[1] == '/' || s[1] == '!'
	}
}

// anchor is a rendered line that a mark begins.
type anchor struct {
	line int // from 0
	ref  ref
}

// strip takes the marks out of b. It gives the last mark of each line that has nothing but white space and marks before it: a
// value that is marked itself, such as the content of a layout, stands behind the mark of the line that it is written on.
func (m *marks) strip(b []byte) ([]byte, []anchor) {
	first := []byte(string(markFirst))
	out := make([]byte, 0, len(b))
	var anchors []anchor
	line, blank := 0, true
	for len(b) > 0 {
		i := bytes.Index(b, first)
		text := b
		if i >= 0 {
			text = b[:i]
		}
		if n := bytes.Count(text, []byte("\n")); n > 0 {
			line += n
			blank = true
		}
		if len(bytes.TrimSpace(text[bytes.LastIndexByte(text, '\n')+1:])) > 0 {
			blank = false
		}
		out = append(out, text...)
		if i < 0 {
			break
		}
		b = b[i+len(first):]
		n := 0
		for {
			r, size := utf8.DecodeRune(b)
			if size == 0 || r != markLast && (r < markZero || r > markZero+9) {
				break
			}
			b = b[size:]
			if r == markLast {
				break
			}
			n = min(n*10+int(r-markZero), len(m.refs))
		}
		if blank && n < len(m.refs) {
			if k := len(anchors); k > 0 && anchors[k-1].line == line {
				anchors = anchors[:k-1]
			}
			anchors = append(anchors, anchor{line, m.refs[n]})
		}
	}
	return out, anchors
}

// spread gives the source of every line of text. Lines between two anchors are known when as many lines lie between them in
// the template; else they belong to the nearest anchor before them, inexactly. first and lines are the line that the
// template begins on and the number of its lines.
func spread(text []byte, anchors []anchor, file string, first, lines int64) []ref {
	total := bytes.Count(text, []byte("\n")) + 1
	refs := make([]ref, total)
	prev := anchor{-1, ref{file: file, line: first - 1}}
	fill := func(to int, even bool) {
		for i := prev.line + 1; i < to; i++ {
			r := prev.ref
			r.exact = even
			if even {
				r.line += int64(i - prev.line)
			}
			refs[i] = r
		}
	}
	for _, a := range anchors {
		fill(a.line, a.ref.file == prev.ref.file && a.ref.line-prev.ref.line == int64(a.line-prev.line))
		a.ref.exact = true
		refs[a.line] = a.ref
		prev = a
	}
	fill(total, prev.ref.file == file && first+lines-1-prev.ref.line == int64(total-1-prev.line))
	for i := range refs {
		refs[i].line = max(refs[i].line, first)
	}
	return refs
}

// matchLines is what is known without marks: a rendered line whose text stands on exactly one line of the template, and
// once in the rendered text, comes from there. Short lines such as "</td>" prove nothing and are left out.
func matchLines(text []byte, src string, file string, first int64) []ref {
	const enough = 12
	at := map[string]int64{}
	line := first
	for l := range strings.Lines(src) {
		if t := strings.TrimSpace(l); len(t) >= enough {
			if _, twice := at[t]; twice {
				at[t] = 0
			} else {
				at[t] = line
			}
		}
		line++
	}
	rendered := bytes.Split(text, []byte("\n"))
	seen := map[string]int{}
	for _, l := range rendered {
		if t := bytes.TrimSpace(l); len(t) >= enough && at[string(t)] > 0 {
			seen[string(t)]++
		}
	}
	refs := make([]ref, len(rendered))
	for i, l := range rendered {
		t := bytes.TrimSpace(l)
		refs[i].file = file
		if n := at[string(t)]; n > 0 && seen[string(t)] == 1 {
			refs[i].line, refs[i].exact = n, true
		}
	}
	return refs
}

package template

import (
	"strconv"
	"strings"
)

// The library's lexer looks through all the rest of a template at each tag, which takes longer than everything else together.
// So it is handed the template with short stand-ins for what stands between the tags: a mark, a number, as many line ends as
// the text has, and a mark. White space at both ends stays, because tags that stand alone on a line take it away.

const (
	hbFirst = '\U000F1A80'
	hbLast  = '\U000F1A81'
	// hbShort is the length up to which a stand-in saves nothing.
	hbShort = 40
)

// shortened gives a template with stand-ins, which literal takes back.
func (h *hbJob) shortened(text string) string {
	if strings.ContainsRune(text, hbFirst) || strings.ContainsRune(text, hbLast) {
		return text
	}
	tags, err := scanTags(familyHandlebars, text)
	if err != nil {
		return text
	}
	var b strings.Builder
	hide := func(s string) {
		middle := strings.TrimSpace(s)
		// Braces and backslashes mean something to the lexer.
		if len(middle) <= hbShort || strings.Contains(middle, "{{") || strings.ContainsRune(s, '\\') {
			b.WriteString(s)
			return
		}
		at := strings.Index(s, middle)
		b.WriteString(s[:at])
		b.WriteRune(hbFirst)
		b.WriteString(strconv.Itoa(len(h.literals)))
		b.WriteString(strings.Repeat("\n", strings.Count(middle, "\n")))
		b.WriteRune(hbLast)
		b.WriteString(s[at+len(middle):])
		h.literals = append(h.literals, middle)
	}
	pos := 0
	for _, t := range tags {
		hide(text[pos:t.start])
		b.WriteString(text[t.start:t.end])
		pos = t.end
	}
	hide(text[pos:])
	return b.String()
}

// literal puts the text back that a stand-in stands for.
func (h *hbJob) literal(s string) string {
	before, rest, ok := strings.Cut(s, string(hbFirst))
	if !ok {
		return s
	}
	number, after, ok := strings.Cut(rest, string(hbLast))
	n, err := strconv.Atoi(strings.TrimRight(number, "\n"))
	if !ok || err != nil || n < 0 || n >= len(h.literals) {
		return s
	}
	return before + h.literals[n] + h.literal(after)
}

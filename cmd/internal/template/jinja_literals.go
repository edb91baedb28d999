package template

import "strings"

// The library builds lists, tuples and mappings of what is undefined without a word. Each literal of that kind that names
// something is therefore handed through a filter that looks into it: {{ (nam, 1) }} becomes {{ ((nam, 1)|postern_strict) }}.

// jinjaLexeme is a token of an expression, as far as literals need them.
type jinjaLexeme struct {
	start, end int
	kind       byte // n name, v string or number, or the octet itself
}

// strictLiterals instruments the tags of a template. What is no valid expression is left as it is, for the library to report.
func strictLiterals(text string) string {
	tags, err := scanTags(familyJinja, text)
	if err != nil {
		return text
	}
	var b strings.Builder
	pos := 0
	for _, t := range tags {
		if t.kind == tagComment {
			continue
		}
		b.WriteString(text[pos:t.start])
		tag := strictTag(text[t.start:t.end], t.kind == tagBlock)
		if t.kind == tagOutput {
			tag = spokenNone(tag)
		}
		b.WriteString(tag)
		pos = t.end
	}
	b.WriteString(text[pos:])
	return b.String()
}

// strictTag instruments one tag.
func strictTag(s string, block bool) string {
	if !strings.ContainsAny(s[2:], "([{") {
		return s
	}
	type group struct {
		at    int // in the text
		open  byte
		lit   bool // begins a literal, not a call or an index
		comma bool
		names bool
	}
	var stack []group
	before, after := map[int]string{}, map[int]string{}
	toks := lexJinja(s[:len(s)-2], 2)
	begin := 0
	if block { // the targets of for and set are no literals
		if len(toks) > 0 {
			switch word := s[toks[0].start:toks[0].end]; word {
			case "for", "set":
				for begin < len(toks) && s[toks[begin].start:toks[begin].end] != map[string]string{"for": "in", "set": "="}[word] {
					begin++
				}
			case "macro", "import", "from":
				return s
			}
		}
	}
	for i := begin; i < len(toks); i++ {
		t := toks[i]
		switch t.kind {
		case '(', '[', '{':
			lit := true
			if i > 0 {
				switch p := toks[i-1]; p.kind {
				case 'n':
					lit = jinjaOperators[s[p.start:p.end]] || block && i == 1
				case 'v', ')', ']', '}':
					lit = false
				}
			}
			if block && i == 1 && s[toks[0].start:toks[0].end] == "call" {
				lit = false
			}
			stack = append(stack, group{at: t.start, open: t.kind, lit: lit})
		case ')', ']', '}':
			if len(stack) == 0 {
				return s
			}
			g := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if g.lit && g.names && (g.open != '(' || g.comma) {
				before[g.at] += "("
				after[t.start] += "|" + jinjaStrict + ")"
			}
			if len(stack) > 0 && g.names {
				stack[len(stack)-1].names = true
			}
		case ',':
			if len(stack) > 0 {
				stack[len(stack)-1].comma = true
			}
		case 'n':
			if len(stack) > 0 && !jinjaOperators[s[t.start:t.end]] && !jinjaConstants[s[t.start:t.end]] {
				stack[len(stack)-1].names = true
			}
		}
	}
	if len(stack) > 0 || len(before) == 0 {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(before[i])
		b.WriteByte(s[i])
		b.WriteString(after[i])
	}
	return b.String()
}

// spokenNone hands what an output tag prints through a filter that has the text None for nothing, as Jinja2 has; the library
// prints nothing. {{ a if b else c }} becomes {{ (a)|postern_printed if b else (c)|postern_printed }}.
func spokenNone(s string) string {
	toks := lexJinja(s[:len(s)-2], 2)
	if n := len(toks); n > 0 && toks[n-1].end == len(s)-2 && (toks[n-1].kind == '-' || toks[n-1].kind == '+') {
		toks = toks[:n-1] // the trim mark
	}
	if n := len(toks); n == 0 || !strings.ContainsRune("nv)]}", rune(toks[n-1].kind)) {
		return s // no expression
	}
	depth, ifs, cond, alt := 0, 0, len(toks), len(toks)
	for i, t := range toks {
		switch word := s[t.start:t.end]; {
		case (word[0] == '"' || word[0] == '\'') && (len(word) == 1 || word[len(word)-1] != word[0]):
			return s // not closed
		case strings.Contains("([{", word):
			depth++
		case strings.Contains(")]}", word):
			if depth--; depth < 0 {
				return s
			}
		case depth > 0 || t.kind != 'n':
		case word == "if":
			cond = min(cond, i)
			ifs++
		case word == "else":
			alt = min(alt, i)
		}
	}
	if depth != 0 || ifs > 1 || strings.HasPrefix(s[toks[0].start:], "postern_") {
		return s
	}
	var b strings.Builder
	pos := 0
	wrap := func(from, to int) {
		if from >= to {
			return
		}
		b.WriteString(s[pos:toks[from].start] + "(" + s[toks[from].start:toks[to-1].end] + ")|" + jinjaPrinted)
		pos = toks[to-1].end
	}
	wrap(0, cond)
	wrap(alt+1, len(toks))
	return b.String() + s[pos:]
}

var (
	jinjaOperators = map[string]bool{"in": true, "not": true, "and": true, "or": true, "if": true, "elif": true, "else": true, "is": true, "recursive": true, "with": true}
	jinjaConstants = map[string]bool{"true": true, "false": true, "none": true, "True": true, "False": true, "None": true}
)

// lexJinja reads the names, values and marks of s from an offset on.
func lexJinja(s string, from int) []jinjaLexeme {
	word := func(c byte) bool {
		return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c >= '0' && c <= '9'
	}
	var out []jinjaLexeme
	for i := from; i < len(s); {
		start := i
		switch c := s[i]; {
		case c == '"' || c == '\'':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(s))
			out = append(out, jinjaLexeme{start, i, 'v'})
		case word(c):
			kind := byte('n')
			if c >= '0' && c <= '9' {
				kind = 'v'
			}
			for i < len(s) && word(s[i]) {
				i++
			}
			out = append(out, jinjaLexeme{start, i, kind})
		default:
			i++
			if c > ' ' && !(len(out) == 0 && (c == '-' || c == '+')) { // the trim mark
				out = append(out, jinjaLexeme{start, i, c})
			}
		}
	}
	return out
}

package template

import (
	"fmt"
	"strings"
)

// A family is a way to write tags; several engines share one.
type family uint8

const (
	familyNone family = iota
	familyGo
	familyLiquid
	familyJinja
	familyHandlebars
	familyMustache
)

// tag is one tag of a template, with its delimiters. The text between tags is literal.
type tag struct {
	start, end   int
	line         int64
	kind         tagKind
	inner        string // between the delimiters, without blanks and trim marks
	trimL, trimR bool   // white space before or after the tag is removed
}

type tagKind uint8

const (
	tagOutput  tagKind = iota // writes a value
	tagBlock                  // controls: if, for, set, include...
	tagComment                // and raw blocks with what they hold
)

const (
	// maxTagNesting bounds blocks in blocks and brackets in brackets. The engines' parsers recurse, and a stack that overflows
	// cannot be recovered from.
	maxTagNesting = 300
	maxTagBytes   = 64 << 10
)

// scanError is a fault that the scan itself finds.
type scanError struct {
	line int64
	msg  string
}

// scanTags finds the tags of s. A fault ends the scan; the tags before it are given all the same.
func scanTags(fam family, s string) ([]tag, *scanError) {
	sc := scanner{fam: fam, s: s, line: 1, open: "{{", close: "}}"}
	for sc.next() {
	}
	if sc.err == nil {
		sc.err = checkNesting(fam, sc.tags)
	}
	return sc.tags, sc.err
}

type scanner struct {
	fam         family
	s           string
	pos         int
	line        int64
	counted     int // line belongs to this offset
	open, close string
	tags        []tag
	err         *scanError
}

func (sc *scanner) lineAt(pos int) int64 {
	sc.line += int64(strings.Count(sc.s[sc.counted:pos], "\n"))
	sc.counted = pos
	return sc.line
}

func (sc *scanner) fail(pos int, format string, args ...any) bool {
	sc.err = &scanError{sc.lineAt(pos), fmt.Sprintf(format, args...)}
	return false
}

// next takes the next tag. It returns false at the end and on a fault.
func (sc *scanner) next() bool {
	i := sc.find()
	if i < 0 {
		return false
	}
	switch sc.fam {
	case familyGo:
		return sc.goTag(i)
	case familyLiquid, familyJinja:
		return sc.percentTag(i)
	case familyHandlebars:
		return sc.handlebarsTag(i)
	default:
		return sc.mustacheTag(i)
	}
}

// find is the offset of the next opening delimiter, -1 if there is none.
func (sc *scanner) find() int {
	rest := sc.s[sc.pos:]
	switch sc.fam {
	case familyNone:
		return -1
	case familyLiquid, familyJinja:
		for i := 0; ; {
			j := strings.IndexByte(rest[i:], '{')
			if j < 0 || i+j+1 >= len(rest) {
				return -1
			}
			i += j
			if c := rest[i+1]; c == '{' || c == '%' || c == '#' && sc.fam == familyJinja {
				return sc.pos + i
			}
			i++
		}
	}
	i := strings.Index(rest, sc.open)
	if i < 0 {
		return -1
	}
	return sc.pos + i
}

// add takes the tag s[start:end]; inner is what stands between its delimiters.
func (sc *scanner) add(start, end int, kind tagKind, inner string, trimL, trimR bool) bool {
	sc.tags = append(sc.tags, tag{start, end, sc.lineAt(start), kind, strings.TrimSpace(inner), trimL, trimR})
	sc.pos = end
	return true
}

// closing finds close behind from, passing over quoted text with the given quotes.
func (sc *scanner) closing(from int, close, quotes string) int {
	open := 0 // quotes before this offset are not closed on their line
	for i := from; i < len(sc.s); i++ {
		c := sc.s[i]
		if strings.HasPrefix(sc.s[i:], close) {
			return i
		}
		if i >= open && strings.IndexByte(quotes, c) >= 0 {
			j := i + 1
			for j < len(sc.s) && sc.s[j] != c {
				if sc.s[j] == '\\' && c != '`' {
					j++
				} else if sc.s[j] == '\n' && c != '`' {
					break
				}
				j++
			}
			if j < len(sc.s) && sc.s[j] == c {
				i = j
			} else {
				open = j
			}
		}
	}
	return -1
}

func (sc *scanner) goTag(i int) bool {
	p := i + 2
	trimL := strings.HasPrefix(sc.s[p:], "- ") || strings.HasPrefix(sc.s[p:], "-\t") || strings.HasPrefix(sc.s[p:], "-\n")
	if trimL {
		p += 2
	}
	if strings.HasPrefix(sc.s[p:], "/*") {
		j := strings.Index(sc.s[p:], "*/")
		if j < 0 {
			return sc.fail(i, "unclosed comment")
		}
		e := p + j + 2
		trimR := strings.HasPrefix(sc.s[e:], " -")
		k := strings.Index(sc.s[e:], "}}")
		if k < 0 {
			return sc.fail(i, "unclosed comment")
		}
		return sc.add(i, e+k+2, tagComment, sc.s[p:p+j], trimL, trimR)
	}
	e := sc.closing(p, "}}", "\"'`")
	if e < 0 {
		return sc.fail(i, "unclosed action")
	}
	inner := sc.s[p:e]
	trimR := strings.HasSuffix(inner, " -") || strings.HasSuffix(inner, "\n-") || strings.HasSuffix(inner, "\t-")
	if trimR {
		inner = inner[:len(inner)-1]
	}
	kind := tagOutput
	switch firstWord(inner) {
	case "if", "else", "end", "range", "with", "define", "block", "template", "break", "continue":
		kind = tagBlock
	default:
		if t := strings.TrimSpace(inner); strings.HasPrefix(t, "$") && assigns(t) {
			kind = tagBlock
		}
	}
	return sc.add(i, e+2, kind, inner, trimL, trimR)
}

// assigns tells whether a Go action sets a variable.
func assigns(s string) bool {
	i := strings.IndexByte(s, '=')
	return i > 0 && (i+1 >= len(s) || s[i+1] != '=') && !strings.ContainsAny(s[:i], "\"'`(|")
}

func (sc *scanner) percentTag(i int) bool {
	second := sc.s[i+1]
	p := i + 2
	if second == '#' {
		e := strings.Index(sc.s[p:], "#}")
		if e < 0 {
			return sc.fail(i, "unclosed comment")
		}
		inner := sc.s[p : p+e]
		return sc.add(i, p+e+2, tagComment, inner, strings.HasPrefix(inner, "-"), strings.HasSuffix(inner, "-"))
	}
	close, quotes := "}}", ""
	if second == '%' {
		close = "%}"
	}
	if sc.fam == familyJinja {
		quotes = "\"'"
	}
	e := sc.closing(p, close, quotes)
	if e < 0 {
		return sc.fail(i, "%s is not closed by %s", sc.s[i:i+2], close)
	}
	inner := sc.s[p:e]
	trimL, trimR := strings.HasPrefix(inner, "-"), len(inner) > 1 && strings.HasSuffix(inner, "-")
	if trimL || sc.fam == familyJinja && strings.HasPrefix(inner, "+") {
		inner = inner[1:]
	}
	if trimR || sc.fam == familyJinja && strings.HasSuffix(inner, "+") {
		inner = inner[:max(0, len(inner)-1)]
	}
	if second == '{' {
		return sc.add(i, e+2, tagOutput, inner, trimL, trimR)
	}
	word := firstWord(inner)
	if word == "raw" || word == "comment" && sc.fam == familyLiquid {
		end := sc.endOf(e+2, "end"+word)
		if end < 0 {
			return sc.fail(i, "%q is not closed by %q", word, "end"+word)
		}
		return sc.add(i, end, tagComment, inner, trimL, false)
	}
	return sc.add(i, e+2, tagBlock, inner, trimL, trimR)
}

// endOf is the offset behind the next {% name %} from pos on.
func (sc *scanner) endOf(pos int, name string) int {
	for {
		i := strings.Index(sc.s[pos:], "{%")
		if i < 0 {
			return -1
		}
		pos += i + 2
		rest := strings.TrimLeft(sc.s[pos:], "-+ \t\r\n")
		if strings.HasPrefix(rest, name) {
			if j := strings.Index(rest, "%}"); j >= 0 {
				return len(sc.s) - len(rest) + j + 2
			}
		}
	}
}

func (sc *scanner) handlebarsTag(i int) bool {
	s := sc.s
	if i > 0 && s[i-1] == '\\' && (i < 2 || s[i-2] != '\\') { // \{{ is literal
		sc.pos = i + 2
		return true
	}
	p := i + 2
	if strings.HasPrefix(s[i:], "{{{{") && !strings.HasPrefix(s[i:], "{{{{{") { // raw block
		name := firstWord(strings.TrimLeft(s[i+4:], " "))
		name, _, _ = strings.Cut(name, "}")
		end := "{{{{/" + name + "}}}}"
		if j := strings.Index(s[p:], end); name != "" && j >= 0 {
			return sc.add(i, p+j+len(end), tagComment, name, false, false)
		}
		return sc.fail(i, "unclosed raw block")
	}
	trimL := strings.HasPrefix(s[p:], "~")
	if trimL {
		p++
	}
	if strings.HasPrefix(s[p:], "!") {
		close := "}}"
		if strings.HasPrefix(s[p:], "!--") {
			close = "--"
		}
		j := strings.Index(s[p+1:], close)
		if close == "--" {
			j = commentEnd(s[p+1:])
		}
		if j < 0 {
			return sc.fail(i, "unclosed comment")
		}
		e := p + 1 + j
		k := strings.Index(s[e:], "}}")
		return sc.add(i, e+k+2, tagComment, s[p:e], trimL, k > 0 && s[e+k-1] == '~')
	}
	close := "}}"
	if strings.HasPrefix(s[p:], "{") {
		close = "}}}"
		p++
	}
	e := sc.closing(p, close, "\"'")
	if e < 0 {
		return sc.fail(i, "%s is not closed by %s", s[i:p], close)
	}
	inner := s[p:e]
	trimR := strings.HasSuffix(inner, "~")
	inner = strings.TrimSpace(strings.TrimSuffix(inner, "~"))
	kind := tagOutput
	if inner != "" && strings.ContainsRune("#/^>*", rune(inner[0])) || firstWord(inner) == "else" {
		kind = tagBlock
	}
	return sc.add(i, e+len(close), kind, inner, trimL, trimR)
}

// commentEnd is the offset of the "--" that closes a {{!-- comment.
func commentEnd(s string) int {
	for from := 2; from < len(s); {
		j := strings.Index(s[from:], "--")
		if j < 0 {
			return -1
		}
		rest := strings.TrimPrefix(s[from+j+2:], "~")
		if strings.HasPrefix(rest, "}}") {
			return from + j
		}
		from += j + 1
	}
	return -1
}

func (sc *scanner) mustacheTag(i int) bool {
	s := sc.s
	p := i + len(sc.open)
	close := sc.close
	if strings.HasPrefix(s[p:], "{") {
		close = "}" + sc.close
	}
	j := strings.Index(s[min(p, len(s)):], close)
	if j < 0 {
		return sc.fail(i, "%s is not closed by %s", sc.open, close)
	}
	inner := strings.TrimSpace(s[p : p+j])
	end := p + j + len(close)
	if inner == "" {
		return sc.fail(i, "empty tag")
	}
	kind := tagOutput
	switch inner[0] {
	case '#', '^', '/', '>':
		kind = tagBlock
	case '!':
		kind = tagComment
	case '=':
		kind = tagBlock
		f := strings.Fields(strings.Trim(inner, "="))
		if len(f) != 2 || !strings.HasSuffix(inner, "=") {
			return sc.fail(i, "delimiters are set by {{=open close=}}")
		}
		sc.open, sc.close = f[0], f[1]
	}
	return sc.add(i, end, kind, inner, false, false)
}

// firstWord is the leading letters of s.
func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t\r\n")
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return s[:i]
		}
	}
	return s
}

// blocks are the words that open a block which a word with "end" before it closes.
var blocks = map[string]bool{
	"if": true, "unless": true, "for": true, "case": true, "capture": true, "tablerow": true, "block": true, "macro": true,
	"filter": true, "call": true, "with": true, "autoescape": true, "trans": true,
}

func checkNesting(fam family, tags []tag) *scanError {
	depth := 0
	for _, t := range tags {
		if t.kind == tagComment {
			continue
		}
		word := firstWord(t.inner)
		switch fam {
		case familyGo:
			switch word {
			case "if", "range", "with", "define", "block":
				depth++
			case "end":
				depth--
			}
		case familyLiquid, familyJinja:
			if t.kind == tagBlock && (blocks[word] || word == "set" && !strings.Contains(t.inner, "=")) {
				depth++
			} else if strings.HasPrefix(word, "end") {
				depth--
			}
		default:
			if t.inner != "" && (t.inner[0] == '#' || t.inner[0] == '^' && len(t.inner) > 1) {
				depth++
			} else if t.inner != "" && t.inner[0] == '/' {
				depth--
			}
		}
		if depth = max(depth, 0); depth > maxTagNesting || complexity(t.inner) > maxTagNesting {
			return &scanError{t.line, fmt.Sprintf("nested deeper than %d levels", maxTagNesting)}
		}
		if len(t.inner) > maxTagBytes {
			return &scanError{t.line, fmt.Sprintf("a tag of more than %d octets", maxTagBytes)}
		}
	}
	return nil
}

// complexity bounds how deep a parser or evaluator recurses on a tag: brackets in brackets, or members, operators and filters
// in a row. Some libraries also repeat the whole expression at each level when they report an error.
func complexity(s string) int {
	depth, deepest, row := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			if j := strings.IndexByte(s[i+1:], c); j >= 0 {
				i += j + 1
			}
		case '(', '[', '{':
			depth++
			row++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '.', '-', '+', '*', '/', '%', '!', '~', '|', '<', '>', '=', '&', '^', '?':
			row++
		case ' ', '\t', '\n':
			switch firstWord(s[i+1 : min(len(s), i+6)]) {
			case "and", "or", "not", "if", "else", "in", "is":
				row++
			}
		case ',', ';':
			row = 0
		}
		deepest = max(deepest, depth, row)
	}
	return deepest
}

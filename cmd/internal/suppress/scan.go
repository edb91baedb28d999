package suppress

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"

	"postern/mimesize"
	"postern/rules/pattern"
)

// Directive is a suppression that a message carries, valid or not.
type Directive struct {
	// Rules are the patterns that it names, as they are written.
	Rules []string
	// Reason and Until are "" where nothing is written.
	Reason, Until string
	// Line is the 1-based line of the text that it stands on.
	Line int64
	// Fault says why it cannot be read, "" if it can.
	Fault string
}

const (
	maxDirectives = 100     // of one message; more are hostile
	maxMentions   = 10_000  // places that look like a directive
	maxDirective  = 1000    // octets of a comment or an unfolded field
	maxHeader     = 1 << 20 // octets of a header block that are looked at
	maxOpener     = 48      // octets before the word, in which the comment has to begin
)

var word = []byte("postern:disable")

// comments are the forms of comments: what stands directly before the word, and what ends the comment.
var comments = []struct {
	open func() *regexp.Regexp
	end  func() *regexp.Regexp
}{
	{pattern.Of(`<!--\s*$`), pattern.Of(`--!?>`)},
	{pattern.Of(`\{\{-?\s*/\*\s*$`), pattern.Of(`\*/`)},            // Go
	{pattern.Of(`\{#-?\s*$`), pattern.Of(`#\}`)},                   // Jinja2, Twig, Django
	{pattern.Of(`\{%-?\s*comment\s*-?%\}\s*$`), pattern.Of(`\{%`)}, // Liquid, Django
	{pattern.Of(`\{%-?\s*#\s*$`), pattern.Of(`%\}`)},               // Liquid
	{pattern.Of(`<%#\s*$`), pattern.Of(`%>`)},                      // ERB, EJS
	{pattern.Of(`\{\{~?!--\s*$`), pattern.Of(`--~?\}\}`)},          // Handlebars
	{pattern.Of(`\{\{~?!\s*$`), pattern.Of(`\}\}`)},                // Mustache
}

// Scan finds the directives in a text of size octets: comments anywhere, and X-Postern-Ignore fields in the header block that
// it begins with. What cannot be read of r is left out: whoever judges the message meets the same error and tells it. without are parts
// of the text, in order, in which no colon stands; they are not read where that can be helped.
func Scan(r io.ReaderAt, size int64, without ...mimesize.Span) []Directive {
	list := header(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	const window, overlap = 128 << 10, 2 * (maxDirective + maxOpener)
	buf := make([]byte, min(window, size))
	lines, mentions := lineCounter{r: r, line: 1}, 0
	// Each window looks for words that begin before its last overlap octets, and sees enough around each.
	for at, from := int64(0), 0; at < size; {
		for len(without) > 0 && without[0].Offset+without[0].Length < at+int64(from)+window {
			without = without[1:]
		}
		// No word begins in such a part, but for its last octets.
		if len(without) > 0 && without[0].Offset <= at+int64(from) {
			at, from = without[0].Offset+without[0].Length-int64(len(word)+maxOpener), maxOpener
		}
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		b := buf[:n]
		last := at+int64(n) >= size || err != nil
		end := len(b)
		if !last {
			end -= overlap
		}
		for i := from; i < len(b); {
			j := indexWord(b[i:])
			if j < 0 || i+j >= end {
				break
			}
			i += j
			line := lines.at(at + int64(i))
			if d, ok := comment(b[max(0, i-maxOpener):i], b[i+len(word):]); ok {
				d.Line = line
				list = append(list, d)
			}
			i += len(word)
			if mentions++; len(list) >= maxDirectives || mentions >= maxMentions {
				return append(list, Directive{Line: line, Fault: "there are too many suppressions in one message; the rest is not read"})
			}
		}
		if last {
			break
		}
		// The next window begins maxOpener octets before the first place that was not searched.
		at += int64(end - maxOpener)
		from = maxOpener
	}
	return list
}

// indexWord gives the place of the first word in b, or -1. Of the word it looks for the colon, of which there are few in text and none
// in base64, as long as that is so.
func indexWord(b []byte) int {
	const colon, often = len("postern"), 16
	for i, found := 0, 0; ; found++ {
		if found*often > i+1024 {
			from := max(0, i-colon)
			if j := bytes.Index(b[from:], word); j >= 0 {
				return from + j
			}
			return -1
		}
		j := bytes.IndexByte(b[i:], ':')
		if j < 0 {
			return -1
		}
		if at := i + j - colon; at >= 0 && bytes.HasPrefix(b[at:], word) {
			return at
		}
		i += j + 1
	}
}

// lineCounter counts the lines of r as far as that is wanted, in places that come one after the other.
type lineCounter struct {
	r    io.ReaderAt
	off  int64
	line int64 // of off
	buf  []byte
}

// at gives the number of the line on which off lies.
func (l *lineCounter) at(off int64) int64 {
	if l.buf == nil {
		l.buf = make([]byte, 32<<10)
	}
	for l.off < off {
		n, err := l.r.ReadAt(l.buf[:min(int64(len(l.buf)), off-l.off)], l.off)
		l.line += int64(bytes.Count(l.buf[:n], []byte("\n")))
		l.off += int64(n)
		if n == 0 && err != nil {
			break
		}
	}
	return l.line
}

// comment reads a directive from what stands before and after the word. It is none if it stands in no comment.
func comment(before, after []byte) (Directive, bool) {
	if len(after) > 0 && !strings.ContainsRune(" \t\r\n-", rune(after[0])) {
		return Directive{}, false // a longer word
	}
	for _, c := range comments {
		if !c.open().Match(before) {
			continue
		}
		rest := after[:min(len(after), maxDirective)]
		at := c.end().FindIndex(rest)
		if at == nil {
			return Directive{Fault: "the comment has no end within 1,000 octets"}, true
		}
		names, reason, _ := strings.Cut(" "+string(rest[:at[0]]), " -- ")
		var d Directive
		for _, f := range strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }) {
			if until, ok := strings.CutPrefix(f, "until="); ok {
				d.Until = until
			} else {
				d.Rules = append(d.Rules, f)
			}
		}
		d.Reason = strings.Join(strings.Fields(strings.TrimSuffix(strings.TrimSpace(reason), "-")), " ")
		return d, true
	}
	return Directive{}, false
}

// header finds the X-Postern-Ignore fields.
func header(r *bufio.Reader) (list []Directive) {
	var field strings.Builder
	var begin int64
	done := func() {
		if field.Len() > 0 && len(list) < maxDirectives {
			d := ignoreField(field.String())
			d.Line = begin
			list = append(list, d)
		}
		field.Reset()
	}
	defer func() { done() }()
	read, cont := 0, false
	for line := int64(1); read < maxHeader; {
		b, err := r.ReadSlice('\n')
		read += len(b)
		text := strings.TrimRight(string(b), "\r\n")
		switch {
		case cont: // the rest of a line that is longer than the buffer
			if field.Len() > 0 && field.Len() <= maxDirective {
				field.WriteString(text)
			}
		case text == "" && (err != nil || line > 1):
			return list
		case text != "" && (text[0] == ' ' || text[0] == '\t'):
			if field.Len() > 0 && field.Len() <= maxDirective {
				field.WriteString(" " + strings.TrimSpace(text))
			}
		default:
			done()
			name, value, ok := strings.Cut(text, ":")
			if ok && strings.EqualFold(strings.TrimSpace(name), "X-Postern-Ignore") {
				begin = line
				field.WriteString(" " + strings.TrimSpace(value))
			}
		}
		cont = err == bufio.ErrBufferFull
		if !cont {
			line++
			if err != nil {
				return list
			}
		}
	}
	return list
}

// ignoreField reads "RULE, RULE; reason=TEXT; until=DATE". A text in quotes may hold semicolons.
func ignoreField(value string) (d Directive) {
	if len(value) > maxDirective {
		return Directive{Fault: "the field is longer than 1,000 octets"}
	}
	names, rest, _ := strings.Cut(value, ";")
	d.Rules = strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' })
	for rest = strings.TrimSpace(rest); rest != ""; {
		name, value, ok := strings.Cut(rest, "=")
		if !ok {
			d.Fault = "write it as: X-Postern-Ignore: RULE; reason=TEXT; until=YYYY-MM-DD"
			return d
		}
		value = strings.TrimSpace(value)
		if strings.HasPrefix(value, `"`) {
			var quoted bool
			value, rest, quoted = strings.Cut(value[1:], `"`)
			if !quoted {
				d.Fault = "a quote has no end"
				return d
			}
			_, rest, _ = strings.Cut(rest, ";")
		} else {
			value, rest, _ = strings.Cut(value, ";")
		}
		rest = strings.TrimSpace(rest)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "reason":
			d.Reason = strings.TrimSpace(value)
		case "until":
			if d.Until = strings.TrimSpace(value); d.Until == "" {
				d.Until = "(empty)"
			}
		default:
			d.Fault = "write it as: X-Postern-Ignore: RULE; reason=TEXT; until=YYYY-MM-DD"
			return d
		}
	}
	return d
}

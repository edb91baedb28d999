package facts

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxMatches bounds how often one text is looked at in one part: more of the same says nothing new.
	maxMatches = 2000
	// maxStubWords is the length up to which a plain text can be nothing but a hint at the HTML.
	maxStubWords = 80
)

// leftovers looks in the text of a part that people read for what templates, test data and programs leave behind. from tells
// which line each place is on. Searches for words come first, so that a text without them costs a few passes over its octets.
func (c *contents) leftovers(part int, text string, from anchors, isHTML bool) {
	l := &c.f.Leftovers
	q := quotes{text: text}
	note := func(s *Spots, lo, hi int) {
		if !isHTML && q.holds(lo) {
			return // what the sender quotes is not his
		}
		if spot, ok := newSpot(s, text[lo:hi]); ok {
			c.keepSpot(s, spot, at{part: part, row: from.row(text, lo)})
		}
	}
	c.greetings(text, isHTML, func(lo, hi int) { note(&l.Greetings, lo, hi) })
	for _, w := range literalTexts {
		each(text, w, func(i int) { note(&l.Literals, i, i+len(w)) })
	}
	for _, w := range literalDates {
		each(text, w, func(i int) {
			if !inWord(text, i, i+len(w)) {
				note(&l.Literals, i, i+len(w))
			}
		})
	}
	for _, w := range literalWords {
		each(text, w, func(i int) {
			if lo, hi := nothing(text, i, i+len(w), isHTML); lo < hi {
				note(&l.Literals, lo, hi)
			}
		})
	}
	for _, w := range fillerTexts {
		each(text, w, func(i int) { note(&l.Filler, wordStart(text, i), min(i+40, lineEnd(text, i))) })
	}
	for _, w := range todoWords {
		each(text, w, func(i int) {
			if !inWord(text, i, i+len(w)) {
				note(&l.Todo, i, min(i+60, lineEnd(text, i)))
			}
		})
	}
	for _, p := range placeholderPairs {
		unbalanced(text, p, func(lo, hi int) { note(&l.Unbalanced, lo, hi) })
	}
	if c.used != nil {
		addresses(text, func(lo, hi int) { note(&l.Addresses, lo, hi) })
	}
}

var (
	// literalTexts mean nothing but a value that was not there, whatever stands around them.
	literalTexts = []string{"Invalid Date", "<no value>", "#REF!", "%!s(", "%!d(", "%!v("}
	literalDates = []string{"1970-01-01", "01/01/1970", "01.01.1970", "January 1, 1970", "1 January 1970", "Jan 1, 1970", "1 Jan 1970", "1. Januar 1970"}
	literalWords = []string{"undefined", "null", "NaN"}
	fillerTexts  = []string{"orem ipsum", "OREM IPSUM", "rem Ipsum", "dolor sit amet", "consectetur adipi"}
	todoWords    = []string{"TODO", "FIXME", "TBD", "XXX"}
)

// each calls found with the places of word in text, at most maxMatches.
func each(text, word string, found func(i int)) {
	for i, n := 0, 0; n < maxMatches; n++ {
		j := strings.Index(text[i:], word)
		if j < 0 {
			return
		}
		found(i + j)
		i += j + len(word)
	}
}

// inWord tells whether text[lo:hi] is part of a longer word or number.
func inWord(text string, lo, hi int) bool {
	joins := func(b byte) bool { return wordByte(b) || b == '_' || b == '-' || b == '/' }
	return lo > 0 && joins(text[lo-1]) || hi < len(text) && joins(text[hi])
}

func lineEnd(text string, i int) int {
	if j := strings.IndexByte(text[i:min(len(text), i+maxFieldName)], '\n'); j >= 0 {
		return i + j
	}
	return min(len(text), i+maxFieldName)
}

func wordStart(text string, i int) int {
	for n := 0; n < 20 && i > 0 && wordByte(text[i-1]); n++ {
		i--
	}
	return i
}

// quotes tells which lines of a text are quoted. It is asked for places in their order, more or less.
type quotes struct {
	text string
	at   int // what of the text is known
	line int // where the last line of that begins
}

// holds tells whether the line that text[i] is on begins with ">". Of a long line, it is the octet 1,000 before that counts.
func (q *quotes) holds(i int) bool {
	if i+1000 < q.at {
		q.at, q.line = 0, 0 // another search
	}
	if i >= q.at {
		if k := strings.LastIndexByte(q.text[q.at:i], '\n'); k >= 0 {
			q.line = q.at + k + 1
		}
		q.at = i
	}
	line := max(0, i-1000)
	if i < q.line {
		line += strings.LastIndexByte(q.text[line:i], '\n') + 1
	} else {
		line = max(line, q.line)
	}
	return strings.HasPrefix(q.text[line:], ">")
}

// nothing tells whether text[lo:hi], a word that programs write for nothing, stands where a value belongs: behind a currency
// sign, behind a label and a colon at the end of its line, or, in HTML, alone in its block. It gives what is to be shown.
func nothing(text string, lo, hi int, isHTML bool) (int, int) {
	if inWord(text, lo, hi) {
		return 0, 0
	}
	before := strings.TrimRight(text[max(0, lo-maxFieldName):lo], " \t\u00a0")
	after := strings.TrimLeft(text[hi:min(len(text), hi+16)], " \t\u00a0\r")
	r, size := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	ends := after == "" || after[0] == '\n'
	begins := before == "" || r == '\n'
	switch {
	case strings.ContainsRune("$\u20ac\u00a3\u00a5", r):
		return lo - size, hi
	case next != utf8.RuneError && strings.ContainsRune("\u20ac\u00a3\u00a5", next) || text[lo:hi] == "NaN" && next == '%':
		return lo, hi
	case begins && ends && isHTML:
		return lo, hi
	case r == ':' && ends && isHTML:
		label := strings.LastIndexByte(before, '\n') + 1
		return lo - (len(text[max(0, lo-maxFieldName):lo]) - label), hi
	}
	return 0, 0
}

// literalInURL gives the word of a program's nothing that is a whole segment or value of an address, "" if none is.
func literalInURL(target string) string {
	if !mayHoldLiteral(target) {
		return ""
	}
	for _, w := range [...]string{"undefined", "null", "NaN", "[object Object]", "[object%20Object]", "%5Bobject%20Object%5D"} {
		i := strings.Index(target, w)
		if i <= 0 || target[i-1] != '=' && (target[i-1] != '/' || w == "null") { // a directory may be called null
			continue
		}
		if end := i + len(w); end == len(target) || strings.IndexByte("/&?#;", target[end]) >= 0 {
			return w
		}
	}
	return ""
}

// mayHoldLiteral tells whether a segment or value of an address begins like one of the words of literalInURL.
func mayHoldLiteral(target string) bool {
	for i := 1; i < len(target); i++ {
		switch target[i] {
		case 'u', 'n', 'N', '[', '%':
			if before := target[i-1]; before == '=' || before == '/' {
				return true
			}
		}
	}
	return false
}

// leadsNowhere tells whether a link has no target.
func leadsNowhere(target string) bool {
	if len(target) > 40 { // of none
		return false
	}
	switch strings.ToLower(target) {
	case "", "#", "mailto:", "tel:", "http:", "https:", "http://", "https://", "javascript:", "javascript:;", "javascript:void(0)", "javascript:void(0);":
		return true
	}
	return false
}

// salutations begin a letter; a name follows them.
var salutations = []string{
	"dear mr.", "dear mrs.", "dear ms.", "dear mr", "dear mrs", "dear ms", "dear", "hello", "hey", "hi there", "hi", "hallo", "hola", "liebe", "lieber", "beste",
	"good morning", "good afternoon", "good evening", "guten tag", "welcome back", "welcome", "thanks", "thank you",
}

// greetings finds salutations at the start of a line that are followed by blanks and a comma or exclamation mark where the name
// belongs.
func (c *contents) greetings(text string, isHTML bool, found func(lo, hi int)) {
	for i, n := 0, 0; i < len(text) && n < maxMatches; {
		end := strings.IndexByte(text[i:], '\n')
		next := len(text)
		if end >= 0 {
			next = i + end + 1
		}
		lo := i
		for lo < next && (text[lo] == ' ' || text[lo] == '\t' || text[lo] == '\r') {
			lo++
		}
		if lo < next && strings.IndexByte("dhlbgwtDHLBGWT", text[lo]) >= 0 {
			if hi := emptySalutation(text, lo, isHTML); hi > 0 {
				n++
				found(lo, hi)
			}
		}
		i = next
	}
}

// emptySalutation gives the end of the salutation that text[lo:] begins with if no name follows it, else 0.
func emptySalutation(text string, lo int, isHTML bool) int {
	blanks := " \t\u00a0"
	if isHTML {
		blanks = " \t\r\n\u00a0"
	}
	for _, w := range salutations {
		if !hasPrefixFold(text[lo:], w) {
			continue
		}
		rest := text[lo+len(w) : min(len(text), lo+len(w)+maxFieldName)]
		trimmed := strings.TrimLeft(rest, blanks)
		if len(trimmed) == len(rest) || trimmed == "" {
			continue
		}
		if trimmed[0] == ',' || trimmed[0] == '!' && w != "welcome" && w != "thanks" && w != "thank you" {
			return lo + len(w) + len(rest) - len(trimmed) + 1
		}
	}
	return 0
}

// placeholderPairs are openings and ends that belong together.
var placeholderPairs = [][2]string{{"{{", "}}"}, {"{%", "%}"}, {"<%", "%>"}, {"[%", "%]"}, {"*|", "|*"}}

// unbalanced finds openings without an end and ends without an opening, in linear time.
func unbalanced(text string, pair [2]string, found func(lo, hi int)) {
	open, close := pair[0], pair[1]
	nextOpen, nextClose := strings.Index(text, open), strings.Index(text, close)
	if nextOpen < 0 && nextClose < 0 {
		return
	}
	find := func(s string, from int) int {
		if j := strings.Index(text[from:], s); j >= 0 {
			return from + j
		}
		return -1
	}
	pending := -1
	for n := 0; n < maxMatches; n++ {
		switch {
		case nextOpen >= 0 && (nextClose < 0 || nextOpen < nextClose):
			if pending >= 0 {
				found(pending, min(pending+maxPlaceholderText, lineEnd(text, pending)))
			}
			pending = nextOpen
			end := nextOpen + len(open)
			for end < len(text) && text[end] == open[len(open)-1] {
				end++
			}
			nextOpen = find(open, end)
		case nextClose >= 0:
			if pending < 0 {
				found(max(nextClose-20, strings.LastIndexByte(text[:nextClose], '\n')+1), nextClose+len(close))
			}
			pending = -1
			end := nextClose + len(close)
			for end < len(text) && text[end] == close[len(close)-1] {
				end++
			}
			nextClose = find(close, end)
		default:
			if pending >= 0 {
				found(pending, min(pending+maxPlaceholderText, lineEnd(text, pending)))
			}
			return
		}
	}
}

// addresses finds e-mail addresses.
func addresses(text string, found func(lo, hi int)) {
	atom := func(b byte) bool {
		return isLetter(b) || isDigit(b) || b == '.' || b == '-' || b == '_' || b == '+'
	}
	each(text, "@", func(i int) {
		lo, hi := i, i+1
		for lo > 0 && i-lo < 64 && atom(text[lo-1]) {
			lo--
		}
		for hi < len(text) && hi-i < 255 && (isLetter(text[hi]) || isDigit(text[hi]) || text[hi] == '.' || text[hi] == '-') {
			hi++
		}
		for hi > i && (text[hi-1] == '.' || text[hi-1] == '-') {
			hi--
		}
		if lo < i && strings.IndexByte(text[i:hi], '.') > 0 {
			found(lo, hi)
		}
	})
}

// stubs are sentences, in the form of foldText, with which a plain text sends its reader to the HTML.
var stubs = []string{
	"view this email in your browser", "view this e-mail in your browser", "view this message in your browser", "view it in your browser", "view in browser",
	"does not support html", "doesn't support html", "cannot display html", "can't display html", "cannot view html", "unable to view html", "supports html", "html-capable", "html capable",
	"html compatible", "html-compatible", "enable html", "html version of this", "view the html", "this is an html message", "this is an html email", "requires html", "to view this email",
	"to view this message",
}

// stubWords are such that each of stubs has one of them where a word begins, behind its first word or as it.
var stubWords = []string{"html", "browser", "view", "capable", "compatible", "version of"}

// stub notes the sentences with which a short plain text sends its reader to the HTML.
func (c *contents) stub(part int, text string) {
	folded := foldText(text)
	for _, s := range stubs {
		if strings.Contains(folded, s) {
			c.spot(&c.f.Leftovers.Stub, s, at{part: part})
		}
	}
}

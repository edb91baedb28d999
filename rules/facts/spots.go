package facts

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/mimesize"
)

const (
	maxSpots     = 20 // of Spots.Sample
	maxSpotText  = 80 // characters of Spot.Text
	maxResources = 100
)

// at is a place: a line of the message if it is known, else a line of a part's decoded text.
type at struct {
	part int
	line int64 // 1-based line of the message, 0 for "see row"
	row  int   // 0-based line of the decoded text
}

// lineOf gives the line of the message that a place is on. Quoted-printable has more lines than the text that it encodes: its
// lines are counted when the first place of a part is asked for. What base64 encodes has no lines of its own.
func (c *contents) lineOf(a at) int64 {
	if a.line > 0 {
		return a.line
	}
	p := &c.res.Parts[a.part]
	switch p.Encoding {
	case mimesize.EncodingNone, mimesize.Encoding7bit, mimesize.Encoding8bit, mimesize.EncodingBinary:
		return p.Body.Line + int64(a.row)
	case mimesize.EncodingQuotedPrintable:
		if len(c.rows) == 0 || c.rowsOf != a.part {
			b := c.encoded
			if c.encodedOf != p {
				b = c.readAt(nil, p.Body.Offset, min(p.Body.Length, 3*maxPartText))
			}
			c.rows, c.rowsOf = hardLines(c.rows[:0], b), a.part
		}
		return p.Body.Line + int64(c.rows[min(a.row, len(c.rows)-1)])
	}
	return p.Header.Line
}

// hardLines appends for each line of the text that quoted-printable b encodes the line of b that it begins on.
func hardLines(rows []int32, b []byte) []int32 {
	rows = append(slices.Grow(rows, 1+bytes.Count(b, newline)), 0)
	line := int32(0)
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return rows
		}
		line++
		end := i - 1
		for end >= 0 && (b[end] == ' ' || b[end] == '\t' || b[end] == '\r') {
			end--
		}
		if end < 0 || b[end] != '=' {
			rows = append(rows, line)
		}
		b = b[i+1:]
	}
}

// spot notes a place.
func (c *contents) spot(s *Spots, text string, a at) {
	if text, ok := newSpot(s, text); ok {
		c.keepSpot(s, text, a)
	}
}

// newSpot counts a place, and tells whether it belongs to the sample, and how its text reads there.
func newSpot(s *Spots, text string) (string, bool) {
	s.Count++
	if len(s.Sample) >= maxSpots {
		return "", false
	}
	if len(text) <= maxSpotText {
		for i := range s.Sample {
			if s.Sample[i].Text == text { // it reads as it stands
				return "", false
			}
		}
	}
	text = clipRunes(oneLine(cut(text, 4*maxSpotText)), maxSpotText)
	return text, !slices.ContainsFunc(s.Sample, func(p Spot) bool { return p.Text == text })
}

func (c *contents) keepSpot(s *Spots, text string, a at) {
	s.Sample = append(s.Sample, Spot{Text: c.keep(text), Path: c.path(a.part), Line: c.lineOf(a)})
}

// oneLine makes each run of white space one blank, and none of those around the text.
func oneLine(text string) string {
	if isOneLine(text) {
		return text
	}
	return viewOf(appendOneLine(make([]byte, 0, len(text)), text))
}

// oneLine is oneLine, good until the next call.
func (c *contents) oneLine(text string) string {
	if isOneLine(text) {
		return text
	}
	c.line = appendOneLine(c.line[:0], text)
	return viewOf(c.line)
}

// isOneLine tells of most texts that oneLine changes nothing in that it does not.
func isOneLine(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' && (c != ' ' || i == 0 || text[i-1] == ' ' || i+1 == len(text)) || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendOneLine(b []byte, text string) []byte {
	begin, blank := len(b), false // white space behind what was appended
	for i := 0; i < len(text); {
		size, space := 1, asciiBlank[text[i]]
		if text[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			space = unicode.IsSpace(r)
		}
		if !space {
			if blank && len(b) > begin {
				b = append(b, ' ')
			}
			b = append(b, text[i:i+size]...)
		}
		blank = space
		i += size
	}
	return b
}

// anchors tell which line of a part's text the octets of the text that people see come from.
type anchors []anchor

// anchor says that the visible text from off on comes from row on.
type anchor struct{ off, row int }

// row gives the line that visible[off] comes from.
func (l anchors) row(visible string, off int) int {
	i := sort.Search(len(l), func(i int) bool { return l[i].off > off }) - 1
	if i < 0 {
		return 0
	}
	row := l[i].row + strings.Count(visible[l[i].off:off], "\n")
	if i+1 < len(l) {
		row = min(row, l[i+1].row)
	}
	return row
}

package facts

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
	"unsafe"

	"postern/mimesize"
)

const (
	maxTextParts = 1000    // text parts that are read
	maxCompared  = 64      // of them that are compared with their alternatives
	maxPartText  = 1 << 20 // decoded octets read of each
	maxAllText   = 4 << 20 // decoded octets read of all
	maxSample    = 100     // characters of Text.HiddenSample
)

// textPart is a text part that was read.
type textPart struct {
	part  int
	html  bool
	cut   bool     // there is more text than was read
	words *wordSet // nil unless it is an alternative
	cids  []string // of HTML: what its cid: URLs name, without duplicates
}

// text counts part i and reads it, or, without whole, only what contents.outline needs of it.
func (c *contents) text(i int, whole bool) {
	p, t := &c.res.Parts[i], &c.f.Text
	isHTML := p.MediaType == "text/html"
	c.addPart(isHTML)
	if p.Encoding == mimesize.EncodingUnknown {
		t.Undecoded++
		return
	}
	budget := min(maxPartText, maxAllText-c.octets)
	if len(c.texts) >= maxTextParts || budget <= 0 {
		t.Truncated = true
		if whole {
			c.problem("limit.text", i, p.Body.Line, "")
		}
		c.addBytes(isHTML, p.DecodedLFBytes)
		return
	}
	print := !isHTML && c.without&Fingerprint == 0
	if !whole && !print && p.Encoding != mimesize.EncodingBase64 {
		c.octets += min(budget, p.DecodedBytes)
		c.texts = append(c.texts, textPart{part: i})
		c.addBytes(isHTML, p.DecodedLFBytes)
		return
	}
	want, seek := c.seek(i, isHTML)
	if seek && c.ruledOut(p, want, budget) {
		c.octets += min(budget, p.DecodedBytes)
		c.texts = append(c.texts, textPart{part: i, html: isHTML})
		return
	}
	b, more := c.readBody(p, budget)
	c.octets += int64(len(b))
	if seek && isEncoded(p) && !mayHold(b, want) {
		c.texts = append(c.texts, textPart{part: i, html: isHTML})
		return
	}
	t.Truncated = t.Truncated || more
	if more && whole {
		c.problem("limit.text", i, p.Body.Line, "")
	}
	size := p.DecodedLFBytes
	if p.Encoding == mimesize.EncodingBase64 && !c.counted {
		size -= int64(bytes.Count(b, []byte("\r\n")))
	}
	c.addBytes(isHTML, size)
	tp := textPart{part: i, html: isHTML, cut: more}
	if !whole {
		if print {
			c.print(i, b, more)
		}
		c.texts = append(c.texts, tp)
		return
	}
	if len(b) == 0 && p.Encoding == mimesize.EncodingBase64 && p.EncodedBytes > 4 {
		t.Undecoded++
	}
	if c.without&Prose == 0 && c.parts[i].alternative >= 0 && len(c.texts) < maxCompared {
		tp.words = c.wordsOf(i, isHTML, more)
	}
	c.texts = append(c.texts, tp)
	read := &c.texts[len(c.texts)-1]
	switch {
	case !isHTML && asciiAsItIs.has(c.parts[i].charset) && isASCIIBytes(b):
		c.plain(read, viewOf(b), true)
		if c.passed.begin || more {
			c.embeddedFiles(i, b, more)
		}
	case !isHTML:
		d := c.toText(i, false, b, more)
		c.plain(read, d.text, d.view)
		c.embeddedFiles(i, octetsOf(d.text), more)
	default:
		d := c.toText(i, true, b, more)
		if d.view && c.used != nil { // what is noted for a template may be a piece of it
			d.text = strings.Clone(d.text)
		}
		c.html(read, d.text)
	}
}

// print takes the fingerprint of a plain text.
func (c *contents) print(i int, b []byte, more bool) {
	name := c.parts[i].charset
	if asciiAsItIs.has(name) && isASCIIBytes(b) {
		c.plainPrint.add(viewOf(b))
		return
	}
	c.plainPrint.add(toUTF8(name, b, more).text)
}

// viewOf gives octets as a text without copying them. Nothing of it may be kept: the octets will change.
func viewOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// addPart counts a text part, and addBytes its octets, unless contents.outline has counted all.
func (c *contents) addPart(isHTML bool) {
	switch t := &c.f.Text; {
	case c.counted:
	case isHTML:
		t.HTMLParts++
	default:
		t.PlainParts++
	}
}

func (c *contents) addBytes(isHTML bool, n int64) {
	switch t := &c.f.Text; {
	case c.counted:
	case isHTML:
		t.HTMLBytes += n
	default:
		t.PlainBytes += n
	}
}

// isEncoded tells whether a part's octets are not those of its content.
func isEncoded(p *mimesize.Part) bool {
	return p.Encoding == mimesize.EncodingBase64 || p.Encoding == mimesize.EncodingQuotedPrintable
}

// readBody gives at most n decoded octets of a part, and whether there are more. They are valid until the next call.
func (c *contents) readBody(p *mimesize.Part, n int64) (b []byte, more bool) {
	plain := !isEncoded(p)
	if from, to := p.Body.Offset, p.Body.Offset+min(n, p.Body.Length); plain && c.whole != nil && 0 <= from && to <= c.size {
		return c.whole[from:to:to], p.Body.Length > n
	}
	size := int(min(n, p.Body.Length)) + 1
	if cap(c.body) < size {
		c.body = make([]byte, size)
	}
	b = c.body[:size]
	if p.Body.Length > n || p.Encoding == mimesize.EncodingQuotedPrintable && p.Body.Length > maxQPAtOnce {
		got, _ := io.ReadFull(c.decoded(p), b)
		if int64(got) > n {
			return b[:n], true
		}
		return b[:got], false
	}
	if plain {
		return c.readAt(b[:0], p.Body.Offset, p.Body.Length), false
	}
	c.encoded, c.encodedOf = c.readAt(c.encoded[:0], p.Body.Offset, p.Body.Length), p
	if p.Encoding == mimesize.EncodingBase64 {
		return appendBase64(b[:0], c.encoded), false
	}
	return appendQP(b[:0], c.encoded, c.eol), false
}

// toText decodes the charset of part i and reports what is wrong with it.
func (c *contents) toText(i int, isHTML bool, b []byte, more bool) decodedText {
	name := c.parts[i].charset
	line := c.res.Parts[i].Header.Line
	meta := ""
	if isHTML && hasEightBit(b) {
		meta = metaCharset(b)
	}
	switch {
	case name == "" && meta != "":
		name = meta // RFC 2854 section 6: where the header says nothing, the document may
	case name == "" && hasEightBit(b):
		c.problem("rfc.charset_missing", i, line, "")
	case name != "" && !knownCharset(name):
		c.problem("rfc.charset_unknown", i, line, name)
	}
	d := toUTF8(name, b, more)
	if d.guessed {
		c.f.Text.Undecoded++
		if knownCharset(name) { // else it is reported already
			c.problem("rfc.charset_unknown", i, line, name)
		}
	}
	if d.invalid {
		c.problem("rfc.charset_mismatch", i, line, name)
	} else if meta != "" && knownCharset(meta) && !sameCharset(meta, name) {
		c.problem("rfc.charset_meta", i, line, "header "+name+", document "+meta)
	}
	return d
}

// plain measures a text/plain part. A text that is only borrowed is copied before anything keeps pieces of it.
func (c *contents) plain(tp *textPart, text string, borrowed bool) {
	t, a := &c.f.Text, &c.passed
	c.readText(text, a)
	if !c.printed {
		c.plainPrint.add(text)
	}
	t.PlainWords += a.words
	t.Letters += a.letters
	t.Capitals += a.capitals
	tp.addWords(text)
	all := c.used != nil
	stub := a.words <= maxStubWords && (!a.ascii || a.stub)
	if borrowed && (all || len(a.links) > 0 || a.placeholder || a.leftover || stub) {
		text = strings.Clone(text)
	}
	if len(a.links) > 0 {
		c.bareLinks(tp.part, text, a.links)
	}
	if a.placeholder {
		c.plainPlaceholders(tp.part, text)
	}
	if a.leftover || all { // which notes addresses too
		c.leftovers(tp.part, text, anchors{{}}, false)
	}
	if stub {
		c.stub(tp.part, text)
	}
	c.prose(text, a)
}

// plainPlaceholders looks for placeholders in a plain text.
func (c *contents) plainPlaceholders(part int, text string) {
	row := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, ">") { // what the sender quotes is not his template
			c.placeholders(line, "text", at{part: part, row: row})
		}
		row++
	}
}

// prose looks in what a reader sees of one part for phrases, an offer to unsubscribe and a postal address.
func (c *contents) prose(text string, a *passed) {
	if !a.ascii {
		c.phrasesNear(text)
	}
	c.f.Text.PostalAddress = c.f.Text.PostalAddress || postalNear(text, a.digits)
}

// foldText brings text into lower case, makes each run of white space one blank, straightens apostrophes and takes out what
// has no width.
func foldText(text string) string { return viewOf(appendFolded(make([]byte, 0, len(text)+1), text)) }

func appendFolded(b []byte, text string) []byte {
	blank := true
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			if c > ' ' {
				b = append(b, lowerCase[c])
				blank = false
			} else if !blank {
				b = append(b, ' ')
				blank = true
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		f := factsOf(r)
		switch {
		case isInvisible(r):
			continue
		case f.space:
			if !blank {
				b = append(b, ' ')
			}
			blank = true
			continue
		case r == '\u2018' || r == '\u2019':
			b = append(b, '\'')
		case r == '\u2010' || r == '\u2011':
			b = append(b, '-')
		default:
			b = utf8.AppendRune(b, f.lower)
		}
		blank = false
	}
	return b
}

// lowerCase are the octets in lower case, where they are ASCII.
var lowerCase = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		if t[c] = byte(c); 'A' <= c && c <= 'Z' {
			t[c] |= 0x20
		}
	}
	return t
}()

package facts

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"postern/mimesize"
)

const (
	maxTextParts = 64        // text parts that are read
	maxPartText  = 256 << 10 // decoded octets read of each
	maxAllText   = 4 << 20   // decoded octets read of all
	maxSample    = 100       // characters of Text.HiddenSample
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
	if isHTML {
		t.HTMLParts++
	} else {
		t.PlainParts++
	}
	if p.Encoding == mimesize.EncodingUnknown {
		t.Undecoded++
		return
	}
	budget := min(maxPartText, maxAllText-c.octets)
	if len(c.texts) >= maxTextParts || budget <= 0 {
		t.Truncated = true
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
	b, more := c.readBody(p, budget)
	c.octets += int64(len(b))
	t.Truncated = t.Truncated || more
	size := p.DecodedLFBytes
	if p.Encoding == mimesize.EncodingBase64 {
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
	if c.within(i, "multipart/alternative") >= 0 {
		tp.words = c.wordSet()
	}
	switch {
	case !isHTML && c.used == nil && asciiAsItIs.has(c.parts[i].charset) && isASCIIBytes(b):
		c.plainASCII(&tp, b)
		c.embeddedFiles(i, b, more)
	case !isHTML:
		text := c.toText(i, false, b, more)
		c.plain(&tp, text)
		c.embeddedFiles(i, []byte(text), more)
	default:
		c.html(&tp, c.toText(i, true, b, more))
	}
	c.texts = append(c.texts, tp)
}

// print takes the fingerprint of a plain text.
func (c *contents) print(i int, b []byte, more bool) {
	name := c.parts[i].charset
	if asciiAsItIs.has(name) && isASCIIBytes(b) {
		printASCII(viewOf(b), &c.plainPrint)
		return
	}
	c.plainPrint.add(toUTF8(name, b, more).text)
}

// viewOf gives octets as a text without copying them. Nothing of it may be kept: the octets will change.
func viewOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (c *contents) addBytes(isHTML bool, n int64) {
	if isHTML {
		c.f.Text.HTMLBytes += n
	} else {
		c.f.Text.PlainBytes += n
	}
}

// readBody gives at most n decoded octets of a part, and whether there are more. They are valid until the next call.
func (c *contents) readBody(p *mimesize.Part, n int64) (b []byte, more bool) {
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
	if p.Encoding != mimesize.EncodingBase64 && p.Encoding != mimesize.EncodingQuotedPrintable {
		return c.readAt(b[:0], p.Body.Offset, p.Body.Length), false
	}
	c.encoded = c.readAt(c.encoded[:0], p.Body.Offset, p.Body.Length)
	if p.Encoding == mimesize.EncodingBase64 {
		return appendBase64(b[:0], c.encoded), false
	}
	return appendQP(b[:0], c.encoded, c.eol), false
}

// toText decodes the charset of part i and reports what is wrong with it.
func (c *contents) toText(i int, isHTML bool, b []byte, more bool) string {
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
	}
	if d.invalid {
		c.problem("rfc.charset_mismatch", i, line, name)
	} else if meta != "" && knownCharset(meta) && !sameCharset(meta, name) {
		c.problem("rfc.charset_meta", i, line, "header "+name+", document "+meta)
	}
	return d.text
}

// plainASCII measures a text/plain part in ASCII.
func (c *contents) plainASCII(tp *textPart, b []byte) {
	t, a := &c.f.Text, &c.ascii
	text := viewOf(b)
	c.readASCII(text, a)
	printASCII(text, &c.plainPrint)
	t.PlainWords += a.words
	t.Letters += a.letters
	t.Capitals += a.capitals
	tp.addWords(text)
	stub := a.words <= maxStubWords && mayBeStub(text)
	if a.link || a.placeholder || a.leftover || stub {
		text = string(b) // pieces of it are kept
	}
	if a.link {
		c.bareLinks(tp.part, text)
	}
	if a.placeholder {
		c.plainPlaceholders(tp.part, text)
	}
	if a.leftover {
		c.leftovers(tp.part, text, anchors{{}}, false)
	}
	if stub {
		c.stub(tp.part, text)
	}
	t.PostalAddress = t.PostalAddress || postalNear(text, a.digits)
}

// plain measures a text/plain part.
func (c *contents) plain(tp *textPart, text string) {
	var w wordCount
	w.add(text)
	tp.addWords(text)
	t := &c.f.Text
	t.PlainWords += w.words
	t.Letters += w.letters
	t.Capitals += w.capitals
	c.plainPrint.add(text)
	c.bareLinks(tp.part, text)
	c.plainPlaceholders(tp.part, text)
	c.leftovers(tp.part, text, anchors{{}}, false)
	if w.words <= maxStubWords {
		c.stub(tp.part, text)
	}
	c.prose(text)
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
func (c *contents) prose(text string) {
	c.findPhrases(foldText(text))
	c.f.Text.PostalAddress = c.f.Text.PostalAddress || hasPostalAddress(text)
}

// foldText brings text into lower case, makes each run of white space one blank, straightens apostrophes and takes out what
// has no width.
func foldText(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 1)
	blank := true
	for _, r := range text {
		switch {
		case r < 0x80:
			if r <= ' ' {
				if !blank {
					b.WriteByte(' ')
				}
				blank = true
				continue
			}
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
		case isInvisible(r):
			continue
		case unicode.IsSpace(r):
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		case r == '\u2018' || r == '\u2019':
			b.WriteByte('\'')
		case r == '\u2010' || r == '\u2011':
			b.WriteByte('-')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		blank = false
	}
	return b.String()
}

// wordCount counts words, which are runs of characters between white space with a letter or digit among them, and letters.
type wordCount struct {
	words, letters, capitals int
}

func (w *wordCount) add(text string) {
	counted := false
	for _, r := range text {
		if r < utf8.RuneSelf {
			switch b := byte(r); {
			case isLetter(b):
				w.letters++
				if b < 'a' {
					w.capitals++
				}
				counted = true
			case isDigit(b):
				counted = true
			case counted && asciiBlank[b]:
				w.words++
				counted = false
			}
			continue
		}
		switch {
		case unicode.IsLetter(r):
			counted = true
			upper := unicode.IsUpper(r) || unicode.IsTitle(r)
			if upper {
				w.capitals++
			}
			if upper || unicode.IsLower(r) {
				w.letters++
			}
		case unicode.IsNumber(r):
			counted = true
		case counted && unicode.IsSpace(r):
			w.words++
			counted = false
		}
	}
	if counted {
		w.words++
	}
}

package facts

import (
	"slices"
	"strings"
	"sync"

	"postern/mimesize"
)

// contents carries the reading of a message's parts from step to step.
type contents struct {
	*maker
	later        func(wanted bool) // Facts.Later, while something of the message is put off
	wasRead      bool              // read was called
	parts        []partInfo        // like res.Parts
	texts        []textPart        // the text that readers of the message see, in order
	links        linkSet
	page         htmlReader // of the HTML part that is being read
	octets       int64      // decoded octets of text so far
	weighed      int64      // octets of attachments decoded as a whole
	cssLookups   int        // classes that were looked up in style sheets
	eol          byte       // what lines end in: LF, or CR where there is no other line end
	otherContent bool       // some part holds something that is neither shown text nor a container

	unsubscribe bool
	tries       int // placeholders that were looked at closely
	phrases     []string
	passed      passed
	wordSets    []*wordSet
	sets        int    // of wordSets that are in use
	body        []byte // of the text part that is being read, decoded
	encoded     []byte // and as it was
	encodedOf   *mimesize.Part
	visible     []byte // what a reader sees of HTML
	folded      []byte // a piece of text as foldText has it
	line        []byte // a piece of text as oneLine has it
	plainPrint  simhash
	htmlPrint   simhash
	printed     bool // the fingerprint is taken, or nobody asks for it
	counted     bool // the numbers of text parts and their octets are known

	rows   []int32 // of part rowsOf: see lineOf
	rowsOf int
	used   map[string]struct{} // features that were noted, nil unless the message comes from a template
}

// partInfo is what a part's MIME header fields say.
type partInfo struct {
	charset     string
	disposition string
	filename    string // of Content-Disposition, else of Content-Type
	contentID   string // without angle brackets, "" if there is none
	location    bool   // has a Content-Location
	attachment  bool
	// the nearest parts around it of these types, -1 if there are none
	alternative, related int
	// of the text/plain parts that a multipart/alternative is nearest to: the last, and of those that were read how many there are
	// and the words of the first
	lastPlain, plains int
	plain             *wordSet
}

// makers are those that have no message.
var makers sync.Pool

// newContents gives one that has none.
func newContents() *contents {
	if c, ok := makers.Get().(*contents); ok {
		return c
	}
	c := &contents{maker: &maker{}}
	c.later = func(wanted bool) {
		if wanted {
			c.read()
		}
		c.release()
	}
	return c
}

// release gives the maker back.
func (c *contents) release() {
	if spoilMaker != nil {
		for _, b := range [][]byte{c.body, c.encoded, c.visible, c.line} {
			spoilOctets(b)
		}
	}
	c.end()
	if c.wasRead {
		c.forget()
	} else {
		c.parts, c.texts = keepParts(c.parts), keep(c.texts)
		c.octets, c.weighed, c.encodedOf, c.eol, c.printed, c.counted, c.used = 0, 0, nil, 0, false, false, nil
	}
	if c.memory != nil {
		c.memory.busy = false
		return
	}
	makers.Put(c)
}

// forget lets go of what reading a message has left.
func (c *contents) forget() {
	c.links.end()
	c.page.release()
	*c = contents{
		maker: c.maker, later: c.later, parts: keepParts(c.parts), texts: keep(c.texts), phrases: keep(c.phrases),
		wordSets: c.wordSets[:min(len(c.wordSets), 4)], passed: passed{digits: c.passed.digits[:0], links: c.passed.links[:0]}, body: c.body, encoded: c.encoded, visible: c.visible, folded: c.folded, line: c.line,
		links: c.links, page: c.page, rows: keepShort(c.rows, 1<<16),
	}
}

// keepParts is keep for what there is of each part, of which a message may have so many that it is no bargain to make it each time.
func keepParts(l []partInfo) []partInfo {
	if cap(l) > 16*maxKeptEntries {
		return nil
	}
	clear(l)
	return l[:0]
}

// keepShort empties a list that is kept if it has no room for more than n.
func keepShort[T any](l []T, n int) []T {
	if cap(l) > n {
		return nil
	}
	return l[:0]
}

// content measures parts, attachments, text and links. It is false when some of it was put off, and c is still needed.
func (c *contents) content(later bool) bool {
	c.eol = '\n'
	if slices.ContainsFunc(c.res.Problems, func(p mimesize.Problem) bool { return p.ID == "mime.ambiguous_cr_only" }) {
		c.eol = '\r'
	}
	if c.f.Origin == OriginTemplate {
		c.used = map[string]struct{}{}
	}
	n := len(c.res.Parts)
	c.parts = slices.Grow(c.parts[:0], n)[:n]
	clear(c.parts)
	c.printed, c.counted = c.without&Fingerprint != 0, false
	c.f.Parts = slices.Grow(c.f.Parts, n)
	attachments, embedded := 0, 0
	for i := range n {
		c.findAround(i)
		c.readPart(i)
		switch {
		case !c.parts[i].attachment:
		case c.res.Parts[i].Embedded:
			embedded++
		default:
			attachments++
		}
	}
	c.f.Attachments, c.f.Embedded = slices.Grow(c.f.Attachments, attachments), slices.Grow(c.f.Embedded, embedded)
	for i := range n {
		c.attachment(i)
	}
	switch {
	case c.without&Reading == 0 && !later:
		c.read()
		return true
	case !c.outline():
		// The fingerprint takes reading all of it.
		c.read()
		return true
	case c.without&Reading != 0:
		return true
	}
	c.f.Later = c.later
	return false
}

// outline makes what is needed without reading the text: how much there is, and the fingerprint. It is false if that cannot be
// done without the rest.
func (c *contents) outline() bool {
	html := false
	for i := range c.res.Parts {
		if c.isText(i) {
			html = html || c.res.Parts[i].MediaType == "text/html"
			c.text(i, false)
		}
	}
	print := c.plainPrint.text(c.maker)
	c.f.Text.Fingerprint = print
	done := print != "" || !html || c.without&Fingerprint != 0
	c.texts, c.octets = c.texts[:0], 0
	if c.plainPrint.words > 0 {
		c.plainPrint = simhash{}
	}
	c.printed, c.counted = done, done
	return done
}

// read makes what only reading the text shows.
func (c *contents) read() {
	c.wasRead = true
	t := &c.f.Text
	if t.Undecoded, t.Truncated = 0, false; !c.counted {
		t.PlainParts, t.HTMLParts, t.PlainBytes, t.HTMLBytes = 0, 0, 0, 0
	}
	c.headerPlaceholders()
	for i := range c.res.Parts {
		if c.isText(i) {
			c.text(i, true)
		} else if p := &c.res.Parts[i]; p.Children == 0 && p.EncodedBytes > 0 && !p.IsMultipart() {
			c.otherContent = true
		}
	}
	c.compareAlternatives()
	if c.without&Damage == 0 {
		c.alternatives()
		c.related()
		c.dispositions()
	}
	c.finish()
}

// finish writes down what was gathered over all parts.
func (c *contents) finish() {
	t := &c.f.Text
	t.Phrases = append(t.Phrases, c.phrases...)
	sortStrings(t.Phrases)
	t.Unsubscribe = c.unsubscribe
	if !c.printed {
		if t.Fingerprint = c.plainPrint.text(c.maker); t.Fingerprint == "" {
			t.Fingerprint = c.htmlPrint.text(c.maker)
		}
	}
	t.Empty = t.PlainWords == 0 && t.HTMLWords == 0 && t.Images == 0 && t.Undecoded == 0 && !t.Truncated && !c.otherContent
	c.finishLinks()
}

// isText tells whether part i is text that readers of the message see: text/plain or text/html of this message, not an
// attachment. A name alone does not hide a part that is the message, its first part or an alternative, because mail programs
// show those whatever they are called. What a message begins with is read as plain text whatever text it is: programs that do not
// know a kind of text show it so (RFC 2046 section 4.1.4).
func (c *contents) isText(i int) bool {
	p := &c.res.Parts[i]
	if p.Embedded || p.Children > 0 || p.MediaType != "text/plain" && p.MediaType != "text/html" && !c.beginsAsText(i) {
		return false
	}
	info := &c.parts[i]
	if !info.attachment {
		return true
	}
	if info.disposition == "attachment" {
		return false
	}
	return i == 0 || p.Ordinal == 1 || c.res.Parts[p.Parent].MediaType == "multipart/alternative"
}

// beginsAsText tells whether part i is text, and all before it are what it is in.
func (c *contents) beginsAsText(i int) bool {
	return i <= c.res.Parts[i].Depth && strings.HasPrefix(c.res.Parts[i].MediaType, "text/")
}

// findAround notes the nearest parts around part i of the types that are asked for. Those around its parent are known.
func (c *contents) findAround(i int) {
	info := &c.parts[i]
	info.alternative, info.related = -1, -1
	up := c.res.Parts[i].Parent
	if up < 0 {
		return
	}
	info.alternative, info.related = c.parts[up].alternative, c.parts[up].related
	switch c.res.Parts[up].MediaType {
	case "multipart/alternative":
		info.alternative = up
	case "multipart/related":
		info.related = up
	}
	if info.alternative >= 0 && c.res.Parts[i].MediaType == "text/plain" {
		c.parts[info.alternative].lastPlain = i
	}
}

// under gives the top-level child of ancestor that part i is in.
func (c *contents) under(i, ancestor int) int {
	for c.res.Parts[i].Parent != ancestor && c.res.Parts[i].Parent >= 0 {
		i = c.res.Parts[i].Parent
	}
	return i
}

// wordList is a short table of words, made when it is first asked: there are many, and few messages need most of them.
type wordList func() map[string]struct{}

// words makes a table of words that commas separate.
func words(list string) wordList {
	return sync.OnceValue(func() map[string]struct{} {
		l := map[string]struct{}{}
		for w := range strings.SplitSeq(list, ",") {
			l[w] = struct{}{}
		}
		return l
	})
}

func (l wordList) has(word string) bool {
	_, ok := l()[word]
	return ok
}

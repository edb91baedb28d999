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
	parts      []partInfo // like res.Parts
	texts      []textPart // the text that readers of the message see, in order
	links      linkSet
	read       int64 // decoded octets of text so far
	weighed    int64 // octets of attachments decoded as a whole
	cssLookups int   // classes that were looked up in style sheets
	eol        byte  // what lines end in: LF, or CR where there is no other line end
	other      bool  // some part holds something that is neither shown text nor a container

	unsubscribe bool
	tries       int // placeholders that were looked at closely
	phrases     map[string]struct{}
	plainPrint  simhash
	htmlPrint   simhash

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
}

// content measures parts, attachments, text and links.
func (m *maker) content() {
	c := &contents{maker: m, parts: make([]partInfo, len(m.res.Parts)), phrases: map[string]struct{}{}, eol: '\n'}
	if slices.ContainsFunc(m.res.Problems, func(p mimesize.Problem) bool { return p.ID == "mime.ambiguous_cr_only" }) {
		c.eol = '\r'
	}
	if m.f.Origin == OriginTemplate {
		c.used = map[string]struct{}{}
	}
	if !c.noText {
		c.headerPlaceholders()
	}
	m.f.Parts = slices.Grow(m.f.Parts, len(m.res.Parts))
	for i := range m.res.Parts {
		c.readPart(i)
	}
	for i := range m.res.Parts {
		c.attachment(i)
	}
	for i := range m.res.Parts {
		if c.isText(i) {
			if !c.noText {
				c.text(i)
			}
		} else if p := &m.res.Parts[i]; p.Children == 0 && p.EncodedBytes > 0 && !p.IsMultipart() {
			c.other = true
		}
	}
	c.compareAlternatives()
	c.alternatives()
	c.related()
	c.dispositions()
	c.finish()
}

// finish writes down what was gathered over all parts.
func (c *contents) finish() {
	t := &c.f.Text
	for id := range c.phrases {
		t.Phrases = append(t.Phrases, id)
	}
	sortStrings(t.Phrases)
	t.Unsubscribe = c.unsubscribe
	if t.Fingerprint = c.plainPrint.text(); t.Fingerprint == "" {
		t.Fingerprint = c.htmlPrint.text()
	}
	t.Empty = t.PlainWords == 0 && t.HTMLWords == 0 && t.Images == 0 && t.Undecoded == 0 && !t.Truncated && !c.other
	c.links.finish(&c.f.Links)
}

// isText tells whether part i is text that readers of the message see: text/plain or text/html of this message, not an
// attachment. A name alone does not hide a part that is the message, its first part or an alternative, because mail programs
// show those whatever they are called.
func (c *contents) isText(i int) bool {
	p := &c.res.Parts[i]
	if p.Embedded || p.Children > 0 || p.MediaType != "text/plain" && p.MediaType != "text/html" {
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

// within gives the nearest part around i of that media type, -1 if there is none.
func (c *contents) within(i int, mediaType string) int {
	for i = c.res.Parts[i].Parent; i >= 0; i = c.res.Parts[i].Parent {
		if c.res.Parts[i].MediaType == mediaType {
			return i
		}
	}
	return -1
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

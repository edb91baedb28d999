package facts

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	// maxOpen bounds the elements that are kept open; deeper ones inherit from the last.
	maxOpen = 512
	// maxSearch bounds how far up an end tag looks for its start tag.
	maxSearch = 64
	// maxPreheader is the length up to which hidden text before all visible text is the line that mail programs show beside the
	// subject, which newsletters hide as a custom.
	maxPreheader = 250
	// maxCSS bounds the octets of style sheets that are kept.
	maxCSS = 64 << 10
	// maxCIDs bounds the cid: references of one part.
	maxCIDs = 1000
	// maxAnchors bounds the places that are kept of one part's visible text; what comes after them counts from the last.
	maxAnchors = 20_000
	// maxTitle bounds the characters of Document.Title.
	maxTitle = 200
)

var newline = []byte{'\n'}

// element is an open element and what its content inherits.
type element struct {
	*tag
	hidden bool // display:none and the like: nothing inside can be seen
	other  bool // hidden, but a style sheet shows it on other screens
	unseen bool // visibility:hidden, which descendants can undo
	zero   bool // font-size:0, likewise
	ground bool // colour of the ground, likewise
	onBody bool // no element between it and body states a ground of its own
	scopes int  // where the innermost scope is, this one or around it, -1 if nowhere
	before int  // where the element of the same kind before it is, -1 if nowhere
	depth  int  // elements left out of the stack inside this one
	ink    ink
}

func (e *element) invisible() bool { return e.hidden || e.unseen || e.zero || e.ground }

// htmlReader reads the tokens of one HTML part. It builds no tree: x/net/html's parser does not promise linear time.
type htmlReader struct {
	c       *contents
	part    int
	row     int // of the text, 0-based: the line that the token begins on
	tp      *textPart
	doc     Document
	open    []element
	last    [maxTags]int // of each kind of element where the innermost that is open is in open, from 1
	skip    string       // the element whose content is no text: script, style, title...
	css     []byte
	media   int // where in css the first @media rule is, -1
	names   cssNames
	visible []byte
	from    anchors // where the visible text comes from
	broken  bool    // the visible text has a line end of no text since the last of them
	title   []byte
	before  []byte // the preheader
	after   bool   // all of the preheader has been met
	words   bool   // some visible text has been met
	ground  int    // what body states, -1 if nothing

	hidden      []byte // the hidden run that is being read
	hiddenChars int
	hiddenDepth int
	preheader   bool // a hidden line before all visible text has been met

	link     string // target of the open <a>, valid with inLink
	linkRow  int
	inLink   bool
	linkText []byte
	cids     textSet // what cid: URLs name

	contrasts []Contrast
	inherited []bool // of contrasts: one of the colours is that of an element around

	base    string // the address that relative links begin at, "" if none is stated
	foreign bool   // SVG or MathML has been met
	rawNext bool   // the content of an element comes next that is no markup in HTML, but in SVG and MathML

	tokens htmlTokens
}

// begin begins with a part, of which nothing is known.
func (h *htmlReader) begin(c *contents, tp *textPart) {
	*h = htmlReader{
		c: c, part: tp.part, tp: tp, media: -1, ground: -1, visible: c.visible[:0],
		open: h.open[:0], css: h.css[:0], names: cssNames{spans: h.names.spans}, from: h.from[:0], title: h.title[:0], before: h.before[:0], hidden: h.hidden[:0], linkText: h.linkText[:0], cids: h.cids,
	}
}

// release lets go of the message.
func (h *htmlReader) release() {
	if h.c != nil {
		*h = htmlReader{open: h.open, css: h.css, names: cssNames{spans: keepShort(h.names.spans, 4096)}, from: h.from, title: h.title, before: h.before, hidden: h.hidden, linkText: h.linkText, cids: h.cids}
	}
}

// html measures a text/html part. The text is only borrowed, but for a template.
func (c *contents) html(tp *textPart, text string) {
	h := &c.page
	h.begin(c, tp)
	if t := &h.tokens; c.used == nil { // else all names of attributes are wanted
		t.begin(text)
		for t.next() {
			switch t.kind {
			case html.StartTagToken:
				h.start(tagOf(t.name), &t.attr)
			case html.EndTagToken:
				h.end(tagOf(t.name))
			case html.TextToken:
				h.text(t.data)
			case html.CommentToken:
				h.comment(t.text[t.begins:t.pos])
			}
			h.row += t.lines()
		}
		text = t.rest()
	}
	h.rest(text)
	h.finish()
}

// rest reads what is left of a text.
func (h *htmlReader) rest(text string) {
	if text == "" {
		return
	}
	z := lib.HTML(strings.NewReader(text))
	lines := 0
	for {
		h.row += lines
		typ := z.Next()
		lines = bytes.Count(z.Raw(), newline) // before the token is read, which changes line ends in place
		switch typ {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttr := z.TagName()
			tag := tagOf(name)
			var a attributes
			if hasAttr {
				a = readAttributes(z, h.c.used != nil)
			}
			h.start(tag, &a)
			if tag.name == "noscript" {
				z.NextIsNotRawText() // no mail program runs scripts
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			h.end(tagOf(name))
		case html.TextToken:
			h.text(string(z.Text()))
		case html.CommentToken:
			h.comment(string(z.Raw()))
		}
	}
}

func (h *htmlReader) finish() {
	h.endLink()
	h.endHidden()
	h.c.visible = h.visible
	text := viewOf(h.visible)
	h.from = append(h.from, anchor{len(text), h.row})
	h.seen(text)
	h.document()
	h.keepContrasts()
	if n := len(h.cids.list); n > 0 {
		h.tp.cids = make([]string, n)
		for i := range h.cids.list {
			h.tp.cids[i] = h.cids.list[i].text
		}
		sortStrings(h.tp.cids)
		h.cids.reset()
	}
}

// seen measures what a reader sees. The text is only borrowed.
func (h *htmlReader) seen(text string) {
	c, t, a := h.c, &h.c.f.Text, &h.c.passed
	if c.without&Prose != 0 && c.printed && c.used == nil {
		return // all else was found on the way here
	}
	c.readText(text, a)
	if !c.printed && c.plainPrint.words < minPrint { // else nobody asks
		c.htmlPrint.add(text)
	}
	t.HTMLWords += a.words
	t.Letters += a.letters
	t.Capitals += a.capitals
	h.tp.addWords(text)
	c.prose(text, a)
	if a.leftover || c.used != nil { // which notes addresses too
		c.leftovers(h.part, strings.Clone(text), h.from, true)
	}
}

var noTag = &tag{}

// top is the innermost open element.
func (h *htmlReader) top() *element {
	if n := len(h.open); n > 0 {
		return &h.open[n-1]
	}
	return outermost
}

// outermost is what the text outside of all elements is in.
var outermost = &element{tag: noTag, scopes: -1, ink: noInk}

// tag is what matters of an element's name.
type tag struct {
	name string
	kind int // each name of tags has its own, all others have 0
	void bool
	skip bool // its content is no text
	// block elements begin a line; a scope is what none that needs no end tag reaches out of.
	block, scope bool
}

// maxTags is more than there are elements in tags.
const maxTags = 128

// tagTable holds the elements that something matters of, and others that are usual, where find looks for them.
type tagTable [512]*tag

var tags = sync.OnceValue(func() *tagTable {
	all, kinds := &tagTable{}, 0
	for _, l := range []struct {
		names string
		mark  func(t *tag)
	}{
		{"area,base,br,col,embed,hr,img,input,link,meta,param,source,track,wbr", func(t *tag) { t.void = true }},
		{"script,style,title,template,noframes,iframe,noembed", func(t *tag) { t.skip = true }},
		{"address,article,aside,blockquote,center,dd,div,dl,dt,fieldset,footer,form,h1,h2,h3,h4,h5,h6,header,hr,li,main,nav,ol,p,pre,section,table,ul,tr,td,th,body", func(t *tag) { t.block = true }},
		{"table,ul,ol,dl,td,th,div,body", func(t *tag) { t.scope = true }},
		{"a,b,i,u,em,strong,span,font,html,head,tbody,thead,tfoot,small,big,sup,sub,code,tt,s,map,label,button,caption,colgroup,figure,o:p", func(*tag) {}},
	} {
		for name := range strings.SplitSeq(l.names, ",") {
			p := all.find([]byte(name))
			if *p == nil {
				if kinds++; kinds >= maxTags {
					panic("facts: more tags than maxTags")
				}
				*p = &tag{name: name, kind: kinds}
			}
			l.mark(*p)
		}
	}
	return all
})

// find gives where an element is, or belongs.
func (t *tagTable) find(name []byte) **tag {
	n := len(name)
	h := (uint32(n)<<24 | uint32(name[0])<<16 | uint32(name[n/2])<<8 | uint32(name[n-1])) * 0x9e3779b1 >> 23
	for t[h] != nil && t[h].name != string(name) {
		h = (h + 1) % uint32(len(t))
	}
	return &t[h]
}

// tagOf gives what is known of an element's name, in lower case.
func tagOf(name []byte) *tag {
	if len(name) > 0 {
		if t := *tags().find(name); t != nil {
			return t
		}
	}
	return &tag{name: string(name)}
}

func (h *htmlReader) start(tag *tag, a *attributes) {
	name := tag.name
	if h.c.used != nil {
		h.elementFeatures(name, a)
	}
	h.rawNext = h.foreign && isRaw(name)
	if h.skip != "" {
		return
	}
	if tag.block || name == "br" {
		h.implied(name)
		h.breakLine()
		if h.hiddenChars > 0 {
			h.hidden = append(h.hidden, ' ')
		}
		h.block()
	}
	e := h.style(tag, a)
	h.element(name, a, &e)
	if tag.void {
		return
	}
	if tag.skip && !e.hidden {
		h.skip = name
	}
	if len(h.open) >= maxOpen {
		h.open[len(h.open)-1].depth++
		return
	}
	if tag.scope {
		e.scopes = len(h.open)
	}
	e.before = h.last[tag.kind] - 1
	h.open = append(h.open, e)
	h.last[tag.kind] = len(h.open)
}

// implied closes elements whose end tag may be left out, so that their style does not run on (HTML, optional tags).
func (h *htmlReader) implied(name string) {
	closes := closesOf(name)
	for closes != nil {
		at := -1
		for _, kind := range closes {
			at = max(at, h.last[kind]-1)
		}
		if at < 0 || at < h.top().scopes || len(h.open)-at > maxSearch {
			return
		}
		found := h.open[at].name
		h.pop(at)
		if name != "tr" || found == "tr" {
			return
		}
	}
}

// closesOf gives the kinds of elements that one of a name ends.
func closesOf(name string) []int {
	k := closing()
	switch name {
	case "br":
		return nil
	case "li":
		return k.li
	case "dd", "dt":
		return k.dd
	case "td", "th":
		return k.td
	case "tr":
		return k.tr
	}
	return k.p
}

var closing = sync.OnceValue(func() (k struct{ p, li, dd, td, tr []int }) {
	kinds := func(names ...string) (l []int) {
		for _, n := range names {
			l = append(l, tagOf([]byte(n)).kind)
		}
		return l
	}
	k.p, k.li, k.dd, k.td, k.tr = kinds("p"), kinds("li"), kinds("dd", "dt"), kinds("td", "th"), kinds("td", "th", "tr")
	return k
})

// style works out what is visible inside an element from its attributes and what it inherits.
func (h *htmlReader) style(tag *tag, a *attributes) element {
	e := *h.top()
	e.tag, e.depth = tag, 0
	name := tag.name
	if !a.any {
		// Only the colour of the ground matters, which body has none of now.
		if name == "body" {
			h.ground, e.onBody = -1, true
		}
		if h.c.used != nil {
			e.ink = h.ink(name, a, &noStyle, e.ink)
		}
		return e
	}
	s := parseStyle(a.style)
	if a.hidden || s.hides() {
		e.hidden = true
		e.other = e.other || h.responsive(a.class)
	}
	switch s.visibility {
	case "hidden", "collapse":
		e.unseen = true
	case "visible":
		e.unseen = false
	}
	if s.fontSize != "" {
		e.zero = isZero(s.fontSize)
	}
	h.colours(name, a, &s, &e)
	if h.c.used != nil {
		e.ink = h.ink(name, a, &s, e.ink)
	}
	return e
}

// colours tells whether text has the colour of its ground. It compares only what one element states of both, or a colour with
// the ground of body where nothing between them has another.
func (h *htmlReader) colours(name string, a *attributes, s *style, e *element) {
	fg, bg := s.color, s.background
	if fg < 0 && name == "font" {
		fg = parseColour(a.color)
	}
	if bg < 0 {
		bg = parseColour(a.bgcolor)
	}
	picture := s.hasImage || a.background != ""
	stated := picture || s.hasBackground || a.bgcolor != ""
	if name == "body" {
		if h.ground = bg; picture {
			h.ground = -1
		}
		e.onBody = true
		return
	}
	if stated || a.class != "" && len(h.css) > 0 { // a style sheet may give the class another ground
		e.onBody = false
	}
	switch {
	case fg >= 0 && picture:
		e.ground = false
	case fg >= 0 && stated:
		e.ground = bg >= 0 && sameColour(fg, bg)
	case fg >= 0:
		e.ground = e.onBody && h.ground >= 0 && sameColour(fg, h.ground)
	case stated:
		e.ground = false
	}
}

// responsive tells whether a style sheet of the document names one of the classes after its first @media.
func (h *htmlReader) responsive(class string) bool {
	if class == "" || h.media < 0 {
		return false
	}
	n := 0
	for c := range strings.FieldsSeq(class) {
		if n++; n > 4 || h.c.cssLookups > 500 {
			return false
		}
		h.c.cssLookups++
		if h.names.has(h.css[h.media:], strings.ToLower(c)) {
			return true
		}
	}
	return false
}

// element counts what the element itself is.
func (h *htmlReader) element(name string, a *attributes, e *element) {
	t := &h.c.f.Text
	switch name {
	case "a", "area":
		if name == "a" {
			h.endLink()
		}
		href := a.href
		if !a.hasHref {
			if href = a.xlink; href == "" {
				break
			}
		}
		if name == "area" {
			h.c.addLink(h.at(), h.absolute(href), a.alt)
			break
		}
		h.link, h.linkRow, h.inLink = h.absolute(href), h.row, true
		h.linkText = h.linkText[:0]
	case "base":
		if h.base == "" && splitURL(tidyTarget(a.href)).host != "" {
			h.base = strings.Clone(tidyTarget(a.href))
			if h.c.links.total > 0 { // those before it begin there too
				h.action(h.base)
			}
		}
	case "svg", "math":
		h.foreign = true
	case "button":
		h.action(a.formaction)
	case "img", "input":
		if name == "input" {
			h.action(a.formaction)
		}
		if name == "input" && !strings.EqualFold(a.typ, "image") || e.invisible() || isPixel(a) {
			break
		}
		t.Images++
		if !a.hasAlt {
			t.ImagesWithoutAlt++
			h.c.spot(&h.c.f.HTML.ImagesWithoutAlt, a.src, h.at())
		}
		if name == "img" && !(a.width != "" && a.height != "" || strings.Contains(a.style, "width")) {
			h.c.spot(&h.c.f.HTML.ImagesWithoutSize, a.src, h.at())
		}
		if h.inLink {
			t.LinkedImages++
		}
	case "script":
		// Structured data of schema.org is no program.
		if typ := strings.ToLower(a.typ); !strings.Contains(typ, "json") {
			t.Scripts++
		}
	case "form":
		t.Forms++
		h.action(a.action)
	case "html", "head", "body":
		h.doc.Page = true
		if h.doc.Lang == "" && name != "head" {
			h.doc.Lang = strings.Clone(clipRunes(strings.TrimSpace(a.lang), maxSpotText))
		}
	case "meta":
		h.meta(a)
	}
	if !a.any {
		return
	}
	for _, v := range [...]string{a.href, a.src, a.background, a.style} {
		h.reference(v)
	}
	h.resource(a.src)
	h.resource(a.background)
	for _, v := range [...]string{a.href, a.src, a.alt, a.title} {
		h.c.placeholders(v, "html", h.at())
	}
}

func (h *htmlReader) end(tag *tag) {
	name := tag.name
	h.rawNext = false
	if h.skip != "" {
		if name != h.skip {
			return
		}
		h.skip = ""
	}
	if name == "a" {
		h.endLink()
	}
	if tag.block {
		h.breakLine()
		h.block()
	}
	if n := len(h.open); n == maxOpen {
		if e := &h.open[n-1]; e.depth > 0 && e.name != name {
			e.depth--
			return
		}
	}
	at := h.last[tag.kind] - 1
	for tag.kind == 0 && at >= 0 && len(h.open)-at <= maxSearch && h.open[at].name != name {
		at = h.open[at].before
	}
	if at >= 0 && len(h.open)-at <= maxSearch {
		h.pop(at)
	}
}

// pop closes the elements from n on.
func (h *htmlReader) pop(n int) {
	for i := len(h.open) - 1; i >= n; i-- {
		e := &h.open[i]
		h.last[e.kind] = e.before + 1
	}
	h.open = h.open[:n]
	if h.hiddenDepth > n {
		h.endHidden()
	}
}

// text takes a run of text.
func (h *htmlReader) text(s string) {
	if h.rawNext {
		h.rawNext = false
		h.aside(s)
	}
	switch h.skip {
	case "":
	case "title":
		if len(h.title) < 4*maxTitle {
			h.title = append(h.title, cut(s, 4*maxTitle)...)
		}
		h.c.placeholders(s, "html", h.at())
		return
	case "style":
		if h.c.used != nil {
			h.c.sheetFeatures(s, h.at())
		}
		if room := maxCSS - len(h.css); room > 0 {
			at := len(h.css)
			h.css = append(h.css, strings.ToLower(cut(s, room))...)
			if i := bytes.Index(h.css[at:], []byte("@media")); i >= 0 && h.media < 0 {
				h.media = at + i
			}
		}
		return
	default:
		return
	}
	h.preview(s)
	if e := h.top(); e.invisible() {
		if !e.other {
			h.hide(s)
		}
		return
	}
	if hasChars(s) {
		h.endHidden()
		h.words = true
		if h.c.used != nil {
			h.contrast(&h.top().ink, s)
		}
	}
	if len(h.from) < maxAnchors && (len(h.from) == 0 || h.broken || h.from[len(h.from)-1].row != h.row || strings.IndexByte(s, '\n') >= 0) {
		h.from = append(h.from, anchor{len(h.visible), h.row})
	}
	h.broken = false
	h.visible = append(h.visible, s...)
	if h.inLink && len(h.linkText) < 4*maxLinkText {
		h.linkText = append(h.linkText, cut(s, 4*maxLinkText)...)
	}
	h.c.placeholders(s, "html", h.at())
}

// breakLine ends a line of the visible text where the text of the part has none.
func (h *htmlReader) breakLine() {
	h.visible = append(h.visible, '\n')
	h.broken = true
}

// hide adds to the run of hidden text.
func (h *htmlReader) hide(s string) {
	n := countChars(s)
	if n == 0 {
		return
	}
	if h.hiddenChars == 0 {
		h.hidden = h.hidden[:0]
		h.hiddenDepth = len(h.open)
		for h.hiddenDepth > 1 && h.open[h.hiddenDepth-2].invisible() {
			h.hiddenDepth--
		}
	}
	h.hiddenChars += n
	if len(h.hidden) < 4*maxSample {
		h.hidden = append(h.hidden, cut(s, 4*maxSample)...)
	}
}

// endHidden closes a run of hidden text and counts it.
func (h *htmlReader) endHidden() {
	if h.hiddenChars == 0 {
		return
	}
	n := h.hiddenChars
	h.hiddenChars, h.hiddenDepth = 0, 0
	if !h.words && !h.preheader && n <= maxPreheader {
		h.preheader = true
		return
	}
	t := &h.c.f.Text
	t.HiddenText++
	if t.HiddenSample == "" {
		t.HiddenSample = h.c.keep(clipRunes(h.c.oneLine(viewOf(h.hidden)), maxSample))
	}
}

func (h *htmlReader) endLink() {
	if !h.inLink {
		return
	}
	h.inLink = false
	h.c.addLink(at{part: h.part, row: h.linkRow}, h.link, viewOf(h.linkText))
}

// hasChars tells whether countChars counts any.
func hasChars(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return countChars(s) > 0
		}
		if isLetter(s[i]) || isDigit(s[i]) {
			return true
		}
	}
	return false
}

// countChars counts the characters of s that are something to read.
func countChars(s string) int {
	n := 0
	letters := false
	for _, r := range s {
		if unicode.IsSpace(r) || isInvisible(r) {
			continue
		}
		n++
		letters = letters || unicode.IsLetter(r) || unicode.IsNumber(r)
	}
	if !letters {
		return 0
	}
	return n
}

package facts

import "bytes"

// damage is what a list of addresses holds that RFC 5322 section 3.4 and its obsolete syntax in section 4.4 do not allow.
type damage uint16

const (
	badQuote    damage = 1 << iota // a quoted string without its end
	badComment                     // a comment without its end, or an end without a comment
	badAngle                       // "<" without ">", or the other way round
	badLiteral                     // a domain literal without its end
	badGroup                       // a group without its end, or within a group
	badComma                       // two addresses with no comma between them
	semicolon                      // ";" between addresses
	badPhrase                      // an unquoted "@" or a colon in a display name
	trailing                       // words after an address
	quotedList                     // an address that is quoted as a whole
	encodedMark                    // an encoded word that holds characters which end words
	fieldLength                    // more than what is read of a field
)

// mailbox is one address of a list. Its slices are parts of the list, or of memory that the next mailbox reuses.
type mailbox struct {
	local, domain []byte // as written, without comments and blanks; the local part with its quotes
	at            bool   // an "@" stood there; without one, local holds the words that stood in its place
	angle         bool   // in angle brackets
	route         bool   // after a source route (RFC 5322 section 4.4)
	obsolete      bool   // blanks or comments inside the address
	null          bool   // "<>": no address
	off           int    // where it stands in the list
	phrase        []token
	comment       []byte // the last comment beside it, without its parentheses
}

type tokenKind uint8

const (
	atom    tokenKind = iota
	quoted            // a quoted string with its quotes
	literal           // a domain literal with its brackets
	atSign
)

// token is a piece of a list.
type token struct {
	kind     tokenKind
	spaced   bool // blanks or a comment stood before it
	from, to int
}

// maxTokens bounds the pieces that are kept of what stands between two commas. No name is that long.
const maxTokens = 2048

// listReader reads lists of addresses as they are found in real mail. It reads every octet once or twice, whatever the list
// holds, and prefers the reading that gives more addresses wherever the text is damaged, so that nothing is hidden in it:
//
//   - a quote, parenthesis or bracket without its counterpart is a blank;
//   - a semicolon outside of a group separates, and so do blanks between two addresses;
//   - an address that stands where a display name belongs and is followed by one in angle brackets is a display name.
type listReader struct {
	yield  func(*mailbox) // may be nil
	damage damage
	groups int // groups met
	empty  int // groups without a mailbox
	count  int // addresses, with "@" or without
	ats    int // addresses with "@"

	lastSeparator int // the end of the last separator before any damage to quotes or comments

	encoded bool // the list holds what may be encoded words

	s           []byte
	i           int
	noQuotes    bool // read quotes as blanks
	noComments  bool // no comment ends in the rest
	wordFailed  int  // no encoded word that begins before this place has an end
	tokens      []token
	tokenAts    int // tokens that are "@"
	spaced      bool
	comment     []byte
	inGroup     bool
	groupCount  int // count when the group began
	inAngle     bool
	angleAt     int
	route       bool
	done        bool // an address in angle brackets was met since the last separator
	phrase      []token
	mb          mailbox
	scratch     []byte
	insideQuote bool // reading what a quoted string holds
}

// octet classes
const (
	cAtom = iota
	cBlank
	cSpecial
)

var class = func() (t [256]uint8) {
	for _, c := range " \t\r\n" {
		t[c] = cBlank
	}
	for _, c := range "()<>[]:;@,\"" {
		t[c] = cSpecial
	}
	return t
}()

// read reads one list. Counts add up over several.
func (l *listReader) read(s []byte) {
	l.noQuotes = false
	l.encoded = bytes.Contains(s, []byte("=?"))
	if bytes.IndexByte(s, '"') >= 0 && quotesHide(s) {
		l.damage |= badQuote
		l.noQuotes = true
	}
	l.scan(s)
}

// quotesHide tells whether a list whose quotes are damaged holds more addresses when they are read as blanks.
func quotesHide(s []byte) bool {
	var with listReader
	with.scan(s)
	if with.damage&badQuote == 0 {
		return false
	}
	without := listReader{noQuotes: true}
	without.scan(s)
	return without.ats > with.ats
}

func (l *listReader) scan(s []byte) {
	l.s, l.i = s, 0
	l.noComments, l.wordFailed = false, 0
	l.inGroup, l.inAngle, l.route, l.done = false, false, false, false
	l.clear()
	l.phrase, l.comment, l.spaced = l.phrase[:0], nil, false
	for l.i < len(s) {
		c := s[l.i]
		switch class[c] {
		case cBlank:
			l.i++
			l.spaced = true
		case cAtom:
			l.atom()
		default:
			l.special(c)
		}
	}
	if l.inAngle {
		l.damage |= badAngle
		l.endAngle()
	}
	l.endItem()
	if l.inGroup {
		l.damage |= badGroup
		l.endGroup()
	}
}

func (l *listReader) special(c byte) {
	at := l.i
	l.i++
	switch c {
	case '"':
		if to := l.quoteEnd(at); to > 0 {
			l.add(quoted, at, to)
			return
		}
		l.damage |= badQuote
		l.spaced = true
	case '(':
		l.openComment(at)
	case ')':
		l.damage |= badComment
		l.spaced = true
	case '[':
		if to := literalEnd(l.s, at); to > 0 {
			l.add(literal, at, to)
			return
		}
		l.damage |= badLiteral
		l.spaced = true
	case ']':
		l.damage |= badLiteral
		l.spaced = true
	case '@':
		l.add(atSign, at, at+1)
	case '<':
		l.openAngle(at)
	case '>':
		if l.inAngle {
			l.endAngle()
			return
		}
		l.damage |= badAngle
		l.spaced = true
	case ':':
		l.colon()
	case ',':
		if l.inAngle && l.routeSoFar() {
			l.route = true
			l.clear()
			return
		}
		l.separator()
	case ';':
		l.separator()
		if l.inGroup {
			l.endGroup()
		} else {
			l.damage |= semicolon
		}
	}
}

// separator ends what stands between two commas.
func (l *listReader) separator() {
	if l.inAngle {
		l.damage |= badAngle
		l.endAngle()
	}
	l.endItem()
	if l.damage&(badQuote|badComment) == 0 {
		l.lastSeparator = l.i
	}
}

// add keeps a token. What is longer than any name is resolved piece by piece.
func (l *listReader) add(kind tokenKind, from, to int) {
	l.i = to
	if len(l.tokens) >= maxTokens {
		l.damage |= trailing
		l.resolve(l.tokens)
		l.clear()
	}
	l.tokens = append(l.tokens, token{kind, l.spaced, from, to})
	l.spaced = false
	if kind == atSign {
		l.tokenAts++
	}
}

func (l *listReader) clear() { l.tokens, l.tokenAts = l.tokens[:0], 0 }

// atom reads a run of octets that mean nothing by themselves. An encoded word counts as one run even where it holds
// characters that end words, as broken encoders write them; but never "@", "<" or ">", so that no address can hide in it.
func (l *listReader) atom() {
	from := l.i
	s := l.s
	for i := from; i < len(s); i++ {
		if class[s[i]] != cAtom {
			l.add(atom, from, i)
			return
		}
		if s[i] == '=' && i+1 < len(s) && s[i+1] == '?' && i >= l.wordFailed {
			if to := l.wordEnd(i); to > 0 {
				i = to - 1
			}
		}
	}
	l.add(atom, from, len(s))
}

// wordEnd gives the end of the encoded word that begins at from, or 0.
func (l *listReader) wordEnd(from int) int {
	marks, odd := 0, false
	for i := from + 2; i < len(l.s); i++ {
		switch c := l.s[i]; {
		case class[c] == cBlank, c == '@', c == '<', c == '>', c == '"':
			l.wordFailed = i
			return 0
		case c == '?':
			marks++
			if marks >= 3 && i+1 < len(l.s) && l.s[i+1] == '=' {
				if odd {
					l.damage |= encodedMark
				}
				return i + 2
			}
		case class[c] == cSpecial:
			odd = true
		}
	}
	l.wordFailed = len(l.s)
	return 0
}

// quoteEnd gives the end of the quoted string that begins at from, or 0. After one without an end all quotes are blanks.
func (l *listReader) quoteEnd(from int) int {
	if l.noQuotes {
		return 0
	}
	for i := from + 1; i < len(l.s); i++ {
		switch l.s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	l.noQuotes = true
	return 0
}

// literalEnd gives the end of the domain literal that begins at from, or 0 if it has none or holds what no literal does.
func literalEnd(s []byte, from int) int {
	for i := from + 1; i < len(s); i++ {
		switch s[i] {
		case ']':
			return i + 1
		case '[', '@', ',', '<', '>', '"', '(', ')', ';':
			return 0
		}
	}
	return 0
}

// openComment skips a comment, which can hold others. After one without an end all parentheses are blanks.
func (l *listReader) openComment(from int) {
	l.spaced = true
	if l.noComments {
		return
	}
	depth := 1
	for i := from + 1; i < len(l.s); i++ {
		switch l.s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.comment = l.s[from+1 : i]
				l.i = i + 1
				return
			}
		}
	}
	l.noComments = true
	l.damage |= badComment
}

// openAngle begins an address in angle brackets. What stood before it is its display name.
func (l *listReader) openAngle(at int) {
	if l.inAngle {
		l.damage |= badAngle
		if len(l.tokens) == 0 {
			return
		}
		l.endAngle()
	}
	if l.done {
		// <a@example.com> Name <b@example.com>
		l.damage |= badComma
		l.done = false
	}
	switch ats := l.tokenAts; {
	case ats == 0:
		l.phrase = append(l.phrase[:0], l.tokens...)
	case ats == 1 && l.single(l.tokens):
		l.damage |= badPhrase
		l.phrase = append(l.phrase[:0], l.tokens...)
	default:
		l.damage |= badComma
		l.phrase = append(l.phrase[:0], l.resolve(l.tokens)...)
	}
	l.clear()
	l.inAngle, l.route, l.angleAt = true, false, at
	l.spaced = false
}

// routeSoFar tells that what stands in angle brackets can be the beginning of a source route.
func (l *listReader) routeSoFar() bool {
	return len(l.tokens) > 0 && l.tokens[0].kind == atSign && l.tokenAts == 1 || l.route && len(l.tokens) == 0
}

// endAngle ends an address in angle brackets.
func (l *listReader) endAngle() {
	l.inAngle = false
	l.done = true
	t := l.tokens
	switch {
	case len(t) == 0 && !l.route:
		l.mb = mailbox{null: true, angle: true, off: l.angleAt, phrase: l.phrase, comment: l.comment}
		l.put()
	case len(t) == 0:
		l.damage |= badAngle
	case len(t) == 1 && t[0].kind == quoted && l.unquote(t[0]):
	case l.tokenAts == 1:
		l.angleAddress(t)
	case l.tokenAts == 0:
		l.words(t, true)
	default:
		l.resolve(t)
	}
	l.clear()
	l.phrase = l.phrase[:0]
	l.route = false
}

// angleAddress yields the one address that stands in angle brackets. Blanks in its local part belong to it.
func (l *listReader) angleAddress(t []token) {
	at := 0
	for t[at].kind != atSign {
		at++
	}
	end := l.domainEnd(t, at+1)
	if end < len(t) {
		l.damage |= trailing
	}
	obsolete := spacedWithin(t[:at]) || spacedWithin(t[at+1:end])
	start := l.localStart(t, at)
	if start > 0 {
		l.damage |= badAngle
	}
	l.mb = mailbox{at: true, angle: true, route: l.route, obsolete: obsolete, off: t[0].from, phrase: l.phrase, comment: l.comment}
	sep := ""
	if start > 0 {
		sep = " "
	}
	l.scratch = l.scratch[:0]
	l.mb.local = l.span(t[:at], sep)
	l.mb.domain = l.span(t[at+1:end], "")
	l.put()
}

// colon ends a group's name, a source route, or a scheme such as mailto.
func (l *listReader) colon() {
	l.spaced = true
	t := l.tokens
	switch {
	case l.inAngle && len(t) > 0 && t[0].kind == atSign && l.tokenAts == 1, l.inAngle && l.route && len(t) == 0:
		l.route = true
		l.clear()
	case l.inAngle:
		l.damage |= badAngle
		if l.tokenAts == 0 {
			l.clear()
		}
	case len(t) == 0:
		l.damage |= badGroup
	case t[0].kind == atSign:
		l.damage |= badAngle
		l.clear()
	case l.tokenAts > 0 || l.done:
		l.damage |= badPhrase
	case len(t) == 1 && bytes.EqualFold(l.s[t[0].from:t[0].to], []byte("mailto")):
		l.damage |= badPhrase
		l.clear()
	default:
		if l.inGroup {
			l.damage |= badGroup
			l.endGroup()
		}
		l.clear()
		l.inGroup = true
		l.groupCount = l.count
		l.groups++
	}
}

func (l *listReader) endGroup() {
	l.inGroup = false
	if l.count == l.groupCount {
		l.empty++
	}
}

// endItem ends what stands between two separators.
func (l *listReader) endItem() {
	t := l.tokens
	switch {
	case len(t) == 0:
	case l.tokenAts > 0:
		if l.done {
			l.damage |= badComma
		}
		if rest := l.resolve(t); len(rest) > 0 {
			l.damage |= trailing
		}
	case l.done:
		l.damage |= trailing
	case len(t) == 1 && t[0].kind == quoted && l.unquote(t[0]):
	default:
		l.words(t, false)
	}
	l.clear()
	l.comment = nil
	l.done = false
	l.spaced = false
}

// unquote reads what a quoted string holds that stands where an address belongs, if it holds an "@".
func (l *listReader) unquote(t token) bool {
	in := l.s[t.from+1 : t.to-1]
	if l.insideQuote || bytes.IndexByte(in, '@') < 0 {
		return false
	}
	l.damage |= quotedList
	sub := listReader{insideQuote: true, noQuotes: true}
	sub.yield = func(mb *mailbox) {
		if !mb.at {
			return
		}
		l.mb = *mb
		l.mb.off += t.from + 1
		l.mb.phrase = l.phrase
		l.put()
	}
	before := l.count
	sub.scan(in)
	return l.count > before
}

// words yields words that stand where an address belongs.
func (l *listReader) words(t []token, angle bool) {
	l.scratch = l.scratch[:0]
	l.mb = mailbox{angle: angle, off: t[0].from, comment: l.comment, local: l.span(t, " ")}
	if angle {
		l.mb.phrase = l.phrase
	}
	l.put()
}

// put hands l.mb over.
func (l *listReader) put() {
	if !l.mb.null {
		l.count++
		if l.mb.at {
			l.ats++
		}
	}
	if l.yield != nil {
		l.yield(&l.mb)
	}
}

// single tells whether tokens are one address and nothing else.
func (l *listReader) single(t []token) bool {
	for at := range t {
		if t[at].kind == atSign {
			return l.localStart(t, at) == 0 && l.domainEnd(t, at+1) == len(t)
		}
	}
	return false
}

// localStart gives the first token of the local part that ends before t[at].
func (l *listReader) localStart(t []token, at int) int {
	i := at
	for i > 0 && t[i-1].kind != atSign && (i == at || l.joined(t, i)) {
		i--
	}
	return i
}

// domainEnd gives the end of the domain that begins with t[i].
func (l *listReader) domainEnd(t []token, i int) int {
	if i >= len(t) || t[i].kind == atSign {
		return i
	}
	for i++; i < len(t) && t[i].kind != atSign && l.joined(t, i); i++ {
		if i+1 < len(t) && t[i+1].kind == atSign && t[i].spaced {
			break // the local part of the next address
		}
	}
	return i
}

// joined tells whether t[i] goes on what t[i-1] is: nothing stands between them, or a dot (obs-local-part, obs-domain).
func (l *listReader) joined(t []token, i int) bool {
	return !t[i].spaced || l.s[t[i].from] == '.' || l.s[t[i-1].to-1] == '.'
}

func spacedWithin(t []token) bool {
	for i := 1; i < len(t); i++ {
		if t[i].spaced {
			return true
		}
	}
	return false
}

// span gives the text of tokens, with sep where blanks stood. Several tokens are put together in scratch, which the caller
// empties before the first span of a mailbox.
func (l *listReader) span(t []token, sep string) []byte {
	if len(t) == 0 {
		return nil
	}
	if len(t) == 1 {
		return l.s[t[0].from:t[0].to]
	}
	from := len(l.scratch)
	for i := range t {
		if i > 0 && t[i].spaced {
			l.scratch = append(l.scratch, sep...)
		}
		l.scratch = append(l.scratch, l.s[t[i].from:t[i].to]...)
	}
	return l.scratch[from:len(l.scratch):len(l.scratch)]
}

// resolve yields the addresses among tokens and gives the tokens after the last.
func (l *listReader) resolve(t []token) []token {
	first := true
	for {
		at := 0
		for at < len(t) && t[at].kind != atSign {
			at++
		}
		if at == len(t) {
			return t
		}
		start := l.localStart(t, at)
		end := l.domainEnd(t, at+1)
		for end < len(t) && t[end].kind == atSign && !t[end].spaced {
			// a@b@c is one address to every server that reads it at all.
			at = end
			end = l.domainEnd(t, at+1)
		}
		if start > 0 {
			l.damage |= trailing
		}
		if !first {
			l.damage |= badComma
		}
		l.mb = mailbox{
			at: true, off: t[start].from, comment: l.comment,
			obsolete: spacedWithin(t[start:at]) || spacedWithin(t[at+1:end]),
		}
		if start > 0 {
			l.mb.phrase = t[:start]
		}
		l.scratch = l.scratch[:0]
		l.mb.local = l.span(t[start:at], "")
		l.mb.domain = l.span(t[at+1:end], "")
		l.put()
		t = t[end:]
		first = false
	}
}

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
	insideQuote bool        // reading what a quoted string holds
	within      *listReader // of quoted strings, from when it is first needed
	withinAt    int         // where what it reads begins
	trial       *listReader // of a list that may have to be read twice, likewise
}

// reset makes l ready for another field. It keeps its memory.
func (l *listReader) reset() {
	*l = listReader{tokens: l.tokens[:0], phrase: l.phrase[:0], scratch: l.scratch[:0], within: l.within, trial: l.trial}
}

// end lets go of the message.
func (l *listReader) end() {
	if cap(l.scratch) > maxKeptOctets {
		l.scratch = nil
	}
	if l.within != nil {
		l.within.release()
	}
	if l.yield != nil {
		l.reset()
		return
	}
	// It was only lent to a plain list.
	l.s, l.mb, l.phrase = nil, mailbox{}, l.phrase[:0]
}

// release lets go of what was read, but not of yield.
func (l *listReader) release() { l.s, l.mb, l.comment, l.phrase = nil, mailbox{}, nil, l.phrase[:0] }

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
	if bytes.IndexByte(s, '"') >= 0 && l.quotesHide(s) {
		l.damage |= badQuote
		l.noQuotes = true
	}
	l.scan(s)
}

// quotesHide tells whether a list whose quotes are damaged holds more addresses when they are read as blanks.
func (l *listReader) quotesHide(s []byte) bool {
	if l.trial == nil {
		l.trial = &listReader{}
	}
	t := l.trial
	defer t.release()
	t.reset()
	t.scan(s)
	if t.damage&badQuote == 0 {
		return false
	}
	with := t.ats
	t.reset()
	t.noQuotes = true
	t.scan(s)
	return t.ats > with
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

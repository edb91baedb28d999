package mimesize

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// window is how much of the input is in memory at a time. A line longer than it is measured in pieces; only its first piece
// is looked at for what it says, which is enough for any boundary or field name.
const window = 128 << 10

// lookahead is how much of the line after a header line that is none must be in the window to decide whether the header
// goes on (a field name may be 998 octets long, RFC 5322 section 2.1.1).
const lookahead = 1024

// Scanner measures messages one after the other and keeps its memory between them. The zero value is ready; a Scanner must
// not be used by two goroutines at once.
type Scanner struct {
	// Limits bound what is kept of the structure; the zero value means the defaults.
	Limits Limits
	// SizesOnly leaves Result.Lines, Part.EightBit and the problems that lines of a body have incomplete, which is faster. Everything
	// else is the same.
	SizesOnly bool

	limits Limits // Limits and the defaults
	given  Limits // what limits were made of
	res    Result
	own    []byte // window of what a reader gives
	slow   bool   // every line is given a second look
	frames []frame
	stack  []byte // boundaries of frames
	table  frameTable
	last   [kinds]int32
	bound  []byte // scratch for a boundary parameter
	types  *knownTypes
	inMessage
}

// inMessage is what is known of the message that is being scanned. It begins with zeros.
type inMessage struct {
	memory   []byte // what is in memory instead of own, from base on
	inMemory bool
	buf      []byte // the window
	base     int64  // offset of buf[0] in the input
	end      int    // octets in buf
	eof      bool
	crOnly   bool  // lines end in CR: the message has no LF in its first window
	passing  bool  // Pass has taken in the beginning
	leading  bool  // Lead takes in lines
	doubt    bool  // Lead does not take in the next line
	start    int64 // offset of the message's first octet, after the prefix

	// At the start of the line that is being read.
	line    int64    // 1-based number
	bareLF  int64    // bare LF so far: wire offset = stored offset + bareLF
	eols    int64    // CRLF and LF line ends so far
	lastEOL eol      // the line end before
	lastCR  bool     // the line before ended in CR before its line end
	long    longLine // the line began in an earlier window

	state   state
	pending step // what begins after this line's end
	parent  int  // with beginPart: the part that the next line begins a child of
	cur     int  // the part being read
	hdr     header
	body    body
	empty   []emptyEnd
	dots    [4]place     // lone dots between line ends: LF LF, CRLF LF, LF CRLF, CRLF CRLF
	first   [2]place     // first LF and first CRLF line end
	seen    [kinds]uint8 // problems of a kind; the last of them is last

	searched int64 // up to where a body was searched for octets above 127 and NUL
	odd      bool  // whether what was searched last has any
}

type state uint8

const (
	inHeader state = iota
	inBody
	inCount // a limit ended the reading of structure: octets are counted, nothing else
)

// step is what a separator or boundary line announces.
type step uint8

const (
	noStep step = iota
	beginBody
	beginPart
)

// eol is the kind of a line end.
type eol uint8

const (
	noEOL eol = iota
	eolLF
	eolCRLF
	eolCR
)

// stored and wire give a line end's octets.
func (e eol) stored() int64 { return [...]int64{0, 1, 2, 1}[e] }
func (e eol) wire() int64   { return [...]int64{0, 2, 2, 1}[e] }

// place is where something was first met.
type place struct{ off, line, count int64 }

func (p *place) add(off, line int64) {
	if p.count == 0 {
		p.off, p.line = off, line
	}
	p.count++
}

// frame is an open multipart.
type frame struct {
	part     int
	from, to int // its boundary in Scanner.stack
	closed   bool
	// its first octets, which tell most lines that begin with two hyphens from it; see firstOctets
	head, mask uint64
	// in frameTable: the hash of the boundary, and the frame around this one that has the same place, from 1
	hash uint64
	next int32
}

// longLine carries what is known of a line that is longer than the window.
type longLine struct {
	active bool
	length int64
	tail   [2]byte // the last octets of the last piece
}

// Scan measures one message; see Scanner.Scan. Each call allocates its own window: for many messages keep a Scanner.
func Scan(r io.Reader) (*Result, error) { return new(Scanner).Scan(r) }

// Scan reads r to its end and measures the message in it. The result is valid until the next call.
//
// The only errors are those of r, returned as they are; what was read until then has been measured and is returned with the
// error. Damage in the message is never an error but a Problem.
func (s *Scanner) Scan(r io.Reader) (*Result, error) {
	s.reset()
	if s.own == nil {
		s.own = make([]byte, window)
	}
	s.buf = s.own
	err := s.scan(r)
	return &s.res, err
}

// ScanBytes is Scan of a message that is in memory. It costs no copy.
func (s *Scanner) ScanBytes(message []byte) *Result {
	s.reset()
	s.memory, s.inMemory = message, true
	_ = s.scan(nil) // the only errors are those of a reader
	s.memory, s.buf = nil, nil
	return &s.res
}

// Pass begins the scan of a message whose octets come in pieces, first tells which is the first, or goes on with it. It gives how many
// octets of b it has taken in; the others are to come again, before those that follow. As long as there are few it takes none. Finish
// gives the result; it is that of Scan.
func (s *Scanner) Pass(b []byte, first bool) int {
	s.passing = s.passing && !first
	s.memory = b
	if !s.passing {
		if len(b) < window {
			s.memory = nil
			return 0
		}
		s.reset()
		s.memory, s.inMemory, s.passing = b, true, true
		s.look()
		s.begin()
	}
	for before := -1; len(s.memory) != before; {
		before = len(s.memory)
		s.look()
		s.lines()
	}
	n := len(b) - len(s.memory)
	s.memory, s.buf, s.end = nil, nil, 0
	return n
}

// look takes what there is in memory into the window. More may follow.
func (s *Scanner) look() {
	s.buf = s.memory[:min(len(s.memory), window)]
	s.end = len(s.buf)
}

// Finish ends the scan of a message that Pass has taken in octets of; b are all others.
func (s *Scanner) Finish(b []byte) *Result {
	if !s.passing {
		return s.ScanBytes(b)
	}
	s.memory, s.passing = b, false
	_ = s.rest(nil, s.fill(nil)) // the only errors are those of a reader
	s.memory, s.buf = nil, nil
	return &s.res
}

func (s *Scanner) scan(r io.Reader) error {
	err := s.fill(r)
	if err == nil {
		s.begin()
	}
	return s.rest(r, err)
}

// rest reads what comes after the octets in the window, unless there is an error already.
func (s *Scanner) rest(r io.Reader, err error) error {
	for err == nil {
		s.lines()
		if s.eof && s.end == 0 {
			break
		}
		err = s.fill(r)
	}
	s.finish()
	return err
}

func (s *Scanner) reset() {
	clear(s.res.Problems) // let go of the details
	if s.limits.Depth == 0 || s.given != s.Limits {
		s.limits, s.given = s.Limits.withDefaults(), s.Limits
	}
	// Where a struct is made elsewhere and copied, the processor waits.
	parts, fields, problems, value := s.res.Parts[:0], s.res.Fields[:0], s.res.Problems[:0], s.hdr.value[:0]
	s.res = Result{}
	s.res.Parts, s.res.Fields, s.res.Problems = parts, fields, problems
	s.inMessage = inMessage{}
	s.frames, s.stack, s.hdr.value, s.line = s.frames[:0], s.stack[:0], value, 1
}

// errStuck is what a reader that gives neither octets nor an error for too long ends the scan with.
var errStuck = io.ErrNoProgress

// fill reads until the window is full or the input ends. Full windows keep the scan linear when r gives an octet at a time.
func (s *Scanner) fill(r io.Reader) error {
	if s.inMemory {
		// A window that the message ends in with its last octet does not tell that it is the last, just as with a reader.
		s.look()
		s.eof = len(s.memory) < window
		return nil
	}
	idle := 0
	for s.end < len(s.buf) && !s.eof {
		n, err := r.Read(s.buf[s.end:])
		if n < 0 || n > len(s.buf)-s.end {
			return errStuck
		}
		s.end += n
		switch {
		case err == io.EOF:
			s.eof = true
		case err != nil:
			return err
		case n == 0:
			if idle++; idle > 100 {
				return errStuck
			}
		default:
			idle = 0
		}
	}
	return nil
}

// begin looks at the first window: what stands before the message, and what ends its lines.
func (s *Scanner) begin() {
	b := s.buf[:s.end]
	bom := 0
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		bom = 3
	}
	n := bom
	s.crOnly = bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') >= 0
	if isMboxLine(b[n:]) {
		if i := bytes.IndexByte(b[n:], s.eolByte()); i >= 0 {
			n += i + 1
			s.line = 2
		} else {
			n = len(b)
		}
	}
	s.start = int64(n)
	s.res.Prefix = Span{Length: s.start, Line: 1}
	s.startPart(-1, s.start)
	if bom > 0 {
		s.problem(kBOM, 0, 0, 1, nil)
	}
	if n > bom {
		s.problem(kMboxPrefix, 0, int64(bom), 1, bytes.TrimRight(b[bom:n], "\r\n"))
	}
	if s.crOnly {
		s.problem(kCROnly, 0, s.start, s.line, nil)
	}
	s.drop(n)
}

// isMboxLine tells whether b begins with the line "From " of an mbox, which may have been quoted as ">From " on its way. Where
// nothing but blanks stands before a colon it is a From field, as readers take it that allow what RFC 5322 section 4.5 calls
// obsolete: its address must not go unseen.
func isMboxLine(b []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimPrefix(b, []byte(">")), []byte("From "))
	return ok && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":"))
}

func (s *Scanner) eolByte() byte {
	if s.crOnly {
		return '\r'
	}
	return '\n'
}

// drop forgets the first n octets of the window.
func (s *Scanner) drop(n int) {
	s.end -= n
	s.base += int64(n)
	if s.inMemory {
		s.memory, s.buf = s.memory[n:], s.buf[n:]
		return
	}
	copy(s.buf, s.buf[n:n+s.end])
}

// lines reads the lines of the window and keeps what needs more octets than are there.
func (s *Scanner) lines() {
	b := s.buf[:s.end]
	eolByte := s.eolByte()
	line, tail, crlf := s.line, s.long, s.res.Lines.CRLF
	var crs int64 // in b[:counted]
	pos, counted := 0, 0
	for pos < len(b) {
		before := s.res.Lines.CRLF
		if n, known := s.quickLines(b[pos:], s.base+int64(pos)); known && n > 0 {
			crs += int64(bytes.Count(b[counted:pos], cr)) + s.res.Lines.CRLF - before
			pos += n
			counted = pos
		} else {
			pos += n
		}
		i := bytes.IndexByte(b[pos:], eolByte)
		if i < 0 {
			break
		}
		next := pos + i + 1
		if s.state == inHeader && (pos > 0 || len(b) < window) && !s.eof && len(b)-next < lookahead {
			break // whether this line belongs to the header may depend on the next one
		}
		if s.leading && s.doubtful(b[pos:], i) {
			break
		}
		text, e := b[pos:next-1], eolLF
		switch {
		case s.crOnly:
			e = eolCR
		case len(text) > 0 && text[len(text)-1] == '\r':
			text, e = text[:len(text)-1], eolCRLF
		}
		s.oneLine(text, e, b[next:], s.base+int64(pos), isOdd(text))
		pos = next
	}
	if rest := b[pos:]; len(rest) > 0 && bytes.IndexByte(rest, eolByte) < 0 {
		switch {
		case s.eof:
			s.oneLine(rest, noEOL, nil, s.base+int64(pos), isOdd(rest))
			pos = len(b)
		case pos == 0 && len(b) == window && !s.leading: // the line is longer than it
			if rest[len(rest)-1] == '\r' && !s.crOnly {
				rest = rest[:len(rest)-1] // its LF may follow
			}
			s.piece(rest, s.base, isOdd(rest))
			pos = len(rest)
		}
	}
	if !s.crOnly && !s.SizesOnly && crs+int64(bytes.Count(b[counted:pos], cr)) != s.res.Lines.CRLF-crlf {
		s.bareCRs(b[:pos], tail, line)
	}
	s.drop(pos)
}

// piece measures a piece of a line whose end is not in the window.
func (s *Scanner) piece(p []byte, off int64, odd bool) {
	if !s.long.active {
		s.classify(p, nil, off)
		s.long = longLine{active: true}
	}
	s.content(p, off, odd)
	s.long.length += int64(len(p))
	copy(s.long.tail[:], p[max(0, len(p)-2):])
}

// oneLine measures a line, or the last piece of a long one. next is what the window holds after it.
func (s *Scanner) oneLine(text []byte, e eol, next []byte, off int64, odd bool) {
	if s.crOnly {
		text, off = s.strayLF(text, off)
	}
	length := int64(len(text))
	if s.long.active {
		length += s.long.length
	} else {
		s.classify(text, next, off)
	}
	s.content(text, off, odd)
	s.endLine(text, e, off+int64(len(text)), length)
	s.long.active = false
}

// strayLF accounts for LF in a line that ends in CR, and takes the one off that belongs to the line end before.
func (s *Scanner) strayLF(text []byte, off int64) ([]byte, int64) {
	n := int64(bytes.Count(text, []byte{'\n'}))
	if n == 0 {
		return text, off
	}
	l := &s.res.Lines
	if text[0] == '\n' && s.lastEOL == eolCR && !s.long.active {
		text, off = text[1:], off+1
		s.lastEOL = eolCRLF
		l.CR--
		l.CRLF++
		s.first[1].add(off-2, s.line-1)
		n--
	}
	for range n {
		s.first[0].add(off, s.line)
	}
	l.LF += n
	s.bareLF += n
	return text, off
}

// endLine counts a line and its end, and takes the step that the line has announced.
func (s *Scanner) endLine(text []byte, e eol, off, length int64) {
	l := &s.res.Lines
	if e != noEOL || length > 0 {
		l.Count++
	}
	if length > l.Longest {
		l.Longest, l.LongestLine = length, s.line
	}
	if length > 76 {
		s.overlong(length, off-length)
	}
	switch e {
	case eolLF:
		l.LF++
		s.first[0].add(off, s.line)
		s.bareLF++
		s.eols++
	case eolCRLF:
		l.CRLF++
		s.first[1].add(off, s.line)
		s.eols++
	case eolCR:
		l.CR++
	}
	if length > 0 && length <= 2 && text[0] == '.' {
		s.loneDot(text, e, off-length)
	}
	s.bodyEnd(e, off)
	s.lastCR = len(text) > 0 && text[len(text)-1] == '\r'
	s.lastEOL = e
	s.line++
	off += e.stored()
	if s.state == inHeader {
		s.headerEnd(off)
	}
	switch p := s.pending; p {
	case beginBody:
		s.pending = noStep
		s.startBody(off)
	case beginPart:
		s.pending = noStep
		s.startPart(s.parent, off)
	}
}

// overlong counts a line that is longer than RFC 5322 section 2.1.1 recommends, or than RFC 2045 allows an encoded one to be.
func (s *Scanner) overlong(length, off int64) {
	switch {
	case s.state != inBody || s.body.skip:
	case s.body.encoding == EncodingBase64:
		s.problem(kBase64Line76, s.cur, off, s.line, nil)
	case s.body.encoding == EncodingQuotedPrintable:
		s.problem(kQPLine76, s.cur, off, s.line, nil)
	}
	if length <= 78 {
		return
	}
	s.res.Lines.Over78++
	if length > 998 {
		s.res.Lines.Over998++
	}
	switch {
	case s.state == inHeader && length > 998:
		s.problem(kHeaderLine998, s.cur, off, s.line, nil)
	case s.state == inHeader:
		s.problem(kHeaderLine78, s.cur, off, s.line, nil)
	case length > 998:
		s.problem(kBodyLine998, s.cur, off, s.line, nil)
	case s.body.text:
		s.problem(kBodyLine78, s.cur, off, s.line, nil)
	}
}

// finish closes everything at the end of the input.
func (s *Scanner) finish() {
	r := &s.res
	if len(r.Parts) == 0 {
		s.startPart(-1, s.start)
	}
	total := s.base + int64(s.end)
	for s.state == inHeader { // more than once where a message/rfc822 part has no body
		s.endHeader(total)
		s.startBody(total)
	}
	s.closeTo(-1, total, false)
	s.emptyEnds()
	s.totals(total)
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Offset, b.Offset))
	})
}

// totals fills in the sizes of the whole message and the problems that only the whole shows.
func (s *Scanner) totals(total int64) {
	r := &s.res
	l := &r.Lines
	root := &r.Parts[0]
	r.StoredBytes = total - s.start
	r.WireBytes = r.StoredBytes + s.bareLF
	r.LFBytes = r.StoredBytes - l.CRLF
	r.DataBytes = r.WireBytes
	l.Terminated = s.lastEOL != noEOL
	if !l.Terminated && r.StoredBytes > 0 {
		r.DataBytes += 2
		r.LFBytes++
		s.problem(kFinalNewline, 0, total, s.line-1, nil)
	}
	r.HeaderBytes, r.StoredHeaderBytes = root.HeaderBytes, root.Header.Length
	r.BodyBytes, r.StoredBodyBytes = root.EncodedBytes, root.Body.Length
	r.SeparatorBytes = r.WireBytes - r.HeaderBytes - r.BodyBytes
	if root.Children > 0 {
		r.OverheadBytes = r.BodyBytes
		for i := 1; i < len(r.Parts); i++ {
			p := &r.Parts[i]
			r.OverheadBytes -= p.HeaderBytes
			if p.Children == 0 {
				r.OverheadBytes -= p.EncodedBytes
			}
		}
	}
	if lf, crlf := s.first[0], s.first[1]; lf.count > 0 && crlf.count > 0 {
		s.problems(kBareLF, 0, lf.off, lf.line, lf.count, nil)
	}
	// A lone dot between two line ends of the kind that the whole message uses is text that the transport stuffs. Between
	// any others some server takes it for the end of the data (SMTP smuggling).
	for i, d := range s.dots {
		if d.count > 0 && (i == 1 || i == 2 || i == 0 && l.CRLF > 0) {
			s.problems(kSmuggling, 0, d.off, d.line, d.count, nil)
		}
	}
	if h := root.Header.Length; h > 100<<10 {
		s.problem(kHeaderTotal, 0, root.Header.Offset, root.Header.Line, nil)
	}
}

package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
)

// splitter finds the messages of an mbox in one pass, in memory that does not depend on it.
//
// A message ends where the next line has the shape of a postmark, unless its Content-Length ends exactly before a later one or
// at the end of the mbox: then lines in between are its own. The one empty line before a postmark belongs to neither message.
//
// Where a body has lines that were quoted (">From ") and none that should have been and was not ("From "), the marks of
// quoting are taken away, so that the octets are those that were sent. Header fields are never touched.
type splitter struct {
	ctx     context.Context
	in      io.Reader // what lies from base on
	at      *file     // the mbox, if it can be read at random; in reads the same
	size    int64     // of at
	quoting Quoting
	memory  int64 // what a message of an mbox that cannot be read at random may take of memory, and in all
	most    int64
	read    func(int64) // is told of octets read
	to      int64       // where no more messages begin that are wanted, if that is not 0
	near    int64       // where the last message that is wanted ends mostly, 0 if that is not known

	win  *window
	n    int   // octets in win
	base int64 // place of win in the mbox
	pos  int   // next octet of win to look at
	line int64 // that pos lies on
	mid  bool  // pos lies inside a line
	eof  bool
	err  error // why no more can be read

	open  bool // a message has begun
	start int64
	// startLine is the line of start.
	startLine int64
	body      int64 // the first octet after the postmark
	bodyLine  int64
	header    bool // pos lies in the header
	content   int64
	length    int64 // Content-Length, or -1
	until     int64 // where a Content-Length ends that was found good; -1 if it is bad
	quoted    int   // lines that were quoted
	bare      int   // lines "From " that were not
	long      bool  // the message does not fit into win
	passing   passing
	spool     *spooler
	spooled   int64 // up to where it is in spool
	full      error // why it is not
	probe     []byte
}

// ahead is how many octets have to be in the window for a line to be looked at.
const ahead = maxPostmark + 16 // a postmark and the line ends before it

// begin starts with the line "From " that lies lead octets after the beginning, whatever its shape.
func (s *splitter) begin(lead int) error {
	s.line, s.length = 1, -1
	if err := s.fill(); err != nil {
		return err
	}
	s.line += int64(bytes.Count(s.win.b[:lead], []byte{'\n'}))
	s.pos = lead
	s.enter(s.win.b[lead:s.n])
	return nil
}

// beginWithout starts with a message that has no postmark before it.
func (s *splitter) beginWithout() error {
	s.line, s.length = 1, -1
	s.open, s.header = true, true
	s.startLine, s.bodyLine = 1, 1
	return s.fill()
}

// enter begins a message whose postmark is at the beginning of b and at pos.
func (s *splitter) enter(b []byte) {
	at := s.base + int64(s.pos)
	s.open, s.header, s.length, s.until, s.quoted, s.bare = true, true, -1, 0, 0, 0
	s.start, s.startLine = at, s.line
	n := bytes.IndexByte(b[:min(len(b), maxPostmark+1)], '\n') + 1
	switch {
	case n > 0:
		s.pos += n
		s.line++
	case len(b) <= maxPostmark: // the end of the mbox
		s.pos = s.n
		s.line++
	default:
		// A line of the length of a postmark's was not found. Only at the beginning of a file does it count all the same;
		// the message then begins with it, and mimesize takes the line for the prefix that it is.
	}
	s.body, s.bodyLine = s.base+int64(s.pos), s.line
	s.passing.enter(s)
}

// run calls end for each message when it is complete, from start to stop; take gives its octets then. last tells that the mbox
// ends with it. If end says false, run ends.
func (s *splitter) run(end func(stop int64, last bool) bool) error {
	if s.win == nil {
		if err := s.fill(); err != nil {
			return err
		}
	}
	for {
		if !s.scan(end) {
			return nil
		}
		if s.eof {
			if s.err == nil && s.open {
				end(s.base+int64(s.n), true)
			}
			return s.err
		}
		if !s.open && s.past() {
			return nil
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// past tells that no message that begins at pos is wanted.
func (s *splitter) past() bool { return s.to > 0 && s.base+int64(s.pos) >= s.to }

// scan looks at the lines in the window. It gives false if end wants no more.
func (s *splitter) scan(end func(int64, bool) bool) bool {
	b, limit := s.view()
	for s.pos < limit {
		if s.passing.leads {
			if !s.lead() {
				break
			}
			continue
		}
		if !s.header && !s.seek(b, limit) {
			break
		}
		if !s.mid {
			switch c := b[s.pos]; {
			case c == 'F' && bytes.HasPrefix(b[s.pos:], from):
				mark := s.postmark(b[s.pos:])
				b, limit = s.view() // looking ahead may have moved the window
				if mark {
					if !s.open && s.past() {
						return false
					}
					if s.open && !end(s.base+int64(s.pos), false) {
						return false
					}
					s.spool, s.long, s.full = nil, false, nil
					s.enter(b[s.pos:])
					continue
				}
				if !s.header {
					s.bare++
				}
			case s.header:
				if c == '\n' || c == '\r' || c|0x20 == 'c' {
					s.field(b[s.pos:])
				}
			case c == '>' && s.quoting.isQuoted(b[s.pos:]):
				s.quoted++
			}
		}
		i := bytes.IndexByte(b[s.pos:], '\n')
		if i < 0 {
			s.pos, s.mid = s.n, true
			break
		}
		s.pos += i + 1
		s.line++
		s.mid = false
	}
	return true
}

// seek moves to the next line of a body that begins with "From ", perhaps behind marks of quoting, and gives false if none does
// before limit. Of such a line it looks for what is rare where it reads: a space in base64, an F in text.
func (s *splitter) seek(b []byte, limit int) bool {
	const near, far = 256, 1024
	begin := s.pos
	for p := begin; p < limit; {
		at := -1
		if bytes.IndexByte(b[p:min(p+near, limit)], ' ') < 0 {
			j := bytes.IndexByte(b[p:min(limit+len(from)-1, s.n)], ' ')
			if j < 0 {
				break
			}
			at, p = p+j-len(from)+1, p+j+1
		} else {
			end := min(p+far, limit)
			j := bytes.IndexByte(b[p:end], from[0])
			if j < 0 {
				p = end
				continue
			}
			at, p = p+j, p+j+1
		}
		if at < begin || !bytes.HasPrefix(b[at:], from) {
			continue
		}
		for at > begin && b[at-1] == '>' {
			at--
		}
		if at > begin && b[at-1] == '\n' || at == begin && !s.mid {
			s.line += int64(bytes.Count(b[begin:at], newline))
			s.pos, s.mid = at, false
			return true
		}
	}
	stop := limit
	if !s.eof {
		// A line that is not seen as far as it matters is looked at again.
		last := max(begin, limit-2*maxPostmark)
		if i := bytes.LastIndexByte(b[last:limit], '\n'); i >= 0 {
			stop = last + i + 1
		}
	}
	s.line += int64(bytes.Count(b[begin:stop], newline))
	s.pos, s.mid = stop, b[stop-1] != '\n'
	return false
}

var newline = []byte{'\n'}

// view is what the window holds, and the place before which lines can be looked at.
func (s *splitter) view() (b []byte, limit int) {
	if s.eof {
		return s.win.b[:s.n], s.n
	}
	return s.win.b[:s.n], s.n - ahead
}

// postmark tells whether the line at pos, with which b begins, ends the message before it.
func (s *splitter) postmark(b []byte) bool {
	if !beginsMessage(b) {
		return false
	}
	if !s.open || s.header || s.length < 0 {
		return true
	}
	at, stop := s.base+int64(s.pos), s.content+s.length
	if at >= stop {
		return true
	}
	if s.until == 0 {
		s.until = -1
		if s.lands(stop) {
			s.until = stop
		}
	}
	return s.until < at
}

// field looks at a line of the header.
func (s *splitter) field(b []byte) {
	const name = "content-length:"
	switch {
	case b[0] == '\n':
		s.header, s.content = false, s.base+int64(s.pos)+1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		s.header, s.content = false, s.base+int64(s.pos)+2
	case b[0]|0x20 == 'c' && s.length < 0 && len(b) > len(name) && bytes.EqualFold(b[:len(name)], []byte(name)):
		value, _, _ := bytes.Cut(b[len(name):min(len(b), len(name)+32)], []byte{'\n'})
		// A number that the mbox cannot hold is as good as none.
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 48); err == nil && n >= 0 {
			s.length = n
		}
	}
}

// lands tells whether a Content-Length that ends at stop does so before a postmark or at the end of the mbox, perhaps with the
// empty line between. In what cannot be read at random that is not known of a message that does not fit into the window.
func (s *splitter) lands(stop int64) bool {
	if s.at != nil {
		if stop > s.size {
			return false
		}
		if s.probe == nil {
			s.probe = make([]byte, ahead+1)
		}
		n, err := s.at.ReadAt(s.probe, stop-1)
		return (err == nil || err == io.EOF) && n > 0 && endsBefore(s.probe[:n], stop-1+int64(n) == s.size)
	}
	for !s.eof && stop+ahead > s.base+int64(s.n) {
		if stop+ahead-s.kept() > int64(len(s.win.b)) || s.fill() != nil {
			return false
		}
	}
	rest := stop - s.base
	return s.err == nil && 0 < rest && rest <= int64(s.n) && endsBefore(s.win.b[rest-1:s.n], s.eof)
}

// endsBefore tells whether a message can end after the first octet of b, with which the mbox ends if last is set.
func endsBefore(b []byte, last bool) bool {
	if last && len(b) == 1 {
		return true
	}
	if b[0] != '\n' {
		return false
	}
	for range 2 {
		b = b[1:]
		if beginsMessage(b) || last && len(b) == 0 {
			return true
		}
		if b = bytes.TrimPrefix(b, []byte{'\r'}); len(b) == 0 || b[0] != '\n' {
			return false
		}
	}
	return false
}

// kept is the place of the first octet that the window must not lose.
func (s *splitter) kept() int64 {
	if s.open && !s.long {
		return max(s.start, s.base)
	}
	at := s.base + int64(max(s.pos-4, 0)) // the end of a message is looked at
	if passed, ok := s.passed(); ok {
		at = min(at, passed)
	}
	return at
}

// fill makes room in the window and fills it.
func (s *splitter) fill() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.win == nil {
		s.win = newWindow()
	}
	if s.n == len(s.win.b) {
		if s.open && !s.long && s.start <= s.base {
			s.long, s.spooled = true, s.base
		}
		if s.long {
			s.pass()
		}
		keep := int(s.kept() - s.base)
		s.spill(keep)
		old := s.win
		if !old.alone() {
			s.win = newWindow()
		}
		s.n = copy(s.win.b, old.b[keep:s.n])
		if s.win != old {
			old.release()
		}
		s.base += int64(keep)
		s.pos -= keep
	}
	to := len(s.win.b)
	if near := s.near - s.base; int64(s.n) < near && near < int64(to) {
		to = int(near) // what follows is read only if it is needed
	}
	for s.n < to {
		k, err := s.in.Read(s.win.b[s.n:to])
		s.n += k
		s.read(int64(k))
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			} else if s.at != nil && s.base+int64(s.n) < s.size {
				s.err = io.ErrUnexpectedEOF
			}
			return nil
		}
	}
	return nil
}

// spill keeps what the window is about to lose of a long message.
func (s *splitter) spill(to int) {
	if !s.long || s.at != nil || s.full != nil {
		return
	}
	if s.spool == nil {
		s.spool = &spooler{memory: s.memory, most: s.most}
	}
	b := s.win.b[s.spooled-s.base : to]
	if _, err := s.spool.Write(b); err != nil {
		s.full = err
		s.spool.drop()
	}
	s.spooled += int64(len(b))
}

// close gives back what a run that ended early holds.
func (s *splitter) close() {
	if s.win != nil {
		s.win.release()
	}
	if s.spool != nil {
		s.spool.drop()
	}
}

// take gives the octets of the message that ends at stop.
func (s *splitter) take(stop int64, last bool) (m Message, err error) {
	m.Offset, m.FirstLine = s.body, s.bodyLine
	m.StoredSize = s.stored(stop, last, &m)
	if s.quoted == 0 || s.bare > 0 {
		err = s.reader(&m, s.body, m.StoredSize, stop)
		m.Size = m.StoredSize
		if at, ok := s.passed(); ok && err == nil {
			m.Passed, m.Rest = at-s.body, s.win.b[at-s.base:s.body+m.Size-s.base]
			if s.long {
				m.hold = both{m.hold, s.win.retain()}
			}
		}
		return m, err
	}
	if !s.long {
		b := s.win.b[s.body-s.base:][:m.StoredSize]
		head := min(s.content-s.body, m.StoredSize)
		m.Size = head + int64(len(s.quoting.unquote(b[head:])))
		m.Reader, m.hold = Octets(b[:m.Size:m.Size]), s.win.retain()
		return m, nil
	}
	if err = s.reader(&m, s.body, m.StoredSize, stop); err != nil {
		return m, err
	}
	raw := m
	defer raw.Close()
	head := s.content - s.body
	plain := io.MultiReader(io.NewSectionReader(raw.Reader, 0, head),
		&unquoter{in: io.NewSectionReader(raw.Reader, head, m.StoredSize-head), quoting: s.quoting})
	f, n, err := spool(plain, s.memory, -1)
	if err != nil {
		return m, err
	}
	m.Size, m.Reader, m.hold = n, section(f, 0, n), f
	return m, nil
}

// whole gives everything from the postmark on, as it is.
func (s *splitter) whole(stop int64) (m Message, err error) {
	m.Offset, m.FirstLine = s.start, 1
	m.Size = stop - s.start
	m.StoredSize = m.Size
	return m, s.reader(&m, s.start, m.Size, stop)
}

// reader makes the octets from at on readable. They lie in the window, in the file, or in the spool, which begins at start.
func (s *splitter) reader(m *Message, at, size, stop int64) error {
	switch {
	case !s.long:
		b := s.win.b[at-s.base:][:size]
		m.Reader, m.hold = Octets(b[:size:size]), s.win.retain()
	case s.at != nil:
		m.Reader, m.hold = section(s.at, at, size), s.at.retain()
	default:
		s.spill(int(stop - s.base))
		if s.full != nil {
			return s.full
		}
		f := s.spool.file()
		m.Reader, m.hold = section(f, at-s.start, size), f
	}
	return nil
}

// stored is the length of the message that ends at stop.
func (s *splitter) stored(stop int64, last bool, m *Message) int64 {
	all := stop - s.body
	tail := s.win.b[:stop-s.base]
	tail = tail[max(len(tail)-int(min(all, 4)), 0):]
	if last && all > 0 && !bytes.HasSuffix(tail, []byte{'\n'}) {
		m.Notes = append(m.Notes, Note{NoteNoLineEnd, "the last message of the mbox does not end with a line end; it may be cut short"})
	}
	if !s.header && s.length >= 0 {
		end := s.content + s.length
		switch rest := stop - end; {
		case rest == 0, rest == 1 && bytes.HasSuffix(tail, []byte("\n\n")), rest == 2 && bytes.HasSuffix(tail, []byte("\n\r\n")):
			return end - s.body
		}
		m.Notes = append(m.Notes, Note{NoteContentLength, fmt.Sprintf(
			"Content-Length says %d octets, which end at no postmark; the body ends %d octets after its beginning", s.length, stop-s.content)})
	}
	switch {
	case bytes.HasSuffix(tail, []byte("\r\n\r\n")):
		return all - 2
	case bytes.HasSuffix(tail, []byte("\n\n")):
		return all - 1
	}
	return all
}

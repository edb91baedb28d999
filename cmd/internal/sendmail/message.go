package sendmail

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"postern/cmd/internal/gate"
	"postern/mimesize"
)

// Message is what will be sent: an open file that nobody has a name for and, where the system can seal it, nobody can change.
type Message struct {
	File   *os.File
	Octets int64
	SHA256 [sha256.Size]byte
	// Sealed tells that the kernel keeps the file as it is.
	Sealed bool
	// octets are those of a sealed file that is not large, as they were read from it.
	octets []byte
	// Header is the header as it came in, blind copies still in it, with the empty line that ends it; Fields are its fields.
	Header []byte
	Fields []mimesize.Field
	// Truncated tells that the header has more fields than are read.
	Truncated bool
	// Added are the names of the fields that were written into the message, see Options.Missing. They are not in Header.
	Added []string
}

// Close gives the memory or space back.
func (m *Message) Close() error { return m.File.Close() }

// Options say how a message is taken in.
type Options struct {
	// IgnoreDots makes a line with a single dot text; otherwise it ends the message.
	IgnoreDots bool
	// Normalize makes a CR that is not part of a line end one; otherwise it is a reason to refuse.
	Normalize bool
	// CRLF makes each line end a CRLF, and gives the last line one, as SMTP has them; otherwise they are LF.
	CRLF bool
	// Missing fields are written before all others; nil writes none.
	Missing *Missing
	// MaxOctets bounds the message, in octets as it is stored; DefaultMaxOctets where it is 0.
	MaxOctets int64
	// Threshold is the size up to which a message is kept in memory, 64 MiB where it is 0. Dir is where larger ones are kept, the
	// system's directory for temporary files where it is "".
	Threshold int64
	Dir       string
}

const (
	maxHeader        = 1 << 20 // octets of a header block that are read, as in package mimesize
	defaultThreshold = 64 << 20
	maxOctets        = 256 << 10 // of a sealed file that are kept to be judged
)

// DefaultMaxOctets bounds a message on standard input where nothing else is said.
const DefaultMaxOctets = 256 << 20

var (
	errTooManyFields = errors.New("the header has more fields than are read")
	errEmpty         = errors.New("the message is empty")
)

// Read takes a message in. What it gives is what will be sent, octet for octet: each line end a LF, as programs hand mail to a
// sendmail (or a CRLF, see Options), the fields Bcc and Resent-Bcc gone, fields that are missing added where Options wants it, and nothing
// else changed. The file's offset is at its beginning.
func Read(r io.Reader, o Options) (*Message, *Error) {
	if o.Threshold == 0 {
		o.Threshold = defaultThreshold
	}
	if o.MaxOctets == 0 {
		o.MaxOctets = DefaultMaxOctets
	}
	s := &spool{threshold: o.Threshold, dir: o.Dir}
	m := &Message{}
	in := intake{message: m, to: s, crlf: o.CRLF, missing: o.Missing, max: o.MaxOctets, filter: filter{ignoreDots: o.IgnoreDots, normalize: o.Normalize, start: true, line: 1}}
	in.filter.out = in.write
	if err := in.all(r); err != nil {
		s.discard()
		return nil, err
	}
	if err := s.seal(m); err != nil {
		s.discard()
		return nil, storage(err)
	}
	return m, nil
}

// storage is the answer when a message cannot be stored.
func storage(err error) *Error {
	return refuse(gate.NoSpace, "nothing was sent; free some space and try again", "the message cannot be stored: %w", err)
}

// intake leads octets from standard input through the filter into the spool.
type intake struct {
	message *Message
	to      *spool
	filter  filter
	max     int64
	crlf    bool
	missing *Missing
	ended   bool   // the last octet that was stored is a line end
	header  []byte // until it is complete
	past    bool   // the header has gone out
	taken   int64
}

func (in *intake) all(r io.Reader) *Error {
	buf := make([]byte, 64<<10)
	for !in.filter.done {
		n, err := r.Read(buf)
		if e := in.filter.feed(buf[:n]); e != nil {
			return e
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return refuse(gate.Failed, "nothing was sent", "the message cannot be read: %w", err)
		}
	}
	if e := in.filter.end(); e != nil {
		return e
	}
	if in.taken == 0 {
		return &Error{Live: gate.Failed, Err: errEmpty, Hint: "nothing came on standard input, or it was closed; nothing was sent"}
	}
	if !in.past {
		if e := in.endHeader(len(in.header)); e != nil {
			return e
		}
	}
	if in.crlf && !in.ended {
		return in.store([]byte("\n"))
	}
	return nil
}

// write takes what has passed the filter.
func (in *intake) write(p []byte) *Error {
	if in.taken += int64(len(p)); in.taken > in.max {
		return refuse(gate.Oversize, "sendmail.max_octets in postern.yaml sets the limit", "the message is larger than %d octets", in.max)
	}
	if in.past {
		return in.store(p)
	}
	from := max(len(in.header)-1, 0)
	in.header = append(in.header, p...)
	if in.header[0] == '\n' {
		return in.endHeader(1)
	}
	if i := bytes.Index(in.header[from:], []byte("\n\n")); i >= 0 {
		return in.endHeader(from + i + 2)
	}
	if len(in.header) > maxHeader+len("\n\n") {
		return &Error{Live: gate.Oversize, Rule: "limit.header_bytes", Err: fmt.Errorf("the header is larger than %d octets", maxHeader),
			Hint: "an empty line ends the header"}
	}
	return nil
}

// endHeader reads the header, which ends at n, and stores it without the blind copies and with what it lacks, then what has already come
// of the body.
func (in *intake) endHeader(n int) *Error {
	in.past = true
	m := in.message
	rest := in.header[n:]
	m.Header = in.header[:n:n]
	if n > maxHeader+2 {
		return &Error{Live: gate.Oversize, Rule: "limit.header_bytes", Err: fmt.Errorf("the header is larger than %d octets", maxHeader)}
	}
	res, err := mimesize.Scan(bytes.NewReader(m.Header))
	if err != nil {
		return refuse(gate.Failed, "nothing was sent", "the header cannot be read: %w", err)
	}
	m.Fields, m.Truncated = res.HeaderFields(0), res.Truncated
	at := int64(0)
	if in.missing != nil && len(m.Fields) > 0 && !m.Truncated {
		var text []byte
		text, m.Added = in.missing.fields(m.Header, m.Fields)
		at = m.Fields[0].Offset
		for _, p := range [][]byte{m.Header[:at], text} {
			if e := in.store(p); e != nil {
				return e
			}
		}
	}
	for _, f := range m.Fields {
		if blind(lowerName(m.Header, f)) {
			if e := in.store(m.Header[at:f.Offset]); e != nil {
				return e
			}
			at = f.End()
		}
	}
	if e := in.store(m.Header[at:]); e != nil {
		return e
	}
	in.header = nil
	return in.store(rest)
}

func (in *intake) store(p []byte) *Error {
	if len(p) == 0 {
		return nil
	}
	in.ended = p[len(p)-1] == '\n'
	if in.crlf {
		p = bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))
	}
	if err := in.to.write(p); err != nil {
		return storage(err)
	}
	return nil
}

// filter makes each line end a LF and finds the end of the message.
type filter struct {
	ignoreDots, normalize bool
	out                   func([]byte) *Error

	cr    bool  // a CR came last, and it is not known yet what it is
	start bool  // at the beginning of a line
	dot   bool  // the line so far is a dot, which has not gone out
	done  bool  // the lone dot was met
	line  int64 // the line that is being read, 1-based
	buf   []byte
}

// feed takes the next octets. What comes after the lone dot is not read, as in every sendmail.
func (f *filter) feed(p []byte) *Error {
	f.buf = f.buf[:0]
	for len(p) > 0 && !f.done {
		if f.cr {
			f.cr = false
			if p[0] != '\n' {
				if e := f.bareCR(); e != nil {
					return e
				}
				continue
			}
		}
		i := bytes.IndexAny(p, "\r\n")
		text := p
		if i >= 0 {
			text = p[:i]
		}
		f.text(text)
		if i < 0 {
			break
		}
		f.cr = p[i] == '\r'
		if !f.cr {
			f.newline()
		}
		p = p[i+1:]
	}
	return f.flush()
}

// end takes the end of the input.
func (f *filter) end() *Error {
	f.buf = f.buf[:0]
	if f.cr {
		f.cr = false
		if e := f.bareCR(); e != nil {
			return e
		}
	}
	return f.flush() // a dot that is all of the last line ends the message too
}

func (f *filter) bareCR() *Error {
	if !f.normalize {
		return &Error{Live: gate.LineEnds, Rule: "rfc.eol_barecr", Err: fmt.Errorf("line %d holds a CR that is not part of a line end", f.line),
			Hint: "end lines in LF or CRLF; sendmail.line_ends: normalize in postern.yaml makes such a CR a line end"}
	}
	if f.dot { // ends no message: to every other sendmail the line goes on
		f.dot = false
		f.buf = append(f.buf, '.')
	}
	f.newline()
	return nil
}

func (f *filter) text(p []byte) {
	if len(p) == 0 {
		return
	}
	if f.dot {
		f.dot = false
		f.buf = append(f.buf, '.')
	} else if f.start && !f.ignoreDots && len(p) == 1 && p[0] == '.' {
		f.start, f.dot = false, true
		return
	}
	f.start = false
	f.buf = append(f.buf, p...)
}

func (f *filter) newline() {
	if f.dot {
		f.done = true
		return
	}
	f.start = true
	f.line++
	f.buf = append(f.buf, '\n')
}

func (f *filter) flush() *Error {
	if len(f.buf) == 0 {
		return nil
	}
	return f.out(f.buf)
}

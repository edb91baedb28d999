package submit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// block is how much of a message is read and written at a time.
const block = 64 << 10

// lines walks over text in CRLF form and finds where it is not: a CR or LF that stands alone, which some servers take for the
// end of a line and so for the end of the message (SMTP smuggling), and NUL, which others cut a line at.
type lines struct {
	line    int64 // number of lines that have ended
	inLine  int64 // octets of the line so far
	pending bool  // the last octet was CR
}

var errShort = errors.New("the message is shorter than it was said to be")

// feed takes the next octets and hands them on in pieces that never reach over the end of a line; start tells that a piece
// begins a line, end that it ends one.
func (l *lines) feed(p []byte, piece func(p []byte, start, end bool) error) error {
	for len(p) > 0 {
		seg := p
		end := false
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			seg, end = p[:i+1], true
		}
		p = p[len(seg):]
		text := seg
		if end {
			text = seg[:len(seg)-1]
		}
		switch {
		case l.pending && !(end && len(seg) == 1):
			return l.fault("a CR without LF")
		case l.pending:
		case end && !bytes.HasSuffix(text, []byte("\r")):
			if bytes.IndexByte(text, '\r') >= 0 {
				return l.fault("a CR without LF")
			}
			return l.fault("an LF without CR")
		default:
			text = bytes.TrimSuffix(text, []byte("\r"))
		}
		if bytes.IndexByte(text, '\r') >= 0 {
			return l.fault("a CR without LF")
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return l.fault("a NUL octet")
		}
		start := l.inLine == 0
		l.inLine += int64(len(seg))
		l.pending = !end && seg[len(seg)-1] == '\r'
		if err := piece(seg, start, end); err != nil {
			return err
		}
		if end {
			l.line++
			l.inLine = 0
		}
	}
	return nil
}

// finish tells whether the text ended where a line ended.
func (l *lines) finish() error {
	if l.inLine > 0 {
		return l.fault("the end of the message, and no CRLF before it")
	}
	return nil
}

type formError struct{ text string }

func (e *formError) Error() string { return e.text }

func (l *lines) fault(what string) error {
	return &formError{fmt.Sprintf("line %d of the message holds %s: it is not in the form that is sent", l.line+1, what)}
}

// shape is what has to be known of a message before a server is asked to take it.
type shape struct {
	digest       [32]byte
	eightBitHead bool // the header holds octets above 127: SMTPUTF8
	eightBitBody bool // the body does: 8BITMIME
}

// inspect reads a message once.
func inspect(msg io.ReaderAt, size int64) (shape, error) {
	var s shape
	if size <= 0 {
		return s, &formError{"the message is empty"}
	}
	h := sha256.New()
	var l lines
	body := false
	err := eachBlock(msg, size, func(p []byte) error {
		h.Write(p)
		return l.feed(p, func(p []byte, _, end bool) error {
			switch {
			case body && s.eightBitBody, !body && s.eightBitHead:
			case !ascii(p):
				if body {
					s.eightBitBody = true
				} else {
					s.eightBitHead = true
				}
			}
			if end && l.inLine == 2 {
				body = true
			}
			return nil
		})
	})
	if err == nil {
		err = l.finish()
	}
	h.Sum(s.digest[:0])
	return s, err
}

func eachBlock(msg io.ReaderAt, size int64, f func([]byte) error) error {
	buf := make([]byte, min(size, block))
	for off := int64(0); off < size; {
		p := buf[:min(size-off, block)]
		n, err := msg.ReadAt(p, off)
		if n < len(p) {
			if err == nil || errors.Is(err, io.EOF) {
				return errShort
			}
			return fmt.Errorf("read the message: %w", err)
		}
		if err := f(p); err != nil {
			return err
		}
		off += int64(n)
	}
	return nil
}

func ascii(p []byte) bool {
	for _, c := range p {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// stuff writes a message with a dot before each line that begins with one (RFC 5321 section 4.5.2), and without the final
// dot. The digest that comes back is that of the octets read. A message that is not in CRLF form is an error here too: it may
// have changed since it was inspected.
func stuff(w io.Writer, msg io.ReaderAt, size int64) ([32]byte, error) {
	h := sha256.New()
	var l lines
	out := make([]byte, 0, block+block/8)
	err := eachBlock(msg, size, func(p []byte) error {
		h.Write(p)
		out = out[:0]
		err := l.feed(p, func(p []byte, start, _ bool) error {
			if start && p[0] == '.' {
				out = append(out, '.')
			}
			out = append(out, p...)
			return nil
		})
		if err != nil {
			return err
		}
		_, err = w.Write(out)
		return err
	})
	if err == nil {
		err = l.finish()
	}
	var digest [32]byte
	h.Sum(digest[:0])
	return digest, err
}

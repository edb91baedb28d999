package facts

import (
	"bufio"
	"bytes"
	"io"

	"postern/mimesize"
)

// transferReader decodes a body's transfer encoding (RFC 2045 section 6) as tolerantly as mimesize counts it: reading it to
// the end gives mimesize.Part.DecodedBytes octets. It is linear, never fails on what the body holds, and works on lines of
// any length. go-message's decoders are not used here because they end at the first odd octet, which would let a message
// hide the rest of its text.
//
// eol is the octet that lines end in: LF, or CR in a message that has no other line ends.
func transferReader(e mimesize.Encoding, eol byte, r io.Reader) io.Reader {
	switch e {
	case mimesize.EncodingBase64:
		return &base64Reader{r: r}
	case mimesize.EncodingQuotedPrintable:
		return &qpReader{r: bufio.NewReaderSize(r, 4096), eol: eol}
	}
	return r
}

var base64Values = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	return t
}()

// base64Reader decodes base64, passing over octets that are not of the alphabet, up to the padding.
type base64Reader struct {
	r    io.Reader
	in   [4096]byte
	out  []byte // decoded, not yet given
	buf  [3*4096/4 + 3]byte
	bits uint32
	n    int // characters in bits
	err  error
}

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(b.out) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.fill()
	}
	n := copy(p, b.out)
	b.out = b.out[n:]
	return n, nil
}

func (b *base64Reader) fill() {
	n, err := b.r.Read(b.in[:])
	out := b.buf[:0]
	for _, c := range b.in[:n] {
		v := base64Values[c]
		if v == 0xff {
			if c == '=' && b.n >= 2 {
				err = io.EOF // QUIRK: what follows the padding is not decoded; it is a problem of its own
				break
			}
			continue
		}
		b.bits = b.bits<<6 | uint32(v)
		if b.n++; b.n == 4 {
			out = append(out, byte(b.bits>>16), byte(b.bits>>8), byte(b.bits))
			b.bits, b.n = 0, 0
		}
	}
	if err != nil {
		switch b.n {
		case 2:
			out = append(out, byte(b.bits>>4))
		case 3:
			out = append(out, byte(b.bits>>10), byte(b.bits>>2))
		}
		b.n = 0
	}
	b.out, b.err = out, err
}

// appendBase64 appends what base64Reader gives of src.
func appendBase64(dst, src []byte) []byte {
	for {
		// Groups of four characters, as far as nothing stands between them.
		n := 0
		for ; n+4 <= len(src); n += 4 {
			a, b, c, d := base64Values[src[n]], base64Values[src[n+1]], base64Values[src[n+2]], base64Values[src[n+3]]
			if a|b|c|d > 63 {
				break
			}
			dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
		}
		src = src[n:]
		// The next four, wherever they stand.
		var bits uint32
		n = 0
		for n < 4 {
			if len(src) == 0 {
				return appendRest(dst, bits, n)
			}
			v := base64Values[src[0]]
			switch {
			case v != 0xff:
				bits = bits<<6 | uint32(v)
				n++
			case src[0] == '=' && n >= 2:
				return appendRest(dst, bits, n)
			}
			src = src[1:]
		}
		dst = append(dst, byte(bits>>16), byte(bits>>8), byte(bits))
	}
}

// appendRest appends the octets of fewer than four characters.
func appendRest(dst []byte, bits uint32, n int) []byte {
	switch n {
	case 2:
		return append(dst, byte(bits>>4))
	case 3:
		return append(dst, byte(bits>>10), byte(bits>>2))
	}
	return dst
}

// qpReader decodes quoted-printable: white space at the end of a line is dropped, "=" that begins no code stays.
type qpReader struct {
	r    *bufio.Reader
	eol  byte
	out  []byte // decoded
	gone int    // octets of out that were given
	line []byte // the part of a line that is not decoded yet, at most one buffer
	err  error
}

func (q *qpReader) Read(p []byte) (int, error) {
	for q.gone == len(q.out) {
		if q.err != nil {
			return 0, q.err
		}
		q.out, q.gone = q.out[:0], 0
		q.fill()
	}
	n := copy(p, q.out[q.gone:])
	q.gone += n
	return n, nil
}

// fill decodes the next line, or piece of a long one.
func (q *qpReader) fill() {
	piece, err := q.r.ReadSlice(q.eol)
	line := piece
	if len(q.line) > 0 {
		q.line = append(q.line, piece...)
		line = q.line
	}
	if err == bufio.ErrBufferFull {
		// Keep back what may be changed by what follows: white space, and "=" with what it may begin.
		keep := heldBack(line)
		if keep < 1<<16 {
			q.out = appendQPText(q.out, line[:len(line)-keep])
			q.line = append(q.line[:0], line[len(line)-keep:]...)
			return
		}
		// QUIRK: more blanks in a row than any line may have octets; they are given as they are.
		q.out = appendQPText(q.out, line)
		q.line = q.line[:0]
		return
	}
	q.out = appendQPLine(q.out, line, q.eol)
	q.line = q.line[:0]
	q.err = err
}

// maxQPAtOnce bounds what appendQP is given: qpReader treats longer runs of blanks in another way.
const maxQPAtOnce = 1 << 16

// appendQP appends what qpReader gives of src.
func appendQP(dst, src []byte, eol byte) []byte {
	for len(src) > 0 {
		line := src
		if i := bytes.IndexByte(src, eol); i >= 0 {
			line = src[:i+1]
		}
		src = src[len(line):]
		dst = appendQPLine(dst, line, eol)
	}
	return dst
}

// appendQPLine appends a line decoded.
func appendQPLine(dst, line []byte, eol byte) []byte {
	end := 0
	if n := len(line); n > 0 && line[n-1] == eol {
		end = 1
		if n > 1 && eol == '\n' && line[n-2] == '\r' {
			end = 2
		}
	}
	text, ending := line[:len(line)-end], line[len(line)-end:]
	for n := len(text); n > 0 && (text[n-1] == ' ' || text[n-1] == '\t'); n-- {
		text = text[:n-1]
	}
	if n := len(text); n > 0 && text[n-1] == '=' {
		return appendQPText(dst, text[:n-1])
	}
	return append(appendQPText(dst, text), ending...)
}

// heldBack gives how many octets at the end of an unfinished line cannot be decoded without the next ones.
func heldBack(line []byte) int {
	n := len(line)
	text := bytes.TrimRight(line, " \t\r")
	if t := len(text); t > 0 && text[t-1] == '=' {
		return n - t + 1
	}
	if len(text) == n && n > 1 && line[n-2] == '=' {
		return 2
	}
	return n - len(text)
}

func appendQPText(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '=')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		if i+2 < len(text) && hexDigit(text[i+1]) < 16 && hexDigit(text[i+2]) < 16 {
			dst = append(dst, hexDigit(text[i+1])<<4|hexDigit(text[i+2]))
			text = text[i+3:]
			continue
		}
		dst = append(dst, '=')
		text = text[i+1:]
	}
}

package mailbox

import (
	"bufio"
	"hash/crc32"
	"io"
)

// xzHeaders looks at the block headers of an xz file on their way to the decoder, because that takes the memory that they ask
// for. A block header is read in two pieces, its length and the rest, and has a checksum.
type xzHeaders struct {
	r    *bufio.Reader
	most int64
	size [1]byte // the octet before
}

func (x *xzHeaders) ReadByte() (byte, error) {
	b, err := x.r.ReadByte()
	x.size[0] = b
	return b, err
}

func (x *xzHeaders) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if rest := (int(x.size[0])+1)*4 - 1; len(p) != rest || rest < 7 {
		n, err := x.r.Read(p)
		if n > 0 {
			x.size[0] = p[n-1]
		}
		return n, err
	}
	n, err := io.ReadFull(x.r, p)
	if err != nil {
		return n, err
	}
	sum := crc32.ChecksumIEEE(x.size[:])
	sum = crc32.Update(sum, crc32.IEEETable, p[:n-4])
	x.size[0] = p[n-1]
	if end := p[n-4:]; sum != uint32(end[0])|uint32(end[1])<<8|uint32(end[2])<<16|uint32(end[3])<<24 {
		return n, nil
	}
	if window := xzWindow(p[:n-4]); x.most >= 0 && window > x.most {
		return 0, &windowError{window}
	}
	return n, nil
}

// xzWindow is the largest dictionary that a block header asks for, which begins with its flags (section 3.1 of the xz file
// format).
func xzWindow(h []byte) int64 {
	number := func() (v uint64) {
		for shift := 0; len(h) > 0 && shift < 63; shift += 7 {
			b := h[0]
			h = h[1:]
			v |= uint64(b&0x7f) << shift
			if b&0x80 == 0 {
				break
			}
		}
		return v
	}
	flags := h[0]
	h = h[1:]
	for _, bit := range []byte{0x40, 0x80} {
		if flags&bit != 0 {
			number()
		}
	}
	var most int64
	for range flags&3 + 1 {
		id, size := number(), number()
		if size > uint64(len(h)) {
			return most
		}
		if id == 0x21 && size == 1 {
			switch bits := h[0]; {
			case bits > 40:
			case bits == 40:
				most = 1<<32 - 1
			default:
				most = max(most, int64(2|bits&1)<<(bits/2+11))
			}
		}
		h = h[size:]
	}
	return most
}

// windowError is that a decoder would need too much memory.
type windowError struct{ bytes int64 }

func (e *windowError) Error() string { return "needs a window of " + sizeText(e.bytes) }

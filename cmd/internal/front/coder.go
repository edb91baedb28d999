package front

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// version is that of the encoding. It grows with every change of it.
const version = 1

const magic = "postern front\n\x00\x00" // of 16 octets, so that what comes after it is aligned

var errDamaged = errors.New("it is damaged")

// coder writes an entry or reads one, by the same list of what it holds. Numbers are little-endian and of fixed size, texts and
// lists begin with their length. A coder that reads never makes more than it has octets for.
type coder struct {
	data    []byte
	total   int // octets that there were to read
	reading bool
	bad     bool // the data ended, or holds what no entry holds
}

// Encode gives the octets of an entry.
func (e *Entry) Encode() []byte {
	c := &coder{data: append(make([]byte, 0, 128<<10), magic...)}
	v := int32(version)
	c.small(&v)
	e.code(c)
	return binary.LittleEndian.AppendUint64(c.data, checksum(c.data))
}

// Decode reads an entry. Its texts are parts of data, which must not be changed afterwards. The guards are not prepared yet.
func Decode(data []byte) (*Entry, error) {
	n := len(data) - 8
	if n < len(magic) || string(data[:len(magic)]) != magic || binary.LittleEndian.Uint64(data[n:]) != checksum(data[:n]) {
		return nil, errDamaged
	}
	return decode(data[len(magic):n])
}

// checksum finds damage: no change within eight octets goes unseen, and other changes do once in 2^64. It is no proof of who has
// written the entry; that is what owner and mode are for. SHA-256 would take as long as everything else about an entry.
func checksum(data []byte) uint64 {
	const prime = 0x9e3779b97f4a7c15
	n := uint64(len(data))
	a, b := n, ^n
	for ; len(data) >= 16; data = data[16:] {
		a = bits.RotateLeft64((a^binary.LittleEndian.Uint64(data))*prime, 29)
		b = bits.RotateLeft64((b^binary.LittleEndian.Uint64(data[8:]))*prime, 31)
	}
	for _, c := range data {
		a = bits.RotateLeft64((a^uint64(c))*prime, 29)
	}
	return a ^ bits.RotateLeft64(b*prime, 17)
}

func decode(data []byte) (*Entry, error) {
	c := &coder{data: data, total: len(data), reading: true}
	v, e := int32(0), &Entry{}
	if c.small(&v); v != version {
		return nil, fmt.Errorf("it is of version %d, not %d", v, version)
	}
	e.code(c)
	if c.bad || len(c.data) > 0 {
		return nil, errDamaged
	}
	return e, nil
}

// take gives the next n octets.
func (c *coder) take(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.bad, c.data = true, nil
		return make([]byte, max(0, min(n, 32)))
	}
	b := c.data[:n:n]
	c.data = c.data[n:]
	return b
}

func (c *coder) octets(b []byte) {
	if c.reading {
		copy(b, c.take(len(b)))
	} else {
		c.data = append(c.data, b...)
	}
}

func (c *coder) octet(b *uint8) {
	if c.reading {
		*b = c.take(1)[0]
	} else {
		c.data = append(c.data, *b)
	}
}

func (c *coder) truth(b *bool) {
	n := uint8(0)
	if *b {
		n = 1
	}
	c.octet(&n)
	*b = n == 1
	c.bad = c.bad || n > 1
}

func (c *coder) small(n *int32) {
	if c.reading {
		*n = int32(binary.LittleEndian.Uint32(c.take(4)))
	} else {
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(*n))
	}
}

func (c *coder) unsigned(n *uint64) {
	if c.reading {
		*n = binary.LittleEndian.Uint64(c.take(8))
	} else {
		c.data = binary.LittleEndian.AppendUint64(c.data, *n)
	}
}

func (c *coder) number(n *int64) {
	u := uint64(*n)
	c.unsigned(&u)
	*n = int64(u)
}

func (c *coder) float(f *float64) {
	u := math.Float64bits(*f)
	c.unsigned(&u)
	*f = math.Float64frombits(u)
}

func (c *coder) text(s *string) {
	n := int32(len(*s))
	c.small(&n)
	if !c.reading {
		c.data = append(c.data, *s...)
		return
	}
	if n < 0 || int(n) > len(c.data) {
		n = math.MaxInt32
	}
	if b := c.take(int(n)); !c.bad {
		*s = unsafe.String(unsafe.SliceData(b), len(b))
	}
}

func (c *coder) texts(l *[]string) { list(c, l, 4, c.text) }

func (c *coder) smalls(l *[]int32) { flat(c, l, 4, c.small) }

// flat codes a list whose items consist of nothing but int32. Where memory has them as the entry has, it is not copied.
func flat[T any](c *coder, l *[]T, size int, item func(*T)) {
	if !c.reading {
		n := int32(len(*l))
		for (len(c.data)+4)%4 != 0 {
			c.data = append(c.data, 0)
		}
		c.small(&n)
		for i := range *l {
			item(&(*l)[i])
		}
		return
	}
	c.take(c.padding())
	n := int32(0)
	if c.small(&n); n < 0 || int(n) > len(c.data)/size {
		c.bad, c.data = true, nil
		return
	}
	if n == 0 {
		return
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(c.data)))%unsafe.Alignof(n) == 0 && littleEndian {
		*l = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(c.take(int(n)*size)))), n)
		return
	}
	*l = make([]T, n)
	for i := range *l {
		item(&(*l)[i])
	}
}

// padding is how many octets come before the next number that is aligned.
func (c *coder) padding() int { return (4 - (c.total-len(c.data))%4) % 4 }

// littleEndian tells that this machine keeps numbers as entries do.
var littleEndian = func() bool {
	n := uint16(1)
	return *(*byte)(unsafe.Pointer(&n)) == 1
}()

// list codes the items of a list, each of which takes at least so many octets.
func list[T any](c *coder, l *[]T, least int, item func(*T)) {
	n := int32(len(*l))
	c.small(&n)
	if c.reading {
		if n < 0 || int(n) > len(c.data)/least {
			c.bad, c.data = true, nil
			return
		}
		if n > 0 {
			*l = make([]T, n)
		}
	}
	for i := range *l {
		if item(&(*l)[i]); c.bad {
			return
		}
	}
}

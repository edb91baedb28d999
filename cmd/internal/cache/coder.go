package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// Format is what the files of one kind begin with.
type Format struct {
	Magic   string // of 16 octets, so that what comes after it is aligned
	Version int32  // grows with every change of what the files hold
}

// ErrDamaged is the error of a file that nobody has written so.
var ErrDamaged = errors.New("it is damaged")

// Encode gives the octets of a file with what code lists. It is an error if that is something that no file can hold.
func (f Format) Encode(code func(*Coder)) ([]byte, error) {
	c := &Coder{data: append(make([]byte, 0, 256<<10), f.Magic...)}
	v := f.Version
	c.Small(&v)
	if code(c); c.bad {
		return nil, errors.New("it holds what cannot be written")
	}
	return binary.LittleEndian.AppendUint64(c.data, checksum(c.data)), nil
}

// Decode reads the octets of a file by the same list. Texts that it reads are parts of data, which must not be changed afterwards.
func (f Format) Decode(data []byte, code func(*Coder)) error {
	n := len(data) - 8
	if n < len(f.Magic) || string(data[:len(f.Magic)]) != f.Magic || binary.LittleEndian.Uint64(data[n:]) != checksum(data[:n]) {
		return ErrDamaged
	}
	return f.DecodeBody(data[len(f.Magic):n], code)
}

// DecodeBody reads what lies between the magic and the checksum.
func (f Format) DecodeBody(data []byte, code func(*Coder)) error {
	c := &Coder{data: data, total: len(data), reading: true}
	v := int32(0)
	if c.Small(&v); v != f.Version {
		return fmt.Errorf("it is of version %d, not %d", v, f.Version)
	}
	if code(c); c.bad || len(c.data) > 0 {
		return ErrDamaged
	}
	return nil
}

// Sum gives the octets of what code lists, for a digest; nil if something in it cannot be written.
func Sum(code func(*Coder)) []byte {
	c := &Coder{}
	if code(c); c.bad {
		return nil
	}
	return c.data
}

// checksum finds damage: no change within eight octets goes unseen, and other changes do once in 2^64. It is no proof of who has
// written the file; that is what owner and mode are for. SHA-256 would take as long as everything else about an entry of the front.
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

// Coder writes a file or reads one, by the same list of what it holds. Numbers are little-endian and of fixed size, texts and
// lists begin with their length. A Coder that reads never makes more than it has octets for; when they do not suffice, or are none that
// a Coder has written, it goes on with zero values, and Decode gives an error.
type Coder struct {
	data    []byte
	total   int // octets that there were to read
	reading bool
	bad     bool // the data ended, or holds what no file holds
}

// Reading tells the direction.
func (c *Coder) Reading() bool { return c.reading }

// Refuse says that what was read, or is to be written, is nothing that a file holds.
func (c *Coder) Refuse() {
	if c.bad = true; c.reading {
		c.data = nil
	}
}

// take gives the next n octets.
func (c *Coder) take(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.Refuse()
		return make([]byte, max(0, min(n, 32)))
	}
	b := c.data[:n:n]
	c.data = c.data[n:]
	return b
}

// Octets codes so many octets as b has.
func (c *Coder) Octets(b []byte) {
	if c.reading {
		copy(b, c.take(len(b)))
	} else {
		c.data = append(c.data, b...)
	}
}

// Octet codes an octet.
func (c *Coder) Octet(b *uint8) {
	if c.reading {
		*b = c.take(1)[0]
	} else {
		c.data = append(c.data, *b)
	}
}

// Truth codes a truth value.
func (c *Coder) Truth(b *bool) {
	n := uint8(0)
	if *b {
		n = 1
	}
	if c.Octet(&n); c.reading {
		*b = n == 1
		c.bad = c.bad || n > 1
	}
}

// Small codes a number of 32 bits.
func (c *Coder) Small(n *int32) {
	if c.reading {
		*n = int32(binary.LittleEndian.Uint32(c.take(4)))
	} else {
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(*n))
	}
}

// Unsigned codes a number of 64 bits without a sign.
func (c *Coder) Unsigned(n *uint64) {
	if c.reading {
		*n = binary.LittleEndian.Uint64(c.take(8))
	} else {
		c.data = binary.LittleEndian.AppendUint64(c.data, *n)
	}
}

// Number codes a number of 64 bits.
func (c *Coder) Number(n *int64) {
	u := uint64(*n)
	if c.Unsigned(&u); c.reading {
		*n = int64(u)
	}
}

// Float codes a number with all its bits.
func (c *Coder) Float(f *float64) {
	u := math.Float64bits(*f)
	if c.Unsigned(&u); c.reading {
		*f = math.Float64frombits(u)
	}
}

// Text codes a text.
func (c *Coder) Text(s *string) {
	n := int32(len(*s))
	c.Small(&n)
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

// Texts codes a list of texts. An empty one is read as nil, as all lists are.
func (c *Coder) Texts(l *[]string) { List(c, l, 4, c.Text) }

// Smalls codes a list of numbers of 32 bits.
func (c *Coder) Smalls(l *[]int32) { Flat(c, l, 4, c.Small) }

// Flat codes a list whose items consist of nothing but numbers of 32 bits. Where memory has them as the file has, it is not copied.
func Flat[T any](c *Coder, l *[]T, size int, item func(*T)) {
	if !c.reading {
		n := int32(len(*l))
		for len(c.data)%4 != 0 {
			c.data = append(c.data, 0)
		}
		c.Small(&n)
		for i := range *l {
			item(&(*l)[i])
		}
		return
	}
	c.take(c.padding())
	n := int32(0)
	if c.Small(&n); n < 0 || int(n) > len(c.data)/size {
		c.Refuse()
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
func (c *Coder) padding() int { return (4 - (c.total-len(c.data))%4) % 4 }

// littleEndian tells that this machine keeps numbers as files do.
var littleEndian = func() bool {
	n := uint16(1)
	return *(*byte)(unsafe.Pointer(&n)) == 1
}()

// List codes the items of a list, each of which takes at least so many octets.
func List[T any](c *Coder, l *[]T, least int, item func(*T)) {
	n := int32(len(*l))
	c.Small(&n)
	if c.reading {
		if n < 0 || int(n) > len(c.data)/least {
			c.Refuse()
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

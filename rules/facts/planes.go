package facts

import (
	"encoding/binary"
	"math/bits"
)

// classes of the octets of 64 octets of ASCII: bit n of each is for octet n.
type octetClasses struct {
	word, blank       uint64 // letters and digits; asciiBlank
	digits            uint64
	marks             uint64 // all of meaning, and a few more
	letters, capitals int    // how many there are
}

// classify sorts 64 octets, which are ASCII. It turns them into seven planes, of which each has one bit of every octet, so that what
// is said of an octet by a few operations is said of all.
func (o *octetClasses) classify(block *[64]byte) {
	const (
		fours = 0x0f0f0f0f0f0f0f0f
		twos  = 0x3333333333333333
		odd   = 0x5555555555555555
	)
	a0, a1 := binary.LittleEndian.Uint64(block[0:]), binary.LittleEndian.Uint64(block[8:])
	a2, a3 := binary.LittleEndian.Uint64(block[16:]), binary.LittleEndian.Uint64(block[24:])
	a4, a5 := binary.LittleEndian.Uint64(block[32:]), binary.LittleEndian.Uint64(block[40:])
	a6, a7 := binary.LittleEndian.Uint64(block[48:]), binary.LittleEndian.Uint64(block[56:])

	a0, a4 = a0&fours|a4&fours<<4, a0>>4&fours|a4&^fours
	a1, a5 = a1&fours|a5&fours<<4, a1>>4&fours|a5&^fours
	a2, a6 = a2&fours|a6&fours<<4, a2>>4&fours|a6&^fours
	a3, a7 = a3&fours|a7&fours<<4, a3>>4&fours|a7&^fours

	a0, a2 = a0&twos|a2&twos<<2, a0>>2&twos|a2&^twos
	a1, a3 = a1&twos|a3&twos<<2, a1>>2&twos|a3&^twos
	a4, a6 = a4&twos|a6&twos<<2, a4>>2&twos|a6&^twos
	a5, a7 = a5&twos|a7&twos<<2, a5>>2&twos|a7&^twos

	b0, b1 := a0&odd|a1&odd<<1, a0>>1&odd|a1&^odd
	b2, b3 := a2&odd|a3&odd<<1, a2>>1&odd|a3&^odd
	b4, b5 := a4&odd|a5&odd<<1, a4>>1&odd|a5&^odd
	b6 := a6&odd | a7&odd<<1

	// 0x41 to 0x5a, and 0x61 to 0x7a.
	letter := b6 & (b0 | b1 | b2 | b3 | b4) &^ (b4 & b3 & (b2 | b1&b0))
	o.letters = bits.OnesCount64(letter)
	o.capitals = bits.OnesCount64(letter &^ b5)
	digit := b5 & b4 &^ b6 &^ (b3 & (b2 | b1))                                                           // 0x30 to 0x39
	blank := (b5&^(b4|b3|b2|b1|b0) | b3&^(b5|b4)&(b2&^b1|(b1|b0)&^b2)) &^ b6                             // 0x20, and 0x09 to 0x0d
	marks := b6&^letter | b5&^b6&((b1&b0&^(b3|b2)|b2&^b1&(b0|^b3))&^b4|b1&b3&^(b2|b0)|b4&b3&b2&^(b1|b0)) // and # $ % - and * : and <
	o.word, o.blank, o.digits, o.marks = inOrder(letter|digit), inOrder(blank), digit, marks
	if digit != 0 {
		o.digits = inOrder(digit)
	}
	if marks != 0 {
		o.marks = inOrder(marks)
	}
}

// inOrder brings bit 8*i+k to 8*k+i.
func inOrder(v uint64) uint64 {
	t := (v ^ v>>7) & 0x00aa00aa00aa00aa
	v ^= t ^ t<<7
	t = (v ^ v>>14) & 0x0000cccc0000cccc
	v ^= t ^ t<<14
	t = (v ^ v>>28) & 0x00000000f0f0f0f0
	return v ^ t ^ t<<28
}

package mimesize

import (
	"bytes"
	"math/rand/v2"
)

// fewFrames is the number of open multiparts up to which looking through them is faster than looking them up.
const fewFrames = 8

// frameTable finds the open multiparts whose boundaries a line begins with, once there are many: by a hash of the beginning of the line
// that grows by an octet at a time, so that a line takes time for its octets, however many multiparts are open.
type frameTable struct {
	newest  [128]int32 // for a hash, from 1, the innermost frame of it
	longest int        // octets that no boundary exceeds
}

// hashStep is the factor of that hash. It makes the places in a table unknown to those who choose the boundaries.
var hashStep = rand.Uint64() | 1

func hashOctet(h uint64, c byte) uint64 { return (h ^ uint64(c) ^ h>>32) * hashStep }

func hashPlace(h uint64) uint64 { return h >> 57 }

// pushFrame opens a multipart.
func (s *Scanner) pushFrame(part int, boundary []byte) {
	from := len(s.stack)
	s.stack = append(s.stack, boundary...)
	head, mask := firstOctets(boundary)
	s.frames = append(s.frames, frame{part: part, from: from, to: len(s.stack), head: head, mask: mask})
	switch n := len(s.frames); {
	case n == fewFrames+1:
		s.table = frameTable{}
		for i := range s.frames {
			s.noteFrame(i)
		}
	case n > fewFrames:
		s.noteFrame(n - 1)
	}
}

// noteFrame puts the innermost frame of those that are in the table into it.
func (s *Scanner) noteFrame(i int) {
	f, h := &s.frames[i], hashStep
	for _, c := range s.stack[f.from:f.to] {
		h = hashOctet(h, c)
	}
	place := &s.table.newest[hashPlace(h)]
	f.hash, f.next = h, *place
	*place = int32(i + 1)
	s.table.longest = max(s.table.longest, f.to-f.from)
}

// cutFrames closes the multiparts from i on.
func (s *Scanner) cutFrames(i int) {
	if i == len(s.frames) {
		return
	}
	if len(s.frames) > fewFrames {
		for j := len(s.frames) - 1; j >= i; j-- {
			f := &s.frames[j]
			s.table.newest[hashPlace(f.hash)] = f.next
		}
	}
	s.stack = s.stack[:s.frames[i].from]
	s.frames = s.frames[:i]
}

// frameOf gives the innermost multipart that a line beginning with two hyphens, its trailing blanks cut off, is a boundary line of,
// -1 if there is none; closing tells which. junk tells, where there is none, that the line begins like one.
func (s *Scanner) frameOf(line []byte) (at int, closing, junk bool) {
	if len(s.frames) > fewFrames {
		return s.lookUpFrame(line)
	}
	first := firstEight(line[min(2, len(line)):])
	for i := len(s.frames) - 1; i >= 0; i-- {
		f := &s.frames[i]
		if first&f.mask != f.head {
			continue
		}
		delimiter, closing, j := match(line, s.stack[f.from:f.to])
		if delimiter || closing {
			return i, closing, false
		}
		junk = junk || j && !f.closed
	}
	return -1, false, junk
}

// lookUpFrame is frameOf by the table.
func (s *Scanner) lookUpFrame(line []byte) (at int, closing, junk bool) {
	at = -1
	rest, h := line[min(2, len(line)):], hashStep
	for n, c := range rest[:min(len(rest), s.table.longest)] {
		h = hashOctet(h, c)
		behind := rest[n+1:]
		whole := len(behind) == 0 || string(behind) == "--"
		if junk && !whole {
			continue // many boundaries may be beginnings of others
		}
		for i := s.table.newest[hashPlace(h)]; i > 0; i = s.frames[i-1].next {
			f, of := &s.frames[i-1], int(i-1)
			switch {
			case f.hash != h || !bytes.Equal(s.stack[f.from:f.to], rest[:n+1]):
			case !whole:
				junk = junk || !f.closed
			case of > at:
				at, closing = of, len(behind) > 0
			}
		}
	}
	return at, closing, junk && at < 0
}

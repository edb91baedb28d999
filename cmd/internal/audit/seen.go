package audit

import (
	"encoding/binary"
	"io"
	"os"
)

const (
	seenHeld = 64 << 10 // hashes that are in memory, in twice as many slots of 16 octets
	// seenSlots is how many a file has room for. It is sparse at first.
	seenSlots = 8 << 20
	seenRead  = 16 // slots that are read at a time
)

// seen is a set of hashes. A small one is in memory, a large one in a file without a name, whose slots are read one by one: memory
// does not grow with it. The zero value is empty. Methods that change nothing may be called by many goroutines at once.
type seen struct {
	slots [][16]byte // the zero hash marks a free one
	file  *os.File
	n     int
	held  int // 0 means seenHeld
}

// slot gives the slot of n in which the search for a hash begins.
func slot(h [16]byte, n int) int { return int(binary.BigEndian.Uint64(h[:8]) % uint64(n)) }

// taken is h as it stands in a slot.
func taken(h [16]byte) [16]byte {
	if h == ([16]byte{}) {
		h[15] = 1
	}
	return h
}

// find gives the slot of h, or the free one in which it is to be put.
func (s *seen) find(h [16]byte) (at int, ok bool, err error) {
	if s.file == nil {
		if len(s.slots) == 0 {
			return 0, false, nil
		}
		for at = slot(h, len(s.slots)); ; at = (at + 1) % len(s.slots) {
			if x := s.slots[at]; x == h || x == ([16]byte{}) {
				return at, x == h, nil
			}
		}
	}
	var b [16 * seenRead]byte
	for at = slot(h, seenSlots); ; at %= seenSlots {
		n, err := s.file.ReadAt(b[:min(seenRead, seenSlots-at)*16], int64(at)*16)
		if err != nil && err != io.EOF {
			return 0, false, spilled(err)
		}
		for i := 0; i < n; i += 16 {
			if x := [16]byte(b[i : i+16]); x == h || x == ([16]byte{}) {
				return at, x == h, nil
			}
			at++
		}
	}
}

// has tells whether h is in the set. What cannot be read is not.
func (s *seen) has(h [16]byte) bool {
	_, ok, err := s.find(taken(h))
	return ok && err == nil
}

// add takes h in, unless there are limit hashes already. It tells whether h was there, and whether it is now.
func (s *seen) add(h [16]byte, limit int) (was, is bool, err error) {
	h = taken(h)
	if s.file == nil && 2*s.n >= len(s.slots) {
		if err := s.grow(); err != nil {
			return false, false, err
		}
	}
	at, ok, err := s.find(h)
	if err != nil || ok || s.n >= limit {
		return ok, ok, err
	}
	return false, true, s.put(at, h)
}

func (s *seen) put(at int, h [16]byte) error {
	s.n++
	if s.file == nil {
		s.slots[at] = h
		return nil
	}
	_, err := s.file.WriteAt(h[:], int64(at)*16)
	return spilled(err)
}

// grow makes room for more, at last in a file.
func (s *seen) grow() (err error) {
	held := s.held
	if held == 0 {
		held = seenHeld
	}
	old := s.slots
	s.n = 0
	if s.slots = nil; len(old) < 2*held {
		s.slots = make([][16]byte, max(2*len(old), 64))
	} else if s.file, err = temporary(); err != nil {
		return err
	} else if err := s.file.Truncate(seenSlots * 16); err != nil {
		return spilled(err)
	}
	for _, h := range old {
		if h == ([16]byte{}) {
			continue
		}
		at, _, err := s.find(h)
		if err == nil {
			err = s.put(at, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seen) close() {
	if s.file != nil {
		s.file.Close()
	}
	*s = seen{}
}

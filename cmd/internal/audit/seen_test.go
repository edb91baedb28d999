package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
)

// TestSeen holds a set that is soon on disk against a map.
func TestSeen(t *testing.T) {
	s := seen{held: 100}
	defer s.close()
	const limit = 4000
	want := map[[16]byte]bool{}
	for i := range 12_000 {
		var h [16]byte
		if i%7 > 0 {
			sum := sha256.Sum256(binary.AppendUvarint(nil, uint64(i*i%7919)))
			copy(h[:], sum[:])
		}
		if i%60 == 1 {
			copy(h[:8], "\xff\xff\xff\xff\xff\xff\xff\xff") // all of them look for the last slot
		}
		if s.has(h) != want[h] {
			t.Fatalf("hash %d: in the set %v", i, !want[h])
		}
		was, is, err := s.add(h, limit)
		if err != nil || was != want[h] || is != (was || len(want) < limit) {
			t.Fatalf("hash %d: was %v, is %v, %v", i, was, is, err)
		}
		if is {
			want[h] = true
		}
	}
	if s.file == nil || s.n != len(want) || s.n != limit {
		t.Errorf("%d hashes, %d in the map", s.n, len(want))
	}
}

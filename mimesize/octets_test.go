package mimesize

import (
	"bytes"
	"testing"
)

// TestOctetsAtATime holds the functions that look at several octets at a time against one octet in every place.
func TestOctetsAtATime(t *testing.T) {
	for c := range 256 {
		for _, n := range []int{1, 7, 8, 9, 31, 32, 33, 40, 64, 76, 137} {
			for at := range n {
				for _, fill := range []byte("Az09+/") {
					b := bytes.Repeat([]byte{fill}, n)
					b[at] = byte(c)
					if got, want := allBase64(b), b64Class[c] == b64Char; got != want {
						t.Fatalf("allBase64 of %q: %v", b, got)
					}
					if got, want := countEightBit(b), int64(c>>7); got != want {
						t.Fatalf("countEightBit of %q: %d", b, got)
					}
					if got, want := isOdd(b), c == 0 || c >= 0x80; got != want {
						t.Fatalf("isOdd of %q: %v", b, got)
					}
					if got, want := hasControl(b), c < 0x20 && c != '\t' || c == 0x7f; got != want {
						t.Fatalf("hasControl of %q: %v", b, got)
					}
					var want uint64 // the end is a control
					for i := range 64 {
						if i >= n || b[i] < 0x20 || b[i] > 0x7e {
							want |= 1 << i
						}
					}
					if got := controlsIn(b); got != want {
						t.Fatalf("controlsIn of %q: %b", b, got)
					}
					place := n
					if c == ':' || c == ' ' {
						place = at
					}
					if got := colonOrSpace(b); got != place {
						t.Fatalf("colonOrSpace of %q: %d", b, got)
					}
				}
			}
		}
	}
}

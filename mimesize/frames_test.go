package mimesize

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Among many open multiparts a line finds the one that looking through all of them finds.
func TestFramesAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		return strings.Repeat("ab-"[r.IntN(3):][:1], r.IntN(3)) + strings.Repeat("b", r.IntN(12)) + "a"
	}
	met := map[[2]bool]int{}
	for range 3000 {
		var s Scanner
		for range r.IntN(5 * fewFrames) {
			if n := len(s.frames); n > 0 && r.IntN(4) == 0 {
				s.cutFrames(r.IntN(n + 1))
			}
			if n := len(s.frames); n > 0 {
				s.frames[n-1].closed = false
			}
			s.pushFrame(len(s.frames), []byte(word()))
		}
		if len(s.frames) <= fewFrames {
			continue
		}
		s.frames[len(s.frames)-1].closed = r.IntN(2) == 0
		for range 50 {
			line := []byte("--" + word() + []string{"", "-", "--", "x", "--x"}[r.IntN(5)])
			at, closing, junk := s.lookUpFrame(line)
			wantAt, wantClosing, wantJunk := -1, false, false
			for i := len(s.frames) - 1; i >= 0 && wantAt < 0; i-- {
				delimiter, closing, j := match(line, s.stack[s.frames[i].from:s.frames[i].to])
				if delimiter || closing {
					wantAt, wantClosing = i, closing
				}
				wantJunk = wantJunk || j && !s.frames[i].closed
			}
			wantJunk = wantJunk && wantAt < 0
			if at != wantAt || closing != wantClosing || junk != wantJunk {
				t.Fatalf("%q in %d frames: %d %v %v, want %d %v %v", line, len(s.frames), at, closing, junk, wantAt, wantClosing, wantJunk)
			}
			met[[2]bool{at >= 0, closing || junk}]++
		}
	}
	if len(met) < 4 {
		t.Errorf("met only %v", met)
	}
}

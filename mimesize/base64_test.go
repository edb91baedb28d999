package mimesize

import (
	"bytes"
	"testing"
)

// TestBase64Lines76 holds what counts lines of base64 against the alphabet, for each octet in each place, in Go and in assembly.
func TestBase64Lines76(t *testing.T) {
	for name, count := range map[string]func([]byte, int) int{"plain": plainLines76, "machine": base64Lines76} {
		for _, end := range []string{"\n", "\r\n"} {
			line := append(bytes.Repeat([]byte("Az09+/"), 13)[:76], end...)
			step := len(line)
			all := bytes.Repeat(line, 3)
			for n := range len(all) + 1 {
				if got := count(all[:n:n], step); got != n/step {
					t.Fatalf("%s: %d lines in %d octets of lines of %d", name, got, n, step)
				}
			}
			for at := step; at < 2*step; at++ {
				for c := range 256 {
					want := 3
					if at < step+76 && b64Class[c] != b64Char || at >= step+76 && byte(c) != line[at-step] {
						want = 1
					}
					all[at] = byte(c)
					if got := count(all, step); got != want {
						t.Fatalf("%s: %d lines with octet %d at %d of lines of %d, want %d", name, got, c, at, step, want)
					}
				}
				all[at] = line[at-step]
			}
		}
	}
}

func BenchmarkBase64Lines76(b *testing.B) {
	for name, count := range map[string]func([]byte, int) int{"plain": plainLines76, "machine": base64Lines76} {
		b.Run(name, func(b *testing.B) {
			lines := bytes.Repeat(append(bytes.Repeat([]byte("Az09"), 19), '\n'), 1000)
			b.SetBytes(int64(len(lines)))
			for b.Loop() {
				if count(lines, 77) != 1000 {
					b.Fatal("not all lines are counted")
				}
			}
		})
	}
}

package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
)

// TestSpool: what is written comes out whole and in order, with little of it in memory and nothing left behind.
func TestSpool(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, sizes := range [][]int{{}, {10, 20}, {spoolMemory}, {spoolMemory, 1}, {1, spoolMemory + 1, 2}, {spoolMemory - 1, 2, 3 * spoolMemory, 7}} {
		var s spool
		var want bytes.Buffer
		for i, n := range sizes {
			piece := bytes.Repeat([]byte(fmt.Sprint(i)), n)
			want.Write(piece)
			if _, err := s.Write(piece); err != nil {
				t.Fatal(err)
			}
			if s.buf.Len() > spoolMemory {
				t.Errorf("%v: %d octets in memory", sizes, s.buf.Len())
			}
		}
		if s.Len() != int64(want.Len()) {
			t.Errorf("%v: %d octets", sizes, s.Len())
		}
		var got bytes.Buffer
		if _, err := s.WriteTo(&got); err != nil || sha256.Sum256(got.Bytes()) != sha256.Sum256(want.Bytes()) {
			t.Errorf("%v: %v, %d octets, want %d", sizes, err, got.Len(), want.Len())
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	t.Setenv("TMPDIR", tmp+"/gone")
	var s spool
	if _, err := s.Write(make([]byte, spoolMemory+1)); err == nil {
		t.Error("no error without a place for the file")
	}
}

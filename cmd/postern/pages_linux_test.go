package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPagesOf(t *testing.T) {
	const smaps = `00400000-01da2000 r-xp 00000000 fe:00 12011137                           /usr/bin/postern
Size:              26248 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
01da2000-03cb7000 r--p 019a2000 fe:00 12011137                           /usr/bin/postern
Anonymous:             4 kB
03cb7000-03d00000 r--p 038b7000 fe:00 12011137                           /usr/bin/postern
Anonymous:             0 kB
03d00000-03e00000 rw-p 038b7000 fe:00 12011137                           /usr/bin/postern
Anonymous:             0 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 77                         /usr/lib/libc.so.6
Anonymous:             0 kB
`
	want := []addresses{{0x400000, 0x1da2000}, {0x3cb7000, 0x3d00000}}
	if d := cmp.Diff(want, pagesOf(strings.NewReader(smaps), "/usr/bin/postern"), cmp.AllowUnexported(addresses{})); d != "" {
		t.Error(d)
	}
}

// TestForgetPages: the pages are gone, and what lay in them is there when it is needed.
func TestForgetPages(t *testing.T) {
	before := fileMemory(t)
	forgetPages()
	if after := fileMemory(t); after > before-4<<10 {
		t.Errorf("%d KiB of files are in memory, %d KiB were before", after, before)
	}
}

// fileMemory is how many KiB of files are in memory.
func fileMemory(t *testing.T) (n int) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(b), "\nRssFile:")
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

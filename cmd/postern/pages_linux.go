package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
)

// program is where the pages of the program's own file lie.
var program = sync.OnceValue(func() []addresses {
	name, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer f.Close()
	return pagesOf(f, name)
})

// forgetPages gives back the pages of the program's own file that are in memory, some 30 MiB. Nearly all were looked at only while it
// started; what is needed again comes back from the cache of the system, in pieces of sixteen pages or as the cache holds it.
func forgetPages() {
	for _, p := range program() {
		syscall.Syscall(syscall.SYS_MADVISE, p.from, p.to-p.from, syscall.MADV_DONTNEED)
	}
}

// addresses are a range of addresses.
type addresses struct{ from, to uintptr }

// pagesOf reads in smaps (proc_pid_smaps(5)) where a file lies in memory as it is on disk: nothing can write there, and nothing has, as
// a loader or a debugger does.
func pagesOf(smaps io.Reader, name string) (list []addresses) {
	var p addresses
	for in := bufio.NewScanner(smaps); in.Scan(); {
		line := strings.Fields(in.Text())
		switch {
		case len(line) >= 5 && !strings.HasSuffix(line[0], ":"): // a mapping begins: its range, rights, offset, device, inode and file
			p = addresses{}
			if len(line) == 6 && line[5] == name && (line[1] == "r-xp" || line[1] == "r--p") {
				if n, err := fmt.Sscanf(line[0], "%x-%x", &p.from, &p.to); n != 2 || err != nil {
					p = addresses{}
				}
			}
		case len(line) == 3 && line[0] == "Anonymous:" && line[1] == "0" && p.from < p.to:
			list = append(list, p)
		}
	}
	return list
}

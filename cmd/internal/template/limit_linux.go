package template

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// limitData has the kernel refuse memory beyond so many octets more than there are now. It is for the case that the process gets no
// time to look after itself; what has been mapped by then, as by the race detector, does not count.
func limitData(more uint64) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return
	}
	fields := bytes.Fields(statm)
	if len(fields) < 6 {
		return
	}
	pages, err := strconv.ParseUint(string(fields[5]), 10, 64)
	if err != nil {
		return
	}
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_DATA, &limit) != nil {
		return
	}
	limit.Cur = min(limit.Max, pages*uint64(os.Getpagesize())+more)
	syscall.Setrlimit(syscall.RLIMIT_DATA, &limit)
}

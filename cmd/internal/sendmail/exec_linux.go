package sendmail

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeOnExec keeps descriptors that this program was given from its successor, all but the first three.
func closeOnExec() {
	if unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	list, err := os.ReadDir("/proc/self/fd") // Linux before 5.11
	if err != nil {
		return
	}
	for _, e := range list {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// stdin makes a descriptor the standard input, which stays open over execve. A descriptor of a new file is never 0: the runtime
// opens what the caller has closed of the first three.
func stdin(fd int) error { return unix.Dup3(fd, 0, 0) }

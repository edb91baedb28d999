//go:build unix && !linux

package sendmail

import "golang.org/x/sys/unix"

// closeOnExec keeps descriptors that this program was given from its successor, all but the first three.
func closeOnExec() {
	for fd := 3; fd < 1024; fd++ {
		unix.CloseOnExec(fd)
	}
}

// stdin makes a descriptor the standard input, which stays open over execve.
func stdin(fd int) error { return unix.Dup2(fd, 0) }

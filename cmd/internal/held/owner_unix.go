//go:build unix

package held

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow opens no link, and waits for nobody behind a named pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// owner gives the user that a file belongs to, and how many names it has.
func owner(st fs.FileInfo) (uid, names int) {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return int(sys.Uid), int(sys.Nlink)
	}
	return os.Geteuid(), 1
}

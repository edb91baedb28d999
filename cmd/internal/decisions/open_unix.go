//go:build unix

package decisions

import (
	"fmt"
	"os"
	"syscall"
)

// openFile opens a regular file of this user's that nobody else can write, links not followed.
func openFile(name string, flags int) (*os.File, error) {
	f, err := os.OpenFile(name, flags|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil {
		sys, ok := st.Sys().(*syscall.Stat_t)
		switch {
		case !st.Mode().IsRegular():
			err = fmt.Errorf("%s is no regular file", name)
		case ok && int(sys.Uid) != os.Geteuid() && os.Geteuid() != 0:
			err = fmt.Errorf("%s belongs to user %d, and postern runs as user %d", name, sys.Uid, os.Geteuid())
		case st.Mode().Perm()&0o022 != 0:
			err = fmt.Errorf("other users can write %s (mode %04o); chmod 600 it", name, st.Mode().Perm())
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

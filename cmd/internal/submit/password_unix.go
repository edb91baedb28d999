//go:build unix

package submit

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const nonblock = syscall.O_NONBLOCK

// exposed tells who else can read a file, "" if nobody who must not. What only root and systemd have made readable for a group
// is a credential's own affair.
func exposed(st fs.FileInfo, private bool) string {
	mode := st.Mode().Perm()
	if !private {
		if mode&0o007 != 0 {
			return fmt.Sprintf("can be read by everybody (mode %04o)", mode)
		}
		return ""
	}
	if own, ok := st.Sys().(*syscall.Stat_t); ok && int(own.Uid) != os.Geteuid() {
		return fmt.Sprintf("belongs to uid %d, and not to uid %d that reads it", own.Uid, os.Geteuid())
	}
	if mode != 0o600 && mode != 0o400 {
		return fmt.Sprintf("has mode %04o; a password file has 0600 or 0400: chmod 600", mode)
	}
	return ""
}

//go:build unix

package locate

import (
	"os"
	"syscall"
)

// strange tells whether a file, or the link that stands for it, belongs to somebody else than this user, root and the owner of a
// directory.
func strange(file, dir string) bool {
	trusted := map[uint32]bool{0: true, uint32(os.Geteuid()): true}
	if st, err := os.Stat(dir); err == nil {
		if sys, ok := st.Sys().(*syscall.Stat_t); ok {
			trusted[sys.Uid] = true
		}
	}
	for _, stat := range [...]func(string) (os.FileInfo, error){os.Lstat, os.Stat} {
		st, err := stat(file)
		if err != nil {
			continue // whoever reads it tells why it cannot
		}
		if sys, ok := st.Sys().(*syscall.Stat_t); ok && !trusted[sys.Uid] {
			return true
		}
	}
	return false
}

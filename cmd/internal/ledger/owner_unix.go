//go:build unix

package ledger

import (
	"io/fs"
	"os"
	"syscall"
)

func owner(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

func ours(info fs.FileInfo) bool  { return owner(info) == os.Geteuid() }
func roots(info fs.FileInfo) bool { return owner(info) == 0 }

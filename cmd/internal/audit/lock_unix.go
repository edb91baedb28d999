//go:build unix

package audit

import (
	"os"
	"syscall"
)

// lock takes the file for this process, or fails if another has it. The system gives it back when the process ends.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

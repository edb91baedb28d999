package sendmail

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// newMemory makes a file in memory that can be sealed.
func newMemory() (*os.File, error) {
	fd, err := unix.MemfdCreate("postern", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), "memory"), nil
}

// newUnnamed makes a file that never gets a name.
func newUnnamed(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	// O_EXCL: nor can it be given one by linkat.
	f, err := os.OpenFile(dir, os.O_RDWR|os.O_EXCL|unix.O_TMPFILE, 0o600)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) {
		return removed(dir) // file systems without O_TMPFILE
	}
	return f, err
}

// seal keeps a file of newMemory as it is for as long as it is open anywhere.
func seal(f *os.File) (bool, error) {
	_, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	return err == nil, os.NewSyscallError("seal", err)
}

//go:build unix

package front

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Identify tells what file a path leads to.
func Identify(path string) (FileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return FileID{}, err
	}
	return FileID{Dev: uint64(st.Dev), Ino: uint64(st.Ino), Size: uint64(st.Size), Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano()}, nil
}

// Group gives the group of a file.
func Group(st fs.FileInfo) int {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return int(s.Gid)
	}
	return 0
}

// Self tells what file this program is.
func Self() (FileID, error) {
	if runtime.GOOS == "linux" {
		return Identify("/proc/self/exe") // the file itself, whatever has its name now
	}
	own, err := os.Executable()
	if err != nil {
		return FileID{}, err
	}
	return Identify(own)
}

// trusted tells why a file or directory is not one that only root or the user can have written.
func trusted(st *unix.Stat_t) error {
	switch {
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("it belongs to user %d", st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("others can write it (mode %04o)", st.Mode&0o7777)
	}
	return nil
}

// openDir opens a directory for entries.
func openDir(dir string) (int, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		err = trusted(&st)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// read reads the entry of a configuration.
func read(dir, config string) (*Entry, *Doubt) {
	none := curable("there is no entry")
	d, err := openDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none
	}
	if err != nil {
		return nil, curable("the directory of entries: " + err.Error())
	}
	defer unix.Close(d)
	fd, err := unix.Openat(d, name(config), unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none
	}
	if err != nil {
		return nil, curable("the entry: " + err.Error())
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		err = trusted(&st)
	}
	switch {
	case err != nil:
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		err = errors.New("it is no regular file")
	case st.Size > maxEntry:
		err = errors.New("it is too large")
	}
	if err != nil {
		return nil, curable("the entry: " + err.Error())
	}
	data := make([]byte, st.Size)
	for at := 0; at < len(data); {
		n, err := unix.Read(fd, data[at:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return nil, curable("the entry: " + errDamaged.Error())
		}
		at += n
	}
	e, err := Decode(data)
	if err != nil {
		return nil, curable("the entry: " + err.Error())
	}
	return e, nil
}

// stale is how old a file must be that a writer has left behind.
const stale = time.Minute

// ErrBusy is the error when another program is writing the same entry.
var ErrBusy = errors.New("another program is writing the same entry")

// Save writes the entry that build makes for a postern.yaml: for all users if root does it, else for the caller. It asks for the
// entry only when it can be written, and gives the path. Of many that write at once one does. mode is that of the file; who cannot read
// the configuration need not read what was made of it.
func Save(environ []string, config string, mode fs.FileMode, gid int, build func() (*Entry, error)) (path string, err error) {
	dir, perm := SystemDir, fs.FileMode(0o755)
	if os.Geteuid() != 0 {
		dir, perm = ownDirectory(environ), 0o700
	}
	if dir == "" {
		return "", errors.New("there is no directory for entries: HOME is not set, and only root writes " + SystemDir)
	}
	path = filepath.Join(dir, name(config))
	failed := func(err error) (string, error) { return "", fmt.Errorf("%s cannot be written: %w", path, err) }
	if err := os.MkdirAll(dir, perm); err != nil {
		return failed(err)
	}
	d, err := openDir(dir)
	if err != nil {
		return failed(err)
	}
	defer unix.Close(d)
	f, err := create(d, name(config)+".new")
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	done := false
	defer func() {
		if !done {
			unix.Unlinkat(d, f.Name(), 0)
		}
	}()
	e, err := build()
	if err != nil {
		return "", err
	}
	if _, err := f.Write(e.Encode()); err != nil {
		return failed(err)
	}
	if os.Geteuid() == 0 {
		if err := f.Chown(-1, gid); err != nil {
			return failed(err)
		}
	}
	if err := f.Chmod(mode&0o444 | 0o600); err != nil {
		return failed(err)
	}
	if err := f.Sync(); err != nil {
		return failed(err)
	}
	if err := unix.Renameat(d, f.Name(), d, name(config)); err != nil {
		return failed(err)
	}
	done = true
	return path, nil
}

// create makes the file that an entry is written to. That it is there tells others that somebody is at it; one that was left behind by
// a program that was killed is taken away after a while.
func create(d int, name string) (*os.File, error) {
	for range 2 {
		fd, err := unix.Openat(d, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		if err == nil {
			return os.NewFile(uintptr(fd), name), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		var st unix.Stat_t
		if err := unix.Fstatat(d, name, &st, unix.AT_SYMLINK_NOFOLLOW); err == nil && time.Since(time.Unix(0, st.Mtim.Nano())) < stale {
			return nil, ErrBusy
		}
		if err := unix.Unlinkat(d, name, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, ErrBusy
}

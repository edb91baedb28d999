//go:build unix

package cache

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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

// openDir opens a directory of the cache.
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

// Read gives the octets of the file of that name in a directory, if nobody but root or the user himself can have written it. Without
// one the error is fs.ErrNotExist.
func Read(dir, name string) ([]byte, error) {
	var data []byte
	err := with(dir, name, func(fd, size int) error {
		data = make([]byte, size)
		for at := 0; at < size; {
			n, err := unix.Read(fd, data[at:])
			if err == unix.EINTR {
				continue
			}
			if err != nil || n == 0 {
				return ErrDamaged
			}
			at += n
		}
		return nil
	})
	return data, err
}

// Map is Read without a copy: what it gives are the pages of the file itself, for as long as the program runs. Nobody changes a file that
// Write has written, but its owner can make it shorter, and then what is read of it panics where debug.SetPanicOnFault is set.
func Map(dir, name string) (data []byte, err error) {
	err = with(dir, name, func(fd, size int) (err error) {
		if size == 0 {
			return ErrDamaged
		}
		data, err = unix.Mmap(fd, 0, size, unix.PROT_READ, unix.MAP_PRIVATE|populate)
		return err
	})
	return data, err
}

// with opens a file of the cache.
func with(dir, name string, use func(fd, size int) error) error {
	d, err := openDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil {
		return fmt.Errorf("the directory of entries: %w", err)
	}
	defer unix.Close(d)
	fd, err := unix.Openat(d, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the entry: %w", err)
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
	case st.Size > maxFile:
		err = errors.New("it is too large")
	default:
		err = use(fd, int(st.Size))
	}
	if err != nil {
		return fmt.Errorf("the entry: %w", err)
	}
	return nil
}

// stale is how old a file must be that a writer has left behind.
const stale = time.Minute

// fresh ends the names of files that are being written.
const fresh = ".new"

// Write writes the file of that name in a directory, which it makes if need be. It asks for the octets only when they can be written. Of
// many that write at once one does; the others get ErrBusy. mode says who may read the file; as root it gets the group.
func Write(dir, name string, mode fs.FileMode, gid int, build func() ([]byte, error)) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	d, err := openDir(dir)
	if err != nil {
		return err
	}
	defer unix.Close(d)
	f, err := create(d, name+fresh)
	if err != nil {
		return err
	}
	defer f.Close()
	done := false
	defer func() {
		if !done {
			unix.Unlinkat(d, f.Name(), 0)
		}
	}()
	data, err := build()
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := f.Chown(-1, gid); err != nil {
			return err
		}
	}
	if err := f.Chmod(mode&0o444 | 0o600); err != nil {
		return err
	}
	// It need not last through a crash of the machine: half a file is found to be damaged, and written again.
	if err := unix.Renameat(d, f.Name(), d, name); err != nil {
		return err
	}
	done = true
	return nil
}

// makeDir makes a directory of the cache. That of a user is made only where his home, or what holds his caches, is there already. Root
// makes nothing in the home of another, whose HOME he happens to have: the other could not use it, nor remove it.
func makeDir(dir string) error {
	if dir == SystemDir {
		return os.MkdirAll(dir, 0o755)
	}
	parent, missing := dir, 0
	var st unix.Stat_t
	for ; ; parent, missing = filepath.Dir(parent), missing+1 {
		err := unix.Stat(parent, &st)
		if err == nil {
			break
		}
		if missing == 2 || !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", parent, err)
		}
	}
	if missing > 0 && st.Uid != 0 && os.Geteuid() == 0 {
		return fmt.Errorf("%s belongs to user %d", parent, st.Uid)
	}
	return os.MkdirAll(dir, 0o700)
}

// create makes the file that is written to. That it is there tells others that somebody is at it; one that was left behind by a program
// that was killed is taken away after a while.
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

// Prune removes the oldest of the files in a directory whose names begin with prefix, until there are at most so many with at most so
// many octets together. What goes wrong in it is for the next one.
func Prune(dir, prefix string, files int, octets int64) {
	d, err := openDir(dir)
	if err != nil {
		return
	}
	list := os.NewFile(uintptr(d), dir)
	defer list.Close()
	names, _ := list.Readdirnames(1 << 16)
	type file struct {
		name string
		unix.Stat_t
	}
	var all []file
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		f := file{name: name}
		if unix.Fstatat(d, name, &f.Stat_t, unix.AT_SYMLINK_NOFOLLOW) != nil || f.Mode&unix.S_IFMT == unix.S_IFDIR {
			continue
		}
		if !strings.HasSuffix(name, fresh) {
			all = append(all, f)
		} else if time.Since(time.Unix(0, f.Mtim.Nano())) >= stale {
			unix.Unlinkat(d, name, 0)
		}
	}
	slices.SortFunc(all, func(a, b file) int { return cmp.Compare(b.Mtim.Nano(), a.Mtim.Nano()) }) // newest first
	for i, f := range all {
		if octets -= f.Size; i >= files || octets < 0 {
			unix.Unlinkat(d, f.name, 0)
		}
	}
}

package cache

import (
	"errors"
	"os"
	"path/filepath"

	"postern/cmd/internal/locate"
)

// SystemDir is where root keeps files for all users. It is a variable for the tests only.
var SystemDir = "/var/cache/postern"

// maxFile bounds a file, in octets. One with all built-in rules has less than 400 KiB.
const maxFile = 8 << 20

// ErrBusy is the error when another program is writing the same file.
var ErrBusy = errors.New("another program is writing the same entry")

// FileID tells a file from every other, and from itself after a change.
type FileID struct {
	Dev, Ino, Size uint64
	// Modified and Changed are times in nanoseconds.
	Modified, Changed int64
}

// File codes a FileID.
func (c *Coder) File(id *FileID) {
	for _, n := range []*uint64{&id.Dev, &id.Ino, &id.Size} {
		c.Unsigned(n)
	}
	c.Number(&id.Modified)
	c.Number(&id.Changed)
}

// Directories gives the directories in which what only its writer vouches for may lie for the caller: that of root, and his own.
func Directories(environ []string) []string {
	dirs := []string{SystemDir}
	if own := OwnDirectory(environ); own != "" && os.Geteuid() != 0 {
		dirs = append(dirs, own)
	}
	return dirs
}

// OwnDirectory gives the user's own directory, by the XDG base directory specification, "" if he has none.
func OwnDirectory(environ []string) string {
	vars := locate.Variables(environ, "XDG_CACHE_HOME", "HOME")
	if dir := vars["XDG_CACHE_HOME"]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "postern")
	}
	if home := vars["HOME"]; filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "postern")
	}
	return ""
}

//go:build !unix

package front

import (
	"errors"
	"io/fs"
)

var errNone = errors.New("this system has no sendmail")

// ErrBusy is the error when another program is writing the same entry.
var ErrBusy = errors.New("another program is writing the same entry")

// Identify always fails: this system has no front.
func Identify(string) (FileID, error) { return FileID{}, errNone }

// Self always fails, as Identify does.
func Self() (FileID, error) { return FileID{}, errNone }

// Group gives the group of a file.
func Group(fs.FileInfo) int { return 0 }

func read(string, string) (*Entry, *Doubt) { return nil, doubt(errNone.Error()) }

// Save always fails, as Identify does.
func Save([]string, string, fs.FileMode, int, func() (*Entry, error)) (string, error) {
	return "", errNone
}

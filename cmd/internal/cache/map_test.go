//go:build unix

package cache

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// What is mapped is what is read; and an owner who makes the file shorter makes a panic that can be recovered from, not a signal that
// ends the program with a message in its hands.
func TestMap(t *testing.T) {
	dir := t.TempDir()
	want := bytes.Repeat([]byte("guards "), 3000)
	if err := Write(dir, "entry", 0o600, os.Getgid(), func() ([]byte, error) { return want, nil }); err != nil {
		t.Fatal(err)
	}
	data, err := Map(dir, "entry")
	if err != nil || !bytes.Equal(data, want) {
		t.Fatalf("%d octets, %v", len(data), err)
	}
	if err := os.Truncate(filepath.Join(dir, "entry"), 100); err != nil {
		t.Fatal(err)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("what is no longer there was read")
			}
		}()
		if data[len(data)-1] == 0 {
			t.Error("it is empty")
		}
	}()
	if _, err := Map(dir, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, "entry"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Map(dir, "entry"); err == nil {
		t.Error("an empty file was mapped")
	}
}

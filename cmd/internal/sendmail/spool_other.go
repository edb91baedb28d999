//go:build !linux

package sendmail

import "os"

func newMemory() (*os.File, error) { return removed("") }

func newUnnamed(dir string) (*os.File, error) { return removed(dir) }

// seal does nothing: only Linux has seals. The file has no name, which keeps other users from it.
func seal(*os.File) (bool, error) { return false, nil }

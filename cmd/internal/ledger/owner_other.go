//go:build !unix

package ledger

import "io/fs"

// Other systems have owners and modes of other kinds, which are not looked at.
func ours(fs.FileInfo) bool  { return true }
func roots(fs.FileInfo) bool { return true }

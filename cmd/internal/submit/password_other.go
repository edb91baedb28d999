//go:build !unix

package submit

import "io/fs"

const nonblock = 0

// exposed knows no modes here.
func exposed(fs.FileInfo, bool) string { return "" }

//go:build !linux

package mailbox

import "os"

func tempFile() (*os.File, error) { return namedTempFile() }

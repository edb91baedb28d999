package mailbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// tempFile makes a temporary file that never has a name, so that nothing is left behind however the program ends.
func tempFile() (*os.File, error) {
	if f, err := os.OpenFile(os.TempDir(), os.O_RDWR|unix.O_TMPFILE|unix.O_CLOEXEC, 0o600); err == nil {
		return f, nil
	}
	return namedTempFile() // the file system does not know O_TMPFILE
}

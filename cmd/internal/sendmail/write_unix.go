//go:build unix

package sendmail

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a reader of our messages is waited for who does not read. The exit status tells what matters.
const patience = 2 * time.Second

// Write writes text to w. A pipe that is full and that nobody reads does not stop it for longer than two seconds; then, and on any
// other error, the rest is dropped. It gives how many octets went out.
func Write(w io.Writer, text string) (written int) {
	f, ok := w.(*os.File)
	if !ok {
		written, _ = io.WriteString(w, text)
		return written
	}
	// Where a pipe is ready, it has room for this much (pipe(7)).
	const piece = 4096
	end := time.Now().Add(patience)
	for text != "" {
		n := min(len(text), piece)
		ready := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLOUT}}
		got, err := unix.Poll(ready, int(max(time.Until(end), 0)/time.Millisecond))
		if err == unix.EINTR {
			continue
		}
		if err != nil || got == 0 || ready[0].Revents&unix.POLLOUT == 0 {
			break
		}
		done, err := f.WriteString(text[:n])
		written += done
		if err != nil {
			break
		}
		text = text[done:]
	}
	return written
}

// Same tells whether two writers are one file.
func Same(a, b io.Writer) bool {
	x, ok := a.(*os.File)
	y, also := b.(*os.File)
	if !ok || !also {
		return false
	}
	sx, err := x.Stat()
	sy, other := y.Stat()
	return err == nil && other == nil && os.SameFile(sx, sy)
}

package mailbox

import (
	"sync"
	"sync/atomic"
)

// windowBytes is how much of an mbox is looked at at once. It fits into the cache of a core, and the many windows that
// messages under way keep alive stay small together.
const windowBytes = 256 << 10

// window is a piece of an mbox in memory. The messages that lie in it whole are read from it, so it is used again only when
// the last of them is closed.
type window struct {
	b    []byte
	refs atomic.Int32
}

var windows = sync.Pool{New: func() any { return &window{b: make([]byte, windowBytes)} }}

func newWindow() *window {
	w := windows.Get().(*window)
	w.refs.Store(1)
	return w
}

func (w *window) retain() *window {
	w.refs.Add(1)
	return w
}

func (w *window) release() {
	if w.refs.Add(-1) == 0 {
		windows.Put(w)
	}
}

// alone tells that no message is read from w.
func (w *window) alone() bool { return w.refs.Load() == 1 }

// Close gives w back as the octets of a file.
func (w *window) Close() error {
	w.release()
	return nil
}

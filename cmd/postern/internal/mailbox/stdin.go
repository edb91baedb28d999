package mailbox

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// stdin yields the messages of standard input, which is read whole before the first is judged.
func (w *walker) stdin(r io.Reader) {
	if w.stdinRead {
		w.fail(StdinName, errors.New("is named twice"), "standard input can be read only once")
		return
	}
	w.stdinRead = true
	type result struct {
		f    *file
		size int64
		err  error
	}
	// A read from a terminal or a pipe does not end when the run is cancelled, so the run does not wait for it.
	ch := make(chan result, 1)
	limit := w.opts.SpoolMemory
	if limit <= 0 {
		limit = defaultSpoolMemory
	}
	go func() {
		f, n, err := spool(r, limit)
		ch <- result{f, n, err}
	}()
	select {
	case <-w.ctx.Done():
		return
	case got := <-ch:
		if got.err != nil {
			w.fail(StdinName, got.err, "")
			return
		}
		defer got.f.release()
		w.content(got.f, got.size, StdinName)
	}
}

// spool keeps up to limit octets of r in memory, and a longer r whole in a temporary file that has no name.
func spool(r io.Reader, limit int64) (*file, int64, error) {
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(r, limit))
	if err != nil {
		return nil, 0, reason(err)
	}
	if n < limit {
		f := &file{ReaderAt: bytes.NewReader(buf.Bytes())}
		f.refs.Store(1)
		return f, n, nil
	}
	tmp, err := os.CreateTemp("", "postern-*")
	if err != nil {
		return nil, 0, err
	}
	// Without a name nothing is left behind, however the program ends. Where an open file cannot be removed it is tried
	// again on closing.
	f := newFile(tmp)
	if os.Remove(tmp.Name()) != nil {
		f.closer = removing{tmp}
	}
	if _, err := tmp.Write(buf.Bytes()); err != nil {
		f.release()
		return nil, 0, err
	}
	more, err := io.Copy(tmp, r)
	if err != nil {
		f.release()
		return nil, 0, err
	}
	return f, n + more, nil
}

// removing is a file that is removed when it is closed.
type removing struct{ *os.File }

func (r removing) Close() error {
	return errors.Join(r.File.Close(), os.Remove(r.Name()))
}

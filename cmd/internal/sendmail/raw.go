package sendmail

import (
	"io"

	"postern/cmd/internal/gate"
)

// Raw keeps what is read through it as it comes, so that another program can take the message in from its beginning.
type Raw struct {
	from  io.Reader
	spool spool
	err   error
}

// NewRaw begins to keep what is read from a reader. An error means that nothing can be kept; nothing has been read then.
func NewRaw(from io.Reader) (*Raw, error) {
	r := &Raw{from: from, spool: spool{threshold: defaultThreshold}}
	return r, r.spool.write(nil)
}

// Read reads what it has kept.
func (r *Raw) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if n > 0 {
		if r.err = r.spool.write(p[:n]); r.err != nil {
			return 0, r.err
		}
	}
	return n, err
}

// Err tells why not all that was read is kept.
func (r *Raw) Err() *Error {
	if r.err == nil {
		return nil
	}
	return storage(r.err)
}

// Stdin makes what was kept the standard input, sealed, from its beginning. It must not be called when a read has failed: what was
// kept then is not all there was.
func (r *Raw) Stdin() *Error {
	var m Message
	if err := r.spool.seal(&m); err != nil {
		return storage(err)
	}
	if err := stdin(int(m.File.Fd())); err != nil {
		return refuse(gate.Failed, "nothing was sent", "the message cannot be handed on: %w", err)
	}
	return nil
}

// Close gives the memory back.
func (r *Raw) Close() { r.spool.discard() }

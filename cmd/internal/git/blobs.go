package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// Staged tells whether the content is that of the index, which Blobs reads; otherwise it is that of the file in the work tree.
func (c Change) Staged() bool { return c.blob != "" }

// Blobs reads objects through one git process. It is for one goroutine.
type Blobs struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	errs *bounded
	// rest is what the caller has not read of the last object, with the line end after it.
	rest   *io.LimitedReader
	failed error
}

// Blobs begins to read. Close ends it.
func (r *Repo) Blobs(ctx context.Context) (*Blobs, error) {
	cmd, err := command(ctx, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	b := &Blobs{cmd: cmd, errs: &bounded{max: 16 << 10}}
	cmd.Stderr = b.errs
	if b.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 64<<10)
	if err := cmd.Start(); err != nil {
		return nil, &Error{Message: "git cat-file: " + err.Error()}
	}
	return b, nil
}

// Open gives the content of a change that is Staged. The reader is valid until the next call. An error of one object does
// not keep the next from being read, unless git itself has ended.
func (b *Blobs) Open(c Change) (io.Reader, error) {
	if b.failed != nil {
		return nil, b.failed
	}
	if b.rest != nil {
		if _, err := io.Copy(io.Discard, b.rest); err != nil {
			return nil, b.fail(err)
		}
		if _, err := b.out.Discard(1); err != nil {
			return nil, b.fail(err)
		}
		b.rest = nil
	}
	if _, err := io.WriteString(b.in, c.blob+"\n"); err != nil {
		return nil, b.fail(err)
	}
	// "object type size", or "object missing".
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, b.fail(err)
	}
	f := strings.Fields(head)
	if len(f) == 2 {
		return nil, errors.New("git does not have its content: " + f[1])
	}
	if len(f) != 3 {
		return nil, b.fail(fmt.Errorf("git cat-file answered %s", strconv.QuoteToASCII(head)))
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return nil, b.fail(fmt.Errorf("git cat-file answered %s", strconv.QuoteToASCII(head)))
	}
	b.rest = &io.LimitedReader{R: b.out, N: size}
	if f[1] != "blob" {
		return nil, errors.New("is a " + f[1] + ", not a file")
	}
	return &whole{b.rest}, nil
}

func (b *Blobs) fail(err error) error {
	if text := strings.TrimSpace(b.errs.String()); text != "" {
		err = errors.New(text)
	} else if err == io.EOF {
		err = errors.New("it ended early")
	}
	b.failed = fmt.Errorf("git cat-file: %w", err)
	return b.failed
}

// Close ends git.
func (b *Blobs) Close() {
	b.in.Close()
	// What git still had to say is not wanted; it must not wait for a reader.
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

// whole makes the early end of an object an error: half a message must not be judged for the whole.
type whole struct{ r *io.LimitedReader }

// Read reads the object.
func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err == io.EOF && w.r.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

package mailbox

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// Open gives one file, or standard input for "-", as it is: whatever it holds, as a whole. Its error is an *Error, or ctx's.
func Open(ctx context.Context, path string, stdin io.Reader) (Message, error) {
	var m Message
	var failed error
	w := &walker{ctx: ctx, whole: true, yield: func(got Message, err error) bool {
		m, failed = got, err
		return false
	}}
	if path == Stdin {
		w.stdin(stdin)
	} else if IsRemote(path) {
		w.remote(path)
	} else if info, err := os.Stat(path); err == nil && info.IsDir() {
		w.fail(path, errors.New("is a directory"), "name the files in it")
	} else {
		w.path(path)
	}
	if failed == nil && m.Reader == nil {
		return m, ctx.Err()
	}
	return m, failed
}

// Split yields the messages of what Open gave: those of an mbox, or m itself. The caller closes m and each of them.
func Split(ctx context.Context, m Message) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		w := &walker{ctx: ctx, yield: yield}
		f, ok := m.hold.(*file)
		if !ok {
			f = newFile(m.Reader, nil)
			defer f.release()
		}
		w.content(source{at: f, size: m.Size}, place{path: m.Path, name: m.Name, rel: filepath.Base(m.Path), claim: IsMail, root: &outer{size: m.Size}})
	}
}

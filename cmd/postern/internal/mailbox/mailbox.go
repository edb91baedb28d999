// Package mailbox finds messages: in files, directories, Maildirs, mbox files and on standard input. It reads and splits; it
// does not understand mail, changes no octet and writes nothing but an unlinked temporary file for a large standard input.
//
// Nothing is left out in silence. What cannot be read as a message comes out as an *Error in its place, and what a directory
// holds beside mail is told to Options.Skipped.
package mailbox

import (
	"context"
	"io"
	"iter"
	"os"
	"sync/atomic"
)

// Stdin is the path that stands for standard input, and StdinName the name under which its message is reported.
const (
	Stdin     = "-"
	StdinName = "stdin"
)

// Message is the octets of one message, and where they were found.
type Message struct {
	// Name tells the message from all others of the run: the path of its file, with "#3" for the third message of an mbox.
	Name string
	// Path is the file that the message's lines belong to, StdinName for standard input.
	Path string
	// FirstLine is the 1-based line of Path on which the message begins.
	FirstLine int64
	// Offset is the place of the message in its file.
	Offset int64
	// Size is the number of octets of the message as stored, without an mbox postmark and the empty line that ends a message
	// of an mbox.
	Size int64
	// Reader gives the octets of the message, from 0 to Size. It is valid until Close.
	Reader io.ReaderAt
	// Source is what the message was made from, nil if it was not made from anything. Walk does not set it.
	Source []byte

	file *file
}

// Close gives back the file that the message is read from, which messages of one mbox share. Each message that Walk yields
// has to be closed once.
func (m *Message) Close() {
	if m.file != nil {
		m.file.release()
		m.file = nil
	}
}

// Error says why something that was named, or found, could not be read as a message.
type Error struct {
	// Name is what could not be read.
	Name string
	// Err is the reason, without the name.
	Err error
	// Hint says what the user can do, "" when there is nothing to say.
	Hint string
}

// Error gives the name and the reason.
func (e *Error) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// Skip is an entry of a directory that was left out.
type Skip struct {
	Path   string
	Reason string // one of the Skipped... constants
}

// The reasons for leaving out an entry of a directory.
const (
	SkippedHidden  = "hidden"
	SkippedName    = "not named like mail"
	SkippedContent = "does not begin like a message"
	SkippedSpecial = "not a regular file"
	SkippedTmp     = "Maildir delivery in progress"
	SkippedLink    = "link to a directory"
)

// Options adjust Walk. The zero value is useful.
type Options struct {
	// Skipped is called, if set, for each entry of a directory that is left out, from the goroutine that runs the iterator.
	Skipped func(Skip)
	// SpoolMemory is the number of octets of standard input that are kept in memory; 0 means 1 MiB. A longer input goes to a
	// temporary file without a name.
	SpoolMemory int64
	// Claimed, if set, tells of a file of a directory whether it is judged in another way. Nothing is yielded for it, and it is
	// not left out either.
	Claimed func(path string) bool
	// Template, if set, is asked about each regular file of a directory that is no mail by its name or its beginning. If it
	// says true, the file is yielded like mail.
	Template func(path string, r io.ReaderAt, size int64) bool
}

const defaultSpoolMemory = 1 << 20

// Walk yields every message under paths, in the order of paths and, in directories, in the order of names. An *Error takes
// the place of what could not be read, and the walk goes on. It ends early only when ctx is done.
//
// A file that is named in paths is a message whatever its name is; in a directory only files that are named like mail, or lie
// in the cur or new folder of a Maildir, are taken. A directory without any message is an *Error.
func Walk(ctx context.Context, paths []string, stdin io.Reader, opts Options) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		w := &walker{ctx: ctx, opts: opts, yield: yield}
		for _, p := range paths {
			if w.done || ctx.Err() != nil {
				return
			}
			if p == Stdin {
				w.stdin(stdin)
			} else {
				w.path(p)
			}
		}
	}
}

// walker is the state of one Walk.
type walker struct {
	ctx   context.Context
	opts  Options
	yield func(Message, error) bool
	// done tells that the caller wants no more.
	done bool
	// found counts what was yielded, errors too.
	found int
	// whole takes every file as one message, without a look at what it holds.
	whole bool
	// stdinRead tells that standard input is used up.
	stdinRead bool
}

func (w *walker) message(m Message) {
	w.found++
	if !w.yield(m, nil) {
		w.done = true
	}
}

func (w *walker) fail(name string, err error, hint string) {
	w.found++
	if !w.yield(Message{}, &Error{Name: name, Err: err, Hint: hint}) {
		w.done = true
	}
}

func (w *walker) skip(path, reason string) {
	if w.opts.Skipped != nil {
		w.opts.Skipped(Skip{Path: path, Reason: reason})
	}
}

// file is an open file that several messages read from.
type file struct {
	io.ReaderAt
	closer io.Closer
	refs   atomic.Int32
}

func newFile(f *os.File) *file {
	x := &file{ReaderAt: f, closer: f}
	x.refs.Store(1)
	return x
}

func (f *file) retain() *file {
	f.refs.Add(1)
	return f
}

func (f *file) release() {
	if f.refs.Add(-1) == 0 && f.closer != nil {
		f.closer.Close()
	}
}

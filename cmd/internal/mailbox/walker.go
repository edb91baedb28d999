package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// walker is the state of one Walk.
type walker struct {
	ctx   context.Context
	opts  Options
	yield func(Message, error) bool
	// done tells that the caller wants no more.
	done bool
	// found counts what was yielded, errors too, and what was passed by for another shard or because it came before.
	found int
	// opened counts the files of the file system that were opened.
	opened int
	// whole takes every file as one message, without a look at what it holds.
	whole bool
	// stores are those that were opened, by scheme.
	stores map[string]Store
	// stdinRead tells that standard input is used up.
	stdinRead bool
	// yielding tells that the caller has the word.
	yielding bool
	// folder is that of the message before, as folderOf has it of the other two.
	folder, folderRel string
	folderMbox        bool
	// pieces, if set, is given what there is to read instead of its being read.
	pieces func(*Piece) bool
}

func (w *walker) message(m Message) {
	w.found++
	w.hand(m, nil)
}

// hand gives the caller a message or an error.
func (w *walker) hand(m Message, err error) {
	w.yielding = true
	if !w.yield(m, err) {
		w.done = true
	}
	w.yielding = false
}

// guarded runs read, which yields what lies at pl. A fault in it ends what is read of pl only.
func (w *walker) guarded(pl place, read func()) {
	defer func() {
		if r := recover(); r != nil {
			if w.yielding {
				panic(r) // it is the caller's
			}
			w.failAt(pl, "", 0, fmt.Errorf("internal error: %v", r), "this is a bug in postern; what else was named is not affected")
		}
	}()
	read()
}

// found1 yields a message that lies at pl; Offset, FirstLine and Index say where in it.
func (w *walker) found1(m Message, pl place) {
	if pl.packed {
		m.Archive, m.Member = pl.path, pl.member
	}
	m.Path = pl.name
	if m.Name == "" {
		m.Name = pl.name
	}
	if w.folder == "" || w.folderRel != pl.rel || w.folderMbox != m.inMbox {
		w.folder, w.folderRel, w.folderMbox = folderOf(pl.rel, m.inMbox), pl.rel, m.inMbox
	}
	m.Folder, m.Flags = w.folder, pl.flags
	m.Notes = append(m.Notes, pl.notes...)
	w.message(m)
}

func (w *walker) fail(name string, err error, hint string) {
	w.error(&Error{Name: name, Err: err, Hint: hint})
}

// failAt tells of something that cannot be read at an offset of a place.
func (w *walker) failAt(pl place, id string, offset int64, err error, hint string) {
	e := &Error{Name: pl.name, ID: id, Offset: offset, Err: err, Hint: hint}
	if pl.packed {
		e.Archive, e.Member = pl.path, pl.member
	}
	w.error(e)
}

func (w *walker) error(e *Error) {
	w.found++
	if w.pieces != nil {
		w.emit(&Piece{Name: e.Name, Err: e})
		return
	}
	if !w.done {
		w.hand(Message{}, e)
	}
}

// broken tells of an error that reading a place met, unless it was told already or the walk was ended.
func (w *walker) broken(pl place, offset int64, err error) {
	if w.ctx.Err() != nil {
		return
	}
	var known *packError
	if !errors.As(err, &known) {
		hint := ""
		var s *StoreError
		if errors.As(err, &s) {
			hint = s.Hint
		}
		w.failAt(pl, "", offset, reason(err), hint)
		return
	}
	if !known.told {
		known.told = true
		w.failAt(pl, known.id, offset, known.err, known.hint)
	}
}

func (w *walker) skip(path, reason string) {
	if w.pieces != nil {
		w.emit(&Piece{Name: path, Skip: &Skip{Path: path, Reason: reason}})
		return
	}
	if w.opts.Skipped != nil {
		w.opts.Skipped(Skip{Path: path, Reason: reason})
	}
}

// memory is how much of a message that cannot be read at random is kept in memory.
func (w *walker) memory() int64 {
	if w.opts.SpoolMemory > 0 {
		return w.opts.SpoolMemory
	}
	return windowBytes
}

// holder is what the octets of a message are read from.
type holder interface{ release() }

// file is an open file that several messages read from.
type file struct {
	io.ReaderAt
	closer io.Closer
	refs   atomic.Int32
}

// newFile holds r, and closes closer with the last use unless that is nil.
func newFile(r io.ReaderAt, closer io.Closer) *file {
	x := &file{ReaderAt: r, closer: closer}
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

package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"time"
)

// Store gives what lies behind paths of a scheme, as s3://bucket/prefix.
type Store interface {
	// List yields the objects under a path in the order of their keys: the object of exactly that name first, then those below
	// it. Fetch, if not nil, tells of an object whether it is read when it is yielded, so that it can be asked for ahead of its
	// turn. An error ends the list; it is a *StoreError, or ctx's.
	List(ctx context.Context, path string, fetch func(Object) bool) iter.Seq2[Object, error]
}

// Object is a file of a Store. It can be read while ctx of List is not done, by many goroutines at once, until it is closed.
type Object struct {
	// Name is its whole path.
	Name string
	// Rel is its path below the one that was named, or its last name if Named.
	Rel string
	// Named tells that the path was that of this object.
	Named   bool
	Size    int64
	ModTime time.Time
	// Reader gives its octets. Its errors are *StoreErrors: an object that is other than it was when it was listed is one.
	Reader io.ReaderAt
	// Closer gives back what is kept of the object. It can be read again afterwards.
	Closer io.Closer
	// Ahead, if set, has the object fetched that is going to be read.
	Ahead func()
}

// StoreError is why a store did not give what it was asked for. It hides its cause, so that a connection that ends is not
// taken for a file that ends.
type StoreError struct {
	Err  error
	Hint string // what the user can do, "" when there is nothing to say
}

// Error is the reason, without the name of what could not be read.
func (e *StoreError) Error() string { return e.Err.Error() }

var stores = map[string]func() (Store, error){}

// Register makes paths that begin with scheme and "://" readable; open is called with the first of each walk, and not before.
// It is for the start of a program.
func Register(scheme string, open func() (Store, error)) { stores[scheme] = open }

// IsRemote tells whether a path belongs to a Store.
func IsRemote(p string) bool {
	scheme, _, ok := strings.Cut(p, "://")
	return ok && stores[scheme] != nil
}

// remote walks a path of a store.
func (w *walker) remote(p string) {
	scheme, _, _ := strings.Cut(p, "://")
	if w.stores == nil {
		w.stores = map[string]Store{}
	}
	if w.stores[scheme] == nil {
		s, err := stores[scheme]()
		if err != nil {
			w.storeError(p, err)
			return
		}
		w.stores[scheme] = s
	}
	// A Maildir's cur may be what was named.
	below := ""
	if base := path.Base(p); base == "cur" || base == "new" {
		below = base + "/"
	}
	before, skipped, named := w.found, 0, false
	fetch := func(o Object) bool {
		_, reason := w.remoteClaim(o, below)
		return reason == ""
	}
	if w.pieces != nil {
		fetch = nil
	}
	for o, err := range w.stores[scheme].List(w.ctx, p, fetch) {
		if w.done || w.ctx.Err() != nil {
			return
		}
		if err != nil {
			w.storeError(p, err)
			return
		}
		named = named || o.Named
		claim, reason := w.remoteClaim(o, below)
		switch {
		case w.whole && !o.Named:
			w.fail(p, errors.New("is no object, but there are some below it"), "name one of them")
			return
		case reason != "":
			o.Closer.Close()
			skipped++
			w.skip(o.Name, reason)
			w.passed(o.Size)
		default:
			x := &fileEntry{place: place{path: o.Name, name: o.Name, rel: o.Rel, claim: claim, flags: maildirFlags(below + o.Rel)}, object: &o}
			if w.pieces != nil {
				w.piece(x, o.Size, o.ModTime)
				break
			}
			was := w.found
			x.read(w)
			if o.Named && w.found == was && !w.done && w.ctx.Err() == nil {
				w.fail(o.Name, errNoMessage, "")
			}
		}
		if w.done {
			return
		}
	}
	if w.pieces != nil {
		w.emit(&Piece{Name: p, End: true, Dir: !named})
		return
	}
	if w.found == before && !w.done && !named && w.ctx.Err() == nil {
		err, hint := errNoMessage, "there is no object of that name or below it; see to bucket and prefix"
		if skipped > 0 {
			err = fmt.Errorf("no message found, %d %s left out", skipped, plural(skipped, "object", "objects"))
			hint = "objects named *.eml, *.mbox, *.txt, *.msg, *.raw or without extension are read; name any other itself"
		}
		w.fail(p, err, hint)
	}
}

// remoteClaim tells how an object is looked at, or why it is left out. What directories hold beside mail is not asked for.
func (w *walker) remoteClaim(o Object, below string) (Claim, string) {
	if o.Named {
		return IsMail, ""
	}
	if strings.HasSuffix(o.Rel, "/") {
		return NotMail, SkippedSpecial // it stands for a directory
	}
	if reason := memberSkipped(below + o.Rel); reason != "" {
		return NotMail, reason
	}
	claim := memberClaim(below + o.Rel)
	if claim == NotMail && !w.opts.Deep {
		if isArchiveName(o.Rel) {
			return NotMail, SkippedArchive
		}
		return NotMail, SkippedName
	}
	return claim, ""
}

// storeError tells of a path that a store does not give.
func (w *walker) storeError(p string, err error) {
	if w.ctx.Err() != nil {
		return
	}
	hint := ""
	var s *StoreError
	if errors.As(err, &s) {
		hint = s.Hint
	}
	w.fail(p, err, hint)
}

// passed tells of octets that nobody reads.
func (w *walker) passed(n int64) {
	if w.opts.Progress != nil {
		w.opts.Progress(n)
	}
}

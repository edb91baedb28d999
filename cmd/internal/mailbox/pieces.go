package mailbox

import (
	"context"
	"io"
	"iter"
	"time"
)

// Piece is a part of a walk that can be read by itself, at any time and from any goroutine, or something that the walk came upon
// and that is not read.
type Piece struct {
	// Name is the path of the file, or of what Err, Skip and End are about.
	Name string
	// Size and ModTime (Unix time in nanoseconds) are those of the file when it was found; 0 for standard input and whatever is
	// not a file.
	Size, ModTime int64
	// Err is what could not even be opened.
	Err *Error
	// Skip is an entry of a directory that is left out.
	Skip *Skip
	// End tells that one of the paths of the walk is over. If nothing was found in it, NoMessage is what is wrong with it; Dir
	// tells that it is a directory.
	End, Dir bool

	entry *fileEntry
	stdin io.Reader
}

// Pieces gives what Walk reads, in the same order, without reading it: what there is to be read, and what can be said before.
// Options.Skipped and Progress play no part in it.
func Pieces(ctx context.Context, paths []string, stdin io.Reader, opts Options) iter.Seq[*Piece] {
	opts.Skipped, opts.Progress = nil, nil
	return func(yield func(*Piece) bool) {
		w := &walker{ctx: ctx, opts: opts, pieces: yield}
		for _, p := range paths {
			if w.done || ctx.Err() != nil {
				return
			}
			if p != Stdin {
				if IsRemote(p) {
					w.remote(p)
				} else {
					w.path(p)
				}
				continue
			}
			w.emit(&Piece{Name: StdinName, stdin: stdin})
			w.emit(&Piece{Name: StdinName, End: true})
		}
	}
}

func (w *walker) emit(p *Piece) {
	if !w.done && !w.pieces(p) {
		w.done = true
	}
}

func (w *walker) piece(x *fileEntry, size int64, changed time.Time) {
	w.emit(&Piece{Name: x.place.name, Size: size, ModTime: changed.UnixNano(), entry: x})
}

// Readable tells whether there is something to read.
func (p *Piece) Readable() bool { return p.entry != nil || p.stdin != nil }

// Read yields what Walk yields for the piece.
func (p *Piece) Read(ctx context.Context, opts Options) iter.Seq2[Message, error] {
	return p.read(ctx, opts, nil)
}

func (p *Piece) read(ctx context.Context, opts Options, seg *Segment) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		w := &walker{ctx: ctx, opts: opts, yield: yield}
		switch {
		case p.stdin != nil:
			w.stdin(p.stdin)
		case p.entry != nil:
			x := *p.entry // opening it changes what is known of it
			x.place.segment = seg
			x.read(w)
		}
	}
}

// Segment is a part of an mbox: the messages whose postmark begins at From or later, and before To.
type Segment struct {
	From, To int64
	// At is the place of the first postmark, if that is known, otherwise negative. Then Back says how far before From reading
	// begins: a message from there whose Content-Length goes beyond From may hold lines like postmarks.
	At, Back int64
	// First is the place of the first postmark, negative if there is none. Next is that of the postmark with which the next
	// segment that has one begins, or the end of the mbox; it is To if there is no First. Where Next of one segment is not First of the next, that one has
	// taken a line of a message for a postmark, and has to be read with At. Lines is how many lines lie between the two. They
	// are known when all was read.
	First, Next, Lines int64

	before int64 // lines of what was read that lie before First
}

// Segment yields the messages of a part of the mbox that the piece is.
func (p *Piece) Segment(ctx context.Context, opts Options, seg *Segment) iter.Seq2[Message, error] {
	seg.First, seg.Next, seg.Lines, seg.before = -1, -1, 0, 0
	return p.read(ctx, opts, seg)
}

// begin notes the first message of the segment.
func (seg *Segment) begin(s *splitter) {
	if seg.First < 0 {
		seg.First = s.start
		if seg.From > 0 {
			seg.before = s.startLine - 1
		}
	}
}

// end notes what comes after the segment. It gives false.
func (seg *Segment) end(s *splitter, next int64) bool {
	if seg.Next < 0 {
		seg.Next = next
		if seg.First >= 0 {
			seg.Lines = s.line - 1 - seg.before
		}
	}
	return false
}

// IsMbox tells whether the piece is a plain mbox, which can be read in segments.
func (p *Piece) IsMbox(ctx context.Context, opts Options) bool {
	if p.entry == nil {
		return false
	}
	mbox := false
	w := &walker{ctx: ctx, opts: opts, yield: func(Message, error) bool { return true }}
	x := *p.entry
	var at io.ReaderAt
	if x.object != nil {
		at = x.object.Reader
	} else if f := x.open(w); f != nil {
		defer f.Close()
		at = f
	} else {
		return false
	}
	w.guarded(x.place, func() { mbox = w.isMbox(newFile(at, nil), p.Size, x.place) })
	return mbox
}

// Ahead has an object of a store fetched before it is read, if it is short.
func (p *Piece) Ahead() {
	if p.entry != nil && p.entry.object != nil && p.entry.object.Ahead != nil {
		p.entry.object.Ahead()
	}
}

// isMbox tells whether a file is a plain mbox, as content does.
func (w *walker) isMbox(f *file, size int64, pl place) bool {
	src := source{at: f, size: size}
	head, err := peek(&src)
	if err != nil || packedAs(head) != nil || isZip(head) || isTar(head) || pl.claim != IsMail && !pl.mbox && !looksLike(head, pl.claim) {
		return false
	}
	named := pl.mbox || isMboxName(pl.rel)
	lead, begins := mboxLead(head, named)
	if named || !begins {
		return begins
	}
	s := &splitter{ctx: w.ctx, in: src.reader(), at: f, size: size, read: func(int64) {}}
	defer s.close()
	two := false
	if s.begin(lead) == nil {
		s.run(func(_ int64, last bool) bool { two = !last; return false })
	}
	return two
}

package auditor

import (
	"context"
	"errors"
	"math"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
)

const (
	// SmallFile is the size below which a worker opens a file, reads it and judges what it holds.
	SmallFile = 512 << 10
	// batchFiles and batchBytes bound the small files that are handed to a worker together.
	batchFiles = 64
	batchBytes = 4 << 20
	// batchMessages and batchRead bound the messages that were read already and are handed to a worker together.
	batchMessages = 32
	batchRead     = 256 << 10
	// splitBack is how far before a shard reading begins. Only a longer message whose Content-Length covers lines like
	// postmarks can be taken for several, and then the parts do not fit together.
	splitBack = 16 << 20
)

// segmentBytes is the length of the segments of an mbox of that size: some for each worker, and never so long that their rows
// need much memory. All shards of a run have to have the same.
func segmentBytes(size int64) int64 { return min(max(size/64, 256<<10), 8<<20) }

// auditTask is something for one worker, whose rows follow each other in the walk: small files, a segment of an mbox, or messages
// that were read already.
type auditTask struct {
	files    []auditFile
	messages []auditMessage
	segment  *mailbox.Segment // of the only file
	number   uint64           // of the segment
	bytes    int64
	// rows are what is added to the run, as audit.Row.Append gives it. It is closed at the end; then err tells what went wrong.
	rows chan []byte
	err  error
	// unwanted is closed when nobody wants the rows any more.
	unwanted chan struct{}
}

// auditFile is a file of the walk, or something else that comes in its place.
type auditFile struct {
	piece  *mailbox.Piece
	number uint64
	walked string // the digest of the walk up to it; "" if no state is kept
	resume *audit.Resume
}

// auditMessage is something that was read of a file.
type auditMessage struct {
	message mailbox.Message
	err     error
	skip    string // the reason why it is left out
	place   audit.Place
}

// auditWalk lists what there is to read, and hands it to the workers.
type auditWalk struct {
	a    *Auditor
	opts mailbox.Options
	hand func(*auditTask) bool // false when nobody wants more

	plan  audit.Chain // of all files
	total int64       // octets of them
	batch *auditTask
}

// pieces gives what the walk comes upon, with its number and the octets that come before it. Files that the run itself writes are
// no part of it.
func (w *auditWalk) pieces(ctx context.Context, yield func(p *mailbox.Piece, number uint64, at int64) bool) {
	w.plan, w.total = audit.Chain{}, 0
	number := uint64(0)
	for p := range mailbox.Pieces(ctx, w.a.Paths, w.a.Stdin, w.opts) {
		if !p.End && w.a.Own(p.Name) {
			continue
		}
		at := w.total
		w.total += p.Size
		if w.a.Planned {
			w.plan.Add(p.Name, p.Size, 0)
		}
		if !yield(p, number, at) {
			return
		}
		number++
	}
}

var ErrPlan = errors.New("files came, went or changed while they were counted")

// run hands out all tasks. It gives an error if what the run is to go on with is not there any more.
func (w *auditWalk) run(ctx context.Context) (err error) {
	from, to := int64(0), int64(math.MaxInt64)
	var before audit.Chain
	if w.a.Shard.Count > 1 {
		w.pieces(ctx, func(*mailbox.Piece, uint64, int64) bool { return true })
		from, to = w.a.Shard.Range(w.total)
		before = w.plan
	}
	resume := w.a.Run.Resume()
	resumed := !resume.Any
	var walked audit.Chain
	w.pieces(ctx, func(p *mailbox.Piece, number uint64, at int64) bool {
		f := auditFile{piece: p, number: number}
		if w.a.Stateful {
			walked.Add(p.Name, p.Size, p.ModTime)
			f.walked = walked.String()
		}
		mine := from <= at && at < to
		if number <= resume.Place.File && resume.Any {
			if number < resume.Place.File || !p.Readable() {
				w.a.Progress(p.Size)
			}
			if number < resume.Place.File {
				return true
			}
			if err = w.a.Run.Passed(f.walked); err != nil {
				return false
			}
			resumed = true
			if !p.Readable() {
				return true
			}
			f.resume = &resume
		}
		return w.file(ctx, f, mine, from-at, to-at)
	})
	switch {
	case err != nil || ctx.Err() != nil:
		return err
	case !resumed:
		return w.a.Run.Changed()
	case w.a.Shard.Count > 1 && before.String() != w.plan.String():
		return ErrPlan
	}
	w.flush()
	return nil
}

// file hands out a file. From and to are the octets of it that belong to the shard; mine tells whether its first one does.
func (w *auditWalk) file(ctx context.Context, f auditFile, mine bool, from, to int64) bool {
	p := f.piece
	if p.Size >= SmallFile && from < p.Size && to > 0 && p.IsMbox(ctx, w.opts) {
		return w.segments(f, from, to)
	}
	if !mine {
		return true
	}
	if p.Readable() && (p.Size >= SmallFile || p.Size == 0 && p.Name == mailbox.StdinName) {
		return w.stream(ctx, f)
	}
	if w.batch == nil {
		w.batch = newAuditTask()
	}
	w.batch.files = append(w.batch.files, f)
	if w.batch.bytes += p.Size; len(w.batch.files) < batchFiles && w.batch.bytes < batchBytes {
		return true
	}
	return w.flush()
}

func newAuditTask() *auditTask {
	return &auditTask{rows: make(chan []byte, 64), unwanted: make(chan struct{})}
}

// flush hands out the small files that were collected.
func (w *auditWalk) flush() bool {
	x := w.batch
	w.batch = nil
	return x == nil || w.hand(x)
}

// segments hands out the segments of an mbox that begin in the part of the shard.
func (w *auditWalk) segments(f auditFile, from, to int64) bool {
	if !w.flush() {
		return false
	}
	size := f.piece.Size
	length := segmentBytes(size)
	first := true
	for at, n := int64(0), uint64(1); at < size; at, n = at+length, n+1 {
		if at < from || at >= to || f.resume != nil && n <= f.resume.Segment {
			continue
		}
		seg := &mailbox.Segment{From: at, To: min(at+length, size), At: -1, Back: 1}
		if first && n > 1 {
			seg.Back = splitBack // what comes before is read by another shard, or was read by a run that was killed
		}
		first = false
		x := newAuditTask()
		x.files, x.segment, x.number = []auditFile{f}, seg, n
		if f.resume != nil && (f.resume.Place.Segment != n || f.resume.Segment == n) {
			x.files[0].resume = nil // it begins with this segment
		}
		if !w.hand(x) {
			return false
		}
	}
	return true
}

// stream reads a file here, as it comes, and hands out its messages.
func (w *auditWalk) stream(ctx context.Context, f auditFile) bool {
	if !w.flush() {
		return false
	}
	x := newAuditTask()
	x.files = []auditFile{f}
	ok := true
	hand := func() {
		if len(x.messages) > 0 {
			ok = w.hand(x)
			x = newAuditTask()
			x.files = []auditFile{f}
		}
	}
	seq := uint64(0)
	pass := passer{resume: f.resume}
	put := func(m auditMessage) {
		seq++
		m.place = audit.Place{File: f.number, Seq: seq}
		if pass.over(m.place, m.message.Size) {
			m.message.Close()
			return
		}
		x.messages = append(x.messages, m)
		if x.bytes += m.message.Size; len(x.messages) >= batchMessages || x.bytes >= batchRead {
			hand()
		}
	}
	opts := w.opts
	opts.Skipped = func(s mailbox.Skip) { put(auditMessage{skip: s.Reason}) }
	for m, err := range f.piece.Read(ctx, opts) {
		if put(auditMessage{message: m, err: err}); !ok {
			return false
		}
	}
	if !pass.good() && ctx.Err() == nil {
		x.err = w.a.Run.Changed()
		close(x.rows)
		w.hand(x)
		return false
	}
	hand()
	return ok
}

// passer passes over what a state has already, and holds it against the state.
type passer struct {
	resume *audit.Resume
	digest audit.Passed
}

// over tells whether a thing is passed over.
func (p *passer) over(place audit.Place, size int64) bool {
	if p.resume == nil || place.Compare(p.resume.Place) > 0 {
		return false
	}
	p.digest.Add(place.Seq, size)
	return true
}

// good tells whether what was passed over is what the state has.
func (p *passer) good() bool { return p.resume == nil || p.digest == p.resume.Digest }

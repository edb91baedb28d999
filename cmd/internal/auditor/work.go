package auditor

import (
	"context"
	"math"
	"sync"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// auditWorker makes the rows of tasks, one after the other.
type auditWorker struct {
	*Auditor
	ctx     context.Context
	scanner mimesize.Scanner
	row     audit.Row
	facts   *facts.Facts // of the message that is being judged
	memory  facts.Memory // of facts; rows are handed over before the next message needs it
	// recipient takes the label of a recipient into row.
	recipient func(address string)
	room      []rules.Finding        // of a verdict
	buf       []byte                 // rows that are to be handed over
	give      func(rows []byte) bool // takes the rows over; false when nobody wants more
	stopped   bool                   // nobody does
}

// worker gives one that has no task yet, and nobody to give rows to.
func (a *Auditor) worker(ctx context.Context) *auditWorker {
	return &auditWorker{Auditor: a, ctx: ctx, scanner: mimesize.Scanner{SizesOnly: a.wanted.Without&facts.Census != 0}}
}

// filesAhead is how many short files of a store are asked for at a time.
const filesAhead = 16

// rowsBytes is how many octets of rows are handed over at once, rowsRoom what there is room for: nearly all rows are short.
const (
	rowsBytes = 60 << 10
	rowsRoom  = 64 << 10
)

// work makes the rows of a task.
func (w *auditWorker) work(x *auditTask) {
	w.stopped = false
	if w.buf = w.buf[:0]; cap(w.buf) == 0 {
		w.buf = w.spare.get()
	}
	for i := range x.messages {
		m := &x.messages[i]
		if m.skip != "" {
			w.leftOut(m.place, m.skip)
		} else {
			w.one(m.place, &m.message, m.err) // it closes it in any case
		}
	}
	switch {
	case x.segment != nil:
		w.segment(x)
	case x.messages == nil:
		for i, f := range x.files {
			// Those of a store are on their way before their turn.
			for j := i; j <= i+filesAhead && j < len(x.files); j++ {
				x.files[j].piece.Ahead()
			}
			if x.err = w.file(f); x.err != nil || w.stopped {
				break
			}
		}
	}
	if len(w.buf) > 0 && !w.stopped {
		w.hand()
	}
}

// add hands over a row, together with others. It gives false when nobody wants more. From then on nothing is handed over, so that
// there is never a row without those before it; and no row of a message whose judging was broken off.
func (w *auditWorker) add(r *audit.Row) bool {
	if w.stopped = w.stopped || w.ctx.Err() != nil; w.stopped {
		return false
	}
	w.buf = r.Append(w.buf)
	if len(w.buf) < rowsBytes {
		return true
	}
	return w.hand()
}

// hand hands over the rows, with their memory: there is other for the next.
func (w *auditWorker) hand() bool {
	w.stopped = !w.give(w.buf)
	w.buf = w.spare.get()
	return !w.stopped
}

// rowMemory is memory of rows that were added, for others.
type rowMemory struct{ pool sync.Pool }

func (m *rowMemory) get() []byte {
	if b, ok := m.pool.Get().(*[rowsRoom]byte); ok {
		return b[:0]
	}
	return make([]byte, 0, rowsRoom)
}

func (m *rowMemory) put(b []byte) {
	if cap(b) == rowsRoom { // a longer one is rare, and goes
		m.pool.Put((*[rowsRoom]byte)(b[:rowsRoom]))
	}
}

func (w *auditWorker) leftOut(p audit.Place, reason string) {
	w.add(&audit.Row{Place: p, Kind: audit.LeftOut, Reason: reason})
}

// file makes the rows of a file, or of what comes in its place.
func (w *auditWorker) file(f auditFile) error {
	p := f.piece
	at := audit.Place{File: f.number}
	switch {
	case p.Err != nil:
		w.one(at, &mailbox.Message{}, p.Err)
	case p.Skip != nil:
		w.leftOut(at, p.Skip.Reason)
	case p.End:
		w.add(&audit.Row{Place: at, Kind: audit.PathEnd, Name: p.Name, Dir: p.Dir})
	}
	if !p.Readable() {
		w.Progress(p.Size)
		return nil
	}
	pass := passer{resume: f.resume}
	opts := w.reading()
	opts.Passer = measure.Passer(&w.scanner)
	opts.Skipped = func(s mailbox.Skip) {
		if at.Seq++; !pass.over(at, 0) {
			w.leftOut(at, s.Reason)
		}
	}
	for m, err := range p.Read(w.ctx, opts) {
		at.Seq++
		if pass.over(at, m.Size) {
			m.Close()
		} else if !w.one(at, &m, err) {
			return nil
		}
	}
	if !pass.good() && w.ctx.Err() == nil {
		return w.Run.Changed()
	}
	return nil
}

// segment makes the rows of a segment of an mbox.
func (w *auditWorker) segment(x *auditTask) {
	f := x.files[0]
	at := audit.Place{File: f.number, Segment: x.number}
	pass := passer{resume: f.resume}
	opts := w.reading()
	opts.Passer = measure.Passer(&w.scanner)
	for m, err := range f.piece.Segment(w.ctx, opts, x.segment) {
		at.Seq = max(at.Seq+1, uint64(m.Offset))
		if pass.over(at, m.Size) {
			m.Close()
		} else if !w.one(at, &m, err) {
			return
		}
	}
	if w.ctx.Err() != nil {
		return
	}
	if !pass.good() {
		x.err = w.Run.Changed()
		return
	}
	at.Seq = math.MaxUint64
	w.add(&audit.Row{Place: at, Kind: audit.SegmentEnd, First: x.segment.First, Next: x.segment.Next, Lines: x.segment.Lines})
}

// reading is how mail is read.
func (a *Auditor) reading() mailbox.Options {
	return mailbox.Options{Deep: true, OffsetNames: true, Progress: a.Progress, Limits: a.Limits}
}

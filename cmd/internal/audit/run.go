package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"postern/cmd/internal/mailbox"
)

// maxHashes is how many different messages --dedup tells apart.
const maxHashes = 4_000_000

// Options adjust a Run.
type Options struct {
	// State is the file that keeps the progress of the run, "" if a run that is killed is lost.
	State string
	// Every is the time between two checkpoints; 0 makes one after each row. A checkpoint that takes long is made less often.
	Every time.Duration
	Shard Shard
	// Rows says that the rows are wanted after the run: Each and Part need them.
	Rows bool
}

// Run takes the rows of a walk, in its order.
type Run struct {
	Head   *Head
	Totals *Totals

	o        Options
	order    *order
	row      Row
	log      *Log
	rows     *os.File // of log, nil without one
	from     int64    // where the rows begin in it
	state    *State
	resume   Resume
	next     time.Time
	last     Place
	any      bool   // last is set
	walked   string // the digest of the walk up to the file of last
	mu       sync.RWMutex
	replayed int64
}

// Resume is where a run goes on. The zero value is the beginning.
type Resume struct {
	Any   bool
	Place Place // of the last row that there is
	// Segment is the last segment of that file whose rows are all there, 0 if there is none.
	Segment uint64
	// Digest is that of the rows that there are of the file, or of the segment that is under way.
	Digest Passed
}

// Passed is a digest of rows that are passed over, by place and size. It tells whether the same is met again.
type Passed uint64

// Add takes in the next row.
func (p *Passed) Add(seq uint64, size int64) {
	x := uint64(*p)
	for _, n := range [...]uint64{seq, uint64(size)} {
		x = (x ^ n) * 0x9e3779b97f4a7c15
		x ^= x >> 32
	}
	*p = Passed(x)
}

// Start begins a run, or goes on with the one that Options.State has.
func Start(head *Head, o Options) (*Run, error) {
	r := &Run{Head: head, Totals: newTotals(head), o: o, order: newOrder(head.Settings.Dedup)}
	// The rows of one shard alone do not show what the whole has.
	r.order.partial = o.Shard.Count > 1
	r.next = time.Now().Add(r.o.Every)
	switch {
	case o.State != "":
		s, err := OpenState(o.State, head, o.Shard)
		if err != nil {
			return nil, err
		}
		r.state, r.rows, r.from = s, s.rows, int64(len(logMagic))
		r.log = newLog(s.rows, s.saved.Rows)
		if err := r.replay(s.saved.Rows); err != nil {
			s.Close()
			return nil, fmt.Errorf("its log %s%s: %w", o.State, rowsSuffix, err)
		}
		r.walked = s.saved.Walked
	case o.Rows:
		f, err := temporary()
		if err != nil {
			return nil, err
		}
		r.rows, r.log = f, newLog(f, 0)
	}
	return r, nil
}

// replay adds up the rows that are there already.
func (r *Run) replay(to int64) error {
	in := newReader(io.NewSectionReader(r.rows, r.from, to-r.from))
	at := &r.resume
	for {
		row, octets, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		p := row.Place
		if !at.Any || p.File != at.Place.File {
			at.Segment, at.Digest = 0, 0
		} else if p.Segment != at.Place.Segment {
			at.Digest = 0
		}
		at.Any, at.Place = true, p
		if row.Kind == SegmentEnd {
			at.Segment = p.Segment
		} else {
			at.Digest.Add(p.Seq, row.Size)
		}
		r.last, r.any = p, true
		if _, err := r.count(row, octets); err != nil {
			return err
		}
		if row.Kind <= Sampled {
			r.replayed++
		}
	}
}

// Resume tells where the run goes on: everything up to there is to be passed over.
func (r *Run) Resume() Resume { return r.resume }

// Replayed is how many messages the run begins with.
func (r *Run) Replayed() int64 { return r.replayed }

// Passed holds the digest of the files that are passed over, up to the one in which the run goes on, against that of the state.
func (r *Run) Passed(walked string) error {
	if walked == r.walked {
		return nil
	}
	return r.Changed()
}

// Changed is the error of a state of other mail.
func (r *Run) Changed() error {
	return fmt.Errorf("the state %s %w: what was read before is not what the paths hold now", r.o.State, ErrOther)
}

// Count gives how many messages were added, and how many of them fail.
func (r *Run) Count() (messages, failing int64) { return r.Totals.walked, r.Totals.all.Fail }

// Expects tells with which postmark a segment of an mbox has to begin, if that is known, when all rows before it were added.
func (r *Run) Expects(file, segment uint64) (next int64, known bool) {
	return r.order.expects(file, segment)
}

// Seen tells whether a message with those octets has been counted. It may be called by many goroutines; what it says of
// messages that were added is certain.
func (r *Run) Seen(hash [16]byte) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.order.seen.has(hash)
}

// Add takes the next rows, in the form of Row.Append, and keeps nothing of them. Walked gives the digest of the walk up to a file.
func (r *Run) Add(rows []byte, walked func(file uint64) string) error {
	if err := r.Totals.failed(); err != nil {
		return err // it would only be told when everything was read
	}
	for len(rows) > 0 {
		octets, rest, ok := cut(rows)
		if rows = rest; !ok {
			return errRow
		}
		if err := r.row.decode(octets); err != nil {
			return err
		}
		p := r.row.Place
		if r.state != nil && (!r.any || p.File != r.last.File) {
			r.walked = walked(p.File)
		}
		r.last, r.any = p, true
		octets, err := r.count(&r.row, octets)
		if err != nil {
			return err
		}
		if r.log != nil {
			if err := r.log.add(octets); err != nil {
				return err
			}
		}
		if r.state == nil {
			continue
		}
		if r.o.Every == 0 {
			if err := r.Checkpoint(); err != nil {
				return err
			}
			continue
		}
		if now := time.Now(); now.After(r.next) {
			if err := r.Checkpoint(); err != nil {
				return err
			}
			took := time.Since(now)
			r.next = now.Add(max(r.o.Every, 20*took))
		}
	}
	return nil
}

// count adds a row up, and gives its octets as they are to be kept.
func (r *Run) count(row *Row, octets []byte) ([]byte, error) {
	if r.order.dedup && row.Kind == Judged {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	return r.Totals.take(r.order, row, octets)
}

// take adds up what a row is in the whole, and gives its octets, which are others for a copy.
func (t *Totals) take(o *order, row *Row, octets []byte) ([]byte, error) {
	kind := row.Kind
	counts, err := o.take(row)
	if err != nil {
		return nil, err
	}
	if row.Kind != kind && row.Kind == Duplicate {
		octets = row.append(nil)
	}
	t.sum.Write(octets) // also those of a row that is not counted
	if counts {
		t.add(row)
	}
	return octets, nil
}

// Checkpoint makes what was added certain.
func (r *Run) Checkpoint() error {
	if r.state == nil || !r.any || r.log.n <= r.state.saved.Rows {
		return nil
	}
	return r.state.save(r.log, r.walked)
}

// End makes the report of a walk that has ended, or of what there is of it.
func (r *Run) End(complete bool) (*Report, error) {
	if r.log != nil {
		if err := r.log.w.Flush(); err != nil {
			return nil, err
		}
	}
	rep, err := r.Totals.report()
	if err != nil {
		return nil, err
	}
	rep.finish(r.order, complete)
	return rep, nil
}

func (r *Report) finish(o *order, complete bool) {
	for reason, n := range o.leftOut {
		r.LeftOut[reason] = int(*n)
	}
	r.Complete = complete
	if o.full {
		r.note("--dedup tells %d messages apart: of those that came later copies are counted again; more shards tell more apart", maxHashes)
	}
}

// Each yields the rows in the order of the walk; a row is valid until the next. Options.Rows or Options.State have to be set, and End comes before.
func (r *Run) Each(yield func(*Row) error) error {
	if r.rows == nil {
		return errors.New("the rows were not kept")
	}
	o := newOrder(false) // copies are marked already
	o.partial = r.order.partial
	in := newReader(io.NewSectionReader(r.rows, r.from, r.log.n-r.from))
	for {
		row, _, err := in.next()
		if err == io.EOF {
			return nil
		}
		counts := false
		if err == nil {
			counts, err = o.take(row)
		}
		if err == nil && counts {
			err = yield(row)
		}
		if err != nil {
			return err
		}
	}
}

// Part writes the part file of the run. Plan is the digest of the whole walk.
func (r *Run) Part(w io.Writer, plan *Chain) error {
	shard := r.o.Shard
	if shard.Count == 0 {
		shard = Shard{1, 1}
	}
	return writeSection(w, section{
		Head: *r.Head, Shard: shard, Items: plan.Items, Chain: plan.String(), Dedup: r.order.full, Rows: r.log.n - r.from,
	}, r.rows, r.from)
}

// Done ends the run. Its state is taken away if its report is written.
func (r *Run) Done(written bool) error {
	r.Totals.close()
	r.order.seen.close()
	switch {
	case r.state != nil && written:
		return r.state.Remove()
	case r.state != nil:
		return r.state.Close()
	case r.rows != nil:
		return r.rows.Close()
	}
	return nil
}

// Merge makes the report of parts.
func (p *Parts) Merge() (*Report, error) {
	t := newTotals(p.Head())
	defer t.close()
	o := p.order()
	defer o.seen.close()
	err := p.each(func(row *Row, octets []byte) error {
		_, err := t.take(o, row, octets)
		return err
	})
	if err != nil {
		return nil, err
	}
	rep, err := t.report()
	if err != nil {
		return nil, err
	}
	for _, s := range p.sections {
		o.full = o.full || s.Dedup
	}
	rep.Missing = p.Missing()
	rep.finish(o, len(rep.Missing) == 0)
	return rep, nil
}

func (p *Parts) order() *order {
	o := newOrder(p.Head().Settings.Dedup)
	o.partial = len(p.Missing()) > 0
	return o
}

// Each yields the rows of all parts in the order of the walk; a row is valid until the next.
func (p *Parts) Each(yield func(*Row) error) error {
	o := p.order()
	defer o.seen.close()
	return p.each(func(row *Row, _ []byte) error {
		counts, err := o.take(row)
		if err == nil && counts {
			err = yield(row)
		}
		return err
	})
}

// Hash is the digest by which messages are told apart and samples are drawn.
func Hash(r io.ReaderAt, size int64) (sum [16]byte, err error) {
	if o, ok := r.(mailbox.Octets); ok && size <= int64(len(o)) {
		all := sha256.Sum256(o[:size])
		return [16]byte(all[:16]), nil
	}
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(r, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	copy(sum[:], h.Sum(nil))
	return sum, err
}

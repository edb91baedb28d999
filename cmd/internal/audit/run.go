package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// maxHashes is how many different messages Options.Dedup tells apart, in about 40 octets each.
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

// Run takes the results of a walk, in its order.
type Run struct {
	Head   *Head
	Totals *Totals

	o        Options
	log      *Log
	rows     *os.File // of log, nil without one
	from     int64    // where the rows begin in it
	state    *State
	resumed  uint64
	want     string // the digest of the walk that the state has
	next     time.Time
	last     Chain
	mu       sync.RWMutex
	seen     map[[16]byte]struct{}
	full     bool
	replayed int64
}

// Start begins a run, or goes on with the one that Options.State has.
func Start(head *Head, o Options) (*Run, error) {
	r := &Run{Head: head, Totals: newTotals(head), o: o}
	if head.Settings.Dedup {
		r.seen = map[[16]byte]struct{}{}
	}
	r.next = time.Now().Add(r.o.Every)
	switch {
	case o.State != "":
		s, err := OpenState(o.State, head, o.Shard)
		if err != nil {
			return nil, err
		}
		r.state, r.rows, r.from = s, s.rows, int64(len(logMagic))
		r.resumed, r.want = s.saved.Items, s.saved.Chain
		r.log = newLog(s.rows, s.saved.Rows)
		if err := r.replay(s.saved.Rows); err != nil {
			s.Close()
			return nil, fmt.Errorf("its log %s%s: %w", o.State, rowsSuffix, err)
		}
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
	for {
		row, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		r.count(row)
		r.replayed++
	}
}

// Resumed is how many things of the walk the run begins with: they are to be passed over, after Passed has agreed.
func (r *Run) Resumed() uint64 { return r.resumed }

// Replayed is how many rows the run begins with.
func (r *Run) Replayed() int64 { return r.replayed }

// Passed holds the digest of what was passed over against that of the state.
func (r *Run) Passed(c *Chain) error {
	if c.Items == r.resumed && c.String() == r.want {
		r.last = *c
		r.last.h = nil
		return nil
	}
	return fmt.Errorf("the state %s %w: what was read before is not what the paths hold now", r.o.State, ErrOther)
}

// Failing is how many of the messages that were added fail.
func (r *Run) Failing() int64 { return r.Totals.all.Fail }

// Seen tells whether a message with those octets has been counted. It may be called by many goroutines; what it says of
// messages that were added is certain.
func (r *Run) Seen(hash [16]byte) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ok := r.seen[hash]
	return ok
}

// Add takes the next row, or nil for a thing that belongs to another shard. Walk is the digest of the walk up to it.
func (r *Run) Add(row *Row, walk Chain) error {
	r.last = walk
	r.last.h = nil
	if row == nil {
		return nil
	}
	if r.seen != nil && row.Kind == Judged {
		if r.Seen(row.Hash) {
			row.Kind = Duplicate
		}
	}
	if row.Kind > Broken {
		// Whether a worker or this function found a copy is chance, and must not be seen.
		*row = Row{Ordinal: row.Ordinal, Kind: row.Kind, Size: row.Size}
	}
	if r.log != nil {
		if err := r.log.add(row); err != nil {
			return err
		}
	}
	r.count(row)
	if r.state == nil {
		return nil
	}
	if r.o.Every == 0 {
		return r.Checkpoint()
	}
	if now := time.Now(); now.After(r.next) {
		if err := r.Checkpoint(); err != nil {
			return err
		}
		took := time.Since(now)
		r.next = now.Add(max(r.o.Every, 20*took))
	}
	return nil
}

func (r *Run) count(row *Row) {
	r.Totals.add(row)
	if r.seen == nil || row.Kind != Judged {
		return
	}
	if len(r.seen) >= maxHashes {
		r.full = true
		return
	}
	r.mu.Lock()
	r.seen[row.Hash] = struct{}{}
	r.mu.Unlock()
}

// Checkpoint makes what was added certain.
func (r *Run) Checkpoint() error {
	if r.state == nil || r.last.Items <= r.state.saved.Items {
		return nil
	}
	return r.state.save(r.log, &r.last)
}

// End makes the report of a walk that has ended, or of what there is of it.
func (r *Run) End(leftOut map[string]int, complete bool) (*Report, error) {
	if r.log != nil {
		if err := r.log.w.Flush(); err != nil {
			return nil, err
		}
	}
	rep, err := r.Totals.report()
	if err != nil {
		return nil, err
	}
	rep.finish(leftOut, complete, r.full)
	return rep, nil
}

func (r *Report) finish(leftOut map[string]int, complete, full bool) {
	if leftOut != nil {
		r.LeftOut = leftOut
	}
	r.Complete = complete
	if full {
		r.note("--dedup tells %d messages apart: of those that came later copies are counted again; more shards tell more apart", maxHashes)
	}
}

// Each yields the rows in the order of the walk. Options.Rows or Options.State have to be set, and End comes before.
func (r *Run) Each(yield func(*Row) error) error {
	if r.rows == nil {
		return errors.New("the rows were not kept")
	}
	in := newReader(io.NewSectionReader(r.rows, r.from, r.log.n-r.from))
	for {
		row, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = yield(row)
		}
		if err != nil {
			return err
		}
	}
}

// Part writes the part file of the run. Walk is the digest of the whole walk.
func (r *Run) Part(w io.Writer, walk *Chain, leftOut map[string]int) error {
	shard := r.o.Shard
	if shard.Count == 0 {
		shard = Shard{1, 1}
	}
	return writeSection(w, section{
		Head: *r.Head, Shard: shard, Items: walk.Items, Chain: walk.String(), LeftOut: leftOut, Dedup: r.full, Rows: r.log.n - r.from,
	}, r.rows, r.from)
}

// Done ends the run. Its state is taken away if its report is written.
func (r *Run) Done(written bool) error {
	r.Totals.close()
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
	err := p.each(func(row *Row) error {
		t.add(row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	rep, err := t.report()
	if err != nil {
		return nil, err
	}
	full := false
	for _, s := range p.sections {
		full = full || s.Dedup
	}
	rep.Missing = p.Missing()
	rep.finish(p.sections[0].LeftOut, len(rep.Missing) == 0, full)
	return rep, nil
}

// Each yields the rows of all parts in the order of the walk.
func (p *Parts) Each(yield func(*Row) error) error { return p.each(yield) }

// Hash is the digest by which messages are told apart and samples are drawn.
func Hash(r io.ReaderAt, size int64) (sum [16]byte, err error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(r, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	copy(sum[:], h.Sum(nil))
	return sum, err
}

package audit

import (
	"errors"
	"fmt"
	"strings"

	"postern/cmd/internal/mailbox"
)

// order takes the rows of a run in the order of the walk and makes of each what it is in the whole: it counts them, finds copies,
// and knows on which line of an mbox a segment begins. A run on one machine and the merging of its parts go through it alike.
type order struct {
	dedup   bool // copies are looked for
	seen    seen
	full    bool
	n       uint64 // rows given
	found   int    // since the last path
	skipped int
	leftOut counts
	partial bool // shards are missing: what is not there may be in them

	// The mbox that is under way: its last segment, with what postmark the next begins, and after how many lines, which is known if
	// there is no gap.
	file        uint64
	done        uint64
	whole       bool
	next, lines int64
}

func newOrder(dedup bool) *order {
	return &order{dedup: dedup, leftOut: counts{}}
}

// counts counts texts, and keeps copies of them: an assignment would put a key that passes away in the place of one that is there.
type counts map[string]*int64

func (c counts) add(s string) {
	n := c[s]
	if n == nil {
		n = new(int64)
		c[strings.Clone(s)] = n
	}
	*n++
}

// of is how often a text came.
func (c counts) of(s string) int64 {
	if n := c[s]; n != nil {
		return *n
	}
	return 0
}

// errSegments is the error of parts that do not fit together.
var errSegments = errors.New("the parts do not agree where a message of an mbox begins: one of more than 16 MiB holds lines that look like the " +
	"beginning of another. Audit this mbox in one piece")

// take changes a row to what it is in the whole run. It gives false for one that is no message and no error.
func (o *order) take(r *Row) (bool, error) {
	switch r.Kind {
	case LeftOut:
		o.skipped++
		o.leftOut.add(r.Reason)
		return false, nil
	case SegmentEnd:
		return false, o.segment(r)
	case PathEnd:
		empty := o.found == 0 && !o.partial
		skipped := o.skipped
		o.found, o.skipped = 0, 0
		if !empty {
			return false, nil
		}
		e := mailbox.NoMessage(r.Name, r.Dir, skipped)
		*r = Row{Place: r.Place, Kind: Broken, Unix: NoDate, Name: e.Name, Path: e.Name, Outcome: Unjudged, Reason: e.Err.Error()}
		r.Ordinal = o.n
		o.n++
		return true, nil
	}
	o.found++
	r.Ordinal = o.n
	o.n++
	if s := r.Place.Segment; s > 1 {
		if r.Place.File == o.file && o.done == s-1 && o.whole {
			r.Line += o.lines
		} else {
			r.Line = 0
		}
	}
	if !o.dedup || r.Kind != Judged {
		return true, nil
	}
	was, is, err := o.seen.add(r.Hash, maxHashes)
	if err != nil {
		return false, err
	}
	if was {
		// Whether a worker, this function or the merging of parts finds a copy is chance, and must not be seen.
		r.shorten(Duplicate)
	}
	o.full = o.full || !is
	return true, nil
}

// shorten leaves of a row what is kept of a message that is not judged.
func (r *Row) shorten(k Kind) { *r = Row{Place: r.Place, Ordinal: r.Ordinal, Kind: k, Size: r.Size} }

// expects tells with which postmark a segment of an mbox has to begin, if that is known.
func (o *order) expects(file, segment uint64) (next int64, known bool) {
	return o.next, segment > 1 && o.file == file && o.done == segment-1
}

func (o *order) segment(r *Row) error {
	p := r.Place
	known := p.File == o.file && o.done == p.Segment-1
	switch {
	case p.Segment == 1:
		o.whole, o.lines, known = true, 0, false
	case !known:
		o.whole = false
	case r.First >= 0 && r.First != o.next || r.First < 0 && o.next < r.Next:
		return fmt.Errorf("%w (octets %d and %d)", errSegments, o.next, r.First)
	}
	o.file, o.done = p.File, p.Segment
	switch {
	case r.First >= 0:
		o.next = r.Next
		o.lines += r.Lines
	case !known:
		o.done = 0 // where the next begins is not known
	}
	return nil
}

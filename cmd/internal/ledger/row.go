package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"postern/rules/facts"
)

// row is a message as a store keeps it.
type row struct {
	seq         int64 // from 1; 0 for a message that is not kept
	id          string
	account     string // label
	sender      string // label
	at          int64  // the ledger's time of the reservation, then of the commit
	lease       int64  // when a reservation ends; 0 once it is committed
	octets      int64
	recipients  int64    // different ones
	hashes      []uint64 // of the first maxHashes of them, sorted
	web         bool
	fingerprint uint64
	similar     bool // fingerprint can be compared
}

// row makes the row of an entry.
func (k key) row(e Entry) row {
	r := row{account: k.label(e.Account), sender: k.label(e.Sender), octets: max(0, e.Octets), web: e.WebScript}
	seen := make(map[uint64]struct{}, len(e.Recipients))
	for _, a := range e.Recipients {
		h := k.recipient(a)
		if _, twice := seen[h]; twice {
			continue
		}
		seen[h] = struct{}{}
		if len(r.hashes) < maxHashes {
			r.hashes = append(r.hashes, h)
		}
	}
	r.recipients = int64(len(seen))
	slices.Sort(r.hashes)
	r.fingerprint, r.similar = parseFingerprint(e.Fingerprint)
	return r
}

func parseFingerprint(s string) (uint64, bool) { return (&facts.Text{Fingerprint: s}).Print() }

func (r *row) fingerprintText() string {
	if !r.similar {
		return ""
	}
	return fmt.Sprintf("%016x", r.fingerprint)
}

// pack and unpack turn hashes into octets and back.
func (r *row) pack() []byte {
	b := make([]byte, 0, 8*len(r.hashes))
	for _, h := range r.hashes {
		b = binary.BigEndian.AppendUint64(b, h)
	}
	return b
}

func (r *row) unpack(b []byte) error {
	if len(b)%8 != 0 || len(b) > 8*maxHashes {
		return errors.New("the hashes of a message are damaged")
	}
	r.hashes = make([]uint64, len(b)/8)
	for i := range r.hashes {
		r.hashes[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return r.valid()
}

// valid finds what no program of ours has written.
func (r *row) valid() error {
	if r.seq <= 0 || r.at < 0 || r.lease < 0 || r.octets < 0 || r.recipients < int64(len(r.hashes)) ||
		r.recipients > int64(len(r.hashes)) && len(r.hashes) < maxHashes {
		return fmt.Errorf("the numbers of message %d contradict each other", r.seq)
	}
	return nil
}

// counts tells whether a row counts at a time: it is committed, or its lease is not over.
func (r *row) counts(now int64) bool { return r.lease == 0 || r.lease > now }

func (r *row) like(o *row) bool {
	return r.similar && o.similar && bits.OnesCount64(r.fingerprint^o.fingerprint) <= facts.SimilarBits
}

// history counts rows, of which self is one, at a time.
func history(rows []row, self *row, now int64, windows []int64) *facts.History {
	h := &facts.History{Windows: []facts.Window{}}
	live := make([]*row, 0, len(rows))
	longest, last := int64(0), int64(-1)
	for _, w := range windows {
		longest = max(longest, w)
	}
	for i := range rows {
		r := &rows[i]
		if r.seq == self.seq || !r.counts(now) || r.at <= now-longest*1000 {
			continue
		}
		live = append(live, r)
		last = max(last, r.at)
	}
	if last >= 0 {
		since := max(0, now-last)
		h.SinceLastMS = &since
	}
	for _, w := range windows {
		within := w * 1000
		count := func(when bool, which func(*row) bool) facts.Counts {
			if !when {
				return facts.Counts{Later: []facts.Later{}}
			}
			t := tally{now: now, window: within}
			for _, r := range live {
				if r.at > now-within && which(r) {
					t.rows = append(t.rows, r)
				}
			}
			return t.counts(self)
		}
		h.Windows = append(h.Windows, facts.Window{
			Seconds:    w,
			Account:    count(true, func(*row) bool { return true }),
			Sender:     count(true, func(r *row) bool { return r.sender == self.sender }),
			WebScripts: count(self.web, func(r *row) bool { return r.web }),
			Similar:    count(self.similar, self.like),
		})
	}
	return h
}

// tally adds up some rows of one window.
type tally struct {
	now, window int64
	rows        []*row // without the message itself
}

// maxSteps bounds Counts.Later. Of more steps some are left out, never the last: what is left tells a later time, not an
// earlier one.
const maxSteps = 64

func (t *tally) leaves(r *row) int64 {
	if r.lease != 0 {
		return min(r.lease, r.at+t.window)
	}
	return r.at + t.window
}

func (t *tally) counts(self *row) facts.Counts {
	slices.SortFunc(t.rows, func(a, b *row) int { return int(t.leaves(b) - t.leaves(a)) }) // the last to leave first
	c := facts.Counts{Later: make([]facts.Later, 0, min(len(t.rows), maxSteps))}
	seen := make(map[uint64]struct{}, len(self.hashes)+len(t.rows))
	add := func(r *row) {
		c.Messages++
		c.Recipients += r.recipients
		c.Octets += r.octets
		c.Addresses += r.recipients - int64(len(r.hashes))
		for _, h := range r.hashes {
			if _, twice := seen[h]; !twice {
				seen[h] = struct{}{}
				c.Addresses++
			}
		}
	}
	add(self)
	every := (len(t.rows) + maxSteps - 1) / maxSteps
	for i, r := range t.rows {
		// What is counted so far is what is left when this row leaves, and all that leave before it have left.
		if i%every == 0 {
			c.Later = append(c.Later, facts.Later{
				Seconds: (t.leaves(r) - t.now + 999) / 1000, Messages: c.Messages, Recipients: c.Recipients, Addresses: c.Addresses, Octets: c.Octets,
			})
		}
		add(r)
	}
	slices.Reverse(c.Later)
	return c
}

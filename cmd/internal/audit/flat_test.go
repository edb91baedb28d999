package audit

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestMemoryIsFlat adds messages of which each has a sender, domains, a folder, a day, a text and octets of its own: once everything
// that is bounded has reached its bound, more of them need no more memory.
func TestMemoryIsFlat(t *testing.T) {
	r, err := Start(&Head{Settings: Settings{Campaign: 2, Dedup: true}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Done(false)
	// Less of what is bounded, so that the bounds are reached soon.
	r.order.seen.held = 1 << 10
	r.Totals.campaigns.max = 2000
	for _, x := range r.Totals.tables() {
		x.max = 1 << 10
	}
	r.Totals.sendings.max, r.Totals.campaigns.reached.max = 1<<10, 1<<10
	rng := rand.New(rand.NewPCG(1, 2))
	live := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	n, buf := 0, []byte{}
	add := func(count int) uint64 {
		for range count {
			n++
			row := usualRow(2)
			row.Place = Place{File: uint64(n)}
			row.Sender, row.Domain, row.Folder = fmt.Sprint(n, "@", n, ".example"), fmt.Sprint(n, ".example"), fmt.Sprint("folder/", n)
			row.Domains[0], row.Unix = fmt.Sprint(n, ".example.org"), int64(n)*86400
			row.Body, row.Compared, row.Hashed = rng.Uint64(), true, true
			binary.BigEndian.PutUint64(row.Hash[:], rng.Uint64())
			row.Hashes[0], row.Outcome = uint32(n), Fail
			buf = row.Append(buf[:0])
			if err := r.Add(buf, nil); err != nil {
				t.Fatal(err)
			}
		}
		return live()
	}
	before := add(10_000)
	after := add(40_000)
	// Runs on disk have buffers only while they are read.
	if after > before+512<<10 {
		t.Errorf("%d octets after 10,000 messages, %d after 50,000", before, after)
	}
	rep, err := r.End(true)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Senders) != 50_000 || rep.Senders[0].Messages != 1 || len(rep.Days) != 50_000 || rep.Summary.Messages != 50_000 || rep.Summary.Duplicates != 0 {
		t.Errorf("%d senders, %d days, %+v", len(rep.Senders), len(rep.Days), rep.Summary)
	}
}

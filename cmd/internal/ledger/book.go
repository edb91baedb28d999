package ledger

import (
	"slices"
	"time"

	"postern/rules/facts"
)

// Book is a ledger in memory with a clock of its own, to try out what would happen. The zero value cannot be used.
type Book struct {
	key     key
	windows []int64
	now     int64
	began   int64
	seq     int64
	rows    []row // of one account, in order
}

// NewBook makes an empty book whose histories have these windows.
func NewBook(windows []time.Duration) *Book { return newBook(make(key, keyOctets), windows, nil, 1) }

func newBook(k key, windows []time.Duration, rows []row, now int64) *Book {
	b := &Book{key: k, windows: seconds(windows), now: now, began: now, rows: slices.Clone(rows)}
	for _, r := range rows {
		b.seq = max(b.seq, r.seq)
	}
	return b
}

// History gives the history that a message would be judged by now.
func (b *Book) History(e Entry) *facts.History {
	r := b.key.row(e)
	r.at = b.now
	return history(b.rows, &r, b.now, b.windows)
}

// Send counts a message as sent now.
func (b *Book) Send(e Entry) {
	r := b.key.row(e)
	b.seq++
	r.seq, r.at = b.seq, b.now
	b.rows = append(b.rows, r)
}

// Wait lets time pass.
func (b *Book) Wait(d time.Duration) { b.now += max(0, d.Milliseconds()) }

// Elapsed is how long the book's clock has run.
func (b *Book) Elapsed() time.Duration { return time.Duration(b.now-b.began) * time.Millisecond }

// seconds gives windows in whole seconds, each once, shortest first.
func seconds(windows []time.Duration) []int64 {
	out := []int64{}
	for _, w := range windows {
		out = append(out, int64(w/time.Second))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

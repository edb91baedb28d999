package audit

import (
	"cmp"
	"slices"
	"strings"
)

// maxKeys is how many keys a table tells apart.
const maxKeys = 50_000

// Tally counts the messages of a key.
type Tally struct {
	Messages   int64 `json:"messages"`
	Pass       int64 `json:"pass"`
	Fail       int64 `json:"fail"`
	Unjudged   int64 `json:"unjudged"`
	Octets     int64 `json:"octets"`
	Recipients int64 `json:"recipients"`
}

func (t *Tally) add(o *Tally) {
	t.Messages += o.Messages
	t.Pass += o.Pass
	t.Fail += o.Fail
	t.Unjudged += o.Unjudged
	t.Octets += o.Octets
	t.Recipients += o.Recipients
}

// tallyOf is what a row adds to a tally.
func tallyOf(r *Row) Tally {
	t := Tally{Messages: 1, Octets: r.Octets, Recipients: r.Recipients}
	switch r.Outcome {
	case Pass:
		t.Pass = 1
	case Fail:
		t.Fail = 1
	default:
		t.Unjudged = 1
	}
	return t
}

// table counts by key. When it is full, the half of its keys with the fewest messages is added up in others; a key that comes
// again after that begins anew, so that its number can be too small, by at most short messages.
type table[K cmp.Ordered] struct {
	m      map[K]*Tally
	others Tally
	short  int64 // the most messages that a number can be too small by
	max    int   // 0 means maxKeys
}

func (t *table[K]) add(k K, d *Tally) {
	x := t.m[k]
	if x == nil {
		if t.m == nil {
			t.m = map[K]*Tally{}
		}
		limit := t.max
		if limit == 0 {
			limit = maxKeys
		}
		if len(t.m) >= limit {
			t.halve()
		}
		x = &Tally{}
		if s, ok := any(k).(string); ok {
			k = any(strings.Clone(s)).(K) // of a whole batch of rows
		}
		t.m[k] = x
	}
	x.add(d)
}

// halve makes room.
func (t *table[K]) halve() {
	list := t.sorted()
	dropped := list[len(list)/2:]
	// A key can be dropped each time, so what it lacks adds up.
	t.short += dropped[0].Messages
	for i := range dropped {
		t.others.add(&dropped[i].Tally)
		delete(t.m, dropped[i].Key)
	}
}

// Entry is a line of a table.
type Entry[K cmp.Ordered] struct {
	Key K `json:"key"`
	Tally
}

// sorted gives the table, most messages first, then by key.
func (t *table[K]) sorted() []Entry[K] {
	list := make([]Entry[K], 0, len(t.m))
	for k, x := range t.m {
		list = append(list, Entry[K]{k, *x})
	}
	slices.SortFunc(list, func(a, b Entry[K]) int { return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Key, b.Key)) })
	return list
}

// byKey gives the table in the order of its keys.
func (t *table[K]) byKey() []Entry[K] {
	list := t.sorted()
	slices.SortFunc(list, func(a, b Entry[K]) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// top keeps the n greatest of what it is offered; of equal ones those that came first.
type top[T any] struct {
	n    int
	size func(*T) int64
	list []T // greatest first
}

// wants tells whether a value of that size would be kept.
func (t *top[T]) wants(size int64) bool {
	return len(t.list) < t.n || t.n > 0 && size > t.size(&t.list[len(t.list)-1])
}

func (t *top[T]) offer(x T) {
	size := t.size(&x)
	if !t.wants(size) {
		return
	}
	i := len(t.list)
	for i > 0 && t.size(&t.list[i-1]) < size {
		i--
	}
	t.list = slices.Insert(t.list, i, x)
	if len(t.list) > t.n {
		t.list = t.list[:t.n]
	}
}

// Histogram counts values by range.
type Histogram struct {
	bounds []int64 // the greatest value of each range but the last, which has none
	counts []int64
}

func newHistogram(bounds ...int64) Histogram {
	return Histogram{bounds: bounds, counts: make([]int64, len(bounds)+1)}
}

func (h *Histogram) add(n int64) {
	i, _ := slices.BinarySearch(h.bounds, n)
	h.counts[i]++
}

// Range is a range of a histogram. To is -1 where there is no end.
type Range struct {
	From     int64 `json:"from"`
	To       int64 `json:"to"`
	Messages int64 `json:"messages"`
}

func (h *Histogram) ranges() []Range {
	out := make([]Range, len(h.counts))
	from := int64(0)
	for i, n := range h.counts {
		out[i] = Range{From: from, To: -1, Messages: n}
		if i < len(h.bounds) {
			out[i].To = h.bounds[i]
			from = h.bounds[i] + 1
		}
	}
	return out
}

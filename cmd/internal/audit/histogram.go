package audit

import "slices"

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

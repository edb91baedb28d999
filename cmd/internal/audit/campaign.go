package audit

import (
	"cmp"
	"slices"
	"strings"
)

const (
	maxCampaigns  = 50_000    // texts that are told apart
	maxReached    = 10_000    // different recipients that are counted of one text
	maxAllReached = 2_000_000 // and of all texts
	maxBehind     = 20        // senders that are named of one text
)

// Campaign is a text that was sent several times, nearly the same each time.
type Campaign struct {
	ID       string `json:"id"` // the fingerprint of the first (facts.Text.Fingerprint)
	Messages int64  `json:"messages"`
	// Recipients counts the recipients of all messages, Different each address once; AtLeast tells that there are more.
	Recipients int64    `json:"recipients"`
	Different  int64    `json:"different_recipients"`
	AtLeast    bool     `json:"at_least"`
	Fail       int64    `json:"fail"`
	Octets     int64    `json:"octets"`
	First      string   `json:"first"`
	Last       string   `json:"last"`
	Subject    string   `json:"subject"` // of the first message
	Name       string   `json:"example"`
	Senders    []string `json:"senders"` // at most maxBehind, in the order of their first message

	hash        uint64
	first, last int64
	reached     map[uint32]struct{}
	one         uint32 // the only recipient as long as there is only one
	hasOne      bool
}

// campaigns groups messages by their text: each goes to the first text that is near its own.
type campaigns struct {
	index    prints
	list     []*Campaign // like index
	reached  int
	compared int64
	dropped  int64 // messages whose text was dropped to make room
	max      int   // 0 means maxCampaigns
}

func (c *campaigns) add(r *Row) {
	if !r.Compared {
		return
	}
	c.compared++
	i := c.index.find(r.Body)
	if i < 0 {
		limit := c.max
		if limit == 0 {
			limit = maxCampaigns
		}
		if len(c.list) >= limit {
			c.halve()
		}
		i = c.index.add(r.Body)
		c.list = append(c.list, &Campaign{hash: r.Body, Subject: strings.Clone(r.Subject), Name: strings.Clone(r.Name), first: NoDate, last: NoDate})
	}
	x := c.list[i]
	x.Messages++
	x.Recipients += r.Recipients
	x.Octets += r.Octets
	if r.Outcome == Fail {
		x.Fail++
	}
	if r.Unix != NoDate {
		if x.first == NoDate || r.Unix < x.first {
			x.first = r.Unix
		}
		x.last = max(x.last, r.Unix)
	}
	if len(x.Senders) < maxBehind && r.Sender != "" && !slices.Contains(x.Senders, r.Sender) {
		x.Senders = append(x.Senders, strings.Clone(r.Sender))
	}
	x.AtLeast = x.AtLeast || r.Uncertain || r.Recipients > int64(len(r.Hashes))
	for _, h := range r.Hashes {
		c.reach(x, h)
	}
}

// reach counts a recipient of a text. Most texts have one, which needs no map.
func (c *campaigns) reach(x *Campaign, h uint32) {
	if x.reached == nil {
		if !x.hasOne {
			x.one, x.hasOne = h, true
			return
		}
		if x.one == h {
			return
		}
		x.reached = map[uint32]struct{}{x.one: {}}
	}
	if _, ok := x.reached[h]; ok {
		return
	}
	if len(x.reached) >= maxReached || c.reached >= maxAllReached {
		x.AtLeast = true
		return
	}
	x.reached[h] = struct{}{}
	c.reached++
}

func (x *Campaign) different() int64 {
	if x.reached != nil {
		return int64(len(x.reached))
	}
	if x.hasOne {
		return 1
	}
	return 0
}

// halve makes room: the half of the texts with the fewest messages goes, of equal ones those that came first.
func (c *campaigns) halve() {
	order := make([]int, len(c.list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(c.list[b].Messages, c.list[a].Messages), cmp.Compare(b, a))
	})
	for _, i := range order[len(order)/2:] {
		c.dropped += c.list[i].Messages
		c.reached -= max(len(c.list[i].reached)-1, 0)
	}
	keep := order[:len(order)/2]
	slices.Sort(keep)
	old := c.list
	c.list, c.index = make([]*Campaign, 0, len(old)), prints{}
	for _, i := range keep {
		c.index.add(old[i].hash)
		c.list = append(c.list, old[i])
	}
}

// largest gives the texts that went to at least least different recipients, in at least two messages; most recipients first.
func (c *campaigns) largest(least int64, n int) (out []Campaign, total int64) {
	out = []Campaign{}
	for i, x := range c.list {
		x.Different = x.different()
		if x.Messages < 2 || x.Different < least {
			continue
		}
		total++
		y := *x
		y.ID = hex64(x.hash)
		y.First, y.Last = stamp(x.first), stamp(x.last)
		y.Senders = append([]string{}, x.Senders...)
		y.one = uint32(i)
		out = append(out, y)
	}
	slices.SortFunc(out, func(a, b Campaign) int {
		return cmp.Or(cmp.Compare(b.Different, a.Different), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.one, b.one))
	})
	return out[:min(n, len(out))], total
}

func hex64(h uint64) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 16)
	for i := range b {
		b[i] = digits[h>>(60-4*i)&15]
	}
	return string(b)
}

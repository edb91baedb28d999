package audit

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

const (
	maxCampaigns = 50_000 // texts that are told apart
	maxReached   = 10_000 // different recipients that are counted of one text
	maxBehind    = 20     // senders that are named of one text
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
}

// text is what is in memory of a text.
type text struct {
	hash        uint64
	id          uint32 // counts texts; a text that is dropped and comes again has another
	atLeast     bool
	sender      uint64 // hash of the first sender, 0 if there is none yet
	messages    int64
	recipients  int64
	octets      int64
	fail        int64
	first, last int64
}

// campaigns groups messages by their text: each goes to the first text that is near its own. In memory it has what is counted of
// each text; the recipients, the subjects and the senders lie on disk.
type campaigns struct {
	index    prints
	list     []text // like index, and so by id
	ids      uint32
	asked    int // in list: where of looked last
	reached  sorter[reach, *reach]
	about    notes
	behind   map[uint32][]uint64 // hashes of the senders, of texts with several
	compared int64
	dropped  int64 // messages whose text was dropped to make room
	max      int   // 0 means maxCampaigns
	err      error
}

func (c *campaigns) add(r *Row, sender uint64) {
	if !r.Compared {
		return
	}
	c.compared++
	i := c.index.find(r.Body)
	if i < 0 {
		if c.ids == math.MaxUint32 {
			c.err = errors.New("there are more different texts than can be numbered; divide the archive")
			return
		}
		limit := c.max
		if limit == 0 {
			limit = maxCampaigns
		}
		if len(c.list) >= limit {
			c.halve()
		}
		i = c.index.add(r.Body)
		c.ids++
		if n := len(c.list); n == cap(c.list) {
			c.list = append(make([]text, 0, min(max(2*n, 64), limit)), c.list...)
		}
		c.list = append(c.list, text{hash: r.Body, id: c.ids, first: NoDate, last: NoDate})
		c.about.add(c.ids, r.Subject, r.Name)
	}
	x := &c.list[i]
	x.messages++
	x.recipients += r.Recipients
	x.octets += r.Octets
	if r.Outcome == Fail {
		x.fail++
	}
	if r.Unix != NoDate {
		if x.first == NoDate || r.Unix < x.first {
			x.first = r.Unix
		}
		x.last = max(x.last, r.Unix)
	}
	if r.Sender != "" && x.sender != sender {
		c.sent(x, r.Sender, sender)
	}
	x.atLeast = x.atLeast || r.Uncertain || r.Recipients > int64(len(r.Hashes))
	for _, h := range r.Hashes {
		c.reached.add(reach(uint64(x.id)<<32 | uint64(h)))
	}
}

// sent notes a sender of a text. Most texts have one.
func (c *campaigns) sent(x *text, name string, sender uint64) {
	if x.sender == 0 {
		x.sender = sender
		c.about.add(x.id, name, "")
		return
	}
	list := c.behind[x.id]
	if len(list)+1 >= maxBehind || slices.Contains(list, sender) {
		return
	}
	if c.behind == nil {
		c.behind = map[uint32][]uint64{}
	}
	c.behind[x.id] = append(list, sender)
	c.about.add(x.id, name, "")
}

// halve makes room: the half of the texts with the fewest messages goes, of equal ones those that came first.
func (c *campaigns) halve() {
	counts := make([]int64, len(c.list))
	for i := range c.list {
		counts[i] = c.list[i].messages
	}
	slices.Sort(counts)
	gone := len(counts) - len(counts)/2
	least := counts[gone] // those that stay have as many, or more
	first, _ := slices.BinarySearch(counts, least)
	gone -= first // of those with as many
	keep := c.list[:0]
	c.index.reset()
	for _, x := range c.list {
		if x.messages > least || x.messages == least && gone <= 0 {
			keep = append(keep, x)
			c.index.add(x.hash)
			continue
		}
		if x.messages == least {
			gone--
		}
		c.dropped += x.messages
		delete(c.behind, x.id)
	}
	c.list = keep
	c.reached.disk.keep = c.knows
	c.about.keep(func(id uint32) bool { return c.of(id) >= 0 })
}

// of gives the place of a text in list, or -1. Most ask for the same as before, or for one of the next.
func (c *campaigns) of(id uint32) int {
	i := min(c.asked, len(c.list))
	for end := min(i+8, len(c.list)); i < end && c.list[i].id < id; {
		i++
	}
	if i < len(c.list) && c.list[i].id < id || i > 0 && c.list[i-1].id >= id {
		i, _ = slices.BinarySearchFunc(c.list, id, func(x text, id uint32) int { return cmp.Compare(x.id, id) })
	}
	c.asked = i
	if i == len(c.list) || c.list[i].id != id {
		return -1
	}
	return i
}

// knows tells whether the text of a recipient was not dropped.
func (c *campaigns) knows(x *reach) bool { return c.of(x.text()) >= 0 }

// largest gives the texts that went to at least least different recipients, in at least two messages; most recipients first.
func (c *campaigns) largest(least int64, n int) (out []Campaign, total int64, err error) {
	type found struct {
		text      int
		different int64
	}
	list := []found{}
	next := 0 // in c.list
	end := func(different int64) {
		x := &c.list[next]
		if different > maxReached {
			different, x.atLeast = maxReached, true
		}
		if x.messages >= 2 && different >= least {
			total++
			list = append(list, found{next, different})
		}
		next++
	}
	different := int64(0)
	for x := range c.reached.all() {
		id := x.text()
		for next < len(c.list) && c.list[next].id < id {
			end(different)
			different = 0
		}
		if next < len(c.list) && c.list[next].id == id {
			different++
		}
	}
	for next < len(c.list) {
		end(different)
		different = 0
	}
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.different, a.different), cmp.Compare(c.list[b.text].messages, c.list[a.text].messages), cmp.Compare(a.text, b.text))
	})
	list = list[:min(n, len(list))]
	out = make([]Campaign, len(list))
	place, named := map[uint32]*Campaign{}, map[uint32]bool{}
	for i, f := range list {
		x := &c.list[f.text]
		out[i] = Campaign{
			ID: hex64(x.hash), Messages: x.messages, Recipients: x.recipients, Different: f.different, AtLeast: x.atLeast, Fail: x.fail, Octets: x.octets,
			First: stamp(x.first), Last: stamp(x.last), Senders: []string{},
		}
		place[x.id] = &out[i]
	}
	err = c.about.each(func(id uint32) bool { return place[id] != nil }, func(id uint32, a, b []byte) {
		if x := place[id]; named[id] {
			x.Senders = append(x.Senders, string(a))
		} else {
			x.Subject, x.Name, named[id] = string(a), string(b), true
		}
	})
	return out, total, cmp.Or(c.reached.disk.err, err)
}

func (c *campaigns) failed() error { return cmp.Or(c.err, c.reached.disk.err, c.about.err) }

func (c *campaigns) close() {
	c.reached.close()
	c.about.close()
	*c = campaigns{compared: c.compared, dropped: c.dropped}
}

// reach is a recipient of a text: the text's id, and the hash of the address.
type reach uint64

func (x *reach) text() uint32         { return uint32(*x >> 32) }
func (x *reach) compare(y *reach) int { return cmp.Compare(*x, *y) }
func (x *reach) join(y *reach) bool   { return *x == *y }
func (x *reach) append(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(*x))
}

func (x *reach) read(r *bufio.Reader) error {
	b, err := peek(r, 8)
	if err == nil {
		*x = reach(binary.LittleEndian.Uint64(b))
	}
	return err
}

func (*reach) sort(list []reach) { slices.Sort(list) }

func hex64(h uint64) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 16)
	for i := range b {
		b[i] = digits[h>>(60-4*i)&15]
	}
	return string(b)
}

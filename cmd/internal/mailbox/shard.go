package mailbox

import (
	"bytes"
	"hash/fnv"
	"io"
)

const (
	// defaultSplit is the size from which an mbox is divided among shards.
	defaultSplit = 64 << 20
	// splitBack is how far before its part a shard begins to read. A message that begins there and whose Content-Length goes
	// into the part may hold lines that look like postmarks.
	splitBack = 16 << 20
)

// mine tells whether the shard of this walk reads the file f, and sets the part of it in pl.
func (w *walker) mine(f *file, size int64, pl *place) bool {
	s := w.opts.Shard
	if s == nil || s.Count <= 1 {
		return true
	}
	if size >= s.least() && w.isMbox(f, size, *pl) {
		n, i := int64(s.Count), int64(s.Index)
		pl.split = &span{part(size, i, n), part(size, i+1, n)}
		return true
	}
	return s.holds(pl.rel)
}

// least is the size from which an mbox is divided.
func (s *Shard) least() int64 {
	if s.SplitBytes > 0 {
		return s.SplitBytes
	}
	return defaultSplit
}

// holds tells whether a file that is not divided belongs to the shard.
func (s *Shard) holds(rel string) bool {
	if s.Count <= 1 {
		return true
	}
	h := fnv.New64a()
	io.WriteString(h, rel)
	return h.Sum64()%uint64(s.Count) == uint64(s.Index)
}

// part is size*i/n, which size*i may be too large for.
func part(size, i, n int64) int64 { return size/n*i + size%n*i/n }

// isMbox tells whether a file is an mbox, as content does.
func (w *walker) isMbox(f *file, size int64, pl place) bool {
	src := source{at: f, size: size}
	head, err := peek(&src)
	if err != nil {
		return false
	}
	if pl.mbox || isMboxName(pl.rel) {
		return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n\v\f"), from)
	}
	if !bytes.HasPrefix(head, from) {
		return false
	}
	s := &splitter{ctx: w.ctx, in: src.reader(), at: f, size: size, read: func(int64) {}}
	defer s.close()
	two := false
	if s.begin(0) == nil {
		s.run(func(_ int64, last bool) bool { two = !last; return false })
	}
	return two
}

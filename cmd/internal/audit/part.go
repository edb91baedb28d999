package audit

import (
	"bufio"
	"container/heap"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"slices"
)

// Shard is the part of a run that one machine does. The zero value is the whole run.
type Shard struct {
	Index int `json:"index"` // from 1
	Count int `json:"count"`
}

// String is "shard 3 of 16".
func (s Shard) String() string {
	if s.Count == 0 {
		return "the whole run"
	}
	return fmt.Sprintf("shard %d of %d", s.Index, s.Count)
}

// Range is the part of total octets that belongs to the shard: what begins at from or later, and before to. The last shard has
// what begins at the end too.
func (s Shard) Range(total int64) (from, to int64) {
	if s.Count <= 1 {
		return 0, math.MaxInt64
	}
	n, i := int64(s.Count), int64(s.Index)
	at := func(i int64) int64 { return total/n*i + total%n*i/n }
	if from, to = at(i-1), at(i); i == n {
		to = math.MaxInt64
	}
	return from, to
}

// MaxShards bounds the number of shards of a run.
const MaxShards = 10_000

// A part file is one section for each shard in it: a line of JSON, and the log. Two part files one after the other are a part
// file too.

// section is the line of JSON before a log.
type section struct {
	Format string `json:"format"`
	Head   Head   `json:"head"`
	Shard  Shard  `json:"shard"`
	Items  uint64 `json:"items"` // of the whole walk
	Chain  string `json:"chain"`
	Dedup  bool   `json:"dedup_full"`
	Rows   int64  `json:"rows_bytes"`
	Digest string `json:"rows_sha256"`

	file io.ReaderAt
	name string
	at   int64
}

// maxSectionLine bounds the line of JSON.
const maxSectionLine = 16 << 20

// writeSection writes a section whose rows are read from r.
func writeSection(w io.Writer, s section, rows io.ReaderAt, from int64) error {
	s.Format = formatName
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(rows, from, s.Rows)); err != nil {
		return err
	}
	s.Digest = hex.EncodeToString(h.Sum(nil))
	return s.write(w, rows, from)
}

func (s *section) write(w io.Writer, rows io.ReaderAt, from int64) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return err
	}
	n, err := io.Copy(w, io.NewSectionReader(rows, from, s.Rows))
	if err == nil && n != s.Rows {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Parts are the sections of part files that belong to one run, each shard once. The zero value has none.
type Parts struct {
	sections []*section // by shard
	files    []*os.File
	// Again counts the sections of shards that had been read already.
	Again int
}

// Close closes the files.
func (p *Parts) Close() {
	for _, f := range p.files {
		f.Close()
	}
}

// OpenParts reads the heads of part files. The parts have to be of one run over the same mail; a shard that is there several
// times has to be the same each time, and counts once.
func OpenParts(names []string) (*Parts, error) {
	p := &Parts{}
	for _, name := range names {
		if err := p.open(name); err != nil {
			p.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return p, nil
}

var errPart = errors.New("it is no part of an audit, or a damaged one")

func (p *Parts) open(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return errors.Unwrap(err)
	}
	p.files = append(p.files, f)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return p.Add(f, info.Size(), name)
}

// Add reads the heads of a part file of size octets that is called name, as OpenParts does. Parts holds r.
func (p *Parts) Add(r io.ReaderAt, size int64, name string) error {
	if size == 0 {
		return errPart
	}
	for at := int64(0); at < size; {
		in := bufio.NewReaderSize(io.NewSectionReader(r, at, min(maxSectionLine, size-at)), 64<<10)
		line, err := in.ReadBytes('\n')
		s := &section{file: r, name: name}
		if err != nil || json.Unmarshal(line, s) != nil || s.Format != formatName {
			return errPart
		}
		s.at = at + int64(len(line))
		if s.Rows < 0 || s.Rows > size-s.at {
			return errors.New("it is cut off: the run that wrote it did not end, or the copy is incomplete")
		}
		if s.Shard.Count < 1 || s.Shard.Count > MaxShards || s.Shard.Index < 1 || s.Shard.Index > s.Shard.Count {
			return errPart
		}
		if err := s.verify(); err != nil {
			return err
		}
		if err := p.take(s); err != nil {
			return err
		}
		at = s.at + s.Rows
	}
	return nil
}

// verify holds the log against its digest.
func (s *section) verify() error {
	var h hash.Hash = sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(s.file, s.at, s.Rows)); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != s.Digest {
		return errors.New("it is damaged: its rows do not have the digest that it states")
	}
	return nil
}

func (p *Parts) take(s *section) error {
	for _, o := range p.sections {
		switch {
		case o.Head.Settings.ID() != s.Head.Settings.ID():
			return fmt.Errorf("%s %w than %s: %s differ", s.Shard, ErrOther, o.name, o.Head.Settings.differ(&s.Head.Settings))
		case o.Shard.Count != s.Shard.Count:
			return fmt.Errorf("it is of a run in %d shards, %s of one in %d", s.Shard.Count, o.name, o.Shard.Count)
		case o.Chain != s.Chain || o.Items != s.Items:
			return fmt.Errorf("%s %w than %s: they have walked over different mail", s.Shard, ErrOther, o.name)
		}
	}
	for _, o := range p.sections {
		if o.Shard == s.Shard {
			if o.Digest != s.Digest {
				return fmt.Errorf("%s is there twice with different results, here and in %s", s.Shard, o.name)
			}
			p.Again++
			return nil
		}
	}
	i, _ := slices.BinarySearchFunc(p.sections, s, func(a, b *section) int { return a.Shard.Index - b.Shard.Index })
	p.sections = slices.Insert(p.sections, i, s)
	return nil
}

// Missing gives the shards that are not there.
func (p *Parts) Missing() []int {
	missing := []int{}
	for i := range p.sections[0].Shard.Count {
		if !slices.ContainsFunc(p.sections, func(s *section) bool { return s.Shard.Index == i+1 }) {
			missing = append(missing, i+1)
		}
	}
	return missing
}

// Count gives the number of shards of the run.
func (p *Parts) Count() int { return p.sections[0].Shard.Count }

// Head gives what the parts belong to.
func (p *Parts) Head() *Head { return &p.sections[0].Head }

// Save writes the parts as one part file.
func (p *Parts) Save(w io.Writer) error {
	for _, s := range p.sections {
		if err := s.write(w, s.file, s.at); err != nil {
			return err
		}
	}
	return nil
}

// each yields the rows of all parts in the order of the walk.
func (p *Parts) each(yield func(*Row, []byte) error) error {
	h := &sectionHeap{}
	for _, s := range p.sections {
		r := newReader(io.NewSectionReader(s.file, s.at, s.Rows))
		if err := h.next(r, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	heap.Init(h)
	for h.Len() > 0 {
		x := heap.Pop(h).(sectionRow)
		if err := yield(x.row, x.octets); err != nil {
			return err
		}
		if err := h.next(x.reader, x.section); err != nil {
			return fmt.Errorf("%s: %w", x.section.name, err)
		}
	}
	return nil
}

type sectionRow struct {
	row     *Row
	octets  []byte
	reader  *reader
	section *section
}

type sectionHeap []sectionRow

func (h *sectionHeap) next(r *reader, s *section) error {
	row, octets, err := r.next()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	heap.Push(h, sectionRow{row, octets, r, s})
	return nil
}

func (h sectionHeap) Len() int           { return len(h) }
func (h sectionHeap) Less(i, j int) bool { return h[i].row.Place.Compare(h[j].row.Place) < 0 }
func (h sectionHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sectionHeap) Push(x any)        { *h = append(*h, x.(sectionRow)) }
func (h *sectionHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

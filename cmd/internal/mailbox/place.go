package mailbox

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"path"
	"strings"
)

// place is where something lies that is read.
type place struct {
	path   string // the outer file
	rel    string // its path, or that of the member, inside what was named
	name   string // path and member
	member string
	packed bool // it is not the outer file itself that is read
	claim  Claim
	// mbox tells that it is known to be an mbox, not by its name.
	mbox  bool
	flags string
	notes []Note
	depth int
	// inside tells that it lies directly in a compressed file.
	inside bool
	root   *outer
	// counted tells that what is read of the outer file is counted already.
	counted bool
	// segment is the part of the mbox that is read, nil for the whole.
	segment *Segment
}

// outer is a file of the file system, or standard input.
type outer struct {
	size int64 // -1 for standard input
	n    int64 // octets read
	tell func(int64)
}

func (o *outer) add(n int64) {
	o.n += n
	if o.tell != nil && n > 0 {
		o.tell(n)
	}
}

// finish tells of what was passed by.
func (o *outer) finish() {
	if o.size > o.n {
		o.add(o.size - o.n)
	}
}

// packed is how many octets of the file there are to unpack, as far as that is known.
func (o *outer) packed() int64 { return max(o.size, o.n) }

// source is what a place holds: octets that can be read at random, or once.
type source struct {
	r    io.Reader
	at   *file
	size int64 // of at
}

func (s source) reader() io.Reader {
	if s.at != nil {
		return io.NewSectionReader(s.at, 0, s.size)
	}
	return s.r
}

// members names the members of an archive.
type members struct {
	in   place
	seed maphash.Seed
	seen map[uint64]int32
}

func newMembers(in place) *members {
	return &members{in: in, seed: maphash.MakeSeed(), seen: map[uint64]int32{}}
}

// next is the place of the next member; ok is false if it is not looked at.
func (ms *members) next(w *walker, name string) (m place, ok bool) {
	m = ms.in
	clean := path.Clean("/" + name)[1:]
	if clean == "" {
		return m, false // the directory itself
	}
	m.rel = clean
	shown := clean
	m.notes = nil
	h := maphash.String(ms.seed, clean)
	again := ms.seen[h] > 0
	for n := ms.seen[h]; again; {
		n++
		shown = fmt.Sprintf("%s@%d", clean, n)
		if k := maphash.String(ms.seed, shown); ms.seen[k] == 0 { // no other member is called so
			ms.seen[h], ms.seen[k] = n, 1
			break
		}
	}
	if !again {
		ms.seen[h] = 1
	}
	if m.member != "" {
		m.member += "!"
	}
	m.member += shown
	m.name = m.path + "!" + m.member
	if strings.HasSuffix(name, "/") {
		return m, true // a directory
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			w.failAt(m, ErrPath, 0, errors.New("has a name that leads out of the archive; it is not read"), "")
			return m, false
		}
	}
	if path.IsAbs(name) {
		m.notes = append(m.notes, Note{NotePath, "the member has an absolute path; nothing is written there"})
	}
	if again {
		m.notes = append(m.notes, Note{NoteDuplicate, "the archive has another member of that name before this one"})
	}
	m.claim = memberClaim(clean)
	m.mbox = false
	m.flags = maildirFlags(clean)
	if reason := memberSkipped(clean); reason != "" {
		w.skip(m.name, reason)
		return m, false
	}
	return m, true
}

// memberSkipped is why a member is not looked at, "" if it is.
func memberSkipped(p string) string {
	dir, name := path.Split(p)
	if strings.HasPrefix(name, ".") {
		return SkippedHidden
	}
	if inMaildir(p) {
		return ""
	}
	if path.Base(dir) == "tmp" && len(name) > 10 && isDigit(name[0]) && strings.Count(name, ".") > 1 {
		if named, _ := nameIsMail(name); !named {
			return SkippedTmp
		}
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(dir, "/"), "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return SkippedHidden
		}
	}
	return ""
}

// memberClaim tells how a member is looked at.
func memberClaim(p string) Claim {
	if inMaildir(p) {
		return IsMail
	}
	named, sniff := nameIsMail(path.Base(p))
	switch {
	case named:
		return IsMail
	case sniff:
		return MayBeMail
	}
	return NotMail
}

func inMaildir(p string) bool {
	switch path.Base(path.Dir(p)) {
	case "cur", "new":
		return true
	}
	return false
}

// claimed tells whether it has to be said that something cannot be read, because its name is one of mail or of archives.
func (w *walker) claimed(pl place) bool {
	return pl.claim != NotMail || isArchiveName(pl.rel)
}

// refuse tells of a member that is not read: as an error if it may be mail, otherwise as left out.
func (w *walker) refuse(m place, id string, err error, reason string) {
	var store *StoreError
	if reason == "" || w.claimed(m) || errors.As(err, &store) {
		w.failAt(m, id, 0, err, "")
		return
	}
	w.skip(m.name, reason)
}

// span is a range of octets.
type span struct{ from, to int64 }

package mailbox

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// isTar tells whether head is the header of the first member of a tar archive. The oldest ones have no magic, only a checksum.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	head = head[:512]
	text := strings.Trim(string(head[148:156]), " \x00")
	want, err := strconv.ParseInt(text, 8, 32)
	if err != nil || head[0] == 0 {
		return false
	}
	var unsigned, signed int64
	for i, c := range head {
		if 148 <= i && i < 156 {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want == unsigned || want == signed
}

// smallMember is how large a member may be to be read into memory at once.
const smallMember = windowBytes

// tar yields what a tar archive holds.
func (w *walker) tar(src source, pl place) {
	if pl.depth++; w.tooDeep(pl) {
		return
	}
	pl.inside, pl.packed = false, true
	in := &counter{r: src.reader()}
	if !pl.counted {
		in.add, pl.counted = pl.root.add, true
	}
	tr := tar.NewReader(in)
	names := newMembers(pl)
	var g *guard
	for count := int64(1); !w.done && w.ctx.Err() == nil; count++ {
		h, err := tr.Next()
		if errors.Is(err, tar.ErrInsecurePath) {
			err = nil
		}
		if err == io.EOF {
			if in.zeros < 512 {
				w.failAt(pl, ErrTruncated, in.n, errors.New("tar archive has no end; members may be missing"), "")
			}
			return
		}
		if err != nil {
			// Where the last member met the same it has been told.
			if g == nil || g.err == nil || g.err == io.EOF {
				w.broken(pl, in.n, tarError(err))
			}
			return
		}
		if w.tooMany(pl, count, w.opts.Limits.entries(defaultEntries)) {
			return
		}
		m, ok := names.next(w, h.Name)
		if !ok {
			continue
		}
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		case tar.TypeLink, tar.TypeSymlink:
			w.refuse(m, ErrLink, fmt.Errorf("is a link (to %s), which is not followed", strconv.Quote(h.Linkname)), SkippedLinked)
			continue
		default:
			w.refuse(m, ErrSpecial, fmt.Errorf("is %s, not a regular file", kind(h.FileInfo().Mode())), SkippedSpecial)
			continue
		}
		before := in.n
		g = &guard{r: tr, format: "tar", in: func() int64 { return in.n - before }, root: pl.root.packed, ratio: w.opts.Limits.ratio()}
		w.memberContent(g, h.Size, m)
	}
}

// memberContent yields what a member holds that r gives.
func (w *walker) memberContent(r io.Reader, size int64, m place) {
	if size < 0 || size > smallMember {
		w.content(source{r: r, size: -1}, m)
		return
	}
	b := make([]byte, size)
	n, err := io.ReadFull(r, b)
	if err == nil {
		// The checksum stands behind the last octet.
		if _, err = r.Read(make([]byte, 1)); err == io.EOF {
			err = nil
		}
	} else if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = &packError{id: ErrTruncated, err: fmt.Errorf("is cut off after %d of %d octets", n, size)}
	}
	if err != nil {
		if w.claimed(m) {
			w.broken(m, int64(n), err)
		} else {
			w.skip(m.name, SkippedContent)
		}
		return
	}
	f := newFile(Octets(b), nil)
	defer f.release()
	w.content(source{at: f, size: size}, m)
}

func tarError(err error) error {
	var known *packError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &packError{id: ErrTruncated, err: errors.New("tar archive is cut off")}
	case errors.Is(err, tar.ErrHeader):
		return &packError{id: ErrCorrupt, err: errors.New("tar archive is damaged: a header is none")}
	}
	return &packError{id: ErrCorrupt, err: fmt.Errorf("tar archive is damaged: %w", reason(err))}
}

// tooMany tells of an archive with too many entries, and gives true if there are.
func (w *walker) tooMany(pl place, count, most int64) bool {
	if most < 0 || count <= most {
		return false
	}
	w.failAt(pl, ErrEntries, 0, fmt.Errorf("has more than %d entries; those behind are not read", most), "unpack it first, or raise the limit (--archive-limit)")
	return true
}

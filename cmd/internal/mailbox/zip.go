package mailbox

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/ulikunitz/xz"
)

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// zip yields what a zip archive holds. Its directory lies at its end, so it has to be read at random.
func (w *walker) zip(src source, pl place) {
	if pl.depth++; w.tooDeep(pl) {
		return
	}
	pl.inside, pl.packed, pl.counted = false, true, true
	f, size := src.at, src.size
	if f == nil {
		var err error
		if f, size, err = spool(src.r, w.memory(), w.opts.Limits.memberBytes()); err != nil {
			w.broken(pl, 0, w.spoolError(err))
			return
		}
		defer f.release()
	}
	if most := w.opts.Limits.entries(defaultZipEntries); most >= 0 {
		entries, octets := zipDirectory(f, size, most)
		if w.tooMany(pl, entries, most) {
			return
		}
		if octets > most*maxZipEntry {
			w.failAt(pl, ErrEntries, 0, fmt.Errorf("has a directory of more than %s, which is not read", sizeText(most*maxZipEntry)), "unpack it first, or raise the limit (--archive-limit)")
			return
		}
	}
	z, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		w.broken(pl, 0, zipError(err))
		return
	}
	w.decompressors(z)
	overlaps := zipOverlaps(z)
	names := newMembers(pl)
	for i, e := range z.File {
		if w.done || w.ctx.Err() != nil {
			return
		}
		m, ok := names.next(w, strings.ReplaceAll(e.Name, `\`, "/"))
		if !ok || e.Mode().IsDir() {
			continue
		}
		switch mode := e.Mode(); {
		case mode&fs.ModeSymlink != 0:
			w.refuse(m, ErrLink, errors.New("is a link, which is not followed"), SkippedLinked)
			continue
		case !mode.IsRegular():
			w.refuse(m, ErrSpecial, fmt.Errorf("is %s, not a regular file", kind(mode)), SkippedSpecial)
			continue
		case e.Flags&1 != 0:
			w.refuse(m, ErrEncrypted, errors.New("is encrypted"), SkippedContent)
			continue
		case overlaps[i]:
			w.refuse(m, ErrOverlap, errors.New("lies on another member of the archive"), "")
			continue
		}
		w.zipMember(e, m)
	}
}

func (w *walker) zipMember(e *zip.File, m place) {
	r, err := e.Open()
	if err != nil {
		err := memberError(err)
		w.refuse(m, err.id, err.err, SkippedContent)
		return
	}
	defer r.Close()
	packed := func() int64 { return int64(min(e.CompressedSize64, 1<<62)) }
	g := &guard{r: zipReader{r}, format: "zip", in: packed, root: m.root.packed, ratio: w.opts.Limits.ratio()}
	size := int64(-1)
	if e.UncompressedSize64 <= smallMember {
		size = int64(e.UncompressedSize64)
	}
	w.memberContent(g, size, m)
}

// zipReader gives the errors of a member their names.
type zipReader struct{ r io.Reader }

func (z zipReader) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	if err != nil && err != io.EOF {
		err = memberError(err)
	}
	return n, err
}

func memberError(err error) *packError {
	if errors.Is(err, zip.ErrFormat) {
		return &packError{id: ErrCorrupt, err: errors.New("lies elsewhere, or has another size, than the directory of the zip says")}
	}
	return zipError(err)
}

func zipError(err error) *packError {
	var known *packError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, zip.ErrAlgorithm):
		return &packError{id: ErrMethod, err: errors.New("is compressed in a way that is not known here"), hint: "unpack it first"}
	case errors.Is(err, zip.ErrChecksum):
		return &packError{id: ErrChecksum, err: errors.New("zip member has a wrong checksum")}
	case errors.Is(err, zip.ErrFormat):
		return &packError{id: ErrCorrupt, err: errors.New("zip archive is damaged or cut off: its directory cannot be read")}
	}
	return classify("zip", "", err)
}

// decompressors adds the ways of compression that zip programs have come to use, with the limits that hold everywhere.
func (w *walker) decompressors(z *zip.Reader) {
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	for _, m := range []struct {
		method uint16
		format string
	}{{12, "bzip2"}, {93, "zstd"}, {95, "xz"}} {
		z.RegisterDecompressor(m.method, func(r io.Reader) io.ReadCloser {
			br := bufio.NewReader(r)
			window := w.opts.Limits.WindowBytes
			switch m.format {
			case "zstd":
				d, err := newZstd(br, window)
				if err != nil {
					return failing{classify(m.format, "", err)}
				}
				return d
			case "xz":
				d, err := xz.NewReader(&xzHeaders{r: br, most: limit(window, defaultWindow)})
				if err != nil {
					return failing{classify(m.format, "", err)}
				}
				return io.NopCloser(d)
			}
			d, err := packedAs([]byte("BZh9")).open(br, window)
			if err != nil {
				return failing{classify(m.format, "", err)}
			}
			return io.NopCloser(d)
		})
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
func (f failing) Close() error             { return nil }

// maxZipEntry is how many octets an entry of the directory may have on average.
const maxZipEntry = 200

const (
	zipEntryBytes = 46
	zipEndBytes   = 22
)

// zipDirectory counts the entries of a zip before its directory is taken into memory, whatever its end says about their
// number; it stops counting behind most. A directory that cannot be found has none, and archive/zip will say so.
func zipDirectory(r io.ReaderAt, size, most int64) (entries, octets int64) {
	tail := make([]byte, min(size, 1<<16+zipEndBytes))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) && err != nil {
		return 0, 0
	}
	for i := len(tail) - zipEndBytes; i >= 0; i-- {
		if !bytes.HasPrefix(tail[i:], []byte("PK\x05\x06")) {
			continue
		}
		end := size - int64(len(tail)) + int64(i)
		length, at := int64(binary.LittleEndian.Uint32(tail[i+12:])), int64(binary.LittleEndian.Uint32(tail[i+16:]))
		// The directory is where its offset says, or ends where its end begins; of a zip64 it can be anywhere before.
		starts := []int64{at, end - length}
		if loc := i - 20; loc >= 0 && bytes.HasPrefix(tail[loc:], []byte("PK\x06\x07")) {
			var b [56]byte
			where := int64(binary.LittleEndian.Uint64(tail[loc+8:]) & (1<<62 - 1))
			if n, _ := r.ReadAt(b[:], where); n == len(b) {
				length, at := int64(binary.LittleEndian.Uint64(b[40:])&(1<<62-1)), int64(binary.LittleEndian.Uint64(b[48:])&(1<<62-1))
				starts = append(starts, at, where-length, end-length)
			}
		}
		slices.Sort(starts)
		for _, s := range slices.Compact(starts) {
			n, k := zipCount(r, s, size, most)
			entries, octets = max(entries, n), max(octets, k)
		}
		return entries, octets
	}
	return 0, 0
}

// zipCount counts entries of a directory from start on.
func zipCount(r io.ReaderAt, start, size, most int64) (entries, octets int64) {
	if start < 0 || start > size {
		return 0, 0
	}
	br := bufio.NewReaderSize(io.NewSectionReader(r, start, size-start), 64<<10)
	var h [zipEntryBytes]byte
	for entries <= most && octets <= most*maxZipEntry {
		if _, err := io.ReadFull(br, h[:]); err != nil || !bytes.HasPrefix(h[:], []byte("PK\x01\x02")) {
			break
		}
		rest := int(binary.LittleEndian.Uint16(h[28:])) + int(binary.LittleEndian.Uint16(h[30:])) + int(binary.LittleEndian.Uint16(h[32:]))
		if n, err := br.Discard(rest); err != nil {
			octets += int64(n)
			break
		}
		entries++
		octets += int64(zipEntryBytes + rest)
	}
	return entries, octets
}

// zipOverlaps tells which members lie on others that begin before them, so that few octets are unpacked many times.
func zipOverlaps(z *zip.Reader) map[int]bool {
	type span struct {
		from, to int64
		i        int
	}
	spans := make([]span, 0, len(z.File))
	for i, e := range z.File {
		if e.CompressedSize64 == 0 {
			continue
		}
		at, err := e.DataOffset()
		if err != nil || e.CompressedSize64 > 1<<60 {
			continue // opening it will say so
		}
		spans = append(spans, span{at, at + int64(e.CompressedSize64), i})
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	over := map[int]bool{}
	var end int64
	for _, s := range spans {
		if s.from < end {
			over[s.i] = true
		}
		end = max(end, s.to)
	}
	return over
}

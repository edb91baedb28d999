package mailbox

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// The limits where Options has none.
const (
	defaultRatio   = 200
	defaultMember  = 1 << 30
	defaultDepth   = 3
	defaultEntries = 250_000
	// defaultZipEntries is less, because the directory of a zip is kept in memory.
	defaultZipEntries = 40_000
	defaultWindow     = 8 << 20
	// freeBytes may come out of a compressed file whatever its ratio is: it costs nothing, and short texts of much repetition
	// are honest.
	freeBytes = 8 << 20
)

// limit is n, or what stands for it.
func limit(n, standard int64) int64 {
	if n == 0 {
		return standard
	}
	return n
}

func (l Limits) ratio() int64                 { return limit(l.Ratio, defaultRatio) }
func (l Limits) memberBytes() int64           { return limit(l.MemberBytes, defaultMember) }
func (l Limits) depth() int64                 { return limit(int64(l.Depth), defaultDepth) }
func (l Limits) entries(standard int64) int64 { return limit(int64(l.Entries), standard) }

// packError is an error that has a name. It is told once, though every archive around meets it.
type packError struct {
	id   string
	err  error
	hint string
	told bool
}

func (e *packError) Error() string { return e.err.Error() }
func (e *packError) Unwrap() error { return e.err }

// packFormat is a way of compression.
type packFormat struct {
	name  string
	magic string
	tool  string // what unpacks it
	open  func(r *bufio.Reader, window int64) (io.Reader, error)
}

var packFormats = []packFormat{
	{"gzip", "\x1f\x8b", "gzip", func(r *bufio.Reader, _ int64) (io.Reader, error) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		z.Multistream(false)
		return &gzipReader{z, r}, nil
	}},
	{"bzip2", "BZh", "bzip2", func(r *bufio.Reader, _ int64) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"xz", "\xfd7zXZ\x00", "xz", func(r *bufio.Reader, window int64) (io.Reader, error) {
		return xz.NewReader(&xzHeaders{r: r, most: limit(window, defaultWindow)})
	}},
	{"zstd", "\x28\xb5\x2f\xfd", "zstd", func(r *bufio.Reader, window int64) (io.Reader, error) { return newZstd(r, window) }},
}

// newZstd gives a decoder that needs no goroutine. It has to be closed.
func newZstd(r io.Reader, window int64) (io.ReadCloser, error) {
	most := uint64(limit(window, defaultWindow))
	if window < 0 {
		most = zstd.MaxWindowSize
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(most),
		zstd.WithDecoderMaxMemory(1<<62))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// packedAs gives the compression of what begins with head, nil if there is none.
func packedAs(head []byte) *packFormat {
	for i := range packFormats {
		f := &packFormats[i]
		if !bytes.HasPrefix(head, []byte(f.magic)) {
			continue
		}
		if f.name == "bzip2" && (len(head) < 4 || head[3] < '1' || head[3] > '9') {
			continue // a text that begins so
		}
		return f
	}
	return nil
}

// errTrailing is that something other than zeros follows compressed data.
var errTrailing = errors.New("something else follows the compressed data")

// gzipReader reads all members of a gzip file, and zeros behind the last, as tapes and gzip have them.
type gzipReader struct {
	z *gzip.Reader
	r *bufio.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if err != io.EOF {
		return n, err
	}
	for {
		b, err := g.r.Peek(1)
		if err != nil {
			return n, err // io.EOF at the end
		}
		if b[0] != 0 {
			break
		}
		g.r.Discard(1)
	}
	if b, _ := g.r.Peek(2); !bytes.Equal(b, []byte("\x1f\x8b")) {
		return n, errTrailing
	}
	if err := g.z.Reset(g.r); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	g.z.Multistream(false)
	return n, nil
}

// classify gives the error of a decoder its name.
func classify(format, tool string, err error) *packError {
	var known *packError
	if errors.As(err, &known) {
		return known
	}
	var store *StoreError
	if errors.As(err, &store) {
		return &packError{err: store, hint: store.Hint} // nothing is known of the data
	}
	var window *windowError
	var bz bzip2.StructuralError
	var bad flate.CorruptInputError
	wrap := func(id, format string, args ...any) *packError {
		return &packError{id: id, err: fmt.Errorf(format, args...)}
	}
	switch {
	case errors.As(err, &window), errors.Is(err, zstd.ErrWindowSizeExceeded):
		e := wrap(ErrWindow, "%s data %s, more than is allowed", format, "needs a larger window in memory")
		if window != nil {
			e = wrap(ErrWindow, "%s data needs a window of %s in memory, more than is allowed", format, sizeText(window.bytes))
		}
		if tool != "" {
			e.hint = "unpack it first, for example: " + tool + " -dc FILE | postern check -"
		}
		return e
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return wrap(ErrTruncated, "%s data is cut off", format)
	case errors.Is(err, errTrailing), errors.As(err, &bz) && bz == "bad magic value in continuation file":
		return wrap(ErrTrailing, "something else follows the end of the %s data", format)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch), errors.As(err, &bz) && bytes.Contains([]byte(bz), []byte("checksum")),
		err.Error() == "xz: checksum error for block":
		return wrap(ErrChecksum, "%s data has a wrong checksum", format)
	case errors.As(err, &bad):
		return wrap(ErrCorrupt, "%s data is damaged at octet %d", format, int64(bad))
	}
	return wrap(ErrCorrupt, "%s data is damaged: %w", format, reason(err))
}

// unpack yields what a compressed file holds.
func (w *walker) unpack(src source, pl place, f *packFormat) {
	if pl.inside {
		if pl.depth++; w.tooDeep(pl) {
			return
		}
	}
	pl.inside, pl.packed = true, true
	in := &counter{r: src.reader()}
	if !pl.counted {
		in.add, pl.counted = pl.root.add, true
	}
	r, err := f.open(bufio.NewReaderSize(in, 64<<10), w.opts.Limits.WindowBytes)
	if err != nil {
		if known := classify(f.name, f.tool, err); known.id == "" || w.claimed(pl) {
			w.broken(pl, 0, known)
		} else {
			w.skip(pl.name, SkippedContent)
		}
		return
	}
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	g := &guard{r: r, format: f.name, tool: f.tool, in: in.count, root: pl.root.packed, ratio: w.opts.Limits.ratio()}
	w.content(source{r: g, size: -1}, pl)
}

// tooDeep tells of an archive that lies too deep, and gives true if it is.
func (w *walker) tooDeep(pl place) bool {
	most := w.opts.Limits.depth()
	if most < 0 || int64(pl.depth) <= most {
		return false
	}
	w.failAt(pl, ErrDepth, 0, fmt.Errorf("lies deeper than %d archives in each other", most), "unpack the outer archive, or raise the limit (--archive-limit)")
	return true
}

// sizeText is a number of octets as a reader takes it in.
func sizeText(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d octets", n)
}

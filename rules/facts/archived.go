package facts

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"strings"

	"postern/mimesize"
)

const (
	// maxKinds bounds the files that are noted of an archive or a text. Programs are noted beyond it, one of each kind.
	maxKinds = 200
	// searched are the octets of an archive that are looked at together. They hold the longest header of a file in a zip.
	searched = 1 << 18
)

// held gathers the files that one archive or text holds, of each kind one.
type held struct {
	of   HeldFile // what is true of all
	seen map[kindOfFile]struct{}
}

type kindOfFile struct {
	extension         string
	double, encrypted bool
}

// add notes a file of a name, which ends at a NUL for some readers. It copies what it keeps.
func (c *contents) add(to []HeldFile, h *held, name string, encrypted bool) []HeldFile {
	if k := strings.IndexByte(name[:min(len(name), maxFilename)], 0); k >= 0 {
		to = c.addOne(to, h, name[:k], encrypted)
	}
	return c.addOne(to, h, name[max(0, len(name)-maxFilename):], encrypted)
}

func (c *contents) addOne(to []HeldFile, h *held, name string, encrypted bool) []HeldFile {
	end := name[max(0, len(name)-maxEnd):]
	kind := kindOfFile{encrypted: encrypted}
	if kind.extension, kind.double = extension(end); kind.extension == "" && !encrypted || len(kind.extension) > maxWord {
		return to
	}
	if _, ok := h.seen[kind]; ok || len(h.seen) >= maxKinds && !programs.has(kind.extension) {
		return to
	}
	if h.seen == nil {
		h.seen = map[kindOfFile]struct{}{}
	}
	kind.extension = c.keep(textOf(kind.extension))
	h.seen[kind] = struct{}{}
	f := h.of
	f.Filename = c.keep(tidyName(textOf(name)))
	f.Extension, f.DoubleExtension, f.Encrypted = kind.extension, kind.double, encrypted
	return append(to, f)
}

// maxEnd are the octets at the end of a name that its extensions are looked for in.
const maxEnd = 128

// openedWhole are extensions of documents that are zip archives inside. A program opens them as a whole and shows no files.
var openedWhole = words("docx,docm,dotx,xlsx,xlsm,xltx,pptx,pptm,ppsx,odt,ods,odp,odg,epub,oxps,xps,vsdx,pages,numbers,key")

// packed are extensions that say how one file is packed: setup.exe.gz is setup.exe.
var packed = words("gz,gzip,bz2,bzip2,xz,zst,lzma,lz,z")

// archived notes what files attachment a, which begins with head, holds, by the names that stand in its archive as they are: nothing
// is unpacked.
func (c *contents) archived(p *mimesize.Part, a *Attachment, head []byte) {
	h := held{of: HeldFile{Container: cmp.Or(a.Filename, a.DeclaredType), Embedded: p.Embedded, Path: a.Path, Line: a.Line}}
	if packed.has(a.Extension) {
		name := strings.TrimRight(a.Filename, ". ")
		c.f.Archived = c.add(c.f.Archived, &h, name[:max(0, strings.LastIndexByte(name, '.'))], false)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		c.f.Archived = c.add(c.f.Archived, &h, gzipName(head), false)
	case openedWhole.has(a.Extension):
	case bytes.HasPrefix(head, []byte("PK")) || a.Extension == "zip" || strings.Contains(a.DeclaredType, "zip"):
		// QUIRK: what stands before the first file and behind the last is passed over by most readers, so that a zip need not begin
		// with one.
		c.zipped(p, &h)
	case len(head) > 262 && string(head[257:262]) == "ustar" || a.Extension == "tar":
		c.tarred(p, &h)
	}
}

// unnamed looks into part i, which is no attachment: readers give a file without a name one.
func (c *contents) unnamed(i int) {
	p := &c.res.Parts[i]
	if c.without&Archived != 0 || p.Children > 0 || p.Encoding == mimesize.EncodingUnknown {
		return
	}
	switch kind, _, _ := strings.Cut(p.MediaType, "/"); kind {
	case "text", "message", "multipart":
		return
	}
	if head := c.head(p); len(head) > 0 {
		c.archived(p, &Attachment{Path: c.path(i), DeclaredType: clean(p.MediaType), Line: p.Header.Line}, head)
	}
}

// externalBody reports part i, which stands for a file that the recipient's program gets from somewhere else (RFC 2046 section 5.2.3).
func (c *contents) externalBody(i int) {
	f, ok := c.first(i, fieldContentType)
	if !ok {
		return
	}
	c.params.parse(c.view(f, maxField))
	where := c.decodeParam(&c.params, "url")
	if !where.present {
		where = c.decodeParam(&c.params, "name")
	}
	c.problem("mime.ambiguous_external_body", i, f.Line, where.value)
}

// gzipName gives the name in a gzip header (RFC 1952 section 2.3), "" if there is none.
func gzipName(head []byte) string {
	if len(head) < 12 {
		return ""
	}
	flags, rest := head[3], head[10:]
	if flags&4 != 0 { // FEXTRA
		rest = rest[min(len(rest), 2+int(binary.LittleEndian.Uint16(rest))):]
	}
	if flags&8 == 0 {
		return ""
	}
	name, _, _ := bytes.Cut(rest, []byte{0})
	return string(name)
}

// zipped notes the files that any header of a zip archive names (APPNOTE.TXT sections 4.3.7 and 4.3.12), wherever it stands: some
// readers believe the headers before the files, some the directory at the end, of which there may be two. Files of a zip that another
// one holds uncompressed are among them.
func (c *contents) zipped(p *mimesize.Part, h *held) {
	r := c.decoded(p)
	buf := make([]byte, 0, min(searched, p.DecodedBytes+1))
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		rest := buf
		for {
			i := bytes.Index(rest, []byte("PK"))
			if i < 0 {
				rest = rest[max(0, len(rest)-1):]
				break
			}
			if rest = rest[i:]; len(rest) < longestHeader && err == nil {
				break // some of it may still come
			}
			if names, encrypted := zipHeader(rest); names != nil {
				for _, name := range names {
					c.f.Archived = c.add(c.f.Archived, h, viewOf(name), encrypted)
				}
			}
			rest = rest[2:]
		}
		if err != nil {
			return
		}
		buf = buf[:copy(buf[:cap(buf)], rest)]
	}
}

// longestHeader is that of a file in the directory of a zip archive, with the longest name and extra field.
const longestHeader = 46 + 2*0xffff

// zipHeader gives the names of a file by the header that b begins with, and whether it is encrypted. Names are nil if it is none.
func zipHeader(b []byte) (names [][]byte, encrypted bool) {
	size, at := 0, 0
	switch {
	case len(b) >= 30 && b[2] == 3 && b[3] == 4:
		size, at = 30, 6
	case len(b) >= 46 && b[2] == 1 && b[3] == 2:
		size, at = 46, 8
	default:
		return nil, false
	}
	if method := binary.LittleEndian.Uint16(b[at+2:]); method > 99 { // nothing unpacks it
		return nil, false
	}
	lengths := b[at+20:] // of the name and of the extra field, in both kinds of header
	rest := b[size:]
	name := rest[:min(len(rest), int(binary.LittleEndian.Uint16(lengths)))]
	rest = rest[len(name):]
	extra := rest[:min(len(rest), int(binary.LittleEndian.Uint16(lengths[2:])))]
	names = append(names, name)
	// The Unicode path of section 4.6.9 is another name, for those who know it.
	for range 16 {
		if len(extra) < 10 {
			break
		}
		n := min(len(extra)-4, int(binary.LittleEndian.Uint16(extra[2:])))
		if extra[0] == 0x75 && extra[1] == 0x70 && n > 5 {
			names = append(names, extra[9:4+n])
		}
		extra = extra[4+n:]
	}
	return names, b[at]&1 != 0
}

// tarred notes the files of a tar archive (POSIX ustar, pax and GNU names).
func (c *contents) tarred(p *mimesize.Part, h *held) {
	r := c.decoded(p)
	var header [512]byte
	long := ""
	for {
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return
		}
		size := tarSize(header[124:136])
		if kind := header[156]; kind == 'L' || kind == 'x' { // the name of the next file
			data := make([]byte, min(size, 1<<16))
			n, err := io.ReadFull(r, data)
			if data = data[:n]; err != nil {
				return
			}
			size -= int64(n)
			pad := (512 - (int64(n)+size)%512) % 512
			if long = strings.TrimRight(string(data), "\x00"); kind == 'x' {
				_, long, _ = strings.Cut(long, " path=")
				long, _, _ = strings.Cut(long, "\n")
			}
			if _, err = io.CopyN(io.Discard, r, size+pad); err != nil {
				return
			}
			continue
		}
		name, _, _ := bytes.Cut(header[:100], []byte{0})
		if len(name) > 0 {
			c.f.Archived = c.add(c.f.Archived, h, viewOf(name), false)
		}
		if long != "" {
			c.f.Archived = c.add(c.f.Archived, h, long, false)
			long = ""
		}
		if _, err := io.CopyN(io.Discard, r, size+(512-size%512)%512); err != nil {
			return
		}
	}
}

// tarSize reads the octal or, with the highest bit set, binary number of octets of a file in a tar archive.
func tarSize(b []byte) (n int64) {
	if b[0]&0x80 != 0 {
		return int64(binary.BigEndian.Uint64(b[4:]) & (1<<62 - 1))
	}
	for _, c := range b {
		if '0' <= c && c <= '7' {
			n = n<<3 | int64(c-'0')
		}
	}
	return n
}

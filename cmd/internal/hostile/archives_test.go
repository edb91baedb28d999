//go:build linux

package hostile_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
)

// archiveMemory is the most that an archive may cost: the peak of the whole process.
const archiveMemory = 64 << 20

const message = ordinary + "\nhello\n"

// archiveCases are archives that were made to do harm. Each is named by what it is, or has messages that can be read all the
// same.
var archiveCases = []struct {
	name string
	id   string // that must be told, "" if the archive is only odd
	good int    // messages that are read nevertheless
	make func(t *testing.T) []byte
}{
	{"gzip-bomb.eml.gz", "archive.ratio", 0, func(t *testing.T) []byte { return gzipped(t, zeros(64<<20)) }},
	{"gzip-bomb.mbox.gz", "archive.ratio", 1, func(t *testing.T) []byte {
		return gzipped(t, io.MultiReader(strings.NewReader(postmark+message+"\n"+postmark), zeros(64<<20)))
	}},
	{"gzip-bomb-of-members.eml.gz", "archive.ratio", 0, func(t *testing.T) []byte { return bytes.Repeat(gzipped(t, zeros(1<<20)), 100) }},
	{"gzip-in-gzip.eml.gz", "archive.depth", 0, func(t *testing.T) []byte {
		b := []byte(message)
		for range 8 {
			b = gzipped(t, bytes.NewReader(b))
		}
		return b
	}},
	{"gzip-bomb-in-gzip.eml.gz", "archive.ratio", 0, func(t *testing.T) []byte { return gzipped(t, bytes.NewReader(gzipped(t, zeros(64<<20)))) }},
	{"gzip-header-only.eml.gz", "archive.truncated", 0, func(t *testing.T) []byte { return gzipped(t, strings.NewReader(message))[:10] }},
	{"gzip-magic-only.eml.gz", "archive.truncated", 0, func(t *testing.T) []byte { return []byte("\x1f\x8b") }},
	{"gzip-cut.eml.gz", "archive.truncated", 0, func(t *testing.T) []byte { return cut(gzipped(t, strings.NewReader(message)), 30) }},
	{"gzip-cut-trailer.eml.gz", "archive.truncated", 0, func(t *testing.T) []byte { return cut(gzipped(t, strings.NewReader(message)), 3) }},
	{"gzip-cut.mbox.gz", "archive.truncated", 2, func(t *testing.T) []byte {
		return cut(gzipped(t, strings.NewReader(strings.Repeat(postmark+message+"\n", 3))), 4)
	}},
	{"gzip-crc.eml.gz", "archive.checksum", 0, func(t *testing.T) []byte { return spoil(gzipped(t, strings.NewReader(message)), -8) }},
	{"gzip-length.eml.gz", "archive.checksum", 0, func(t *testing.T) []byte { return spoil(gzipped(t, strings.NewReader(message)), -1) }},
	{"gzip-garbage-behind.eml.gz", "archive.trailing", 0, func(t *testing.T) []byte { return append(gzipped(t, strings.NewReader(message)), "garbage"...) }},
	{"gzip-spoilt.eml.gz", "archive.corrupt", 0, func(t *testing.T) []byte {
		return append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), bytes.Repeat([]byte{0xff}, 100)...)
	}},
	{"bzip2-bomb.eml.bz2", "archive.ratio", 0, func(t *testing.T) []byte { return packed(t, "bzip2", zeros(32<<20)) }},
	{"bzip2-cut.eml.bz2", "archive.truncated", 0, func(t *testing.T) []byte { return cut(packed(t, "bzip2", strings.NewReader(message)), 20) }},
	{"bzip2-crc.eml.bz2", "archive.checksum", 0, func(t *testing.T) []byte { return spoil(packed(t, "bzip2", strings.NewReader(message)), 10) }},
	{"bzip2-garbage-behind.eml.bz2", "archive.trailing", 0, func(t *testing.T) []byte { return append(packed(t, "bzip2", strings.NewReader(message)), "garbage"...) }},
	{"bzip2-spoilt.eml.bz2", "archive.corrupt", 0, func(t *testing.T) []byte { return []byte("BZh9garbage-garbage-garbage") }},
	{"xz-bomb.eml.xz", "archive.ratio", 0, func(t *testing.T) []byte { return packed(t, "xz", zeros(32<<20)) }},
	{"xz-cut.eml.xz", "archive.truncated", 0, func(t *testing.T) []byte { return cut(packed(t, "xz", strings.NewReader(message)), 40) }},
	{"xz-check.eml.xz", "archive.checksum", 0, func(t *testing.T) []byte {
		b := packed(t, "xz", strings.NewReader(message))
		return spoil(b, bytes.LastIndex(b, []byte("\x00\x01"))-1) // the last octet of the check before the index
	}},
	{"xz-window.eml.xz", "archive.window", 0, func(t *testing.T) []byte { return hugeXZ(t) }},
	{"xz-window-in-second-stream.eml.xz", "archive.window", 0, func(t *testing.T) []byte { return append(packed(t, "xz", strings.NewReader(message)), hugeXZ(t)...) }},
	{"xz-garbage-behind.eml.xz", "archive.corrupt", 0, func(t *testing.T) []byte {
		return append(packed(t, "xz", strings.NewReader(message)), "garbage garbage garbage"...)
	}},
	{"zstd-bomb.eml.zst", "archive.ratio", 0, func(t *testing.T) []byte { return packed(t, "zstd", zeros(64<<20)) }},
	{"zstd-window.eml.zst", "archive.window", 0, func(t *testing.T) []byte { return packed(t, "zstd", strings.NewReader(message), "--long=27") }},
	{"zstd-cut.eml.zst", "archive.truncated", 0, func(t *testing.T) []byte { return cut(packed(t, "zstd", strings.NewReader(message)), 8) }},
	{"zstd-checksum.eml.zst", "archive.checksum", 0, func(t *testing.T) []byte { return spoil(packed(t, "zstd", strings.NewReader(message)), -1) }},
	{"zstd-garbage-behind.eml.zst", "archive.corrupt", 0, func(t *testing.T) []byte { return append(packed(t, "zstd", strings.NewReader(message)), "garbage"...) }},

	{"tar-up.tar", "archive.path", 1, func(t *testing.T) []byte { return tarred(t, file("../../evil.eml", message), file("a.eml", message)) }},
	{"tar-up-inside.tar", "archive.path", 0, func(t *testing.T) []byte { return tarred(t, file("a/../../../evil.eml", message)) }},
	{"tar-absolute.tar", "", 1, func(t *testing.T) []byte { return tarred(t, file("/tmp/postern-evil.eml", message)) }},
	{"tar-symlink.tar", "archive.link", 0, func(t *testing.T) []byte { return tarred(t, special("a.eml", tar.TypeSymlink, "/etc/passwd")) }},
	{"tar-hardlink.tar", "archive.link", 0, func(t *testing.T) []byte { return tarred(t, special("a.eml", tar.TypeLink, "/etc/shadow")) }},
	{"tar-through-symlink.tar", "archive.link", 1, func(t *testing.T) []byte {
		return tarred(t, special("evil", tar.TypeSymlink, "/tmp"), file("evil/postern-evil.eml", message))
	}},
	{"tar-device.tar", "archive.special", 0, func(t *testing.T) []byte { return tarred(t, special("a.eml", tar.TypeChar, "")) }},
	{"tar-block-device.tar", "archive.special", 0, func(t *testing.T) []byte { return tarred(t, special("a.eml", tar.TypeBlock, "")) }},
	{"tar-fifo.tar", "archive.special", 1, func(t *testing.T) []byte {
		return tarred(t, special("a.eml", tar.TypeFifo, ""), file("b.eml", message))
	}},
	{"tar-sparse.tar", "archive.ratio", 1, sparseTar},
	{"tar-cut-in-member.tar", "archive.truncated", 1, func(t *testing.T) []byte {
		return cut(tarred(t, file("a.eml", message), file("b.eml", strings.Repeat(message, 100))), 2000)
	}},
	{"tar-cut-in-header.tar", "archive.truncated", 1, func(t *testing.T) []byte { return tarred(t, file("a.eml", message), file("b.eml", message))[:1024+200] }},
	{"tar-header-spoilt.tar", "archive.corrupt", 1, func(t *testing.T) []byte {
		return spoil(tarred(t, file("a.eml", message), file("b.eml", message)), 1024+5)
	}},
	{"tar-size-lies.tar", "archive.truncated", 0, func(t *testing.T) []byte {
		b := tarred(t, file("a.eml", message))
		return tarSize(b, "77777777777") // 8 GiB
	}},
	{"tar-pax-huge.tar", "archive.truncated", 0, func(t *testing.T) []byte {
		return tarSize(tarred(t, tarEntry{tar.Header{Typeflag: tar.TypeReg, Name: strings.Repeat("long/", 100) + "a.eml"}, message}), "77777777777")
	}},
	{"tar-many.tgz", "archive.entries", 0, func(t *testing.T) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		header := tarred(t, file("........", ""))[:512]
		for i := range 250_010 {
			copy(header, fmt.Sprintf("%08x", i))
			z.Write(tarSize(header, "00000000000"))
		}
		z.Close()
		return b.Bytes()
	}},
	{"tar-deep.tar", "archive.depth", 3, func(t *testing.T) []byte {
		b := tarred(t, file("a.eml", message))
		for range 5 {
			b = tarred(t, file("inner.tar", string(b)), file("a.eml", message))
		}
		return b
	}},
	{"tar-twice.tar", "", 2, func(t *testing.T) []byte { return tarred(t, file("a.eml", message), file("a.eml", message)) }},
	{"tar-escape.tar", "archive.special", 0, func(t *testing.T) []byte { return tarred(t, special("\x1b[2J\u202ea.eml", tar.TypeFifo, "")) }},
	{"tar-bomb.tgz", "archive.ratio", 0, func(t *testing.T) []byte {
		return gzipped(t, io.MultiReader(bytes.NewReader(tarSize(tarred(t, file("a.eml", "")), "10000000000")[:512]), zeros(64<<20)))
	}},

	{"zip-up.zip", "archive.path", 1, func(t *testing.T) []byte { return zipped(t, zfile("../../evil.eml"), zfile("a.eml")) }},
	{"zip-up-backslash.zip", "archive.path", 0, func(t *testing.T) []byte { return zipped(t, zfile(`..\..\evil.eml`)) }},
	{"zip-absolute.zip", "", 1, func(t *testing.T) []byte { return zipped(t, zfile("/tmp/postern-evil.eml")) }},
	{"zip-symlink.zip", "archive.link", 0, func(t *testing.T) []byte { return zipped(t, zmode("a.eml", os.ModeSymlink|0o777)) }},
	{"zip-device.zip", "archive.special", 0, func(t *testing.T) []byte { return zipped(t, zmode("a.eml", os.ModeDevice|os.ModeCharDevice|0o666)) }},
	{"zip-fifo.zip", "archive.special", 0, func(t *testing.T) []byte { return zipped(t, zmode("a.eml", os.ModeNamedPipe|0o666)) }},
	{"zip-encrypted.zip", "archive.encrypted", 1, func(t *testing.T) []byte {
		return zipped(t, zipEntry{zip.FileHeader{Name: "a.eml", Flags: 1}, []byte(message)}, zfile("b.eml"))
	}},
	{"zip-overlap.zip", "archive.overlap", 1, func(t *testing.T) []byte {
		// Every entry of the directory leads to the first member.
		b := zipped(t, zfile("a.eml"), zfile("b.eml"), zfile("c.eml"))
		return directory(b, func(_ int, h []byte) { binary.LittleEndian.PutUint32(h[42:], 0) })
	}},
	{"zip-overlap-bomb.zip", "archive.overlap", 2, overlapBomb},
	{"zip-bomb.zip", "archive.ratio", 1, func(t *testing.T) []byte { return zipped(t, zipZeros("a.eml", 64<<20), zfile("b.eml")) }},
	{"zip-nested-bomb.zip", "archive.ratio", 0, func(t *testing.T) []byte {
		b := zipped(t, zipZeros("a.eml", 64<<20))
		for range 2 {
			var list []zipEntry
			for i := range 16 {
				list = append(list, zipEntry{zip.FileHeader{Name: fmt.Sprintf("%d.zip", i), Method: zip.Deflate}, b})
			}
			b = zipped(t, list...)
		}
		return b
	}},
	{"zip-deep.zip", "archive.depth", 3, func(t *testing.T) []byte {
		b := zipped(t, zfile("a.eml"))
		for range 5 {
			b = zipped(t, zipEntry{zip.FileHeader{Name: "inner.zip"}, b}, zfile("a.eml"))
		}
		return b
	}},
	{"zip-quine.zip", "archive.depth", 0, quine},
	{"zip-cut.zip", "archive.corrupt", 0, func(t *testing.T) []byte { return cut(zipped(t, zfile("a.eml")), 30) }},
	{"zip-head-only.zip", "archive.corrupt", 0, func(t *testing.T) []byte { return []byte("PK\x03\x04") }},
	{"zip-crc.zip", "archive.checksum", 1, func(t *testing.T) []byte {
		b := zipped(t, zfile("a.eml"), zfile("b.eml"))
		return spoil(b, bytes.Index(b, []byte("hello")))
	}},
	{"zip-many.zip", "archive.entries", 0, func(t *testing.T) []byte { return manyZip(t, 70_000) }},
	{"zip-many-lies.zip", "archive.entries", 0, func(t *testing.T) []byte {
		b := manyZip(t, 70_000)
		end := bytes.LastIndex(b, []byte("PK\x05\x06"))
		loc := bytes.LastIndex(b[:end], []byte("PK\x06\x06"))
		binary.LittleEndian.PutUint64(b[loc+24:], 1)
		binary.LittleEndian.PutUint64(b[loc+32:], 1)
		return b
	}},
	{"zip-many-allowed.zip", "", 1, func(t *testing.T) []byte { return manyZip(t, 39_000) }},
	{"zip-long-names.zip", "archive.entries", 0, func(t *testing.T) []byte {
		var list []zipEntry
		for range 400 {
			list = append(list, zipEntry{zip.FileHeader{Name: strings.Repeat("n", 65_000), Comment: strings.Repeat("c", 65_000)}, nil})
		}
		return zipped(t, list...)
	}},
	{"zip64-without-sizes.zip", "archive.corrupt", 0, func(t *testing.T) []byte {
		return directory(zipped(t, zfile("a.eml")), func(_ int, h []byte) { copy(h[20:28], "\xff\xff\xff\xff\xff\xff\xff\xff") })
	}},
	{"zip64-size-lies.zip", "archive.truncated", 0, func(t *testing.T) []byte {
		b := manyZip(t, 70_000)
		end := bytes.LastIndex(b, []byte("PK\x05\x06"))
		// Nothing can be read at the place where the directory is said to be.
		loc := bytes.LastIndex(b[:end], []byte("PK\x06\x06"))
		binary.LittleEndian.PutUint64(b[loc+40:], 1<<62)
		binary.LittleEndian.PutUint64(b[loc+48:], 1<<62)
		return append([]byte("PK\x03\x04"), b[len(b)-200:]...)
	}},
	{"zip-size-lies.zip", "archive.corrupt", 0, func(t *testing.T) []byte {
		b := zipped(t, zipEntry{zip.FileHeader{Name: "a.eml", Method: zip.Deflate}, []byte(strings.Repeat(message, 10_000))})
		return directory(b, func(_ int, h []byte) { binary.LittleEndian.PutUint32(h[24:], 10) })
	}},
	{"zip-method.zip", "archive.method", 0, func(t *testing.T) []byte {
		return directory(zipped(t, zfile("a.eml")), func(_ int, h []byte) { binary.LittleEndian.PutUint16(h[10:], 98) })
	}},
	{"zip-offset-lies.zip", "archive.corrupt", 1, func(t *testing.T) []byte {
		return directory(zipped(t, zfile("a.eml"), zfile("b.eml")), func(i int, h []byte) {
			if i == 0 {
				binary.LittleEndian.PutUint32(h[42:], 7)
			}
		})
	}},
	{"zip-twice.zip", "", 2, func(t *testing.T) []byte { return zipped(t, zfile("a.eml"), zfile("a.eml")) }},
	{"short.emlx", "emlx.truncated", 0, func(t *testing.T) []byte { return []byte("99999999999\n" + message) }},
}

// buildDir is the environment variable that has TestBuildArchives make the archives.
const buildDir = "POSTERN_TEST_ARCHIVES"

// TestBuildArchives makes the archives in a process of its own: the peak of a process that makes them would be counted as that
// of postern.
func TestBuildArchives(t *testing.T) {
	dir := os.Getenv(buildDir)
	if dir == "" {
		return
	}
	for _, c := range archiveCases {
		if err := os.WriteFile(filepath.Join(dir, c.name), c.make(t), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// archives gives a directory with all archives, which TestMain removes.
func archives(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"bzip2", "xz", "zstd", "tar", "go"} {
		needs.Program(t, program)
	}
	dir := filepath.Join(filepath.Dir(postern), "archives")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBuildArchives$", "-test.v")
	cmd.Env = append(os.Environ(), buildDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// TestArchives reads each of them with the program: what it is has its name, the other members are read, the memory has its
// limit, and nothing is written anywhere.
func TestArchives(t *testing.T) {
	dir := archives(t)
	if len(archiveCases) < 60 {
		t.Errorf("only %d archives", len(archiveCases))
	}
	before := listing(t, dir)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, c := range archiveCases {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := runFile(t, archiveMemory, nil, "facts", filepath.Join(dir, c.name))
			if n := bytes.Count(out, []byte("\n")); n != c.good {
				t.Errorf("%d messages were read, want %d", n, c.good)
			}
			switch {
			case c.id == "":
				if code != 0 {
					t.Errorf("exit code %d: %s", code, errs)
				}
			case code != 3 || !strings.Contains(errs, "["+c.id+"]"):
				t.Errorf("exit code %d without [%s]: %s", code, c.id, errs)
			}
			if strings.ContainsAny(errs, "\x1b\u202e") {
				t.Errorf("the terminal is written to: %q", errs)
			}
		})
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the directory changed:\n%s\n%s", before, after)
	}
	if left := listing(t, tmp); left != "" {
		t.Errorf("left in the temporary directory: %s", left)
	}
	if matches, _ := filepath.Glob("/tmp/postern-evil*"); matches != nil {
		t.Errorf("%s was written", matches)
	}
}

// TestArchivesTouchNothing watches the calls of the program: besides what was named, it opens no file of the archives' making,
// and makes nothing but temporary files without a name.
func TestArchivesTouchNothing(t *testing.T) {
	strace := needs.Program(t, "strace")
	dir, tmp := archives(t), t.TempDir()
	var files []string
	for _, c := range archiveCases {
		if !strings.Contains(c.name, "many") { // which makes no more kinds of calls
			files = append(files, filepath.Join(dir, c.name))
		}
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, append([]string{"-f", "--seccomp-bpf", "-q", "-o", trace, "-e", "trace=%file,socket,connect,execve", postern, "facts"}, files...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	b, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	opened, writes := 0, 0
	for line := range strings.Lines(string(b)) {
		switch {
		case strings.Contains(line, "evil") && !strings.Contains(line, "execve("), strings.Contains(line, "/etc/passwd"), strings.Contains(line, "/etc/shadow"):
			t.Errorf("touched: %s", line)
		case strings.Contains(line, "O_TMPFILE"):
			writes++
			if !strings.Contains(line, `"`+tmp+`"`) {
				t.Errorf("a temporary file outside of TMPDIR: %s", line)
			}
		case changes.MatchString(line):
			t.Errorf("changed: %s", line)
		case strings.Contains(line, dir) && strings.Contains(line, "openat("):
			opened++
		}
	}
	if opened < len(files) {
		t.Errorf("%d opens of %d files were seen", opened, len(files))
	}
	t.Logf("%d files opened, %d temporary files without a name", opened, writes)
}

// changes are calls that change something in a file system, or leave the machine.
var changes = regexp.MustCompile(`(O_CREAT|O_WRONLY|O_RDWR)|\b(mkdir|mkdirat|mknod|mknodat|link|linkat|symlink|symlinkat|rename|renameat|renameat2|unlink|unlinkat|rmdir|truncate|chmod|fchmodat|chown|fchownat|utimensat|connect|socket)\(`)

func listing(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %v\n", e.Name(), info.Size(), info.ModTime())
	}
	return b.String()
}

const postmark = "From a@example.com Sat Jan  3 01:05:34 2026\n"

func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func gzipped(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.Bytes()
}

// packed gives what a program makes of r.
func packed(t *testing.T, program string, r io.Reader, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(needs.Program(t, program), append(args, "-c")...)
	cmd.Stdin = r
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func cut(b []byte, n int) []byte { return b[:len(b)-n] }

// spoil changes one octet, from the end if at is negative.
func spoil(b []byte, at int) []byte {
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x55
	return b
}

// hugeXZ is an xz file that asks for a dictionary of 1.5 GiB.
func hugeXZ(t *testing.T) []byte {
	b := packed(t, "xz", strings.NewReader(message))
	header := b[12:]
	size := (int(header[0]) + 1) * 4
	i := bytes.Index(header[:size], []byte("\x21\x01"))
	if i < 0 {
		t.Fatal("no LZMA2 filter in the block header")
	}
	header[i+2] = 37
	binary.LittleEndian.PutUint32(header[size-4:], crc32.ChecksumIEEE(header[:size-4]))
	return b
}

type tarEntry struct {
	tar.Header
	text string
}

func file(name, text string) tarEntry {
	return tarEntry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644}, text}
}

func special(name string, kind byte, to string) tarEntry {
	return tarEntry{tar.Header{Name: name, Typeflag: kind, Linkname: to}, ""}
}

func tarred(t *testing.T, entries ...tarEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		e.Size = int64(len(e.text))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, e.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tarSize makes the first header of a tar claim a size, in octal digits.
func tarSize(b []byte, octal string) []byte {
	copy(b[124:], octal)
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// sparseTar holds a file of 8 GiB that is one hole.
func sparseTar(t *testing.T) []byte {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(8 << 30); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.WriteFile(filepath.Join(dir, "b.eml"), []byte(message), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(needs.Program(t, "tar"), "-C", dir, "-S", "-cf", "-", "a.eml", "b.eml").Output()
	if err != nil {
		t.Fatal(err)
	}
	if len(out) > 1<<20 {
		t.Fatalf("the tar has %d octets", len(out))
	}
	return out
}

type zipEntry struct {
	zip.FileHeader
	content []byte
}

func zfile(name string) zipEntry { return zipEntry{zip.FileHeader{Name: name}, []byte(message)} }

func zmode(name string, mode os.FileMode) zipEntry {
	e := zfile(name)
	e.SetMode(mode)
	return e
}

// zipZeros is a member that unpacks to n zeros.
func zipZeros(name string, n int64) zipEntry {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	sum := crc32.NewIEEE()
	io.Copy(io.MultiWriter(w, sum), zeros(n))
	w.Close()
	return zipEntry{zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(b.Len()), UncompressedSize64: uint64(n)}, b.Bytes()}
}

// zipped writes entries; one that has a size already is packed.
func zipped(t *testing.T, entries ...zipEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		create := w.CreateHeader
		if e.CompressedSize64 == 0 && e.Method == zip.Store {
			e.CRC32, e.CompressedSize64, e.UncompressedSize64 = crc32.ChecksumIEEE(e.content), uint64(len(e.content)), uint64(len(e.content))
		}
		if e.CompressedSize64 > 0 {
			create = w.CreateRaw
		}
		f, err := create(&e.FileHeader)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(e.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// directory changes the entries of the directory of a zip.
func directory(b []byte, change func(i int, h []byte)) []byte {
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	at := int(binary.LittleEndian.Uint32(b[end+16:]))
	for i := 0; bytes.HasPrefix(b[at:], []byte("PK\x01\x02")); i++ {
		h := b[at:]
		change(i, h)
		at += 46 + int(binary.LittleEndian.Uint16(h[28:])) + int(binary.LittleEndian.Uint16(h[30:])) + int(binary.LittleEndian.Uint16(h[32:]))
	}
	return b
}

// overlapBomb has 100 entries that all lead to one kernel of zeros.
func overlapBomb(t *testing.T) []byte {
	list := []zipEntry{zfile("first.eml"), zipZeros("0.eml", 1<<20)}
	for i := range 100 {
		list = append(list, zipEntry{zip.FileHeader{Name: fmt.Sprintf("%d.eml", i+1)}, []byte("x")})
	}
	b := zipped(t, list...)
	var kernel []byte
	return directory(b, func(i int, h []byte) {
		switch {
		case i == 1:
			kernel = bytes.Clone(h[:46])
		case i > 1:
			copy(h[8:28], kernel[8:28])
			copy(h[42:46], kernel[42:46])
		}
	})
}

var manyZips = map[int][]byte{}

func manyZip(t *testing.T, n int) []byte {
	if b := manyZips[n]; b != nil {
		return bytes.Clone(b)
	}
	list := []zipEntry{zfile("a.eml")}
	for i := range n - 1 {
		list = append(list, zipEntry{zip.FileHeader{Name: fmt.Sprintf("photographs/2025/IMG_%08d.png", i)}, nil})
	}
	manyZips[n] = zipped(t, list...)
	return bytes.Clone(manyZips[n])
}

// quine is the zip that holds itself, which the tests of Go have in hexadecimal digits.
func quine(t *testing.T) []byte {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(needs.File(t, filepath.Join(strings.TrimSpace(string(root)), "src/archive/zip/reader_test.go")))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := bytes.Cut(src, []byte("func rZipBytes"))
	text, _, _ = bytes.Cut(text, []byte("\n}\n"))
	var digits strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^[0-9a-f]{7} ((?:[0-9a-f]{2} ?)+)`).FindAllSubmatch(text, -1) {
		digits.WriteString(strings.ReplaceAll(string(m[1]), " ", ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil || len(b) != 440 {
		t.Fatalf("the quine has %d octets, %v", len(b), err)
	}
	return b
}

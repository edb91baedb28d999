package mailbox

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The shapes of a postmark as regular expressions, as the corpora's oracle has them.
var (
	shapeDate = regexp.MustCompile(`^From .*\b\d{1,2}:\d{2}(:\d{2})?\b.*\b\d{4}\b|^From .*\b\d{4}\b.*\b\d{1,2}:\d{2}(:\d{2})?\b`)
	shapeBare = regexp.MustCompile(`^From (-|[^\s@]+@[^\s@]+)\s*$`)
)

func FuzzPostmark(f *testing.F) {
	for _, s := range []string{
		mark1, "From -", "From a@b", "From a@b ", "From x 2026 1:05", "From 12:345 2026", "From 1:05 20266", "From 01:05:34 2026", "From a at b  Fri Jan  3 1:05 2026",
		"From : x 1:05 2026", "From x 0105:34 2026", "From a@b@c", "From _1:05 2026", "From 1:052026 2026", "From 20261:05 2026 :05", "From @b", "From 2026:05",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = append([]byte("From "), line...)
		if len(line) > maxPostmark || bytes.ContainsAny(line, "\n\x85\u2028") || !ascii(line) {
			return
		}
		field := bytes.HasPrefix(bytes.TrimLeft(line[len("From "):], " \t"), []byte(":")) // From, blanks, a colon
		if got, want := isPostmark(line), !field && (shapeDate.Match(line) || shapeBare.Match(line)); got != want {
			t.Errorf("%q: %v, the expressions say %v", line, got, want)
		}
	})
}

func ascii(b []byte) bool { return !bytes.ContainsFunc(b, func(r rune) bool { return r > 126 }) }

func TestPostmark(t *testing.T) {
	for line, want := range map[string]bool{
		mark1: true, "From -": true, "From -\r": true, "From a@b \t\r": true, "From x 2026 1:05": true, "From nobody": false, "From a@b c": false,
		"From what I know at 12:30 in 2026": true, "From 12:345 2026": false, "From @b": false, "From a@": false, "from a@b": false, "From: a@b 1:05 2026": false,
		"From : a@b 1:05 2026": false, "From ": false,
		"From " + strings.Repeat("x", maxPostmark) + " 01:05 2026": false,
	} {
		if got := isPostmark([]byte(strings.TrimSuffix(line, "\n"))); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

// indexOf is the number of a message in FuzzMbox.
var indexOf = regexp.MustCompile(`^(\d+ \d+) \d+ `)

func FuzzMbox(f *testing.F) {
	f.Add([]byte(mark1+"A: 1\n\nx\n\n"+mark2+"B: 2\n"), uint16(3))
	f.Add([]byte("From -\r\n\r\n\r\nFrom -\r\n"), uint16(0))
	f.Add([]byte(mark1+"Content-Length: 45\n\nx"+mark2+"\n"+mark2+"\n\n>From x\n"), uint16(7))
	f.Add([]byte("From \r\nA: 1\r\nB: 2\r\n\r\nx\r\n\r\nFrom \r\nA: 2\r\n b\r\n\r\nFrom \r\nhere\r\n>From \r\n"), uint16(9))
	f.Add([]byte("\xef\xbb\xbfFrom -\nA: 1\n\nx\n\nFrom -\nB: 2\n"), uint16(5))
	f.Add([]byte("rest\n\nFrom -\nB: 2\n"), uint16(5))
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		// A stream and a file give the same.
		list := func(seq func(yield func(Message, error) bool)) (out []string) {
			end := int64(0)
			for m, err := range seq {
				if err != nil {
					noFault(t, err)
					out = append(out, err.Error())
					continue
				}
				if m.Offset < end || m.Size < 0 || m.Size > m.StoredSize || m.Offset+m.StoredSize > int64(len(data)) {
					t.Fatalf("message at %d of %d octets, after one that ends at %d, in %d octets", m.Offset, m.StoredSize, end, len(data))
				}
				if want := int64(bytes.Count(data[:m.Offset], []byte("\n"))) + 1; m.FirstLine != want && m.Size > 0 {
					t.Fatalf("first line is %d, want %d", m.FirstLine, want)
				}
				b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
				if err != nil || int64(len(b)) != m.Size {
					t.Fatalf("%d octets of %d, %v", len(b), m.Size, err)
				}
				out = append(out, fmt.Sprintf("%d %d %d %q %q", m.Offset, m.StoredSize, m.Index, b, m.Notes))
				end = m.Offset + m.StoredSize
				m.Close()
			}
			return out
		}
		head := data[:min(len(data), headBytes)]
		if packedAs(head) != nil || isZip(head) || isTar(head) {
			return
		}
		if what, _ := foreign(head); what != "" {
			return
		}
		if _, _, ok := emlxHead(head); ok {
			return
		}
		dir := t.TempDir()
		name := filepath.Join(dir, "m")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		stream := list(Walk(t.Context(), []string{Stdin}, bytes.NewReader(data), Options{}))
		file := list(Walk(t.Context(), []string{name}, nil, Options{}))
		if !slices.Equal(stream, file) {
			t.Fatalf("stream %q\nfile %q", stream, file)
		}
		// So do segments.
		size := int64(at)%300 + 1
		if int64(len(data))/size > 50 {
			return
		}
		for p := range Pieces(t.Context(), []string{name}, nil, Options{}) {
			if p.End || !p.IsMbox(t.Context(), Options{}) {
				continue
			}
			parts := list(inSegments(t, p, Options{}, size))
			for i := range file {
				file[i] = indexOf.ReplaceAllString(file[i], "$1 0 ")
			}
			if !slices.Equal(parts, file) {
				t.Fatalf("segments of %d: %q\nwant %q", size, parts, file)
			}
		}
	})
}

// noFault fails for an error that stands for a panic.
func noFault(t *testing.T, err error) {
	t.Helper()
	if strings.Contains(err.Error(), "internal error") {
		t.Fatal(err)
	}
}

// walkAny reads whatever data is, and asserts that each message can be read and each error has a reason.
func walkAny(t *testing.T, data []byte) {
	opts := Options{Deep: true, SpoolMemory: 1000, Limits: Limits{MemberBytes: 1 << 20, Entries: 1000, WindowBytes: 1 << 20}}
	names := map[string]bool{}
	for m, err := range Walk(t.Context(), []string{Stdin}, bytes.NewReader(data), opts) {
		if err != nil {
			noFault(t, err)
			var e *Error
			if !errors.As(err, &e) || e.Err.Error() == "" || e.Name == "" {
				t.Fatalf("%#v", err)
			}
			continue
		}
		if names[m.Name] {
			t.Fatalf("%q comes twice", m.Name)
		}
		names[m.Name] = true
		if n, err := io.Copy(io.Discard, io.NewSectionReader(m.Reader, 0, m.Size)); err != nil || n != m.Size {
			t.Fatalf("%s: %d octets of %d, %v", m.Name, n, m.Size, err)
		}
		m.Close()
	}
}

func FuzzTar(f *testing.F) {
	f.Add([]byte(tarOf(f, entry{"a.eml", letter}, entry{"b.mbox", two}, entry{"../x", ""}, entry{"d/", ""})))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		// The checksum would keep most changes from being looked at.
		for at := 0; at+512 <= len(data); at += 512 {
			h := data[at : at+512]
			if !bytes.HasPrefix(h[257:], []byte("ustar")) {
				continue
			}
			copy(h[148:], "        ")
			sum := 0
			for _, c := range h {
				sum += int(c)
			}
			copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		}
		walkAny(t, data)
	})
}

func FuzzZip(f *testing.F) {
	f.Add([]byte(zipOf(f, entry{"a.eml", letter}, entry{"b.mbox", two}, entry{"../x", ""}, entry{"d/", ""})))
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	c, err := w.CreateHeader(&zip.FileHeader{Name: "a.eml", Method: zip.Store})
	if err != nil {
		f.Fatal(err)
	}
	io.WriteString(c, letter)
	w.Close()
	f.Add(b.Bytes())
	f.Fuzz(walkAny)
}

func FuzzPacked(f *testing.F) {
	f.Add([]byte(gz(f, letter, two)))
	f.Add([]byte(zst(f, two)))
	f.Add([]byte(xzip(f, two)))
	f.Add([]byte(gz(f, tarOf(f, entry{"a.eml", letter}))))
	f.Fuzz(walkAny)
}

func FuzzEmlx(f *testing.F) {
	f.Add([]byte("5\nA: 1\n" + fmt.Sprintf(plist, 1)))
	f.Add([]byte("9999999999999999\n"))
	f.Add([]byte("0\n<?xml"))
	f.Fuzz(func(t *testing.T, data []byte) {
		walkAny(t, data)
		walkAny(t, []byte(tarOf(t, entry{"a.emlx", string(data)}, entry{"b", string(data)})))
	})
}

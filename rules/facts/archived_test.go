package facts_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"postern/rules/facts"
)

// zipOf makes a zip archive of files with these names.
func zipOf(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "what %s holds", name)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// storedZip makes one that holds a file as it is.
func storedZip(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarOf(t *testing.T, format tar.Format, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		content := strings.Repeat(name, 20)
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Format: format}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipOf(t *testing.T, name string, extra []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Extra = name, extra
	fmt.Fprint(w, "x")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// attached is a message with a file of that content.
func attached(name, content string) string {
	text := base64.StdEncoding.EncodeToString([]byte(content))
	var b strings.Builder
	b.WriteString(top + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Type: application/octet-stream\n" +
		"Content-Disposition: attachment; filename=\"" + name + "\"\nContent-Transfer-Encoding: base64\n\n")
	for len(text) > 76 {
		b.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	return b.String() + text + "\n--b--\n"
}

// unicodePath is the extra field that names a file in UTF-8.
func unicodePath(name string) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("up"), uint16(5+len(name)))
	return append(append(b, 1, 0, 0, 0, 0), name...)
}

// A program in an archive is found however the archive is made, as far as some program that opens archives shows it.
func TestProgramsInArchives(t *testing.T) {
	plain := zipOf(t, "readme.txt", "setup/evil.exe")
	far := strings.Repeat("PK and more of what looks like nothing. ", 20_000)
	withPath := func() string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		if _, err := w.CreateHeader(&zip.FileHeader{Name: "a.txt", Extra: unicodePath("evil.exe")}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	// Both headers of a file say evil.exe; here one of them says another name.
	swap := func(n int, to string) string {
		parts := strings.Split(zipOf(t, "evil.exe"), "evil.exe")
		return parts[0] + [...]string{"evil.exe", to}[n] + parts[1] + [...]string{to, "evil.exe"}[n] + strings.Join(parts[2:], "evil.exe")
	}
	many := make([]string, 3000)
	for i := range many {
		many[i] = fmt.Sprintf("file.%d", i)
	}
	long := strings.Repeat("folder/", 40) + "evil.exe"
	for _, c := range []struct{ name, file, content string }{
		{"zip", "a.zip", plain},
		{"zip by another name", "a.dat", plain},
		{"something before", "a.zip", "MZ and what unpacks it" + plain},
		{"something far before", "a.zip", far + plain},
		{"something behind", "a.zip", plain + far},
		{"two archives", "a.zip", zipOf(t, "a.txt") + plain},
		{"cut off", "a.zip", plain[:strings.LastIndex(plain, "PK\x01\x02")]},
		{"only the directory", "a.zip", "x" + plain[strings.Index(plain, "PK\x01\x02"):]},
		{"files say so", "a.zip", swap(0, "evil.txt")},
		{"the directory says so", "a.zip", swap(1, "evil.txt")},
		{"a Unicode path", "a.zip", withPath()},
		{"an uncompressed archive inside", "a.zip", storedZip(t, "inner.zip", plain)},
		{"behind other files", "a.zip", zipOf(t, append(many, "evil.exe")...)},
		{"a long name", "a.zip", zipOf(t, strings.Repeat("n", 5000)+"evil.exe")},
		{"NUL in a name", "a.zip", zipOf(t, "evil.exe\x00.txt")},
		{"a name that is not UTF-8", "a.zip", zipOf(t, "m\x81ll/evil.EXE")},
		{"dots behind", "a.zip", zipOf(t, "evil.exe. .")},
		{"tar", "a.tar", tarOf(t, tar.FormatUSTAR, "a.txt", "evil.exe")},
		{"tar by another name", "a.dat", tarOf(t, tar.FormatUSTAR, "a.txt", "evil.exe")},
		{"tar with a long name, GNU", "a.tar", tarOf(t, tar.FormatGNU, "a.txt", long)},
		{"tar with a long name, pax", "a.tar", tarOf(t, tar.FormatPAX, "a.txt", long+strings.Repeat("x", 100)+".exe")},
		{"two tars", "a.tar", tarOf(t, tar.FormatGNU, "a.txt") + tarOf(t, tar.FormatGNU, "evil.exe")},
		{"gzip", "a.gz", gzipOf(t, "evil.exe", nil)},
		{"gzip with more in its header", "a.gz", gzipOf(t, "evil.exe", []byte("extra"))},
		{"gzip by its own name", "evil.exe.gz", gzipOf(t, "", nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := measure(t, attached(c.file, c.content))
			for _, h := range f.Archived {
				if h.Extension == "exe" {
					if h.Container != c.file || h.Path != "2" || h.Line != f.Attachments[0].Line || h.Embedded || h.Encrypted {
						t.Errorf("%+v", h)
					}
					return
				}
			}
			t.Errorf("no program in %+v", f.Archived)
		})
	}
}

// Of what an archive holds one file of each kind is listed, and what is no archive, or is opened as a whole, lists nothing.
func TestArchivedFiles(t *testing.T) {
	list := func(f *facts.Facts) string {
		var names []string
		for _, h := range f.Archived {
			names = append(names, h.Filename)
		}
		return strings.Join(names, " ")
	}
	encrypted := []byte(zipOf(t, "a.txt", "b.txt"))
	for _, at := range []int{bytes.LastIndex(encrypted[:bytes.Index(encrypted, []byte("PK\x01\x02"))], []byte("PK\x03\x04")) + 6, bytes.LastIndex(encrypted, []byte("PK\x01\x02")) + 8} {
		encrypted[at] |= 1
	}
	for _, c := range []struct{ file, content, want string }{
		{"a.zip", zipOf(t, "a.txt", "b/", "b/c.txt", "b/d.pdf", "e.pdf.js", "README"), "a.txt b/d.pdf e.pdf.js"},
		{"a.zip", zipOf(t, "c:\\x\\evil.exe"), `c:\x\evil.exe`},
		{"a.zip", string(encrypted), "a.txt b.txt"},
		{"a.docx", zipOf(t, "word/a.xml", "b.exe"), ""},
		{"a.pdf", "%PDF-1.7 PK\x03\x04", ""},
		{"a.zip", "PK", ""},
		{"a.zip", "PK\x03\x04" + strings.Repeat("\xff", 40), ""},
		{"a.tar", "evil.exe", ""},
		{"a.gz", "\x1f\x8b\x08\x0c", ""},
	} {
		if got := list(measure(t, attached(c.file, c.content))); got != c.want {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
	f := measure(t, attached("a.zip", string(encrypted)))
	if len(f.Archived) != 2 || f.Archived[0].Encrypted || !f.Archived[1].Encrypted {
		t.Errorf("only the second file is encrypted, got %+v", f.Archived)
	}
}

// An archive without a name is one too.
func TestArchiveWithoutName(t *testing.T) {
	mail := strings.Replace(attached("", zipOf(t, "evil.exe")), "Content-Disposition: attachment; filename=\"\"\n", "", 1)
	f := measure(t, mail)
	if len(f.Attachments) != 0 || len(f.Archived) != 1 || f.Archived[0].Filename != "evil.exe" || f.Archived[0].Container != "application/octet-stream" {
		t.Errorf("attachments %+v, in archives %+v", f.Attachments, f.Archived)
	}
}

// All encoded files of a text are found, also behind what is read of it.
func TestEveryFileInText(t *testing.T) {
	uu := func(name string) string { return "begin 644 " + name + "\n#0V%T\n`\nend\n" }
	for _, c := range []struct{ text, want string }{
		{"Hi\n\n" + uu("a.txt") + uu("evil.exe"), "a.txt evil.exe"},
		{uu("a.txt") + strings.Repeat("word word word\n", 200_000) + uu("evil.exe"), "a.txt evil.exe"},
		{"begin 5 evil.exe\n#0V%T\n`\nend\n", "evil.exe"},
		{"begin 0000644 evil.exe\n#0V%T\n`\nend\n", "evil.exe"},
		{"=ybegin line=128 size=123 name=a.bin\nx\n=yend\n=ybegin line=128 size=123 name=evil.exe\nx\n", "a.bin evil.exe"},
		{"begin 644 the evil.exe\nwith a text\n", ""},
	} {
		f := measure(t, top+"Content-Type: text/plain; charset=utf-8\n\n"+c.text)
		var names []string
		for _, h := range f.Text.Files {
			names = append(names, h.Filename)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%.40q: %q, want %q", c.text, got, c.want)
		}
	}
}

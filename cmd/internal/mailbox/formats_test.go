package mailbox

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"postern/cmd/internal/needs"
)

// seen is a message as a test compares it: everything but what reads it.
func seen(t testing.TB, dir string, opts Options, stdin io.Reader, paths ...string) []string {
	t.Helper()
	var out []string
	for m, err := range Walk(t.Context(), paths, stdin, opts) {
		out = append(out, describe(t, dir, m, err))
	}
	return out
}

// describe says of what a walk yielded where it lies and what it holds, and closes it.
func describe(t testing.TB, dir string, m Message, err error) string {
	t.Helper()
	rel := strings.NewReplacer(dir+"/", "", dir, "")
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v is no *Error", err)
		}
		return strings.TrimSpace(fmt.Sprintf("error %s %s [%s|%s|%d] %v", e.ID, rel.Replace(e.Name), rel.Replace(e.Archive), e.Member, e.Offset, e.Err))
	}
	defer m.Close()
	b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
	if err != nil || int64(len(b)) != m.Size {
		t.Fatalf("%s: %d octets of %d, %v", m.Name, len(b), m.Size, err)
	}
	text := fmt.Sprintf("%q", b)
	if len(b) > 100 {
		text = fmt.Sprintf("%x", sha256.Sum256(b))
	}
	s := fmt.Sprintf("%s [%s|%s|%d] line %d", rel.Replace(m.Name), rel.Replace(m.Archive), m.Member, m.Offset, m.FirstLine)
	if m.Folder != "" {
		s += " in " + m.Folder
	}
	if m.Flags != "" {
		s += " " + m.Flags
	}
	for _, n := range m.Notes {
		s += " " + n.ID
	}
	if m.StoredSize != m.Size {
		s += fmt.Sprintf(" -%d", m.StoredSize-m.Size)
	}
	return s + " " + text
}

func gz(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&b)
		io.WriteString(z, p)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func zst(t testing.TB, text string) string {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(e.EncodeAll([]byte(text), nil))
}

func xzip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 20}.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func bz(t testing.TB, text string) string {
	t.Helper()
	cmd := exec.Command(needs.Program(t, "bzip2"), "-c")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// entry is a member of an archive, in order.
type entry struct{ name, text string }

func tarOf(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		flag := byte(tar.TypeReg)
		if strings.HasSuffix(e.name, "/") {
			flag = tar.TypeDir
		}
		if err := w.WriteHeader(&tar.Header{Name: e.name, Size: int64(len(e.text)), Mode: 0o644, Typeflag: flag}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, e.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipOf(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, e.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	letter = "From: a@example.com\nTo: b@example.net\nSubject: x\n\nhello\n"
	plist  = "<?xml version=\"1.0\"?>\n<plist><dict><key>date-received</key><integer>1</integer><key>flags</key>\n\t<integer>%d</integer></dict></plist>\n"
	two    = mark1 + "A: 1\n\nx\n\n" + mark2 + "B: 2\n\n>From here\n>>From there\n\n"
)

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"maildir/cur/1.M1.h:2,SFR":                            "A: 1\n",
		"maildir/cur/2.M1.h;2,T":                              "A: 2\n",
		"maildir/new/3.M1.h":                                  "A: 3\n",
		"maildir/.Sent.2025/cur/4.M1.h:2,aS":                  "A: 4\n",
		"mh/inbox/1":                                          "odd",
		"mh/inbox/12":                                         "A: 6\n",
		"mh/inbox/,3":                                         letter,
		"mh/inbox/.mh_sequences":                              "unseen: 12-14\nreplied: 1 20\n",
		"mh/sent/7":                                           letter,
		"thunderbird/Inbox":                                   mark1 + "A: 1\n\nx\n",
		"thunderbird/Inbox.msf":                               "// <!-- mork -->",
		"thunderbird/Drafts":                                  "",
		"thunderbird/Drafts.msf":                              "// <!-- mork -->",
		"thunderbird/Archives.sbd/2025":                       two,
		"apple/Work.mbox/Messages/5.emlx":                     "5   \nA: 1\n" + fmt.Sprintf(plist, 1<<0|1<<4),
		"apple/Work.mbox/Messages/6.partial.emlx":             "5\nA: 2\n" + fmt.Sprintf(plist, 1<<2),
		"apple/Work.mbox/Messages/7.emlx":                     "50\nA: 2\n",
		"apple/Old.mbox/mbox":                                 two,
		"Takeout/Mail/All mail Including Spam and Trash.mbox": two,
		"lists/2025-01.mbox.gz":                               gz(t, mark1+"A: 1\n\nx\n\n", mark2+"B: 2\n\ny\n"),
	})
	got := []string{}
	for _, d := range []string{"maildir", "mh", "thunderbird", "apple", "Takeout", "lists"} {
		got = append(got, seen(t, dir, Options{}, nil, dir+"/"+d)...)
	}
	check(t, got,
		`maildir/.Sent.2025/cur/4.M1.h:2,aS [||0] line 1 in Sent/2025 S "A: 4\n"`,
		`maildir/cur/1.M1.h:2,SFR [||0] line 1 in INBOX FRS "A: 1\n"`,
		`maildir/cur/2.M1.h;2,T [||0] line 1 in INBOX T "A: 2\n"`,
		`maildir/new/3.M1.h [||0] line 1 in INBOX "A: 3\n"`,
		`mh/inbox/1 [||0] line 1 in inbox RS "odd"`,
		`mh/inbox/12 [||0] line 1 in inbox "A: 6\n"`,
		`mh/sent/7 [||0] line 1 in sent "From: a@example.com\nTo: b@example.net\nSubject: x\n\nhello\n"`,
		`thunderbird/Archives.sbd/2025#1 [||44] line 2 in Archives/2025 "A: 1\n\nx\n"`,
		`thunderbird/Archives.sbd/2025#2 [||97] line 7 in Archives/2025 -2 "B: 2\n\nFrom here\n>From there\n"`,
		`thunderbird/Inbox#1 [||44] line 2 in Inbox "A: 1\n\nx\n"`,
		`apple/Old.mbox/mbox#1 [||44] line 2 in Old "A: 1\n\nx\n"`,
		`apple/Old.mbox/mbox#2 [||97] line 7 in Old -2 "B: 2\n\nFrom here\n>From there\n"`,
		`apple/Work.mbox/Messages/5.emlx [||5] line 2 in Work FS "A: 1\n"`,
		`apple/Work.mbox/Messages/6.partial.emlx [||2] line 2 in Work R emlx.partial "A: 2\n"`,
		`error emlx.truncated apple/Work.mbox/Messages/7.emlx [||3] is cut off: its first line says 50 octets, 5 are there`,
		`Takeout/Mail/All mail Including Spam and Trash.mbox#1 [||44] line 2 in Mail/All mail Including Spam and Trash "A: 1\n\nx\n"`,
		`Takeout/Mail/All mail Including Spam and Trash.mbox#2 [||97] line 7 in Mail/All mail Including Spam and Trash -2 "B: 2\n\nFrom here\n>From there\n"`,
		`lists/2025-01.mbox.gz#1 [lists/2025-01.mbox.gz||44] line 2 in 2025-01 "A: 1\n\nx\n"`,
		`lists/2025-01.mbox.gz#2 [lists/2025-01.mbox.gz||97] line 7 in 2025-01 "B: 2\n\ny\n"`,
	)
}

// TestPacked reads the same messages out of every wrapping.
func TestPacked(t *testing.T) {
	big := mark1 + "A: 1\n\n" + strings.Repeat("0123456789abcde\n", 3*windowBytes/16) + "\n" + mark2 + "B: 2\n\n" +
		strings.Repeat("\n>From x\n", windowBytes/4) + "\n" + mark1 + letter
	for _, c := range []struct{ name, text string }{{"two.mbox", two}, {"big.mbox", big}, {"a.eml", letter}, {"mail", two}, {"a.emlx", "5\nA: 1\n" + fmt.Sprintf(plist, 1)}} {
		dir := t.TempDir()
		write(t, dir, map[string]string{c.name: c.text})
		want := octets(t, Options{}, nil, dir+"/"+c.name)
		if len(want) == 0 {
			t.Fatal("no message")
		}
		inner := entry{"d/" + c.name, c.text}
		tgz := gz(t, tarOf(t, entry{"d/", ""}, inner))
		for name, packed := range map[string]string{
			".gz": gz(t, c.text), "2.gz": gz(t, c.text[:3], c.text[3:]) + strings.Repeat("\x00", 1000), ".zst": zst(t, c.text), ".xz": xzip(t, c.text), ".bz2": bz(t, c.text),
			".tar": tarOf(t, inner), ".tgz": tgz, ".zip": zipOf(t, inner), ".txz": xzip(t, tarOf(t, inner)),
			"nested.zip": zipOf(t, entry{"x.tar.gz", gz(t, tarOf(t, entry{"y.zip", zipOf(t, entry{c.name + ".gz", gz(t, c.text)})}))}),
		} {
			write(t, dir, map[string]string{c.name + name: packed})
			if got := octets(t, Options{}, nil, dir+"/"+c.name+name); !slices.Equal(got, want) {
				t.Errorf("%s%s: %d messages, not the same %d", c.name, name, len(got), len(want))
			}
			if got := octets(t, Options{}, strings.NewReader(packed), Stdin); !slices.Equal(got, want) {
				t.Errorf("%s%s on standard input: %d messages, not the same %d", c.name, name, len(got), len(want))
			}
		}
	}
}

// octets gives the sum of each message.
func octets(t testing.TB, opts Options, stdin io.Reader, paths ...string) []string {
	t.Helper()
	var out []string
	for m, err := range Walk(t.Context(), paths, stdin, opts) {
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
		if err != nil || int64(len(b)) != m.Size {
			t.Fatalf("%s: %d octets of %d, %v", m.Name, len(b), m.Size, err)
		}
		out = append(out, fmt.Sprintf("%d %x", m.StoredSize, sha256.Sum256(b)))
		m.Close()
	}
	return out
}

func TestPlacesInArchives(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.zip": zipOf(t, entry{"Takeout/Mail/Sent.mbox", two}, entry{"Takeout/archive_browser.html", "<html>"}, entry{"x/inner.tgz",
			gz(t, tarOf(t, entry{"Maildir/.Sent/cur/1.M2.h:2,S", "A: 1\n"}, entry{"/abs/b.eml", "A: 2\n"}, entry{"/abs/b.eml", "A: 3\n"}))},
			entry{"odd name.dat", letter}, entry{"prog.go", "package x\n// From: x\n"}, entry{"__MACOSX/._b.eml", "x"}),
	})
	check(t, seen(t, dir, Options{}, nil, dir+"/a.zip"),
		`a.zip!Takeout/Mail/Sent.mbox#1 [a.zip|Takeout/Mail/Sent.mbox|44] line 2 in Sent "A: 1\n\nx\n"`,
		`a.zip!Takeout/Mail/Sent.mbox#2 [a.zip|Takeout/Mail/Sent.mbox|97] line 7 in Sent -2 "B: 2\n\nFrom here\n>From there\n"`,
		`a.zip!x/inner.tgz!Maildir/.Sent/cur/1.M2.h:2,S [a.zip|x/inner.tgz!Maildir/.Sent/cur/1.M2.h:2,S|0] line 1 in Maildir/Sent S "A: 1\n"`,
		`a.zip!x/inner.tgz!abs/b.eml [a.zip|x/inner.tgz!abs/b.eml|0] line 1 in abs archive.path "A: 2\n"`,
		`a.zip!x/inner.tgz!abs/b.eml@2 [a.zip|x/inner.tgz!abs/b.eml@2|0] line 1 in abs archive.path archive.duplicate "A: 3\n"`,
		`a.zip!odd name.dat [a.zip|odd name.dat|0] line 1 `+fmt.Sprintf("%q", letter),
	)
	// In a directory an archive is looked into only if that was asked for.
	check(t, walk(t, dir, nil, dir), "skip a.zip: archive in a directory", "error : no message found, 1 other entry left out")
	if got := seen(t, dir, Options{Deep: true}, nil, dir); len(got) != 6 {
		t.Errorf("Deep gives %q", got)
	}
}

func TestQuotingAndContentLength(t *testing.T) {
	inner := "From c@example.com Sun Jan  4 02:06:35 2026\n"
	with := func(n int, body string) string { return mark1 + fmt.Sprintf("content-length: %d\n\n", n) + body }
	cl := func(n int) string { return fmt.Sprintf("content-length: %d\n\n", n) }
	for _, c := range []struct {
		name, text string
		quoting    Quoting
		want       []string
	}{
		{"quoted in the header", mark1 + ">From x\nA: 1\n\n>From y\n", 0, []string{`-1 ">From x\nA: 1\n\nFrom y\n"`}},
		{"not quoted at all", mark1 + "A: 1\n\nFrom here\n>From there\n", 0, []string{`"A: 1\n\nFrom here\n>From there\n"`}},
		{"mboxo", mark1 + "A: 1\n\n>From here\n>>From there\n", QuotingO, []string{`-1 "A: 1\n\nFrom here\n>>From there\n"`}},
		{"none", mark1 + "A: 1\n\n>From here\n", QuotingNone, []string{`"A: 1\n\n>From here\n"`}},
		{"CRLF", mark1 + "A: 1\r\n\r\n>From here\r\n\r\n" + mark2, 0, []string{`-1 "A: 1\r\n\r\nFrom here\r\n"`, `""`}},
		{"cl2", with(len(inner)+3, "x\n\n"+inner+"\n") + mark2 + "B: 2\n", 0, []string{fmt.Sprintf("%q", cl(len(inner)+3)+"x\n\n"+inner), `"B: 2\n"`}},
		{"cl2 to the end", with(len(inner)+2, "x\n"+inner), 0, []string{fmt.Sprintf("%q", cl(len(inner)+2)+"x\n"+inner)}},
		{"with its empty line", with(4, "x\n\n\n") + mark2, 0, []string{`"content-length: 4\n\nx\n\n\n"`, `""`}},
		{"too short", with(1, "x\n\n") + mark2 + "B: 2\n", 0, []string{`mbox.content_length "content-length: 1\n\nx\n"`, `"B: 2\n"`}},
		{"too long", with(1000, "x\n\n") + mark2 + "B: 2\n", 0, []string{`mbox.content_length "content-length: 1000\n\nx\n"`, `"B: 2\n"`}},
		{"ends in a line", with(len(inner)+3, "x\n\n"+inner+"yy\n\n") + mark2, 0, []string{
			fmt.Sprintf("mbox.content_length %q", cl(len(inner)+3)+"x\n"), `"yy\n"`, `""`}},
		{"negative", with(-5, "x\n\n") + mark2, 0, []string{`"content-length: -5\n\nx\n"`, `""`}},
		{"no line end", mark1 + "A: 1\n\nx", 0, []string{`mbox.no_line_end "A: 1\n\nx"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"m.mbox": c.text, "m.mbox.gz": gz(t, c.text)})
			for _, name := range []string{"m.mbox", "m.mbox.gz"} {
				var got []string
				for _, s := range seen(t, dir, Options{Quoting: c.quoting}, nil, dir+"/"+name) {
					_, s, _ = strings.Cut(s, " in m ")
					got = append(got, s)
				}
				check(t, got, c.want...)
			}
		})
	}
}

// TestWhereAnMboxBegins: what stands before the first postmark, and postmarks that say nothing, lose no message.
func TestWhereAnMboxBegins(t *testing.T) {
	dir := t.TempDir()
	const bare = "From \r\n"
	write(t, dir, map[string]string{
		// As Thunderbird writes it.
		"bare.mbox": bare + "X-Mozilla-Status: 0001\r\nA: 1\r\n\r\n>From \r\nC: 1\r\nD: 2\r\n\r\n" + bare + "A: 2\r\n folded\r\n\r\nx\r\n" + bare + "A: 3\r\nB: 3\r\n\r\n\r\n" + bare + "A: 4\r\n",
		"Sent":      bare + "A: 1\r\nB: 1\r\n\r\nFrom \r\nhere: to\r\nthere\r\n\r\nFrom \r\n\r\n" + bare + "A: 2\r\nB: 2\r\n\r\ny\r\n\r\n",
		"bom.mbox":  bom + two, "bom": bom + two, "bomone": bom + mark1 + "A: 1\n", "blank": "\n\n" + two, "blankone": "\n" + mark1 + "A: 1\n",
		"field":    "From : a@example.com\nA: 1\n\n" + mark1 + "x\n",
		"cut.mbox": "...the end\n\n" + mark1 + "A: 1\n\nx\n", "whole.mbox": "A: 1\n\nx\n",
	})
	for name, want := range map[string][]string{
		"bare.mbox": {`bare.mbox#1 line 2 -1 "X-Mozilla-Status: 0001\r\nA: 1\r\n\r\nFrom \r\nC: 1\r\nD: 2\r\n"`, `bare.mbox#2 line 10 "A: 2\r\n folded\r\n\r\nx\r\n"`,
			`bare.mbox#3 line 15 "A: 3\r\nB: 3\r\n\r\n"`, `bare.mbox#4 line 20 "A: 4\r\n"`},
		"Sent":       {`Sent#1 line 2 "A: 1\r\nB: 1\r\n\r\nFrom \r\nhere: to\r\nthere\r\n\r\nFrom \r\n"`, `Sent#2 line 12 "A: 2\r\nB: 2\r\n\r\ny\r\n"`},
		"bom.mbox":   {`bom.mbox#1 line 2 "A: 1\n\nx\n"`, `bom.mbox#2 line 7 -2 "B: 2\n\nFrom here\n>From there\n"`},
		"bom":        {`bom#1 line 2 "A: 1\n\nx\n"`, `bom#2 line 7 -2 "B: 2\n\nFrom here\n>From there\n"`},
		"bomone":     {fmt.Sprintf("bomone line 1 %q", bom+mark1+"A: 1\n")},
		"blank":      {`blank#1 line 4 "A: 1\n\nx\n"`, `blank#2 line 9 -2 "B: 2\n\nFrom here\n>From there\n"`},
		"blankone":   {fmt.Sprintf("blankone line 1 %q", "\n"+mark1+"A: 1\n")},
		"field":      {fmt.Sprintf("field line 1 %q", "From : a@example.com\nA: 1\n\n"+mark1+"x\n")},
		"cut.mbox":   {`cut.mbox#1 line 1 mbox.no_postmark "...the end\n"`, `cut.mbox#2 line 4 "A: 1\n\nx\n"`},
		"whole.mbox": {`whole.mbox line 1 "A: 1\n\nx\n"`},
	} {
		got := seen(t, dir, Options{}, nil, dir+"/"+name)
		for i := range got {
			got[i] = places.ReplaceAllString(got[i], "")
		}
		check(t, got, want...)
		if name != "Sent" && strings.Contains(name, ".") {
			continue
		}
		f, err := os.Open(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		stream := seen(t, dir, Options{SpoolMemory: 5}, f, Stdin)
		f.Close()
		if len(stream) != len(want) {
			t.Errorf("%s as a stream: %q", name, stream)
		}
	}
	if !slices.ContainsFunc(slices.Collect(Pieces(t.Context(), []string{dir + "/bom"}, nil, Options{})), func(p *Piece) bool {
		return p.Readable() && p.IsMbox(t.Context(), Options{})
	}) {
		t.Error("an mbox with a byte order mark is not read in segments")
	}
}

// places are what seen tells of the place of a message in its file, and of its folder.
var places = regexp.MustCompile(` \[[^]]*\]| in [^ ]+`)

// TestMailboxesThatAreNotRead: what holds messages in a form that is not read has a name, and is not taken for one message.
func TestMailboxesThatAreNotRead(t *testing.T) {
	dir := t.TempDir()
	const queue = "C_             512             300               1               0             300               0               0"
	write(t, dir, map[string]string{
		"d/mmdf": "\x01\x01\x01\x01\n" + mark1 + letter, "d/babyl": "BABYL OPTIONS: -*- rmail -*-\nVersion: 5\n", "d/uw": "*mbx*\r\n65a0000000000001\r\n", "d/q": queue + "T\x11",
		"d/h": "1rAbCd-0001Ef-2G-H\nmail 8 8\n<a@example.com>\n", "d/dbx.mbx": "\xcf\xad\x12\xfe\xc5\xfd", "d/h5": "1rAbCd-00000001EfG-2Gh4-D\nx\n",
		"d/mac.mbox": "From -\rA: 1\r\rx\r", "d/mac": "From -\rFrom: a\r\rx\r\rFrom -\rB: 1\r", "d/one": "From -\rFrom: a\r\rFrom here\r",
		"d/no": "1rAbCd-0001Ef-2G-Hat\n", "d/notes": "Clouds 1 2 3\n",
	})
	check(t, walk(t, dir, nil, dir+"/d"),
		"error d/babyl: is a Babyl mailbox, not a message",
		"error d/dbx.mbx: is a folder of Outlook Express (.dbx), not a message",
		"error d/h: is a file of Exim's spool, not a message",
		"error d/h5: is a file of Exim's spool, not a message",
		"error d/mac: is an mbox whose lines end in CR, which is not read",
		"error d/mac.mbox: is an mbox whose lines end in CR, which is not read",
		"error d/mmdf: is an MMDF mailbox, not a message",
		"skip d/no: does not begin like a message",
		"skip d/notes: does not begin like a message",
		`d/one:1 "From -\rFrom: a\r\rFrom here\r"`,
		"error d/q: is a file of Postfix's queue, not a message",
		"error d/uw: is a mailbox of UW-IMAP (mbx), not a message",
	)
}

// TestLongPostmarksInContentLength reads a message that is longer than the window and holds postmarks.
func TestLongPostmarksInContentLength(t *testing.T) {
	body := strings.Repeat("x\n\n"+mark2, windowBytes/40)
	text := mark1 + fmt.Sprintf("Content-Length: %d\n\n", len(body)) + body + "\n" + mark2 + "B: 2\n"
	dir := t.TempDir()
	write(t, dir, map[string]string{"m.mbox": text})
	var sizes []int64
	for m, err := range Walk(t.Context(), []string{dir + "/m.mbox"}, nil, Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, m.Size)
		m.Close()
	}
	if want := []int64{int64(strings.Index(text, "\n\n") + 2 - len(mark1) + len(body)), 5}; !slices.Equal(sizes, want) {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
}

// trees writes files of every kind and gives the arguments to walk them.
func trees(t *testing.T) (dir string, paths []string) {
	dir = t.TempDir()
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "From a@example.com Sat Jan  3 01:05:%02d 2026\nA: %d\n\n%s\n", i, i, strings.Repeat(">From x\nword\n", 8*i))
	}
	write(t, dir, map[string]string{
		"t/a.eml": letter, "t/b.mbox": many.String(), "t/c.mbox.gz": gz(t, many.String()), "t/cur/1.M1.h:2,S": "A: 1\n", "t/d": many.String(),
		"t/e.zip": zipOf(t, entry{"x.eml", letter}, entry{"y.mbox", many.String()}, entry{"z.tgz", gz(t, tarOf(t, entry{"1.eml", letter}, entry{"2.mbox", two}, entry{"2.mbox", two}))}, entry{"z.eml", "A: 1\n"}),
		"t/f.tar": tarOf(t, entry{"1.eml", letter}, entry{"2.mbox", two}, entry{"3.eml", letter}), "t/g.eml.gz": "\x1f\x8bxx", "t/h.eml": letter, "t/i.emlx": "5\nA: 1\n" + fmt.Sprintf(plist, 1),
		"last.mbox": two,
	})
	return dir, []string{dir + "/t", dir + "/last.mbox"}
}

// TestPieces reads a walk piece by piece, and mboxes in segments, and gets the same.
func TestPieces(t *testing.T) {
	needs.WithoutRace(t, "one goroutine reads files")
	dir, paths := trees(t)
	for _, opts := range []Options{{OffsetNames: true}, {Deep: true, OffsetNames: true}} {
		whole := opts
		skips, gotSkips := []string{}, []string{}
		whole.Skipped = func(s Skip) { skips = append(skips, s.Path+" "+s.Reason) }
		want := seen(t, dir, whole, nil, paths...)
		for _, size := range []int64{0, 1, 700, 3000} {
			var got []string
			gotSkips = gotSkips[:0]
			opts.Skipped = func(s Skip) { gotSkips = append(gotSkips, s.Path+" "+s.Reason) }
			found, left, segments := 0, 0, 0
			show := func(m Message, err error) {
				found++
				got = append(got, describe(t, dir, m, err))
			}
			for p := range Pieces(t.Context(), paths, nil, opts) {
				switch {
				case p.Err != nil:
					show(Message{}, p.Err)
				case p.Skip != nil:
					opts.Skipped(*p.Skip)
				case p.End:
					if left = len(gotSkips) - left; found == 0 {
						show(Message{}, NoMessage(p.Name, p.Dir, left))
					}
					found, left = 0, len(gotSkips)
				case size > 0 && p.IsMbox(t.Context(), opts):
					segments++
					for m, err := range inSegments(t, p, opts, size) {
						show(m, err)
					}
				default:
					for m, err := range p.Read(t.Context(), opts) {
						show(m, err)
					}
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("segments of %d: %s", size, d)
			}
			if d := cmp.Diff(skips, gotSkips); d != "" {
				t.Errorf("left out: %s", d)
			}
			if size > 0 && segments < 3 {
				t.Errorf("%d mboxes were read in segments", segments)
			}
		}
	}
}

// inSegments reads an mbox in segments, and one again that began in the wrong place.
func inSegments(t *testing.T, p *Piece, opts Options, size int64) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		next, lines := int64(0), int64(0)
		for from := int64(0); from < p.Size; from += size {
			seg := &Segment{From: from, To: min(from+size, p.Size), At: -1}
			var list []Message
			read := func() {
				for m, err := range p.Segment(t.Context(), opts, seg) {
					if err != nil {
						t.Fatal(err)
					}
					m.FirstLine += lines
					list = append(list, m)
				}
			}
			read()
			if seg.First >= seg.To {
				t.Fatalf("segment from %d to %d begins at %d", seg.From, seg.To, seg.First)
			}
			if from > 0 && (seg.First != next && (seg.First >= 0 || next < seg.To)) {
				for i := range list {
					list[i].Close()
				}
				if list = nil; next >= seg.To {
					continue
				}
				seg.At = next
				read()
			}
			if seg.First >= 0 {
				next = seg.Next
				lines += seg.Lines
			}
			for _, m := range list {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// TestSegmentInsideContentLength begins a segment inside a message whose Content-Length covers lines like postmarks.
func TestSegmentInsideContentLength(t *testing.T) {
	needs.WithoutRace(t, "one goroutine reads files")
	body := strings.Repeat("x\n\n"+mark2, 100)
	one := mark1 + fmt.Sprintf("Content-Length: %d\n\n", len(body)) + body + "\n"
	dir := t.TempDir()
	write(t, dir, map[string]string{"m.mbox": strings.Repeat(one, 5)})
	want := seen(t, dir, Options{OffsetNames: true}, nil, dir+"/m.mbox")
	if len(want) != 5 {
		t.Fatalf("%q", want)
	}
	for size := int64(100); size < 20_000; size += 333 {
		for p := range Pieces(t.Context(), []string{dir + "/m.mbox"}, nil, Options{}) {
			if p.End {
				continue
			}
			var got []string
			for m, err := range inSegments(t, p, Options{OffsetNames: true}, size) {
				got = append(got, describe(t, dir, m, err))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("segments of %d: %s", size, d)
			}
			// With what lies before in sight, the place is found at once.
			seg := &Segment{From: int64(len(one)) + 700, To: p.Size, At: -1, Back: p.Size}
			for m := range p.Segment(t.Context(), Options{}, seg) {
				m.Close()
			}
			if seg.First != 2*int64(len(one)) {
				t.Errorf("the first message is at %d, want %d", seg.First, 2*len(one))
			}
		}
	}
}

// TestProgress tells as many octets as there are, whatever is read, left out and passed by.
func TestProgress(t *testing.T) {
	dir, paths := trees(t)
	want, known := TotalBytes(t.Context(), paths)
	if !known || want < 10_000 {
		t.Fatalf("%d octets, known is %v", want, known)
	}
	for _, opts := range []Options{{}, {Deep: true}} {
		var got int64
		opts.Progress = func(n int64) { got += n }
		seen(t, dir, opts, nil, paths...)
		if got != want {
			t.Errorf("Deep %v: %d octets told, %d are there", opts.Deep, got, want)
		}
	}
	if _, known := TotalBytes(context.Background(), []string{Stdin}); known {
		t.Error("the size of standard input is known")
	}
}

// TestNoFileIsLeftOpen closes everything that was yielded and counts open files.
func TestNoFileIsLeftOpen(t *testing.T) {
	dir, paths := trees(t)
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("skip: needs /proc")
		}
		return len(list)
	}
	seen(t, dir, Options{Deep: true}, nil, paths...)
	before := count()
	for range 3 {
		seen(t, dir, Options{Deep: true, SpoolMemory: 10}, nil, paths...)
		for m := range Walk(t.Context(), paths, nil, Options{Deep: true, SpoolMemory: 10}) {
			m.Close()
			if m.Index == 3 {
				break
			}
		}
	}
	if after := count(); after != before {
		t.Errorf("%d files are open, %d before", after, before)
	}
}

func TestEmptyMboxHasNoMessage(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"d/a.mbox": "", "d/b.eml": letter, "empty.mbox": ""})
	check(t, seen(t, dir, Options{}, nil, dir+"/d", dir+"/empty.mbox"),
		fmt.Sprintf("d/b.eml [||0] line 1 %q", letter), "error  empty.mbox [||0] no message found")
}

// TestMemberBytes holds the limit of a member against each way of keeping one.
func TestMemberBytes(t *testing.T) {
	big := mark1 + "A: 1\n\n" + strings.Repeat("0123456789abcde\n", 2*windowBytes/16) + "\n"
	small := mark1 + "B: 2\n"
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.mbox.gz": gz(t, small+"\n"+big+small), "b.eml.gz": gz(t, big), "c.tar": tarOf(t, entry{"d.zip", zipOf(t, entry{"x.bin", big}) + big}, entry{"e.eml", big}, entry{"f.eml", letter}),
		"plain.mbox": small + "\n" + big,
	})
	got := seen(t, dir, Options{Limits: Limits{MemberBytes: 300_000}}, nil, dir+"/a.mbox.gz", dir+"/b.eml.gz", dir+"/c.tar", dir+"/plain.mbox")
	for i, s := range got {
		if len(s) > 90 {
			got[i] = s[:90]
		}
	}
	check(t, got,
		`a.mbox.gz#1 [a.mbox.gz||44] line 2 in a "B: 2\n"`,
		`error archive.bytes a.mbox.gz#2 [a.mbox.gz||94] is larger than 292 KiB unpacked`,
		`a.mbox.gz#3 [a.mbox.gz||524433] line 32777 in a "B: 2\n"`,
		`error archive.bytes b.eml.gz [b.eml.gz||0] is larger than 292 KiB unpacked`,
		`error archive.bytes c.tar!d.zip [c.tar|d.zip|0] is larger than 292 KiB unpacked`,
		`error archive.bytes c.tar!e.eml [c.tar|e.eml|0] is larger than 292 KiB unpacked`,
		`c.tar!f.eml [c.tar|f.eml|0] line 1 "From: a@example.com\nTo: b@example.net\nSubject: x\n\n`,
		`plain.mbox#1 [||44] line 2 in plain "B: 2\n"`,
		`plain.mbox#2 [||94] line 5 in plain `+got[8][len(`plain.mbox#2 [||94] line 5 in plain `):],
	)
}

// TestFaultOfTheCallerIsTheCallers lets a panic in the loop over the messages through.
func TestFaultOfTheCallerIsTheCallers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.mbox": two})
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v", r)
		}
	}()
	for range Walk(t.Context(), []string{dir + "/a.mbox"}, nil, Options{}) {
		panic("mine")
	}
}

func TestFoldersOfOddNames(t *testing.T) {
	for rel, want := range map[string]string{
		"x.mbox": "x", "x.MBOX.GZ": "x", ".mbox": ".mbox", "\xff\xfe.mbox.gz": "\xff\xfe", "\u0130.mbox": "\u0130", "a/cur": "a/cur", ".sbd/x": ".sbd/x", "Takeout/Mail/x.mbox": "x", "": "",
	} {
		if got := folderOf(rel, true); got != want {
			t.Errorf("%q: %q, want %q", rel, got, want)
		}
	}
}

package mimesize_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"

	"postern/mimesize"
)

// The three readings of a limit of "40 MB".
const (
	decimal = 40_000_000
	postfix = 40_960_000
	binary  = 41_943_040
)

func TestLargestFile(t *testing.T) {
	const name = "data.bin"
	crlf := func(limit int64) int64 { return mimesize.LargestBase64(limit, mimesize.CRLF) }
	lf := func(limit int64) int64 { return mimesize.LargestBase64(limit, mimesize.LF) }
	inMessage := func(limit int64) int64 { return mimesize.LargestAttachment(limit, mimesize.CRLF, name) }
	for _, c := range []struct {
		how   string
		f     func(int64) int64
		limit int64
		want  int64
	}{
		{"alone", crlf, decimal, 29_230_767},
		{"alone", crlf, postfix, 29_932_305},
		{"alone", crlf, binary, 30_650_682},
		{"in a message", inMessage, decimal, 29_230_275},
		{"in a message", inMessage, postfix, 29_931_813},
		{"in a message", inMessage, binary, 30_650_190},
		{"counted with LF", lf, decimal, 29_610_387},
		{"counted with LF", lf, postfix, 30_321_036},
		{"counted with LF", lf, binary, 31_048_743},
		{"alone", crlf, 10_000_000, 7_307_691},
		{"alone", crlf, 10 << 20, 7_662_669},
		{"alone", crlf, 20_000_000, 14_615_382},
		{"alone", crlf, 25_000_000, 18_269_229},
		{"alone", crlf, 25 << 20, 19_156_674},
		{"alone", crlf, 30_000_000, 21_923_076},
		{"alone", crlf, 35_000_000, 25_576_923},
		{"alone", crlf, 50_000_000, 36_538_461},
		{"alone", crlf, 50 << 20, 38_313_351},
		{"alone", crlf, 150 << 20, 114_940_059},
		{"in a message", inMessage, 673, 0},
		{"in a message", inMessage, 678, 0},
		{"in a message", inMessage, 679, 3},
		{"in a message", inMessage, -1, 0},
		{"alone", crlf, 0, 0},
		{"alone", crlf, 5, 0},
		{"alone", crlf, 6, 3},
		{"alone", crlf, math.MinInt64, 0},
	} {
		if got := c.f(c.limit); got != c.want {
			t.Errorf("largest file under %d, %s: %d, want %d", c.limit, c.how, got, c.want)
		}
	}
	if got := mimesize.AttachmentSize(30_650_190, mimesize.CRLF, name); got != 41_943_039 {
		t.Errorf("30,650,190 octets in a message: %d, want 41,943,039", got)
	}
	if got := mimesize.AttachmentSize(30_650_193, mimesize.CRLF, name); got != 41_943_043 {
		t.Errorf("30,650,193 octets in a message: %d, want 41,943,043", got)
	}
}

func TestBase64Size(t *testing.T) {
	for _, c := range []struct {
		n            int64
		columns, eol int
		want         int64
	}{
		{0, 76, mimesize.CRLF, 0},
		{-1, 76, mimesize.CRLF, 0},
		{math.MinInt64, 0, mimesize.LF, 0},
		{1, 76, mimesize.CRLF, 6},
		{57, 76, mimesize.CRLF, 78},
		{57, 76, mimesize.LF, 77},
		{58, 76, mimesize.CRLF, 84},
		{57, 76, 0, 78},
		{57, 0, mimesize.CRLF, 76},
		{48, 64, mimesize.CRLF, 66},
		{54, 72, mimesize.CRLF, 74},
		{3, 1, mimesize.CRLF, 12},
		{35_000_000, 76, mimesize.CRLF, 47_894_740},
		{35 << 20, 76, mimesize.CRLF, 50_221_274},
		{1 << 62, 0, mimesize.CRLF, 6148914691236517208},
		{1 << 62, 76, mimesize.CRLF, 6310728235742741346},
		{1 << 62, 1, mimesize.CRLF, math.MaxInt64},
		{math.MaxInt64, 76, mimesize.CRLF, math.MaxInt64},
		{math.MaxInt64, 0, mimesize.CRLF, math.MaxInt64},
	} {
		if got := mimesize.Base64SizeColumns(c.n, c.columns, c.eol); got != c.want {
			t.Errorf("Base64SizeColumns(%d, %d, %d) = %d, want %d", c.n, c.columns, c.eol, got, c.want)
		}
		if c.columns == 76 {
			if got := mimesize.Base64Size(c.n, c.eol); got != c.want {
				t.Errorf("Base64Size(%d, %d) = %d, want %d", c.n, c.eol, got, c.want)
			}
		}
	}
}

// TestBase64SizeAgainstEncoder compares with what encoding/base64 writes, broken into lines.
func TestBase64SizeAgainstEncoder(t *testing.T) {
	check := func(n int, columns, eol int) {
		t.Helper()
		enc := base64.StdEncoding.EncodeToString(make([]byte, n))
		want := 0
		if columns <= 0 {
			want = len(enc)
		} else {
			for len(enc) > 0 {
				k := min(columns, len(enc))
				want += k + eol
				enc = enc[k:]
			}
		}
		if got := mimesize.Base64SizeColumns(int64(n), columns, eol); got != int64(want) {
			t.Fatalf("Base64SizeColumns(%d, %d, %d) = %d, encoder writes %d", n, columns, eol, got, want)
		}
	}
	for n := range 10_001 {
		check(n, 76, mimesize.CRLF)
		check(n, 76, mimesize.LF)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		check(rnd.IntN(1_000_000), 1+rnd.IntN(200), 1+rnd.IntN(2))
	}
	for n := range 300 {
		check(n, 0, mimesize.CRLF)
		check(n, 64, mimesize.LF)
		check(n, 7, mimesize.CRLF)
	}
}

func FuzzLargestBase64(f *testing.F) {
	for _, limit := range []int64{-1, 0, 4, 6, decimal, postfix, binary, 1 << 62, math.MaxInt64} {
		f.Add(limit, 76, mimesize.CRLF)
		f.Add(limit, 0, mimesize.LF)
		f.Add(limit, 1, mimesize.CRLF)
	}
	f.Fuzz(func(t *testing.T, limit int64, columns, eol int) {
		n := mimesize.LargestBase64Columns(limit, columns, eol)
		if n < 0 {
			t.Fatalf("negative: %d", n)
		}
		if n > 0 && mimesize.Base64SizeColumns(n, columns, eol) > limit {
			t.Fatalf("%d octets do not fit under %d", n, limit)
		}
		if next := mimesize.Base64SizeColumns(n+1, columns, eol); next <= limit && next < math.MaxInt64 {
			t.Fatalf("%d octets fit under %d too: %d", n+1, limit, next)
		}
		if columns == 76 && n != mimesize.LargestBase64(limit, eol) {
			t.Fatal("LargestBase64 differs")
		}
	})
}

// attachmentMessage is the message that MinimalMessageBytes describes, with further attachments after the first.
func attachmentMessage(names []string, content []byte, eol string) string {
	const boundary = "===============1234567890123456789=="
	var b strings.Builder
	line := func(s string) { b.WriteString(s + eol) }
	line("From: Alice Example <alice@example.com>")
	line("To: Bob <bob@example.net>")
	line("Subject: Your report")
	line("Date: Mon, 23 Nov 2026 09:30:00 +0000")
	line("Message-ID: <20261123093000.1@example.com>")
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/mixed; boundary="` + boundary + `"`)
	line("")
	line("--" + boundary)
	line(`Content-Type: text/plain; charset="utf-8"`)
	line("Content-Transfer-Encoding: 7bit")
	line("")
	line("Hello Bob,")
	line("")
	line("your report is attached.")
	line("")
	line("Alice")
	for _, name := range names {
		line("--" + boundary)
		line("Content-Type: application/octet-stream")
		line("Content-Transfer-Encoding: base64")
		line("Content-Disposition: attachment; filename" + name)
		line("MIME-Version: 1.0")
		line("")
		for enc := base64.StdEncoding.EncodeToString(content); enc != ""; {
			k := min(76, len(enc))
			line(enc[:k])
			enc = enc[k:]
		}
	}
	line("--" + boundary + "--")
	return b.String()
}

// TestOverhead measures the message that the constants describe.
func TestOverhead(t *testing.T) {
	const name = `="data.bin"`
	empty := attachmentMessage([]string{name}, nil, "\r\n")
	if header := strings.Index(empty, "\r\n\r\n") + 2; header != 272 {
		t.Errorf("header of the minimal message: %d octets, want 272", header)
	}
	if len(empty) != mimesize.MinimalMessageBytes {
		t.Errorf("minimal message: %d octets, want %d", len(empty), mimesize.MinimalMessageBytes)
	}
	if got := len(attachmentMessage([]string{name, name}, nil, "\r\n")) - len(empty); got != mimesize.FurtherPartBytes {
		t.Errorf("further part: %d octets, want %d", got, mimesize.FurtherPartBytes)
	}
	for _, c := range []struct{ name, written string }{
		{"data.bin", name},
		{"a", `="a"`},
		{"annual report (final).pdf", `="annual report (final).pdf"`},
		{`a"b\c.txt`, `="a\"b\\c.txt"`},
		{"Bericht März.pdf", "*=utf-8''Bericht%20M%C3%A4rz.pdf"},
	} {
		for _, eol := range []string{"\r\n", "\n"} {
			for _, n := range []int{0, 1, 57, 58, 5000} {
				one := attachmentMessage([]string{c.written}, make([]byte, n), eol)
				if got := mimesize.AttachmentSize(int64(n), len(eol), c.name); got != int64(len(one)) {
					t.Errorf("%q with %d octets, line end %q: %d, the message has %d", c.name, n, eol, got, len(one))
				}
				two := attachmentMessage([]string{name, c.written}, make([]byte, n), eol)
				one = attachmentMessage([]string{name}, make([]byte, n), eol)
				part := mimesize.PartOverhead(c.name).Size(len(eol)) + mimesize.Base64Size(int64(n), len(eol))
				if got := len(two) - len(one); part != int64(got) {
					t.Errorf("further part %q with %d octets, line end %q: %d, it has %d", c.name, n, eol, part, got)
				}
			}
		}
	}
}

// TestLargestInMessage attaches the file that is said to fit, and one that is larger by an octet.
func TestLargestInMessage(t *testing.T) {
	const written, limit = `="data.bin"`, 20_000
	for _, eol := range []string{"\r\n", "\n"} {
		message := attachmentMessage([]string{written}, make([]byte, 1000), eol)
		part := mimesize.PartOverhead("data.bin")
		n := mimesize.LargestInMessage(limit, int64(len(message)), len(eol), part)
		size := func(n int64) int64 {
			two := attachmentMessage([]string{written, written}, nil, eol)
			one := attachmentMessage([]string{written}, nil, eol)
			return int64(len(message)+len(two)-len(one)) + mimesize.Base64Size(n, len(eol))
		}
		if n == 0 || size(n) > limit || size(n+1) <= limit {
			t.Errorf("line end %q: largest further file %d; with it %d octets, with one more %d", eol, n, size(n), size(n+1))
		}
	}
	for _, c := range []struct{ limit, message int64 }{
		{1000, 1000}, {1000, 1 << 62}, {1000, 811}, {-5, 10}, {math.MinInt64, math.MaxInt64},
	} {
		if got := mimesize.LargestInMessage(c.limit, c.message, mimesize.CRLF, mimesize.PartOverhead("data.bin")); got != 0 {
			t.Errorf("LargestInMessage(%d, %d) = %d, want 0", c.limit, c.message, got)
		}
	}
}

// encodeQP is what mime/quotedprintable makes of content.
func encodeQP(content []byte, binary bool) []byte {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Binary = binary
	w.Write(content)
	w.Close()
	return b.Bytes()
}

func checkQP(t *testing.T, content []byte, binary bool) {
	t.Helper()
	enc := encodeQP(content, binary)
	lf := int64(len(enc) - bytes.Count(enc, []byte("\r\n")))
	for _, c := range []struct {
		eol  int
		want int64
	}{{mimesize.CRLF, int64(len(enc))}, {mimesize.LF, lf}} {
		whole := mimesize.QPCounter{Binary: binary, EOL: c.eol}
		whole.Write(content)
		if got := whole.Size(); got != c.want {
			t.Fatalf("%.60q, binary %v, line end of %d octets: %d, encoder writes %d", content, binary, c.eol, got, c.want)
		}
		steps := mimesize.QPCounter{Binary: binary, EOL: c.eol}
		for i := range content {
			steps.Write(content[i : i+1])
			steps.Size()
		}
		if got := steps.Size(); got != c.want {
			t.Fatalf("%.60q in steps of one octet: %d, want %d", content, got, c.want)
		}
		least, greatest := countQP(content, binary).Bounds(c.eol)
		if c.want < least || c.want > greatest {
			t.Fatalf("%.60q, line end of %d octets: %d is not within %d to %d", content, c.eol, c.want, least, greatest)
		}
	}
}

// countQP takes the counts that QPCounts wants, without its Longest.
func countQP(content []byte, binary bool) (c mimesize.QPCounts) {
	if !binary {
		content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	}
	for i, b := range content {
		last := i+1 == len(content) || content[i+1] == '\n' && !binary
		switch {
		case b == '\n' && !binary:
			c.LineEnds++
		case (b == ' ' || b == '\t') && !last, b > ' ' && b <= '~' && b != '=':
			c.Literal++
		default:
			c.Escaped++
		}
	}
	return c
}

func TestQPCounter(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, s := range []string{
		"", "a", " ", "\t", "=", "a ", "a \n", "a \r\nb", "\n", "\r\n\r\n", "é", "Grüße\n", " \n \n",
		long, long[:75], long[:76], long[:77], long[:74] + " ", long[:73] + " \n", long[:72] + " \n", long[:75] + " ", long[:72] + "é",
		long[:73] + "=", long[:74] + "=", long[:75] + "=", long[:75] + "\n", long[:76] + "\n",
		strings.Repeat("é", 100), strings.Repeat(" ", 200), strings.Repeat("ab \n", 50),
	} {
		checkQP(t, []byte(s), false)
		checkQP(t, []byte(s), true)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	const some = "abc XYZ=\t\n\x00\xe4"
	for n := range 10_001 {
		content := make([]byte, n%1000)
		for i := range content {
			if n&1 == 0 {
				content[i] = some[rnd.IntN(len(some))]
			} else {
				content[i] = "abc def"[rnd.IntN(7)]
				if rnd.IntN(200) == 0 {
					content[i] = '\n'
				}
			}
		}
		checkQP(t, content, n&2 == 0)
	}
	// QUIRK: mime/quotedprintable makes a line end of a CR alone; RFC 2045 section 6.7 rule 4 leaves line ends to CRLF.
	for s, want := range map[string]int64{"a\rb": 5, "a\r": 4, "\r\r\n": 5, "a \r": 5} {
		var q mimesize.QPCounter
		io.WriteString(&q, s)
		if got := q.Size(); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func FuzzQPCounter(f *testing.F) {
	f.Add([]byte("Grüße \r\nan alle = \n"), false)
	f.Add([]byte(strings.Repeat("long line ", 20)), true)
	f.Fuzz(func(t *testing.T, content []byte, binary bool) {
		if !binary && bytes.Count(content, []byte("\r")) != bytes.Count(content, []byte("\r\n")) {
			return // a CR alone is read in two ways
		}
		checkQP(t, content, binary)
	})
}

func TestQPBounds(t *testing.T) {
	for _, c := range []struct {
		counts          mimesize.QPCounts
		eol             int
		least, greatest int64
	}{
		{mimesize.QPCounts{}, mimesize.CRLF, 0, 0},
		{mimesize.QPCounts{Literal: -1, Escaped: -1, LineEnds: -1}, mimesize.CRLF, 0, 0},
		{mimesize.QPCounts{Literal: 75}, mimesize.CRLF, 75, 75},
		{mimesize.QPCounts{Literal: 76}, mimesize.CRLF, 79, 79},
		{mimesize.QPCounts{Literal: 76, LineEnds: 1}, mimesize.CRLF, 78, 81},
		{mimesize.QPCounts{Literal: 100, Escaped: 10, LineEnds: 4, Longest: 75}, mimesize.CRLF, 138, 138},
		{mimesize.QPCounts{Literal: 100, Escaped: 10, LineEnds: 4, Longest: 75}, mimesize.LF, 134, 134},
		{mimesize.QPCounts{Literal: 60_000, LineEnds: 1000, Longest: 60}, mimesize.CRLF, 62_000, 62_000},
		{mimesize.QPCounts{Escaped: math.MaxInt64}, mimesize.CRLF, math.MaxInt64, math.MaxInt64},
	} {
		least, greatest := c.counts.Bounds(c.eol)
		if least != c.least || greatest != c.greatest {
			t.Errorf("%+v with line ends of %d: %d to %d, want %d to %d", c.counts, c.eol, least, greatest, c.least, c.greatest)
		}
	}
}

func ExampleLargestAttachment() {
	n := mimesize.LargestAttachment(40_000_000, mimesize.CRLF, "data.bin")
	fmt.Println(n, mimesize.AttachmentSize(n, mimesize.CRLF, "data.bin"))
	// Output: 29230275 39999997
}

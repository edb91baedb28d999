package mimesize_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/mimesize"
)

// followed is what comes after a message in an mbox.
var followed = "From b@example.com Sat Jan  3 01:05:34 2026\nSubject: other\n\n" + strings.Repeat("--b\n\nIt is the text of another message.\n", 80)

// led scans a message of an mbox as far as Lead goes, in pieces that random cuts, and then to its end. The result has to be that of
// ScanBytes. It gives how many octets were led.
func led(t *testing.T, in []byte, random *rand.Rand) (n int) {
	t.Helper()
	if !bytes.HasSuffix(in, []byte("\n")) {
		return 0
	}
	b := append(bytes.Clone(in), followed...)
	switch { // the empty line before a postmark is no part of the message
	case bytes.HasSuffix(in, []byte("\r\n\r\n")):
		in = in[:len(in)-2]
	case bytes.HasSuffix(in, []byte("\n\n")):
		in = in[:len(in)-1]
	}
	for _, sizes := range []bool{false, true} {
		s := &mimesize.Scanner{SizesOnly: sizes}
		n = 0
		header := int64(0)
		for more := true; more; {
			end := len(b)
			if random.IntN(2) == 0 {
				end = n + random.IntN(len(b)-n+1)
			}
			x := s.Lead(b[n:end], n == 0)
			if lines := bytes.Count(b[n:n+x.Octets], []byte("\n")); int64(lines) != x.Lines {
				t.Fatalf("%d lines in %q, want %d", x.Lines, b[n:n+x.Octets], lines)
			}
			if header = max(header, x.Header); header != x.Header {
				t.Fatalf("a header of %d octets has %d now", header, x.Header)
			}
			n += x.Octets
			if n > len(in) {
				t.Fatalf("%d octets of a message of %d: %q", n, len(in), in)
			}
			more = !x.Doubt && end < len(b)
			if n == 0 {
				break
			}
		}
		for line := range bytes.Lines(in[:n]) {
			if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
				t.Fatalf("%q was led", line)
			}
		}
		if n == 0 {
			continue
		}
		got, want := s.Finish(in[n:]), new(mimesize.Scanner).ScanBytes(in)
		if sizes {
			onlySizes(t, want, got)
		} else if d := cmp.Diff(want, got, ignoreUnexported, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%d octets of %q were led (-whole +led):\n%s", n, in, d)
		}
		if want := want.Parts[0].Body.Offset; header > 0 && header != want {
			t.Fatalf("a header of %d octets in %q, want %d", header, in, want)
		}
	}
	return n
}

// TestLead leads messages that are put together at random.
func TestLead(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	lines := []string{
		"\n", "\r\n", "Some text.\n", "Some text.\r\n", "QUJD" + strings.Repeat("Zm9v", 18) + "\n", "Zm8=\n", "=46rom here =\n", ">From here\n", "From here\n", "--b\n", "--b--\n",
		"Content-Type: text/plain\n", "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "Content-Type: message/rfc822\n", " folded\n",
		"Content-Length: 7\n", "no field\n", "Fr\xc3\xbch: x\n", ".\n", "a\rb\n", "\xff\n", "Content-Type: multipart/mixed;\n boundary=b\n", strings.Repeat("long ", 300) + "\n",
	}
	all, most := 0, 0
	for range 800 {
		var b bytes.Buffer
		b.WriteString("From: a@example.com\n")
		if random.IntN(2) == 0 {
			b.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
		}
		few := lines[random.IntN(10) : 11+random.IntN(len(lines)-10)]
		for range random.IntN(200) {
			b.WriteString(few[random.IntN(len(few))])
		}
		n := led(t, b.Bytes(), random)
		if all++; n > b.Len()/2 {
			most++
		}
	}
	if most < all/20 {
		t.Fatalf("of %d messages %d were led by half", all, most)
	}
}

func FuzzLead(f *testing.F) {
	for _, c := range structureCases {
		f.Add([]byte(c.in+"\n"), uint64(1))
		f.Add([]byte(crlf(c.in)+"\r\n"), uint64(2))
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) { led(t, in, rand.New(rand.NewPCG(seed, 1))) })
}

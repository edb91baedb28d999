package mimesize_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"postern/mimesize"
)

// repeat gives head, then unit n times, without holding it.
func repeat(head, unit string, n int) io.Reader {
	const batch = 1 << 10
	readers := []io.Reader{strings.NewReader(head)}
	many := strings.Repeat(unit, min(n, batch))
	for ; n >= batch; n -= batch {
		readers = append(readers, strings.NewReader(many))
	}
	return io.MultiReader(append(readers, strings.NewReader(strings.Repeat(unit, n)))...)
}

func nested(n int) io.Reader {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return strings.NewReader(b.String())
}

// hostileCases are inputs made to cost time or memory. Each ends with a named problem.
var hostileCases = []struct {
	name    string
	in      func() io.Reader
	problem string
}{
	{"8,000 nested multiparts", func() io.Reader { return nested(8000) }, "limit.depth"},
	{"1 M parts", func() io.Reader {
		return repeat("Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n", 1_000_000)
	}, "limit.parts"},
	{"a header line of 200 MB", func() io.Reader { return repeat("Subject: ", strings.Repeat("x", 1000), 200_000) }, "limit.header_bytes"},
	{"a header of 2 M lines", func() io.Reader { return repeat("", "X-A: b\n", 2_000_000) }, "limit.fields"},
	{"a field of 2 M folded lines", func() io.Reader { return repeat("Content-Type: text/plain;\n", " x=y;\n", 2_000_000) }, "limit.field_bytes"},
	{"2 M header lines that are none", func() io.Reader { return repeat("X: y\n", "\x01:\n", 2_000_000) }, "limit.header_bytes"},
	{"1 M fields in parts", func() io.Reader {
		return repeat("Content-Type: multipart/mixed; boundary=b\n\n", "--b\n"+strings.Repeat("X: y\n", 200)+"\n", 5_000)
	}, "limit.fields"},
	{"a line of 200 MB", func() io.Reader { return repeat("Subject: x\n\n", strings.Repeat("x", 1000), 200_000) }, "rfc.body_line998"},
	{"100 boundaries that begin alike, and lines that begin like all", func() io.Reader {
		var b strings.Builder
		long := strings.Repeat("b", 1900)
		for i := range 99 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%s%02d\n\n--%s%02d\n", long, i, long, i)
		}
		return io.MultiReader(strings.NewReader(b.String()+"\n"), repeat("", "--"+long+"xx\n", 10_000))
	}, "rfc.mime_boundary_long"},
	{"bare CR everywhere", func() io.Reader { return repeat("A: b\n\n", "\r.\rx\n", 2_000_000) }, "rfc.smuggling"},
	{"bad quoted-printable everywhere", func() io.Reader {
		return repeat("Content-Transfer-Encoding: quoted-printable\n\n", "=Z= \n", 2_000_000)
	}, "rfc.qp_syntax"},
	{"padding everywhere", func() io.Reader { return repeat("Content-Transfer-Encoding: base64\n\n", "QQ==*\n", 2_000_000) }, "rfc.base64_padding"},
	{"nested messages", func() io.Reader { return repeat("", "Content-Type: message/rfc822\n\n", 100_000) }, "limit.depth"},
	{"a comment of 90 KB in the type", func() io.Reader {
		return repeat("Content-Type: text/plain "+strings.Repeat("(", 90_000)+"\n", "Content-Type: text/plain; "+strings.Repeat("(", 90_000)+"\n", 10)
	}, "mime.ambiguous_comment_in_type"},
}

func TestHostile(t *testing.T) {
	for _, c := range hostileCases {
		t.Run(c.name, func(t *testing.T) {
			r, err := mimesize.Scan(c.in())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, p := range r.Problems {
				found = found || p.ID == c.problem
			}
			if !found {
				t.Errorf("no %s among\n%s", c.problem, problems(r))
			}
			if len(r.Parts) > mimesize.DefaultParts || len(r.Fields) > mimesize.DefaultAllFields || len(r.Problems) > 60*len(mimesize.IDs()) {
				t.Errorf("%d parts, %d fields, %d problems are kept", len(r.Parts), len(r.Fields), len(r.Problems))
			}
		})
	}
}

// BenchmarkHostile shows the speed that hostile input is read at: the floor is 100 MB/s.
func BenchmarkHostile(b *testing.B) {
	for _, c := range hostileCases {
		b.Run(c.name, func(b *testing.B) {
			var s mimesize.Scanner
			for b.Loop() {
				r, err := s.Scan(c.in())
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(r.StoredBytes)
			}
		})
	}
}

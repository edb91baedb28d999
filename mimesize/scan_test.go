package mimesize_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/mimesize"
)

var ignoreUnexported = cmpopts.IgnoreUnexported(mimesize.Part{})

func scan(t testing.TB, in string) *mimesize.Result {
	t.Helper()
	r, err := mimesize.Scan(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tree prints the parts: path, type, and for leaves encoded/decoded octets.
func tree(r *mimesize.Result) string {
	var b strings.Builder
	for i := range r.Parts {
		p := &r.Parts[i]
		fmt.Fprintf(&b, "%s %s", r.Path(i), p.MediaType)
		if p.Children == 0 {
			fmt.Fprintf(&b, " %d/%d", p.EncodedBytes, p.DecodedLFBytes)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// problems prints id, path and line of each problem.
func problems(r *mimesize.Result) string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s %s:%d", p.ID, r.Path(p.Part), p.Line)
		if p.Count != 1 {
			fmt.Fprintf(&b, " x%d", p.Count)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const mixed = `From: a@example.com
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"

preamble
--b1

plain
--b1
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAEC
Aw==
--b1--
epilogue
`

// structureCases hold for a message stored with LF and with CRLF alike.
var structureCases = []struct{ name, in, tree, problems string }{
	{"empty", "", "0 text/plain 0/0\n", ""},
	{"header only", "Subject: x\n", "0 text/plain 0/0\n", ""},
	{"body only", "\nbody\n", "0 text/plain 6/5\n", ""},
	{"mixed", mixed, "0 multipart/mixed\n1 text/plain 5/5\n2 application/octet-stream 10/4\n", ""},
	{"closing boundary without line end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "rfc.body_finalnl 0:9\n"},
	{"unclosed", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 3/2\n", "rfc.mime_unclosed 0:9\n"},
	{"empty body before the boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\n\n--b\n\n--b--\n",
		"0 multipart/mixed\n1 text/plain 0/0\n2 text/plain 0/0\n", ""},
	{"boundary in the header of a part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 text/plain 0/0\n2 text/plain 1/1\n", ""},
	{"parts after the end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n--b\n\nhidden\n--b--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "mime.ambiguous_after_close 0:10\n"},
	{"a part after an end right after a boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n--b--\nContent-Type: text/csv\n\nhidden\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 0/0\n", "mime.ambiguous_after_close 0:7\n"},
	{"nothing after an end right after a boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n--b--\n\n\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 0/0\n", ""},
	{"boundary followed by junk", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bjunk\ny\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 text/plain 13/11\n2 text/plain 1/1\n", "mime.ambiguous_boundary_junk 1:6\n"},
	{"blanks after the boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nx\n--b\n\nz\n--b-- \n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", ""},
	{"no boundary", "Content-Type: multipart/mixed\n\n--b\n\nx\n", "0 multipart/mixed 10/7\n", "rfc.mime_boundary_missing 0:1\n"},
	{"boundary never met", "Content-Type: multipart/mixed; boundary=b\n\n--a\n\nx\n", "0 multipart/mixed 10/7\n",
		"rfc.mime_empty 0:3\nrfc.mime_unclosed 0:6\n"},
	{"nested, inner unclosed", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\n\ny\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 multipart/alternative\n1.1 text/plain 1/1\n1.2 text/plain 1/1\n2 text/plain 1/1\n", "rfc.mime_unclosed 1:12\n"},
	{"boundary that is the beginning of another", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b-1\n\n--b-1\n\nx\n--b-1\n\ny\n--b-1--\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 multipart/alternative\n1.1 text/plain 1/1\n1.2 text/plain 1/1\n2 text/plain 1/1\n", "mime.ambiguous_nested_prefix 1:4\n"},
	{"the same boundary twice", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 multipart/alternative\n1.1 text/plain 1/1\n1.2 text/plain 1/1\n",
		"rfc.mime_single 0:3\nrfc.mime_unclosed 0:17\nrfc.mime_boundary_clash 1:4\nmime.ambiguous_after_close 1:13\n"},
	{"message/rfc822", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\n\ny\n--c--\n--b\n\nz\n--b--\n",
		"0 multipart/mixed\n1 message/rfc822\n1.1 multipart/mixed\n1.1.1 text/plain 1/1\n1.1.2 text/plain 1/1\n2 text/plain 1/1\n", ""},
	{"message/rfc822 in base64", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n", "0 message/rfc822 6/1\n",
		"rfc.cte_composite 0:1\nmime.ambiguous_embedded_encoded 0:1\n"},
	{"message/news", "Content-Type: message/news\n\nSubject: in\n\nx\n", "0 message/news\n1 text/plain 3/2\n", ""},
	{"a fragment of a message", "Content-Type: message/partial; id=\"1@example.com\"; number=1; total=2\n\nSubject: in\n\nx\n",
		"0 message/partial 18/15\n", "mime.ambiguous_partial_message 0:1\n"},
	{"encoded word for a multipart's type", "Content-Type: =?utf-8?q?multipart/mixed?=; boundary=b\n\n--b\n\nx\n--b--\n",
		"0 =?utf-8?q?multipart/mixed?= 17/13\n", "rfc.mime_ctype_syntax 0:1\nmime.ambiguous_content_type 0:1\n"},
	{"semicolon before a multipart's type", "Content-Type: ; Multipart/mixed; boundary=b\n\nx\n", "0 text/plain 3/2\n",
		"rfc.mime_ctype_syntax 0:1\nmime.ambiguous_content_type 0:1\n"},
	{"a type without subtype", "Content-Type: text\n\nx\n", "0 text/plain 3/2\n", "rfc.mime_ctype_syntax 0:1\n"},
	{"a parameter without a name", "Content-Type: text/plain; =x\n\nx\n", "0 text/plain 3/2\n", "rfc.mime_ctype_syntax 0:1\n"},
	{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b\n\nSubject: two\n\ny\n--b--\n",
		"0 multipart/digest\n1 message/rfc822\n1.1 text/plain 1/1\n2 message/rfc822\n2.1 text/plain 1/1\n", ""},
	{"comment in the type", "Content-Type: (x) multipart/mixed; (y) boundary=b (z)\n\n--b\n\nx\n--b\n\ny\n--b--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "mime.ambiguous_comment_in_type 0:1\n"},
	{"two types", "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n", "0 text/plain 17/13\n",
		"mime.ambiguous_duplicate_content_type 0:2\n"},
	{"boundary in pieces", "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nx\n--ab\n\ny\n--ab--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "mime.ambiguous_bad_parameter 0:1\n"},
	{"folded type", "Content-Type: multipart/mixed;\n boundary=\"b\"\n\n--b\n\nx\n--b\n\ny\n--b--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", ""},
	{"type in capitals, bad parameter", "CONTENT-TYPE: MULTIPART/MIXED; boundary=b; =x\n\n--b\n\nx\n--b\n\ny\n--b--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", ""},
	{"header line that is none", "Subject: x\nthis is no field\nTo: a@example.com\n\nbody\n", "0 text/plain 6/5\n", "rfc.header_name 0:2\n"},
	{"no empty line before the body", "Subject: x\nThis is text.\nAnd so is this.\n", "0 text/plain 32/30\n", "mime.ambiguous_missing_separator 0:2\n"},
	{"boundary with a colon after a header", "Content-Type: multipart/mixed; boundary=\"b:1\"\n\n--b:1\nContent-Type: image/gif\n--b:1\nA: b\n--b: no boundary\n\nx\n--b:1--\n",
		"0 multipart/mixed\n1 image/gif 0/0\n2 text/plain 1/1\n", ""},
	{"colon on the next line", "From\n : a@example.com\nTo: b@example.com\n\nx\n", "0 text/plain 3/2\n", "mime.ambiguous_fold_before_colon 0:1\n"},
	{"blank before the colon", "Subject : x\n\nx\n", "0 text/plain 3/2\n", "rfc.header_name 0:1\n"},
	{"continuation first", " x\nSubject: y\n\nx\n", "0 text/plain 3/2\n", "rfc.header_name 0:1\n"},
	{"folded line of blanks", "Subject: y\n \nTo: z\n\nx\n", "0 text/plain 3/2\n", "rfc.header_fold 0:2\n"},
	{"8-bit without an encoding", "Subject: x\n\nna\xc3\xafve\n", "0 text/plain 8/7\n", "rfc.cte_8bit 0:3\n"},
	{"8-bit declared", "Content-Transfer-Encoding: 8bit\n\nna\xc3\xafve\n", "0 text/plain 8/7\n", ""},
	{"8-bit in the header", "Subject: na\xc3\xafve\n\nx\n", "0 text/plain 3/2\n", "rfc.header_8bit 0:1\n"},
	{"NUL", "Subject: x\n\na\x00b\x00\n", "0 text/plain 6/5\n", "rfc.nul 0:3 x2\n"},
	{"unknown encoding", "Content-Transfer-Encoding: x-uue\n\nx\n", "0 text/plain 3/-1\n", "rfc.cte_unknown 0:1\n"},
	{"two encodings", "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nQUJD\n", "0 text/plain 6/5\n",
		"mime.ambiguous_duplicate_encoding 0:2\n"},
	{"base64 with other characters", "Content-Transfer-Encoding: base64\n\nQ-U*JD\n", "0 text/plain 8/3\n", "rfc.base64_chars 0:3 x2\n"},
	{"base64 that lacks padding", "Content-Transfer-Encoding: base64\n\nQUI\n", "0 text/plain 5/2\n", "rfc.base64_padding 0:3\n"},
	{"base64 after the padding", "Content-Transfer-Encoding: base64\n\nQUI=\nQUJD\n", "0 text/plain 12/2\n", "mime.ambiguous_base64_after_padding 0:4 x4\n"},
	{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=3Db=\nc \t\n=C3=A9\n", "0 text/plain 21/8\n", "rfc.qp_trailing 0:4\n"},
	{"bad quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n=ZZ =4\n=\n", "0 text/plain 11/7\n", "rfc.qp_syntax 0:3 x2\n"},
	{"long lines", "Subject: x\n\n" + strings.Repeat("x", 999) + "\n" + strings.Repeat("y", 998) + "\n" + strings.Repeat("z", 78) + "\n",
		"0 text/plain 2081/2078\n", "rfc.body_line998 0:3\nrfc.body_line78 0:4\n"},
	{"long encoded line", "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUJD", 19) + "\n" + strings.Repeat("QUJD", 19) + "=\n", "0 text/plain 157/114\n",
		"rfc.base64_padding 0:4\nrfc.base64_line76 0:4\n"},
	{"long quoted-printable line", "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("x", 76) + "\n" + strings.Repeat("x", 77) + "\n", "0 text/plain 157/155\n",
		"rfc.qp_line76 0:4\n"},
	{"long header line", "Subject: " + strings.Repeat("x", 990) + "\n\n", "0 text/plain 0/0\n", "rfc.header_line998 0:1\n"},
	{"body line From", "Subject: x\n\nFrom here on\n", "0 text/plain 14/13\n", "rfc.mboxfrom 0:3\n"},
	{"mbox line first", "From a@example.com Mon Jan  1 00:00:00 2024\nSubject: x\n\ny\n", "0 text/plain 3/2\n", "rfc.mboxfrom_prefix 0:1\n"},
	{"blank before the colon of a From field that comes first", "From : a@example.com\nSubject: x\n\ny\n", "0 text/plain 3/2\n",
		"rfc.header_name 0:1\n"},
	{"quoted mbox line first", ">From a@example.com Mon Jan  1 00:00:00 2024\nSubject: x\n\ny\n", "0 text/plain 3/2\n", "rfc.mboxfrom_prefix 0:1\n"},
	{"quoted mbox line first, lines ending in CR", ">From a@example.com\rSubject: x\r\ry\r", "0 text/plain 2/2\n",
		"rfc.mboxfrom_prefix 0:1\nmime.ambiguous_cr_only 0:2\n"},
	{"quoted mbox line after a byte order mark", "\xef\xbb\xbf>From a@example.com\nSubject: x\n\ny\n", "0 text/plain 3/2\n",
		"rfc.bom 0:1\nrfc.mboxfrom_prefix 0:1\n"},
	{"quoted mbox line alone", ">From a@example.com", "0 text/plain 0/0\n", "rfc.mboxfrom_prefix 0:1\n"},
	{"quoted name of a From field that comes first", ">From: a@example.com\nSubject: x\n\ny\n", "0 text/plain 3/2\n", ""},
	{"blank before the colon after a quoted name", ">From : a@example.com\nSubject: x\n\ny\n", "0 text/plain 3/2\n",
		"rfc.header_name 0:1\n"},
	{"byte order mark", "\xef\xbb\xbfSubject: x\n\ny\n", "0 text/plain 3/2\n", "rfc.bom 0:1\n"},
	{"lone dot", "Subject: x\n\n.\n..\n", "0 text/plain 7/5\n", ""},
	{"boundary with odd characters", "Content-Type: multipart/mixed; boundary=\"b*\"\n\n--b*\n\nx\n--b*\n\ny\n--b*--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "rfc.mime_boundary_chars 0:1\n"},
	{"boundary that ends in a blank", "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b \n\nx\n--b\n\ny\n--b--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n2 text/plain 1/1\n", "rfc.mime_boundary_trailing 0:1\n"},
	{"boundary of 71", "Content-Type: multipart/mixed; boundary=" + strings.Repeat("b", 71) + "\n\n--" + strings.Repeat("b", 71) + "\n\nx\n--" + strings.Repeat("b", 71) + "--\n",
		"0 multipart/mixed\n1 text/plain 1/1\n", "rfc.mime_boundary_long 0:1\nrfc.mime_single 0:3\n"},
	{"boundary of 70", "Content-Type: multipart/related; boundary=" + strings.Repeat("b", 70) + "\n\n--" + strings.Repeat("b", 70) + "\n\nx\n--" + strings.Repeat("b", 70) + "--\n",
		"0 multipart/related\n1 text/plain 1/1\n", ""},
}

// unstable problems depend on how lines are stored or are notes on length that a case is not about.
func without(s string, ids ...string) string {
	var kept []string
	for _, l := range strings.SplitAfter(s, "\n") {
		drop := false
		for _, id := range ids {
			drop = drop || strings.HasPrefix(l, id+" ")
		}
		if !drop {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "")
}

func TestStructure(t *testing.T) {
	for _, c := range structureCases {
		for form, in := range map[string]string{"lf": c.in, "crlf": crlf(c.in)} {
			t.Run(c.name+"/"+form, func(t *testing.T) {
				r := scan(t, in)
				if d := cmp.Diff(c.tree, tree(r)); d != "" {
					t.Errorf("tree (-want +got):\n%s", d)
				}
				got := problems(r)
				if !strings.Contains(c.problems, "rfc.mime_ctype_syntax") {
					got = without(got, "rfc.mime_ctype_syntax")
				}
				if !strings.Contains(c.name, "long") {
					got = without(got, "rfc.header_line78", "rfc.body_line78")
				}
				if d := cmp.Diff(c.problems, got); d != "" {
					t.Errorf("problems (-want +got):\n%s", d)
				}
				invariants(t, in, r)
			})
		}
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// invariants hold for every input.
func invariants(t testing.TB, in string, r *mimesize.Result) {
	t.Helper()
	msg := in[r.Prefix.Length:]
	if r.StoredBytes != int64(len(msg)) {
		t.Errorf("stored %d, want %d", r.StoredBytes, len(msg))
	}
	lf, pairs, cr := strings.Count(msg, "\n"), strings.Count(msg, "\r\n"), strings.Count(msg, "\r")
	if want := int64(len(msg) + lf - pairs); r.WireBytes != want {
		t.Errorf("wire %d, want %d", r.WireBytes, want)
	}
	if l := r.Lines; l.LF != int64(lf-pairs) || l.CRLF != int64(pairs) || l.CR != int64(cr-pairs) {
		t.Errorf("line ends %d LF %d CRLF %d CR, want %d, %d, %d", l.LF, l.CRLF, l.CR, lf-pairs, pairs, cr-pairs)
	}
	if sum := r.HeaderBytes + r.SeparatorBytes + r.BodyBytes; sum != r.WireBytes {
		t.Errorf("header %d + separator %d + body %d = %d, want wire %d", r.HeaderBytes, r.SeparatorBytes, r.BodyBytes, sum, r.WireBytes)
	}
	if r.SeparatorBytes < 0 || r.SeparatorBytes > 2 || r.OverheadBytes < 0 {
		t.Errorf("separator %d, overhead %d", r.SeparatorBytes, r.OverheadBytes)
	}
	if n := strings.Count(msg, "\x00"); r.Lines.NUL != int64(n) {
		t.Errorf("NUL %d, want %d", r.Lines.NUL, n)
	}
	eight := 0
	for i := range len(msg) {
		eight += int(msg[i] >> 7)
	}
	if got := r.Lines.HeaderEightBit + r.Lines.BodyEightBit; got != int64(eight) {
		t.Errorf("8-bit octets %d, want %d", got, eight)
	}
	// Parts and gaps add up to the whole: spans lie in their parents, one after the other.
	end := map[int]int64{}
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Header.Length < 0 || p.Body.Length < 0 || p.Body.Offset < p.Header.End() || p.Body.End() > int64(len(in)) {
			t.Fatalf("part %d: header %v body %v", i, p.Header, p.Body)
		}
		if p.Encoding == mimesize.EncodingBase64 && p.Children == 0 && !p.IsMultipart() && p.DecodedBytes > p.Body.Length*3/4+3 {
			t.Errorf("part %d decodes to %d from %d", i, p.DecodedBytes, p.Body.Length)
		}
		span := in[p.Body.Offset:p.Body.End()]
		if want := int64(len(span) + strings.Count(span, "\n") - strings.Count(span, "\r\n")); p.EncodedBytes != want && !strings.HasPrefix(span, "\n") {
			t.Errorf("part %d: encoded %d, want %d", i, p.EncodedBytes, want)
		}
		if i == 0 {
			continue
		}
		up := &r.Parts[p.Parent]
		if p.Parent >= i || p.Depth != up.Depth+1 || p.Header.Offset < up.Body.Offset || p.Body.Length > 0 && p.Body.End() > up.Body.End() ||
			p.Header.End() > up.Body.End()+2 { // the last line end of a header without a body belongs to the boundary
			t.Fatalf("part %d %v %v is not inside its parent %v", i, p.Header, p.Body, up.Body)
		}
		if p.Header.Offset < end[p.Parent] {
			t.Fatalf("part %d begins at %d, before its sibling's end %d", i, p.Header.Offset, end[p.Parent])
		}
		end[p.Parent] = p.Body.End()
	}
	for _, f := range r.Fields {
		line := in[f.Offset:f.End()]
		if f.Name <= 0 || f.Name > len(line) || !strings.Contains(line, ":") || strings.ContainsAny(line[:f.Name], ": \t\r\n") {
			t.Fatalf("field %v: %q", f, line)
		}
		if want := int64(1 + strings.Count(in[:f.Offset], "\n")); r.Lines.LF+r.Lines.CRLF == int64(lf) && !strings.Contains(in, "\r") && f.Line != want {
			t.Fatalf("field %q is said to be on line %d, want %d", line, f.Line, want)
		}
	}
	for _, p := range r.Problems {
		if p.Count < 1 || p.Line < 1 || p.Part < 0 || p.Part >= len(r.Parts) || len(p.Detail) > 60 {
			t.Fatalf("problem %+v", p)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		in                                      string
		stored, wire, data, lf, head, sep, body int64
	}{
		{"", 0, 0, 0, 0, 0, 0, 0},
		{"A: b", 4, 4, 6, 5, 4, 0, 0},
		{"A: b\n\nx\n", 8, 11, 11, 8, 6, 2, 3},
		{"A: b\r\n\r\nx\r\n", 11, 11, 11, 8, 6, 2, 3},
		{"A: b\r\n\nx\n", 9, 11, 11, 8, 6, 2, 3},
		{"A: b\n\nx", 7, 9, 11, 8, 6, 2, 1},
		{"A: b\n\nx\ry\n", 10, 13, 13, 10, 6, 2, 5},
		{"A: b\r\rx\r", 8, 8, 8, 8, 5, 1, 2},
	} {
		r := scan(t, c.in)
		got := []int64{r.StoredBytes, r.WireBytes, r.DataBytes, r.LFBytes, r.HeaderBytes, r.SeparatorBytes, r.BodyBytes}
		if d := cmp.Diff([]int64{c.stored, c.wire, c.data, c.lf, c.head, c.sep, c.body}, got); d != "" {
			t.Errorf("%q: stored, wire, data, lf, header, separator, body (-want +got):\n%s", c.in, d)
		}
	}
}

// TestLineEnds holds the problems that only the line ends make.
func TestLineEnds(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"LF only, a lone dot", "A: b\n\nx\n.\ny\n", ""},
		{"CRLF only, a lone dot", "A: b\r\n\r\nx\r\n.\r\ny\r\n", ""},
		{"LF among CRLF", "A: b\r\n\r\nx\ny\r\n", "rfc.eol_barelf 0:3\n"},
		{"LF dot LF among CRLF", "A: b\r\n\r\nx\n.\ny\r\n", "rfc.eol_barelf 0:3 x2\nrfc.smuggling 0:4\n"},
		{"LF dot CRLF", "A: b\r\n\r\nx\n.\r\ny\r\n", "rfc.eol_barelf 0:3\nrfc.smuggling 0:4\n"},
		{"CRLF dot LF", "A: b\r\n\r\nx\r\n.\ny\r\n", "rfc.smuggling 0:4\nrfc.eol_barelf 0:4\n"},
		{"CR dot CR", "A: b\r\n\r\nx\r.\ry\r\n", "rfc.eol_barecr 0:3 x2\nrfc.smuggling 0:3 x2\n"},
		{"CR dot CRLF", "A: b\r\n\r\nx\r.\r\ny\r\n", "rfc.eol_barecr 0:3\nrfc.smuggling 0:3\n"},
		{"CRLF dot CR", "A: b\r\n\r\nx\r\n.\ry\r\n", "rfc.eol_barecr 0:4\nrfc.smuggling 0:4\n"},
		{"CRLF dot CR CRLF", "A: b\r\n\r\nx\r\n.\r\r\ny\r\n", "rfc.smuggling 0:4\nrfc.eol_barecr 0:4\n"},
		{"CR CRLF dot CRLF", "A: b\r\n\r\nx\r\r\n.\r\ny\r\n", "rfc.eol_barecr 0:3\nrfc.smuggling 0:4\n"},
		{"bare CR in text", "A: b\n\nx\ry\n", "rfc.eol_barecr 0:3\n"},
		{"CR only", "A: b\r\rx\r", "mime.ambiguous_cr_only 0:1\n"},
		{"bare CR in the header", "A: b\rc\n\nx\n", "rfc.header_ctl 0:1\nrfc.eol_barecr 0:1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := scan(t, c.in)
			if d := cmp.Diff(c.want, problems(r)); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
			invariants(t, c.in, r)
		})
	}
}

// TestFormsAgree: stored with LF or with CRLF, the message is the same.
func TestFormsAgree(t *testing.T) {
	for _, c := range structureCases {
		a, b := scan(t, c.in), scan(t, crlf(c.in))
		if a.WireBytes != b.WireBytes || a.DataBytes != b.DataBytes || a.LFBytes != b.LFBytes || a.HeaderBytes != b.HeaderBytes || a.OverheadBytes != b.OverheadBytes {
			t.Errorf("%s: LF %d/%d/%d/%d, CRLF %d/%d/%d/%d", c.name, a.WireBytes, a.DataBytes, a.LFBytes, a.HeaderBytes, b.WireBytes, b.DataBytes, b.LFBytes, b.HeaderBytes)
		}
	}
}

// TestStepsAgree: however the reader hands out the octets, the result is the same.
func TestStepsAgree(t *testing.T) {
	for _, c := range structureCases {
		want := scan(t, c.in)
		for name, r := range map[string]io.Reader{
			"1 octet":         iotest.OneByteReader(strings.NewReader(c.in)),
			"halves":          iotest.HalfReader(strings.NewReader(c.in)),
			"data with error": iotest.DataErrReader(strings.NewReader(c.in)),
		} {
			got, err := mimesize.Scan(r)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, ignoreUnexported); d != "" {
				t.Errorf("%s by %s (-want +got):\n%s", c.name, name, d)
			}
		}
		if d := cmp.Diff(want, new(mimesize.Scanner).ScanBytes([]byte(c.in)), ignoreUnexported); d != "" {
			t.Errorf("%s in memory (-want +got):\n%s", c.name, d)
		}
	}
}

// TestWindow moves a message across the window's edge octet by octet: nothing may change but the offsets.
func TestWindow(t *testing.T) {
	const window = 128 << 10
	body := "\r\n.\r\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\nbad line\r\nX: y\r\n\r\na=3Db=\r\nc\r\n--b--\r\n"
	var s, memory mimesize.Scanner
	var want string
	for shift := -len(body) - 10; shift <= 10; shift++ {
		head := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		fill := strings.Repeat("x", 60) + "\r\n"
		n := window + shift - len(head)
		in := head + strings.Repeat(fill, n/62)
		if rest := n % 62; rest < 3 {
			in = in[:len(in)-62] + strings.Repeat("y", 62+rest-2)
		} else {
			in += strings.Repeat("y", rest-2)
		}
		in += body
		r, err := s.Scan(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		invariants(t, in, r)
		if d := cmp.Diff(r, memory.ScanBytes([]byte(in)), ignoreUnexported, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("shift %d: in memory (-reader +memory):\n%s", shift, d)
		}
		got := tree(r)
		for _, p := range r.Problems {
			got += fmt.Sprintln(p.ID, r.Path(p.Part), p.Count)
		}
		if want == "" {
			want = got
			if !strings.Contains(got, "1 text/plain 9/4") || !strings.Contains(got, "rfc.smuggling") {
				t.Fatalf("unexpected: %s", got)
			}
		}
		if got != want {
			t.Fatalf("shift %d:\n%s", shift, cmp.Diff(want, got))
		}
	}
}

// TestLongLine measures lines that are longer than the window.
func TestLongLine(t *testing.T) {
	for _, n := range []int{128<<10 - 2, 128<<10 - 1, 128 << 10, 128<<10 + 1, 300_000, 1 << 20} {
		for _, eol := range []string{"\n", "\r\n"} {
			for _, enc := range []string{"7bit", "base64", "quoted-printable"} {
				in := "Content-Transfer-Encoding: " + enc + eol + eol + strings.Repeat("QUJD=0A\rx"[:4], n/4) + strings.Repeat("x", n%4) + eol + "y" + eol
				r := scan(t, in)
				invariants(t, in, r)
				if r.Lines.Longest != int64(n) || r.Lines.LongestLine != 3 {
					t.Errorf("%d %q: longest %d on line %d", n, eol, r.Lines.Longest, r.Lines.LongestLine)
				}
				p := r.Parts[0]
				if enc == "quoted-printable" && p.DecodedLFBytes != int64(n)+3 || enc == "base64" && p.DecodedBytes != int64(n+1)/4*3+max(0, int64(n+1)%4-1) {
					t.Errorf("%d %q %s: decoded %d", n, eol, enc, p.DecodedLFBytes)
				}
			}
		}
	}
}

func TestReaderError(t *testing.T) {
	broken := errors.New("broken")
	r, err := mimesize.Scan(io.MultiReader(strings.NewReader("A: b\n\nx\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	if r == nil || r.StoredBytes != 8 {
		t.Errorf("result %+v, want what was read", r)
	}
	if _, err := mimesize.Scan(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want %v", err, io.ErrNoProgress)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestReuse: what a Scanner measured before does not show.
func TestReuse(t *testing.T) {
	var s mimesize.Scanner
	for range 2 {
		for _, c := range structureCases {
			got, err := s.Scan(strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(scan(t, c.in), got, ignoreUnexported, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%s (-fresh +reused):\n%s", c.name, d)
			}
		}
	}
}

func TestNoAllocationPerLine(t *testing.T) {
	in := []byte(crlf(mixed + strings.Repeat("text\n", 10_000)))
	var s mimesize.Scanner
	rd := bytes.NewReader(in)
	n := testing.AllocsPerRun(10, func() {
		rd.Reset(in)
		if _, err := s.Scan(rd); err != nil {
			t.Fatal(err)
		}
	})
	n += testing.AllocsPerRun(10, func() { s.ScanBytes(in) })
	if n > 0 {
		t.Errorf("%v allocations a message, want none", n)
	}
}

// quickly holds what is read at a time, many lines of it, against what is read line by line.
func quickly(t *testing.T, in []byte, r *mimesize.Result) {
	t.Helper()
	var s mimesize.Scanner
	s.Slow()
	s.ScanBytes(nil)
	if d := cmp.Diff(s.ScanBytes(in), r, ignoreUnexported); d != "" {
		t.Fatalf("quickly (-line by line +quickly):\n%s", d)
	}
}

// inPieces measures what comes in pieces, of which what was not taken in comes again.
func inPieces(s *mimesize.Scanner, in []byte, piece func() int) *mimesize.Result {
	from, to := 0, 0
	for first := true; ; first = from == 0 {
		if to = min(to+piece(), len(in)); to == len(in) {
			return s.Finish(in[from:])
		}
		from += s.Pass(in[from:to], first)
	}
}

// ofLines are the problems that lines of a body have.
var ofLines = []string{
	"rfc.mboxfrom", "rfc.smuggling", "rfc.nul", "rfc.eol_barelf", "rfc.eol_barecr", "rfc.body_line998", "rfc.body_line78", "rfc.cte_8bit",
}

// onlySizes holds what SizesOnly measures against the whole, but for what it leaves incomplete.
func onlySizes(t *testing.T, whole, sizes *mimesize.Result) {
	t.Helper()
	less := func(r mimesize.Result) mimesize.Result {
		r.Lines, r.Parts, r.Problems = mimesize.Lines{}, slices.Clone(r.Parts), slices.Clone(r.Problems)
		for i := range r.Parts {
			r.Parts[i].EightBit = 0
		}
		r.Problems = slices.DeleteFunc(r.Problems, func(p mimesize.Problem) bool { return slices.Contains(ofLines, p.ID) })
		return r
	}
	if d := cmp.Diff(less(*whole), less(*sizes), ignoreUnexported, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("(-whole +only sizes):\n%s", d)
	}
}

// TestPass holds what is measured in pieces against what is measured at once.
func TestPass(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	long := func(c string) string { return strings.Repeat(c, 1+random.IntN(300<<10)/len(c)) }
	head := []string{
		"", "\n", "From a@example.com\n", "From " + strings.Repeat("x", 200<<10) + "\n", "Subject: x\n", "X-Long: " + strings.Repeat("x", 150<<10) + "\r\n", "\r",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n", "Content-Transfer-Encoding: base64\n\n", "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	}
	var s, other mimesize.Scanner
	sizes := mimesize.Scanner{SizesOnly: true}
	for range 40 {
		var b strings.Builder
		for range 1 + random.IntN(3) {
			b.WriteString(head[random.IntN(len(head))])
		}
		for range 1 + random.IntN(4) {
			switch random.IntN(9) {
			case 0:
				b.WriteString(long("x"))
			case 1:
				b.WriteString(long(strings.Repeat("QUJD", 19) + "\n"))
			case 2:
				b.WriteString(long("=C3=BC and so on=\r\n"))
			case 3:
				b.WriteString(long("\r"))
			case 4:
				b.WriteString("\n--b\nContent-Type: message/rfc822\n\nX: y\n\n")
			case 5:
				b.WriteString(long("Name: value\n"))
			case 6:
				b.WriteString(long(".\r\n\r.\r"))
			case 7:
				b.WriteString("\n--b--\n\n")
			case 8:
				b.WriteString(long("a\nbc\n\n"))
			}
		}
		in := []byte(b.String())
		size := []int{10 << 10, 100 << 10, 128 << 10, 253 << 10}[random.IntN(4)]
		got := inPieces(&s, in, func() int { return 1 + random.IntN(size) })
		if d := cmp.Diff(other.ScanBytes(in), got, ignoreUnexported); d != "" {
			t.Fatalf("%.100q, %d octets, in pieces of %d (-at once +in pieces):\n%s", in, len(in), size, d)
		}
		onlySizes(t, got, inPieces(&sizes, in, func() int { return 1 + random.IntN(size) }))
	}
}

// TestQuickly has lines of all kinds meet, with both line ends.
func TestQuickly(t *testing.T) {
	lines := []string{
		"", " ", "\t", ".", "..", "-", "--", "--b", "--b--", "--c", "From: a@example.com", "From a@example.com", "F", "Subject:", "Subject : x", "Su\tbject: x",
		" folded", "\tfolded", "x\ty", "a=3D=", "=3d=3D ", "==", "=4", "= ", "x\rx", "x\r", "\r", "Gr\u00fc\u00dfe", "a: Gr\u00fc\u00dfe", "x\x00", "a: \x7f",
		"Content-Type: multipart/mixed; boundary=b", "content-type: text/html", "Content-Type: text/plain; charset=us-ascii",
		"Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 8bit", "Content-Type: message/rfc822",
		strings.Repeat("QUJD", 19), strings.Repeat("QUJD", 19) + "A", strings.Repeat("QUJD", 10), "QUI=", strings.Repeat("x", 77), strings.Repeat("y", 79), strings.Repeat("z", 999),
		"X-Long: " + strings.Repeat("x", 70), "X-Long: " + strings.Repeat("x", 71), "X-Longer: " + strings.Repeat("x", 1000), " " + strings.Repeat("x", 2000),
	}
	random := rand.New(rand.NewPCG(1, 2))
	var again, slow mimesize.Scanner
	slow.Slow()
	sizes := mimesize.Scanner{SizesOnly: true}
	for range 3_000 {
		var b strings.Builder
		end, other := "\n", "\r\n"
		if random.IntN(2) == 0 {
			end, other = other, end
		}
		for range random.IntN(40) {
			line := lines[random.IntN(len(lines))]
			b.WriteString(line)
			if random.IntN(50) == 0 {
				b.WriteString(other)
				continue
			}
			for b.WriteString(end); random.IntN(6) == 0; {
				b.WriteString(line + end)
			}
		}
		in := b.String()
		if random.IntN(4) == 0 {
			in = strings.TrimRight(in, "\r\n")
		}
		again.Limits = mimesize.Limits{}
		if random.IntN(8) == 0 {
			again.Limits = mimesize.Limits{HeaderBytes: 300, Fields: 3, FieldBytes: 100, AllFields: 5, Parts: 4, Depth: 2}
		}
		slow.Limits = again.Limits
		if d := cmp.Diff(slow.ScanBytes([]byte(in)), again.ScanBytes([]byte(in)), ignoreUnexported); d != "" {
			t.Fatalf("%q (-line by line +quickly):\n%s", in, d)
		}
		sizes.Limits = again.Limits
		onlySizes(t, slow.ScanBytes([]byte(in)), sizes.ScanBytes([]byte(in)))
	}
}

func FuzzScan(f *testing.F) {
	for _, c := range structureCases {
		f.Add(c.in)
		f.Add(crlf(c.in))
	}
	f.Fuzz(func(t *testing.T, in string) {
		r := scan(t, in)
		invariants(t, in, r)
		quickly(t, []byte(in), r)
		onlySizes(t, r, (&mimesize.Scanner{SizesOnly: true}).ScanBytes([]byte(in)))
		one, err := mimesize.Scan(iotest.OneByteReader(strings.NewReader(in)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, one, ignoreUnexported); d != "" {
			t.Fatalf("by octets (-whole +octets):\n%s", d)
		}
		if d := cmp.Diff(r, new(mimesize.Scanner).ScanBytes([]byte(in)), ignoreUnexported); d != "" {
			t.Fatalf("in memory (-reader +memory):\n%s", d)
		}
		if !strings.Contains(in, "\r") && !strings.HasPrefix(in, "From ") && !strings.HasPrefix(in, ">From ") {
			c := scan(t, crlf(in))
			if c.WireBytes != r.WireBytes || c.DataBytes != r.DataBytes || c.LFBytes != r.LFBytes || len(c.Parts) != len(r.Parts) {
				t.Fatalf("LF %d/%d/%d/%d, CRLF %d/%d/%d/%d", r.WireBytes, r.DataBytes, r.LFBytes, len(r.Parts), c.WireBytes, c.DataBytes, c.LFBytes, len(c.Parts))
			}
		}
	})
}

// What is said to be only base64 is, and long bodies that are found.
func TestBase64Only(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "testdata", "messages", "*.eml"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	texts := map[string][]byte{}
	for _, name := range names {
		if texts[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	part := "Content-Type: x/y\nContent-Transfer-Encoding: base64\n\n"
	texts["two"] = []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n" + part + "QUJD\n--b\n" + part + "QQ==\n \n--b--\n: x\n")
	texts["colon"] = []byte(part + "QUJD\n:\nQUJD\n")
	texts["deep"] = []byte(strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 200) + part + "QUJD\n:\n")
	found := map[string]int{}
	for name, text := range texts {
		var s mimesize.Scanner
		if _, err := s.Scan(bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		for _, span := range s.Base64Only(1) {
			found[name]++
			body := text[span.Offset:span.End()]
			if rest := strings.Trim(string(body), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"); rest != "" {
				t.Errorf("%s: %q", name, rest)
			}
		}
	}
	if found["two"] != 2 || found["colon"]+found["deep"] > 0 || len(found) < 3 {
		t.Error(found)
	}
}

package mimesize_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"postern/mimesize"
)

// oracleMessage is what the corpora's oracle (Python's standard library) says of a message.
type oracleMessage struct {
	Path            string
	Format          string
	Raw             int64 `json:"raw_octets"`
	Canonical       int64 `json:"canonical_octets"`
	UnixFrom        int64 `json:"unix_from_octets"`
	Header          int64 `json:"header_octets"`
	CanonicalHeader int64 `json:"canonical_header_octets"`
	CanonicalBody   int64 `json:"canonical_body_octets"`
	HeaderEndAgrees bool  `json:"header_end_agrees"`
	EOL             struct {
		CRLF   int64
		BareLF int64 `json:"bare_lf"`
	}
	Lines struct {
		Max int64 `json:"max_octets"`
		NUL int64
	}
	MBox *struct {
		Index  int
		Offset int64
	}
	Parts []oraclePart
}

type oraclePart struct {
	Path      string
	Type      string
	CTE       *string
	Canonical *int64 `json:"canonical_encoded_octets"`
	Encoded   *int64 `json:"encoded_octets"`
	Decoded   *int64 `json:"decoded_octets"`
	InMessage bool   `json:"in_message"`
	Exact     bool
}

// corpora gives the folder of real mail that lies beside a checkout on the project's machines, and skips where it does not.
func corpora(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../shared/corpora")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "MESSAGES.tsv")); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	return dir
}

// oracle runs the oracle over the corpora and gives its messages that are files of their own.
func oracle(t testing.TB, dir string) []oracleMessage {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("needs python3")
		}
		t.Skip("skip: needs python3")
	}
	cmd := exec.Command(python, filepath.Join(dir, "oracle.py"), "--list", filepath.Join(dir, "MESSAGES.tsv"), "--relative-to", dir, "--jobs", "2")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []oracleMessage
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var m oracleMessage
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.MBox == nil {
			all = append(all, m)
		}
	}
	if len(all) < 4000 {
		t.Fatalf("the oracle speaks of %d messages, want over 4,000", len(all))
	}
	return all
}

// explained names, for each figure that can differ from the oracle's, the problems that say why. A difference in a message
// that has none of them fails the test.
var explained = map[string][]string{
	// The oracle ends the header at the first empty line; Python's parser and postern where the fields end.
	"header": {"mime.ambiguous_missing_separator", "rfc.header_fold"},
	"body":   {"mime.ambiguous_missing_separator", "rfc.header_fold"},
	// The oracle ends lines at LF only, postern at CR in a message that has no LF.
	"longest": {"mime.ambiguous_cr_only", "rfc.mboxfrom_prefix"},
	// Python takes the last line end off a part that the message ends in, and counts lines it takes for headers as such.
	"encoded": {"rfc.mime_unclosed", "rfc.header_name", "mime.ambiguous_missing_separator", "mime.ambiguous_cr_only", "rfc.header_fold"},
	"decoded": {
		"rfc.mime_unclosed", "rfc.header_name", "mime.ambiguous_missing_separator", "mime.ambiguous_cr_only", "rfc.header_fold",
		// Python leaves white space at line ends in quoted-printable, and returns broken base64 undecoded.
		"rfc.qp_trailing", "rfc.qp_syntax", "rfc.base64_padding", "rfc.base64_chars", "mime.ambiguous_base64_after_padding",
		// Python decodes a value such as "base64;" or "quoted-printable (x)" not at all.
		"rfc.cte_unknown", "mime.ambiguous_duplicate_encoding",
	},
}

// differences are messages on which postern and the oracle differ without a problem of the message that says why.
var differences = map[string]string{
	"james-mime4j/core/src/test/resources/mimetools-testmsgs/double-bound.msg": "Python takes two boundary lines in a row for one, postern sees an empty part between them",
	"james-mime4j/core/src/test/resources/testmsgs/multipartemptypart.msg":     "the same, with the closing boundary",
	"james-mime4j/core/src/test/resources/mimetools-testmsgs/twopart.msg":      "Python does not know the encoding when a blank follows its name",
	"stalwart-mail-parser/resources/eml/thirdparty/003.eml":                    "the same",
}

// TestOracle compares with the oracle for every message of the corpora: sizes as stored and on the wire, line ends and NUL are
// equal without exception, every other difference has a named problem of the message as its reason.
func TestOracle(t *testing.T) {
	dir := corpora(t)
	var s mimesize.Scanner
	differ := map[string]int{}
	used := map[string]bool{}
	trees := 0
	for _, m := range oracle(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, m.Path))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Scan(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		invariants(t, string(b), r)
		// The oracle counts an mbox line before the message; it is no part of the message.
		prefix := b[:r.Prefix.Length]
		lf, crlf := int64(bytes.Count(prefix, []byte("\n"))), int64(bytes.Count(prefix, []byte("\r\n")))
		for _, c := range []struct {
			what      string
			got, want int64
		}{
			{"canonical_octets", r.WireBytes + r.Prefix.Length + lf - crlf, m.Canonical},
			{"raw_octets", r.StoredBytes + r.Prefix.Length, m.Raw},
			{"nul", r.Lines.NUL, m.Lines.NUL},
			{"crlf", r.Lines.CRLF + crlf, m.EOL.CRLF},
			{"bare_lf", r.Lines.LF + lf - crlf, m.EOL.BareLF},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s %d, the oracle says %d", m.Path, c.what, c.got, c.want)
			}
		}
		check := func(what string, got, want int64) {
			if got == want {
				return
			}
			differ[what]++
			if _, ok := differences[m.Path]; ok {
				used[m.Path] = true
				return
			}
			for _, p := range r.Problems {
				if slices.Contains(explained[what], p.ID) {
					return
				}
			}
			t.Errorf("%s: %s %d, the oracle says %d, and no problem says why:\n%s", m.Path, what, got, want, problems(r))
		}
		check("header", r.HeaderBytes, m.CanonicalHeader)
		check("body", r.BodyBytes, m.CanonicalBody)
		check("longest", r.Lines.Longest, m.Lines.Max)

		theirs := map[string]oraclePart{}
		for _, p := range m.Parts {
			theirs[p.Path+" "+p.Type] = p
		}
		same := true
		for i := range r.Parts {
			p := &r.Parts[i]
			o, ok := theirs[r.Path(i)+" "+p.MediaType]
			if !ok {
				same = same && p.IsMultipart()
				continue
			}
			if !o.Exact || p.IsMultipart() || p.MediaType == "message/rfc822" {
				continue
			}
			if o.Canonical != nil {
				check("encoded", p.EncodedBytes, *o.Canonical)
			}
			if o.Decoded != nil && p.DecodedBytes >= 0 {
				check("decoded", p.DecodedBytes, *o.Decoded)
			}
		}
		if same {
			trees++
		}
	}
	for path := range differences {
		if !used[path] {
			t.Errorf("%s: no difference any more: take it from the table", path)
		}
	}
	t.Logf("trees that agree: %d; explained differences: %v", trees, differ)
}

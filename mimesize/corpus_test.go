package mimesize_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	EOL             struct{ CRLF, BareLF, BareCR int64 }
	Lines           struct {
		Max     int64 `json:"max_octets"`
		Over998 int64 `json:"over_998"`
		NUL     int64
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

// TestOracle compares sizes with the oracle for every message of the corpora.
func TestOracle(t *testing.T) {
	dir := corpora(t)
	var s mimesize.Scanner
	differ := map[string]int{}
	var dump *os.File
	if f := os.Getenv("DUMP"); f != "" {
		dump, _ = os.Create(f)
	}
	for _, m := range oracle(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, m.Path))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Scan(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		prefix := b[:r.Prefix.Length]
		canonical := r.WireBytes + r.Prefix.Length + int64(bytes.Count(prefix, []byte("\n"))-bytes.Count(prefix, []byte("\r\n")))
		diff := func(what string, got, want int64) {
			if got != want {
				differ[what]++
				if dump != nil {
					fmt.Fprintf(dump, "%s\t%s\t%d\t%d\n", what, m.Path, got, want)
				}
			}
		}
		diff("canonical", canonical, m.Canonical)
		diff("stored", r.StoredBytes+r.Prefix.Length, m.Raw)
		diff("header", r.HeaderBytes, m.CanonicalHeader)
		diff("body", r.BodyBytes, m.CanonicalBody)
		diff("longest", r.Lines.Longest, m.Lines.Max)
		diff("nul", r.Lines.NUL, m.Lines.NUL)
		// part
		var leaves []int
		for i := range r.Parts {
			if p := &r.Parts[i]; !p.IsMultipart() || p.Children == 0 {
				leaves = append(leaves, i)
			}
		}
		byPath := map[string]oraclePart{}
		for _, p := range m.Parts {
			byPath[p.Path] = p
		}
		var ours, theirs []string
		for _, i := range leaves {
			ours = append(ours, r.Path(i)+" "+r.Parts[i].MediaType)
		}
		for _, p := range m.Parts {
			theirs = append(theirs, p.Path+" "+p.Type)
		}
		_ = theirs
		var o2, t2 []string
		for _, i := range leaves {
			if !r.Parts[i].IsMultipart() {
				o2 = append(o2, r.Path(i)+" "+r.Parts[i].MediaType)
			}
		}
		for _, p := range m.Parts {
			t2 = append(t2, p.Path+" "+p.Type)
		}
		if strings.Join(o2, ",") != strings.Join(t2, ",") {
			differ["parts"]++
			if dump != nil {
				fmt.Fprintf(dump, "parts\t%s\t%v\t%v\n", m.Path, o2, t2)
			}
			continue
		}
		for _, i := range leaves {
			p := &r.Parts[i]
			o, ok := byPath[r.Path(i)]
			if !ok || !o.Exact {
				continue
			}
			if o.Canonical != nil {
				diff("encoded "+r.Path(i)[:1], p.EncodedBytes, *o.Canonical)
			}
			if o.Decoded != nil && p.DecodedBytes >= 0 {
				diff("decoded "+p.Encoding.String(), p.DecodedBytes, *o.Decoded)
			}
		}
	}
	t.Log(differ)
}

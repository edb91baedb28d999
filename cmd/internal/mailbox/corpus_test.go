package mailbox

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
)

// oracleMessage is what the corpora's oracle says of a message as it is stored.
type oracleMessage struct {
	Path   string
	Raw    int64 `json:"raw_octets"`
	SHA256 string
	MBox   *struct {
		Index  int
		Offset int64
		Quoted int64 `json:"quoted_from_lines"`
	}
}

// corpora gives the folder of real mail that lies beside a checkout on the project's machines.
func corpora(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../../../shared/corpora")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "MESSAGES.tsv")); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	return dir
}

// oracle runs the oracle by its rule "shape" over files, as the list has them.
func oracle(t testing.TB, dir string, list []string) []oracleMessage {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.tsv")
	if err := os.WriteFile(name, []byte(strings.Join(list, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(needs.Program(t, "python3"), filepath.Join(dir, "oracle.py"), "--list", name, "--relative-to", dir, "--no-parts", "--mbox-rule", "shape")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []oracleMessage
	for sc := json.NewDecoder(bytes.NewReader(out)); ; {
		var m oracleMessage
		if err := sc.Decode(&m); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

// unlike are the messages of the corpora that this package gives otherwise than the oracle does by its rule "shape", each with
// the reason.
var unlike = map[string]string{
	"neomutt-test-files/mbox/cherry.mbox#1":  noPostmark,
	"neomutt-test-files/mbox/endive.mbox#1":  noPostmark,
	"sisimai-set-of-emails/mailbox/mbox-1#1": "one postmark in a file that is not named like an mbox: the file is the message, and its first line a prefix that mimesize does not count",
}

const noPostmark = "the oracle was told that it is an mbox and finds no postmark; here a file that is not empty and has none is one message, so that nothing is lost"

// TestCorpora holds the mboxes and Maildirs of the corpora against the oracle: the same messages, at the same places, of the
// same octets as stored.
func TestCorpora(t *testing.T) {
	needs.WithoutRace(t, "one goroutine reads files")
	dir := corpora(t)
	tsv, err := os.Open(filepath.Join(dir, "MESSAGES.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer tsv.Close()
	var list []string
	var paths []string
	for sc := bufio.NewScanner(tsv); sc.Scan(); {
		if file, format, _ := strings.Cut(sc.Text(), "\t"); format == "mbox" || format == "maildir" {
			list = append(list, filepath.Join(dir, file)+"\t"+format)
			paths = append(paths, filepath.Join(dir, file))
		}
	}
	want := map[string][]oracleMessage{}
	total := 0
	for _, m := range oracle(t, dir, list) {
		want[m.Path] = append(want[m.Path], m)
		total++
	}
	if total < 200 {
		t.Fatalf("the oracle gives %d messages", total)
	}
	got := map[string]int{}
	met := map[string]bool{}
	differ := func(path string, i int, format string, args ...any) {
		key := fmt.Sprintf("%s#%d", path, i+1)
		if _, ok := unlike[key]; ok {
			met[key] = true
			return
		}
		t.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
	}
	same := 0
	for m, err := range Walk(t.Context(), paths, nil, Options{}) {
		if err != nil {
			t.Log(err)
			continue
		}
		rel, _ := filepath.Rel(dir, m.Path)
		i := got[rel]
		got[rel]++
		if i >= len(want[rel]) {
			differ(rel, i, "the oracle has no such message")
			m.Close()
			continue
		}
		o := want[rel][i]
		stored := storedOctets(t, m)
		sum := sha256.Sum256(stored)
		offset := int64(0)
		if o.MBox != nil {
			offset = o.MBox.Offset
			all, err := os.ReadFile(m.Path)
			if err != nil {
				t.Fatal(err)
			}
			n := bytes.IndexByte(all[offset:], '\n')
			offset += int64(n) + 1
		}
		switch {
		case m.StoredSize != o.Raw:
			differ(rel, i, "%d octets stored, the oracle says %d", m.StoredSize, o.Raw)
		case m.Offset != offset:
			differ(rel, i, "at %d, the oracle says %d", m.Offset, offset)
		case hex.EncodeToString(sum[:]) != o.SHA256:
			differ(rel, i, "other octets than the oracle's")
		default:
			same++
		}
		checkSent(t, &m, stored)
		m.Close()
	}
	for path, list := range want {
		for i := got[path]; i < len(list); i++ {
			differ(path, i, "was not found")
		}
	}
	for key := range unlike {
		if !met[key] {
			t.Errorf("%s is in the table of differences and does not differ", key)
		}
	}
	t.Logf("%d messages of %d files, %d as the oracle has them, %d differences explained", total, len(want), same, len(unlike))
}

// storedOctets reads the octets of a message from its file.
func storedOctets(t *testing.T, m Message) []byte {
	t.Helper()
	f, err := os.Open(m.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, m.StoredSize)
	if n, err := f.ReadAt(b, m.Offset); n != len(b) {
		t.Fatal(err)
	}
	return b
}

var (
	quotedLine = regexp.MustCompile(`(?m)^>(>*From )`)
	bareLine   = regexp.MustCompile(`(?m)^From `)
	headerEnd  = regexp.MustCompile(`(?m)^\r?\n`)
)

// checkSent holds the octets that a message gives against what was stored, without the marks of quoting.
func checkSent(t *testing.T, m *Message, stored []byte) {
	t.Helper()
	sent := slices.Clone(stored)
	if at := headerEnd.FindIndex(stored); at != nil && m.Index > 0 && !bareLine.Match(stored[at[1]:]) {
		sent = append(slices.Clone(stored[:at[1]]), quotedLine.ReplaceAll(stored[at[1]:], []byte("$1"))...)
	}
	got, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
	if err != nil || int64(len(got)) != m.Size || !bytes.Equal(got, sent) {
		t.Errorf("%s: %d octets, %v; want %d", m.Name, len(got), err, len(sent))
	}
}

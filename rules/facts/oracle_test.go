package facts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"postern/mimesize"
)

// corpora gives the folder of real mail that lies beside a checkout on the project's machines, and skips where it does not.
func corpora(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(oracleDir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "MESSAGES.tsv")); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	return dir
}

// oracleList is what the corpora's oracle (Python's standard library) says of the address fields of one name.
type oracleList struct {
	Fields  int
	Domains []string
	Unique  []string
	NoAt    int `json:"no_at"`
	Agree   bool
}

type oracleMessage struct {
	Path            string
	Format          string
	HeaderEndAgrees bool `json:"header_end_agrees"`
	From            oracleList
	To, Cc, Bcc     oracleList
	Recipients      struct {
		Total, Unique int
		Agree         bool
	}
	MBox *struct{ Index int }
}

// runOracle runs the oracle over the corpora, once for all tests: a line of JSON for each message.
var runOracle = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("python3", filepath.Join(oracleDir, "oracle.py"), "--list", filepath.Join(oracleDir, "MESSAGES.tsv"),
		"--relative-to", oracleDir, "--jobs", "2", "--no-parts").Output()
})

const oracleDir = "../../../shared/corpora"

// oracleOutput gives what the oracle prints.
func oracleOutput(t testing.TB) []byte {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("needs python3")
		}
		t.Skip("skip: needs python3")
	}
	out, err := runOracle()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func oracle(t testing.TB) []oracleMessage {
	t.Helper()
	out := oracleOutput(t)
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

// scanFile gives the facts of a message in a file.
func scanFile(t testing.TB, s *mimesize.Scanner, file string) *Facts {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Scan(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return Make(bytes.NewReader(b), int64(len(b)), res, nil, Options{})
}

// known are the messages whose addresses differ from what the oracle's two parsers agree on, and why.
var known = map[string]string{
	"rspamd/test/functional/messages/phish_sender2.eml":    "a colon on its own line: Python ends the header there",
	"rspamd/test/functional/messages/phish_sender3.eml":    "a blank before the colon: Python drops the second From",
	"rspamd/test/functional/messages/phish_sender4.eml":    "a colon on its own line: Python ends the header there",
	"stalwart-mail-parser/resources/eml/malformed/019.eml": "a blank in the first field's name: Python ends the header there",
}

func TestOracle(t *testing.T) {
	dir := corpora(t)
	var s mimesize.Scanner
	compared, differ := 0, map[string]bool{}
	for _, m := range oracle(t) {
		f := scanFile(t, &s, filepath.Join(dir, m.Path))
		if m.Recipients.Agree {
			compared++
			r := &f.Recipients
			// The oracle keeps addresses without "@" apart; ours can stand in Resent fields too.
			unique := r.HeaderUnique - min(r.Unqualified, m.To.NoAt+m.Cc.NoAt+m.Bcc.NoAt)
			if unique != m.Recipients.Unique {
				differ[m.Path] = true
				if known[m.Path] == "" {
					t.Errorf("%s: %d unique recipients (%d without domain), the oracle %d (%d): %q %q %q", m.Path, r.HeaderUnique, r.Unqualified,
						m.Recipients.Unique, m.To.NoAt+m.Cc.NoAt+m.Bcc.NoAt, m.To.Unique, m.Cc.Unique, m.Bcc.Unique)
				}
			}
		}
		if m.From.Agree {
			compared++
			domains := []string{}
			for _, a := range f.Sender.From {
				if a.Domain != "" && !slices.Contains(domains, a.Domain) {
					domains = append(domains, a.Domain)
				}
			}
			slices.Sort(domains)
			if !slices.Equal(domains, m.From.Domains) {
				differ[m.Path] = true
				if known[m.Path] == "" {
					t.Errorf("%s: From domains %q, the oracle %q", m.Path, domains, m.From.Domains)
				}
			}
		}
	}
	t.Logf("%d lists compared", compared)
	if compared < 8000 {
		t.Errorf("only %d lists compared", compared)
	}
	for path, why := range known {
		if !differ[path] {
			t.Errorf("%s does not differ any more: %s", path, why)
		}
	}
}

package facts_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

func fingerprint(t testing.TB, message string) string {
	t.Helper()
	r, err := mimesize.Scan(strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Make(strings.NewReader(message), int64(len(message)), r, nil, facts.Options{}).Text.Fingerprint
}

func differ(t testing.TB, a, b string) int {
	t.Helper()
	x, err1 := strconv.ParseUint(a, 16, 64)
	y, err2 := strconv.ParseUint(b, 16, 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("%q and %q are no fingerprints", a, b)
	}
	return bits.OnesCount64(x ^ y)
}

const newsletter = `Dear %s,

our autumn sale has begun. Until the end of the month you will find coats, boots and
umbrellas at half their price in all our shops, and if you order on our pages before
Friday we will pay the postage for you. Members of our club get a pair of woollen socks
with each order above fifty pounds. We are looking forward to your visit, %s, and wish you
dry feet whatever the weather may bring.

The people of the Example Shop

Your number is %d; leave at https://example.com/leave?u=%d or write to %s@example.com
`

func TestFingerprintOfAMailing(t *testing.T) {
	names := []string{"Ann", "Bartholomew", "Mr Christopher Featherstone", "Dr. Zoë Œuvrard", "李小龍", ""}
	first := fingerprint(t, "Subject: x\n\n"+fmt.Sprintf(newsletter, "Bob", "Bob", 1, 1, "bob"))
	for i, n := range names {
		text := fmt.Sprintf(newsletter, n, n, i*7919, i, n)
		for kind, message := range map[string]string{
			"plain":  "Subject: " + n + "\n\n" + text,
			"CRLF":   strings.ReplaceAll("Subject: "+n+"\n\n"+text, "\n", "\r\n"),
			"HTML":   "Content-Type: text/html; charset=utf-8\n\n<html><body><p>" + strings.ReplaceAll(text, "\n\n", "</p><p>") + "</p></body></html>",
			"upper":  "Subject: x\n\n" + strings.ToUpper(text),
			"signed": "Subject: x\n\n" + text + "\n-- \n" + strings.Repeat("something else in each signature ", i*10),
		} {
			if d := differ(t, first, fingerprint(t, message)); d > facts.SimilarBits {
				t.Errorf("%s, %q: %d bits differ", kind, n, d)
			}
		}
	}
	other := "Subject: x\n\nDear Bob,\n\nplease find enclosed the minutes of the meeting on Tuesday, the budget for the coming " +
		"year and the list of those who have not paid their dues. The treasurer asks for your answer within a fortnight. " +
		"The next meeting is in the library as usual, and everybody brings a cake.\n\nAlice\n"
	if d := differ(t, first, fingerprint(t, other)); d < 2*facts.SimilarBits {
		t.Errorf("an unrelated letter differs in %d bits only", d)
	}
}

func TestFingerprintOfFewWords(t *testing.T) {
	words := func(n int) string { return "Subject: x\n\n" + strings.Repeat("word ", n) + "\n" }
	for message, want := range map[string]bool{
		"Subject: x\n\nThanks!\n\nBob\n": false, words(29): false, words(30): true,
		"Subject: x\n\n" + strings.Repeat("> quoted text of somebody else\n", 50): false,
		"Subject: x\n\n" + strings.Repeat("12345 a@example.com x9 ", 50):          false,
		"Subject: x\n\n-- \n" + strings.Repeat("signature ", 50):                  false,
	} {
		if got := fingerprint(t, message); (got != "") != want || got != "" && len(got) != 16 {
			t.Errorf("%.40q: %q", message, got)
		}
	}
}

// Of the real mail, what has nearly the same fingerprint shares most of its words: unrelated mail does not cluster.
func TestFingerprintCorpus(t *testing.T) {
	dir := filepath.Join(facts.Corpora(t), "spamassassin-publiccorpus")
	type mail struct {
		path  string
		print uint64
		words map[string]bool
	}
	var all []mail
	var s mimesize.Scanner
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, _ := makeFile(t, &s, p)
		if f.Text.Fingerprint == "" {
			return nil
		}
		raw, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if bytes.Contains(bytes.ToLower(raw), []byte("base64")) {
			return nil // its words are not there to be counted
		}
		print, err := strconv.ParseUint(f.Text.Fingerprint, 16, 64)
		_, body, _ := bytes.Cut(raw, []byte("\n\n"))
		m := mail{path: filepath.Base(p), print: print, words: map[string]bool{}}
		for w := range strings.FieldsSeq(strings.ToLower(string(body))) {
			m.words[w] = true
		}
		all = append(all, m)
		return err
	})
	if err != nil || len(all) < 1000 {
		t.Fatal(len(all), err)
	}
	close, wrong := 0, 0
	for i := range all {
		for j := i + 1; j < len(all); j++ {
			if bits.OnesCount64(all[i].print^all[j].print) > facts.SimilarBits {
				continue
			}
			close++
			common := 0
			for w := range all[i].words {
				if all[j].words[w] {
					common++
				}
			}
			if share := float64(common) / float64(min(len(all[i].words), len(all[j].words))); share < 0.4 {
				wrong++
				t.Logf("%s and %s share %.2f of their words", all[i].path, all[j].path, share)
			}
		}
	}
	t.Logf("%d messages, %d pairs are alike, %d of them share few words", len(all), close, wrong)
	if close == 0 || wrong > close/50 {
		t.Errorf("%d of %d similar pairs share few words", wrong, close)
	}
}

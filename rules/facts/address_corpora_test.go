package facts

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// judge says what a header field that holds s alone is, in the words of this test.
func judge(s string) string {
	var m maker
	var l listReader
	var all []mailbox
	var as []address
	l.yield = func(mb *mailbox) {
		as = append(as, m.address(mb))
		all = append(all, *mb)
	}
	l.read([]byte(s))
	switch {
	case len(all) != 1 || l.damage != 0 || !all[0].at || all[0].null || as[0].domain.ascii == "":
		return "invalid"
	case !validSpec(as[0].local, clean(string(all[0].domain))):
		return "invalid"
	case all[0].obsolete:
		return "obsolete"
	case !validMailbox(as[0].local, as[0].domain.ascii):
		return "not SMTP"
	}
	return "valid"
}

// TestIsEmail compares with Dominic Sayers' isemail cases. Its categories: VALID and DNSWARN are valid; RFC5321 are valid
// and unusual (quotes, literals, single labels); CFWS have comments or folds; DEPREC obsolete forms; RFC5322 hold by the
// general grammar but not in SMTP; ERR are invalid.
func TestIsEmail(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpora(t), "isemail/test/tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var tests struct {
		Test []struct {
			Address  string `xml:"address"`
			Category string `xml:"category"`
		} `xml:"test"`
	}
	if err := xml.Unmarshal(b, &tests); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, test := range tests.Test {
		address := strings.Map(func(r rune) rune {
			if 0x2400 <= r && r < 0x2420 {
				return r - 0x2400
			}
			return r
		}, test.Address)
		k := strings.TrimPrefix(test.Category, "ISEMAIL_") + " " + judge(address)
		got[k]++
	}
	for k := range got {
		switch k {
		case "VALID_CATEGORY valid", "DNSWARN valid", "RFC5321 valid", "CFWS valid", "DEPREC obsolete", "ERR invalid":
			if got[k] == 0 {
				t.Errorf("no case is %s", k)
			}
			delete(got, k)
		}
	}
	want := map[string]int{
		"ERR valid":        22, // a line end where none may be, which mimesize sees; 160: RFC 6532 lets UTF-8 be escaped
		"ERR not SMTP":     3,  // a hyphen at the edge of a label: RFC 5322 has no labels
		"DEPREC valid":     9,  // blanks and comments beside "@", controls in comments, "::" for one group
		"DEPREC invalid":   8,  // controls in quoted strings, a dotted local part with quoted words
		"RFC5322 invalid":  22, // a domain literal that is no address, which no mail can go to
		"RFC5322 not SMTP": 8,  // too long, or a slash in the domain
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestFlanker compares with the addresses that Mailgun's flanker calls valid and invalid.
func TestFlanker(t *testing.T) {
	dir := filepath.Join(corpora(t), "flanker/tests/fixtures")
	differ := map[string]string{}
	for file, want := range map[string]bool{"mailbox_valid.txt": true, "mailbox_invalid.txt": false} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		n := 0
		for sc := bufio.NewScanner(f); sc.Scan(); {
			s := sc.Text()
			if strings.HasPrefix(strings.TrimSpace(s), "#") || strings.TrimSpace(s) == "" {
				continue
			}
			if i := strings.Index(s, "  #"); i >= 0 {
				s = strings.TrimRight(s[:i], " ")
			}
			n++
			if got := judge(s); (got == "valid") != want {
				differ[s] = got
			}
		}
		if n < 50 {
			t.Errorf("%s holds %d addresses", file, n)
		}
	}
	want := map[string]string{
		`"foo"(yay)@(hoopla)[1.2.3.4]`:                  "valid",    // comments beside "@" are RFC 5322 syntax
		`Bill Gates <"billy"@retired.Micr!osoft99.com>`: "not SMTP", // RFC 5322 has no host names
		"bob@under_scope":                               "not SMTP", // so has RFC 5321, and no underscores in them
		"test@xn--example.com":                          "valid",    // an A-label that decodes to nothing is a matter of IDNA
	}
	if d := cmp.Diff(want, differ); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestStalwart compares with the address lists of Stalwart's parser.
func TestStalwart(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpora(t), "stalwart-mail-parser/resources/address.json"))
	if err != nil {
		t.Fatal(err)
	}
	type addresses []struct{ Address *string }
	var tests []struct {
		Header   string
		Expected struct {
			List  addresses
			Group []struct{ Addresses addresses }
		}
	}
	if err := json.Unmarshal(b, &tests); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, test := range tests {
		if strings.Contains(test.Header, "://") || strings.Contains(test.Header, "mailto:") {
			continue // List-* fields hold URIs, not addresses
		}
		all := test.Expected.List
		for _, g := range test.Expected.Group {
			all = append(all, g.Addresses...)
		}
		want := []string{}
		for _, a := range all {
			if a.Address == nil {
				continue // a comment in a group
			}
			s := strings.Join(strings.Fields(*a.Address), "")
			if s[0] == '@' {
				_, s, _ = strings.Cut(s, ":") // a source route is no part of the address
			}
			want = append(want, s)
		}
		head := test.Header
		// The header ends at the first line that does not go on it.
		for i := 0; i < len(head); i++ {
			if head[i] == '\n' && i+1 < len(head) && head[i+1] != ' ' && head[i+1] != '\t' {
				head = head[:i]
			}
		}
		got, _ := readAll(head)
		compared++
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: -want +got\n%s", head, d)
		}
	}
	if compared < 40 {
		t.Errorf("%d lists compared", compared)
	}
}

package suppress

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/config"
	"postern/mimesize"
	"postern/rules"
)

func scan(s string) []Directive { return Scan(strings.NewReader(s), int64(len(s))) }

func TestMatch(t *testing.T) {
	for pattern, tt := range map[string]struct{ yes, no string }{
		"a.eml":        {"a.eml", "b/a.eml"},
		"*.eml":        {"a.eml", "b/a.eml a.txt"},
		"**":           {"a b/c ../x", ""},
		"**/*.eml":     {"a.eml b/a.eml b/c/d.eml", "a.txt"},
		"mails":        {"mails mails/a.eml mails/b/c.eml", "mail mails2/a.eml"},
		"mails/":       {"mails/a.eml", "mails"},
		"mails/*":      {"mails/a.eml", "mails/b/c.eml"},
		"mails/**":     {"mails/a.eml mails/b/c.eml", "b/mails/a.eml"},
		"a/**/b/*.eml": {"a/b/x.eml a/c/d/b/x.eml", "a/x.eml"},
		"./a.eml":      {"a.eml", "b.eml"},
		".":            {"a.eml b/c", ""},
		"[ab].eml":     {"a.eml b.eml", "c.eml"},
		"a?.eml":       {"ab.eml", "a.eml a/.eml"},
	} {
		for _, f := range strings.Fields(tt.yes) {
			if !Match(pattern, f) {
				t.Errorf("%s does not stand for %s", pattern, f)
			}
		}
		for _, f := range strings.Fields(tt.no) {
			if Match(pattern, f) {
				t.Errorf("%s stands for %s", pattern, f)
			}
		}
	}
	// Many wildcards take no more than the product of both lengths.
	if Match(strings.Repeat("**/a/", 200)+"b", strings.Repeat("a/", 1000)+"c") {
		t.Error("matches")
	}
}

func TestScan(t *testing.T) {
	for text, want := range map[string][]Directive{
		"<!-- postern:disable a.b -- why -->":                                       {{Rules: []string{"a.b"}, Reason: "why", Line: 1}},
		"\n\r\n<!--postern:disable a.b,a.c d.* until=2027-01-01 --  so\n it is -->": {{Rules: []string{"a.b", "a.c", "d.*"}, Reason: "so it is", Until: "2027-01-01", Line: 3}},
		"<!-- postern:disable a.b -->":                                              {{Rules: []string{"a.b"}, Line: 1}},
		"<!-- postern:disable -- why -->":                                           {{Reason: "why", Line: 1}},
		"<!-- postern:disabled a.b -- why -->":                                      nil,
		"postern:disable a.b -- why -->":                                            nil,
		"<p>postern:disable a.b -- why</p>":                                         nil,
		"<!-- postern:disable a.b -- why":                                           {{Fault: "the comment has no end within 1,000 octets", Line: 1}},
		"X-Postern-Ignore: a.b; reason=why; until=2027-01-01\n\n":                   {{Rules: []string{"a.b"}, Reason: "why", Until: "2027-01-01", Line: 1}},
		"To: a\r\nx-postern-ignore:a.b, a.c\r\n ;reason=\"a; b\"\r\n\r\n":           {{Rules: []string{"a.b", "a.c"}, Reason: "a; b", Line: 2}},
		"To: a\n\nX-Postern-Ignore: a.b; reason=why\n":                              nil,
		"X-Postern-Ignore: a.b; why\n":                                              {{Rules: []string{"a.b"}, Fault: "write it as: X-Postern-Ignore: RULE; reason=TEXT; until=YYYY-MM-DD", Line: 1}},
		"X-Postern-Ignore: a.b; reason=x; until=\n":                                 {{Rules: []string{"a.b"}, Reason: "x", Until: "(empty)", Line: 1}},
		"X-Postern-Ignore: a.b; reason=\"x\n":                                       {{Rules: []string{"a.b"}, Fault: "a quote has no end", Line: 1}},
		"":                                                                          nil,
	} {
		if diff := cmp.Diff(want, scan(text)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
	}
}

// Wherever a comment stands, also across the pieces that are read at once, it is found once and on its line.
func TestScanPlaces(t *testing.T) {
	const c = "<!-- postern:disable a.b -- why -->"
	for at := 255<<10 - 2000; at < 257<<10; at += 97 {
		lines := at / 50
		text := strings.Repeat(strings.Repeat("x", 49)+"\n", lines) + c + strings.Repeat("\ny", 300<<10)
		got := scan(text)
		if len(got) != 1 || got[0].Line != int64(lines+1) || got[0].Reason != "why" {
			t.Fatalf("at line %d: %+v", lines+1, got)
		}
	}
	if got := scan(strings.Repeat(c, 1000)); len(got) != maxDirectives+1 || got[maxDirectives].Fault == "" {
		t.Errorf("%d directives", len(got))
	}
	if got := scan(strings.Repeat("postern:disable ", 100_000)); len(got) != 1 || got[0].Fault == "" {
		t.Errorf("%d directives", len(got))
	}
}

func verdict(ids ...string) *rules.Verdict {
	v := &rules.Verdict{Outcome: rules.Fail}
	for _, id := range ids {
		v.Findings = append(v.Findings, rules.Finding{Rule: id, Severity: rules.SeverityError})
	}
	return v
}

// Without HonourMessage nothing that a message carries has any effect, not even a note. With it, rules that say that a message
// cannot be judged with certainty stay, whatever pattern names them.
func TestHonourMessage(t *testing.T) {
	known := []string{"mime.ambiguous_x", "mime.y", "limit.z", "a.b"}
	own := scan("<!-- postern:disable mime.*, a.b -- why --><!-- postern:disable limit.z -- why --><!-- postern:disable mime.ambiguous_x -- why -->")
	if len(own) != 3 {
		t.Fatalf("%+v", own)
	}
	for _, honour := range []bool{false, true} {
		s := New(Options{Known: known, Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), HonourMessage: honour})
		got := s.Apply("a.eml", own, verdict(known...))
		for i, id := range known {
			if want := honour && (id == "mime.y" || id == "a.b"); (got[i] != nil) != want {
				t.Errorf("honour %v: %s suppressed: %v", honour, id, got[i] != nil)
			}
		}
		notes := s.Notes(func(string) bool { return true })
		if honour && len(notes) != 2 || !honour && len(notes) != 0 {
			t.Errorf("honour %v: %v", honour, notes)
		}
	}
	// postern.yaml may.
	s := New(Options{Known: known, Dir: ".", Config: []config.Suppression{{Path: "a.eml", Rule: "limit.*", Reason: "x"}}})
	if got := s.Apply("a.eml", nil, verdict("limit.z")); got[0] == nil {
		t.Error("postern.yaml cannot suppress limit.z")
	}
}

func FuzzScan(f *testing.F) {
	f.Add("To: a\nX-Postern-Ignore: a.b; reason=why\n\n<!-- postern:disable a.b -- why -->")
	f.Add("{{- /* postern:disable a.b until=2027-01-01 -- x */ -}}")
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range scan(s) {
			if d.Line < 1 || d.Line > int64(1+strings.Count(s, "\n")) {
				t.Errorf("%+v", d)
			}
		}
	})
}

// Parts without a colon can be left out wherever they lie: what is found is the same.
func TestScanWithout(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 60 {
		var text strings.Builder
		var without []mimesize.Span
		text.WriteString("From: a@example.com\n\n")
		for range 1 + random.IntN(4) {
			switch random.IntN(3) {
			case 0:
				text.WriteString("<!-- postern:disable spam.phrase -- reason -->")
			case 1:
				text.WriteString(strings.Repeat("x:\n", random.IntN(90_000)))
			}
			from := text.Len()
			text.WriteString(strings.Repeat("QUJD\n", random.IntN(100_000)))
			text.WriteString([]string{"postern", "<!-- postern", "", "=\n"}[random.IntN(4)])
			without = append(without, mimesize.Span{Offset: int64(from), Length: int64(text.Len() - from)})
			text.WriteString([]string{":disable rfc.nul -->", "\n{# postern:disable rfc.nul #}\n", "--x\n", ""}[random.IntN(4)])
		}
		r := strings.NewReader(text.String())
		want, got := Scan(r, r.Size()), Scan(r, r.Size(), without...)
		if found += len(want); !cmp.Equal(want, got) {
			t.Fatalf("%v, and %v", want, got)
		}
	}
	if found < 40 {
		t.Errorf("only %d suppressions", found)
	}
}

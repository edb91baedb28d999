package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/quote"
	"postern/rules"
	"postern/rules/facts"
)

func passing(name string) *Item {
	return &Item{
		Name: name, Path: name, Size: &facts.Size{DataBytes: 1204}, Recipients: &Recipients{Total: 1, Unique: 1},
		Verdict: rules.Verdict{Outcome: rules.Pass},
	}
}

func failing(name string) *Item {
	it := passing(name)
	it.Verdict = rules.Verdict{
		Outcome: rules.Fail,
		Findings: []rules.Finding{
			{Rule: "pair.size_limit", Severity: rules.SeverityError, Message: "41,943,041 octets on the wire, over 41,943,040",
				Clause: rules.Clause{Text: "the file size limit when sending mail is 40 MB", Source: "https://www.example.com/kb", Read: "2026-11-23"},
				Remedy: "Send a link to the file.", Path: "0"},
			{Rule: "rfc.header_line998", Severity: rules.SeverityWarning, Message: "a line of 1,200 octets, at most 998 are allowed",
				Clause: rules.Clause{Text: "RFC 5322 section 2.1.1", Source: "https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1"},
				Remedy: "Fold the field.", Path: "2", Line: 7},
			{Rule: "rfc.mboxfrom", Severity: rules.SeverityInfo, Message: "a line begins with From", Line: 12},
		},
		Skipped: []rules.Skipped{
			{Rule: "sender.from_affiliation", Reason: "no account", Remedy: "run postern init"},
			{Rule: "pair.sender_unaffiliated", Reason: "no account", Remedy: "run postern init"},
		},
	}
	return it
}

func unjudged(name string) *Item {
	return &Item{Name: name, Path: name, Hint: "unpack it first", Verdict: rules.Verdict{Outcome: rules.Unjudged, Reason: "is gzip data"}}
}

func render(t *testing.T, w Writer, buf *bytes.Buffer, items ...*Item) string {
	t.Helper()
	sum := Summary{Complete: true}
	for _, it := range items {
		sum.Add(it)
		if err := w.Item(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(&sum); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestText(t *testing.T) {
	var buf bytes.Buffer
	got := render(t, &Text{Printer: Printer{W: &buf, Width: 80}}, &buf, passing("a.eml"), failing("b.eml"), unjudged("c.gz"), passing("d.eml"))
	want := `PASS  a.eml  1,204 octets, 1 recipient

FAIL  b.eml  1,204 octets, 1 recipient
  b.eml: error: 41,943,041 octets on the wire, over 41,943,040 [pair.size_limit]
      clause: "the file size limit when sending mail is 40 MB"
              (https://www.example.com/kb, read 2026-11-23)
      remedy: Send a link to the file.
  b.eml:7: warning: a line of 1,200 octets, at most 998 are allowed (part 2)
      [rfc.header_line998]
      clause: RFC 5322 section 2.1.1
      remedy: Fold the field.

UNJUDGED  c.gz
    reason: is gzip data
    hint: unpack it first

PASS  d.eml  1,204 octets, 1 recipient

2 rules skipped: no account
    rules: pair.sender_unaffiliated, sender.from_affiliation
    remedy: run postern init
4 messages: 2 pass, 1 fail, 1 unjudged
1 error, 1 warning, 1 info (--info shows them)
`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestFewMessages(t *testing.T) {
	for _, n := range []int{fewMessages, fewMessages + 1} {
		var items []*Item
		for i := range n {
			items = append(items, passing(fmt.Sprintf("%d.eml", i)))
		}
		var buf bytes.Buffer
		got := strings.Count(render(t, &Text{Printer: Printer{W: &buf}}, &buf, items...), "PASS")
		if want := map[bool]int{true: n, false: 0}[n <= fewMessages]; got != want {
			t.Errorf("of %d clean messages %d are shown, want %d", n, got, want)
		}
		buf.Reset()
		if got := strings.Count(render(t, &Text{Printer: Printer{W: &buf}, Verbose: true}, &buf, items...), "PASS"); got != n {
			t.Errorf("verbose shows %d of %d", got, n)
		}
	}
}

func TestFindingsOfOneRuleAreCapped(t *testing.T) {
	it := failing("a.eml")
	f := it.Verdict.Findings[1]
	it.Verdict.Findings = nil
	for i := range 1000 {
		f.Line = int64(i + 1)
		it.Verdict.Findings = append(it.Verdict.Findings, f)
	}
	var buf bytes.Buffer
	got := render(t, &Text{Printer: Printer{W: &buf}}, &buf, it)
	if n := strings.Count(got, ": warning: "); n != maxOfRule {
		t.Errorf("%d findings of one rule are shown", n)
	}
	if n := strings.Count(got, "clause:"); n != 1 {
		t.Errorf("the clause is shown %d times", n)
	}
	if !strings.Contains(got, "... and 990 more of rfc.header_line998") {
		t.Errorf("the rest is not told:\n%s", got)
	}
}

// TestHostileText puts every character that a terminal acts on into every text of an item.
func TestHostileText(t *testing.T) {
	evil := "\x1b[2J\x00\r\n\x9b31m\u009b\u202e\u200b\u2028\xff<script>"
	it := failing("a" + evil)
	it.Hint, it.Verdict.Reason = evil, evil
	for i := range it.Verdict.Findings {
		f := &it.Verdict.Findings[i]
		f.Message, f.Remedy, f.Path, f.Rule, f.Title, f.Value = evil, evil, evil, evil, evil, evil
		f.Clause = rules.Clause{Text: evil, Source: evil, Read: evil}
	}
	it.Verdict.Skipped = []rules.Skipped{{Rule: evil, Reason: evil, Remedy: evil}}
	other := *it
	other.Verdict.Outcome = rules.Unjudged
	var buf bytes.Buffer
	writers := map[string]Writer{
		"text":  &Text{Printer: Printer{W: &buf}, Info: true, Describe: func(string) string { return evil }},
		"quiet": &Text{Printer: Printer{W: &buf}, Quiet: true},
		"json":  &JSON{W: &buf, Version: evil},
	}
	for name, w := range writers {
		buf.Reset()
		got := render(t, w, &buf, it, &other)
		for i, r := range got {
			if r != '\n' && quote.Unsafe(r) {
				t.Errorf("%s: %U at %d of %q", name, r, i, got[max(0, i-20):i])
				break
			}
		}
		if name == "json" && !json.Valid([]byte(got)) {
			t.Errorf("not JSON: %s", got)
		}
	}
}

func TestJSON(t *testing.T) {
	var buf bytes.Buffer
	for _, items := range [][]*Item{{}, {passing("a.eml")}, {failing("a.eml"), unjudged("b.gz")}} {
		buf.Reset()
		got := render(t, &JSON{W: &buf, Version: "v1"}, &buf, items...)
		var v struct {
			SchemaVersion int              `json:"schema_version"`
			Version       string           `json:"postern_version"`
			Messages      []map[string]any `json:"messages"`
			Summary       map[string]any   `json:"summary"`
		}
		if err := json.Unmarshal([]byte(got), &v); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		if v.SchemaVersion != SchemaVersion || v.Version != "v1" || v.Messages == nil || len(v.Messages) != len(items) {
			t.Errorf("%d items give %s", len(items), got)
		}
		if v.Summary["total"] != float64(len(items)) || v.Summary["complete"] != true {
			t.Errorf("summary is %v", v.Summary)
		}
		for _, m := range v.Messages {
			for _, key := range []string{"name", "path", "verdict", "reason", "hint", "size", "recipients", "findings", "skipped"} {
				if _, ok := m[key]; !ok {
					t.Errorf("a message has no %s: %v", key, m)
				}
			}
			if m["findings"] == nil || m["skipped"] == nil {
				t.Errorf("a list is null: %v", m)
			}
		}
	}
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestWriteErrorsAreTold(t *testing.T) {
	for name, w := range map[string]Writer{
		"text": &Text{Printer: Printer{W: &fullDisk{left: 100}}, Verbose: true},
		"json": &JSON{W: &fullDisk{left: 100}},
	} {
		first := w.Item(failing("a.eml"))
		second := w.Item(failing("b.eml"))
		if last := w.Close(&Summary{}); first == nil || second == nil || last == nil {
			t.Errorf("%s: %v, %v, %v", name, first, second, last)
		}
	}
}

func TestUseColor(t *testing.T) {
	for _, c := range []struct {
		mode string
		env  map[string]string
		want bool
	}{
		{"auto", nil, false}, // not a terminal
		{"auto", map[string]string{"FORCE_COLOR": "1"}, true},
		{"auto", map[string]string{"FORCE_COLOR": "0"}, false},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"auto", map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, false},
		{"auto", map[string]string{"FORCE_COLOR": "1", "NO_COLOR": ""}, true},
		{"always", map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{"never", map[string]string{"FORCE_COLOR": "1"}, false},
	} {
		if got := UseColor(c.mode, &bytes.Buffer{}, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s with %v is %v", c.mode, c.env, got)
		}
	}
}

func TestComma(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 29230275: "29,230,275"} {
		if got := Comma(n); got != want {
			t.Errorf("Comma(%d) = %s", n, got)
		}
	}
}

func TestWrapBreaksAtTheWidth(t *testing.T) {
	var buf bytes.Buffer
	p := Printer{W: &buf, Width: 20, Color: true}
	p.Wrap("  "+p.paint(red, "error")+": ", 9, 4, "äöü äöü one two verylongwordthatfitsnowhere end")
	want := "  \x1b[1;31merror\x1b[0m: äöü äöü one\n    two\n    verylongwordthatfitsnowhere\n    end\n"
	if got := buf.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Nearly a hundred rules are skipped for a template: they are counted, and named on request.
func TestManySkippedRulesAreCounted(t *testing.T) {
	it := passing("a.eml")
	for i := range 30 {
		it.Verdict.Skipped = append(it.Verdict.Skipped, rules.Skipped{Rule: fmt.Sprintf("rfc.rule_%02d", i), Reason: "no values", Remedy: "give some"})
	}
	var buf bytes.Buffer
	got := render(t, &Text{Printer: Printer{W: &buf, Width: 400}}, &buf, it)
	if !strings.Contains(got, "30 rules skipped: no values\n    rules: rfc.rule_00, rfc.rule_01, rfc.rule_02, rfc.rule_03, rfc.rule_04 and 25 more; --verbose names them all\n") {
		t.Errorf("got\n%s", got)
	}
	buf.Reset()
	if got = render(t, &Text{Printer: Printer{W: &buf, Width: 400}, Verbose: true}, &buf, it); !strings.Contains(got, "rfc.rule_29\n") || strings.Contains(got, "more") {
		t.Errorf("verbose:\n%s", got)
	}
	buf.Reset()
	if got = render(t, newMarkdown(&buf, Options{}), &buf, it); !strings.Contains(got, "\n- 30 rules, no values: `rfc.rule_00`, `rfc.rule_01`, `rfc.rule_02`, `rfc.rule_03`, `rfc.rule_04` and 25 more\n") {
		t.Errorf("markdown:\n%s", got)
	}
}

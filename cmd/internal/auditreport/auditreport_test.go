package auditreport

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/report"
)

// hostile is text that tries to break out of each format.
const hostile = "</script><script>alert(1)</script>\x1b[31m\u202e\"'><img src=x onerror=y>##[group]\u2028=cmd|' /C calc'!A0"

func hostileReport() *audit.Report {
	m := audit.Message{Ordinal: 1, Name: hostile, Path: hostile, Folder: hostile, Date: "2026-03-02T09:00:00Z", Sender: hostile, Subject: hostile, Verdict: "fail",
		Reason: hostile, Findings: []audit.ShownFinding{{Rule: hostile, Severity: "error", Line: 3, Message: hostile}}, WhatIf: "pass", WhatIfRules: []string{hostile}}
	list := []audit.Entry[string]{{Key: hostile, Tally: audit.Tally{Messages: 3, Pass: 1, Fail: 1, Unjudged: 1}}}
	return &audit.Report{
		Complete: true, Summary: audit.Summary{Tally: audit.Tally{Messages: 3, Fail: 1}}, Notes: []string{hostile}, Skipped: []string{hostile}, LeftOut: map[string]int{hostile: 1},
		Rules:   []audit.RuleRow{{RuleInfo: audit.RuleInfo{ID: hostile, Title: hostile, Remedy: hostile}, Messages: 1, Errors: 1}},
		Senders: list, SenderDomains: list, RecipientDomains: list, Folders: list, Days: list, Weeks: list, Months: list,
		SenderRules: []audit.SenderRule{{Sender: hostile, Rule: hostile, Messages: 1}}, LargestMessages: []audit.Message{m},
		LargestAttached: []audit.BigAttachment{{Name: hostile, Type: hostile, Message: hostile, Sender: hostile}},
		Pace:            &audit.PaceReport{Senders: []audit.SenderPace{{Sender: hostile, Over: 1}}, Days: []audit.PaceDay{{Day: "2026-03-02", Over: 1}}},
		Campaigns:       []audit.Campaign{{Subject: hostile, Name: hostile, Senders: []string{hostile}, Messages: 2}},
		WhatIf: &audit.WhatIf{Policy: hostile, Rules: []audit.RuleChange{{Rule: hostile, Title: hostile, Newly: 1}}, Failing: []audit.Message{m},
			Passing: []audit.Message{m}, Rest: []audit.Message{m}, Verdicts: []audit.Change{{Now: "pass", Other: "fail", Messages: 1}}},
		Unjudged: []audit.Message{m}, Messages: []audit.Message{m},
	}
}

func hostileRows(yield func(*audit.Row) error) error {
	for _, s := range []string{hostile, "=1+1", "+1", "-1", "@x", "\tx", "\rx"} {
		if err := yield(&audit.Row{Name: s, Path: s, Folder: s, Sender: s, Domain: s, Subject: s, Reason: s, Domains: []string{s}, Unix: audit.NoDate,
			Findings: []audit.Finding{{Rule: s, Message: s}}}); err != nil {
			return err
		}
	}
	return nil
}

func TestHostileText(t *testing.T) {
	write := map[string]func(*bytes.Buffer) error{
		"text": func(b *bytes.Buffer) error {
			x := Text{Printer: report.Printer{W: b, Color: false}, Top: 10}
			return x.Write(hostileReport())
		},
		"json":   func(b *bytes.Buffer) error { return JSON(b, hostileReport()) },
		"ndjson": func(b *bytes.Buffer) error { return NDJSON(b, hostileReport(), hostileRows) },
		"csv":    func(b *bytes.Buffer) error { return CSV(b, hostileRows) },
		"html":   func(b *bytes.Buffer) error { return HTML(b, hostileReport()) },
	}
	for name, f := range write {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := b.String()
		for _, r := range s {
			if r < ' ' && r != '\n' || r >= 0x7f && r <= 0x9f || r == 0x202e || r == 0x2028 {
				t.Errorf("%s holds %U", name, r)
				break
			}
		}
		if name != "csv" && strings.Contains(s, "##[") {
			t.Errorf("%s holds a command for a CI server", name)
		}
		switch name {
		case "html":
			if n := strings.Count(s, "<script"); n != 1 || strings.Contains(s, "<img") {
				t.Errorf("%d scripts, or a picture", n)
			}
			if !strings.Contains(s, "&lt;img src=x onerror=y&gt;") {
				t.Error("the text is lost")
			}
		case "ndjson":
			lines := strings.Split(strings.TrimSpace(s), "\n")
			for _, l := range lines {
				if !json.Valid([]byte(l)) {
					t.Errorf("no JSON: %s", l)
				}
			}
			if len(lines) != 8 {
				t.Errorf("%d lines", len(lines))
			}
		case "json":
			var r audit.Report
			if err := json.Unmarshal(b.Bytes(), &r); err != nil || r.Senders[0].Key != hostile {
				t.Errorf("the text comes back as %q, %v", r.Senders[0].Key, err)
			}
		case "csv":
			list, err := csv.NewReader(&b).ReadAll()
			if err != nil || len(list) != 8 {
				t.Fatalf("%d lines, %v", len(list), err)
			}
			for _, row := range list[1:] {
				for i, cell := range row {
					if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
						t.Errorf("column %s begins a formula: %q", list[0][i], cell)
					}
				}
			}
		}
	}
}

func TestCharts(t *testing.T) {
	for n, want := range map[int64]int64{0: 4, 4: 4, 5: 8, 9: 12, 13: 20, 21: 40, 41: 80, 862: 1200, 1_000_001: 1_200_000} {
		if got := nice(n); got != want || got%4 != 0 {
			t.Errorf("nice(%d) is %d, want %d", n, got, want)
		}
	}
	svg := string(columnChart("t", verdicts, []bar{{label: "a", values: []int64{3, 1, 0}}, {label: "b", values: []int64{1_000_000, 0, 0}}}))
	// A message among a million is still to be seen.
	if strings.Count(svg, "<rect class=\"fail\"") != 2 || !strings.Contains(svg, "a: 3 pass, 1 fail") {
		t.Errorf("%s", svg) // one in the legend
	}
	if columnChart("t", verdicts, nil) != "" || barChart("t", verdicts, nil) != "" {
		t.Error("a chart of nothing")
	}
}

// TestHashes has the page cut into pieces of any length.
func TestHashes(t *testing.T) {
	const text = "#a##b###c####[##"
	want := strings.ReplaceAll(text, "##", "#&#35;")
	for n := 1; n <= len(text); n++ {
		var b bytes.Buffer
		h := hashes{w: bufio.NewWriter(&b)}
		for rest := text; rest != ""; {
			k := min(n, len(rest))
			if m, err := h.Write([]byte(rest[:k])); m != k || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[k:]
		}
		h.w.Flush()
		if b.String() != want {
			t.Errorf("in pieces of %d: %q, want %q", n, b.String(), want)
		}
	}
}

// TestJSONIsOneObject writes key by key what is one object, in the form in which it would be encoded as a whole.
func TestJSONIsOneObject(t *testing.T) {
	r := &audit.Report{Kind: "audit", Senders: []audit.Entry[string]{{Key: "a ##b\u202e"}}, Notes: []string{}}
	for i := range 3*someItems + 1 { // made on several cores
		r.Days = append(r.Days, audit.Entry[string]{Key: fmt.Sprint("day ", i), Tally: audit.Tally{Messages: int64(i)}})
	}
	want, err := report.EncodeIndent(r)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := JSON(&got, r); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want)+"\n", got.String()); d != "" {
		t.Error(d)
	}
}

// Of many months the newest are shown, and the title says so.
func TestNewestMonthsAreNamedSo(t *testing.T) {
	r := &audit.Report{Complete: true, Pace: &audit.PaceReport{}}
	for i := range 70 {
		r.Months = append(r.Months, audit.Entry[string]{Key: fmt.Sprintf("%d-%02d", 2000+i/12, i%12+1), Tally: audit.Tally{Messages: 1, Pass: 1}})
	}
	var text, page bytes.Buffer
	x := Text{Printer: report.Printer{W: &text}, Top: 10}
	if err := x.Write(r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "\nmonths, the last 10 of 70\n") {
		t.Errorf("text:\n%s", text.String())
	}
	if err := HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), ">Messages by month, the last 60 of 70<") {
		t.Error("the chart does not say that it shows the last 60 of 70 months")
	}
	r.Months = r.Months[:60]
	page.Reset()
	if err := HTML(&page, r); err != nil || !strings.Contains(page.String(), ">Messages by month<") {
		t.Errorf("of 60 months all are shown: %v", err)
	}
}

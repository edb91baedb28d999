package auditreport

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/report"
)

// record is a message in NDJSON. Keys are those of columns.
type record struct {
	Type         string       `json:"type"` // "message"
	Name         string       `json:"name"`
	Path         string       `json:"path"`
	Offset       int64        `json:"offset"`
	Line         int64        `json:"line"`
	Folder       string       `json:"folder"`
	Date         *string      `json:"date"`
	Sender       string       `json:"sender"`
	SenderDomain string       `json:"sender_domain"`
	Subject      string       `json:"subject"`
	Octets       int64        `json:"octets"`
	Recipients   int64        `json:"recipients"`
	Uncertain    bool         `json:"recipients_uncertain"`
	To           []string     `json:"recipient_domains"`
	Attachments  []attachment `json:"attachments"`
	Verdict      string       `json:"verdict"`
	Reason       string       `json:"reason"`
	Notes        []string     `json:"notes"`
	Text         string       `json:"text_hash"`
	Findings     []finding    `json:"findings"`
	WhatIf       *string      `json:"what_if_verdict"`
	WhatIfRules  []string     `json:"what_if_rules"`
}

type attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Encoded int64  `json:"encoded_bytes"`
	Decoded int64  `json:"decoded_bytes"`
}

type finding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Line     int64    `json:"line"`
	Message  string   `json:"message"`
	Value    *float64 `json:"value"`
	Limit    *float64 `json:"limit"`
}

func recordOf(r *audit.Row) *record {
	x := &record{
		Type: "message", Name: r.Name, Path: r.Path, Offset: r.Offset, Line: r.Line, Folder: r.Folder, Sender: r.Sender, SenderDomain: r.Domain,
		Subject: r.Subject, Octets: r.Octets, Recipients: r.Recipients, Uncertain: r.Uncertain, To: append([]string{}, r.Domains...),
		Attachments: []attachment{}, Verdict: audit.OutcomeName(r.Outcome), Reason: r.Reason, Findings: []finding{}, WhatIfRules: []string{},
	}
	if s := audit.Stamp(r.Unix); s != "" {
		x.Date = &s
	}
	if r.Compared {
		x.Text = audit.TextHash(r.Body)
	}
	x.Notes = audit.NoteTexts(r.Notes)
	for _, a := range r.Attachments {
		x.Attachments = append(x.Attachments, attachment(a))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		y := finding{Rule: f.Rule, Severity: audit.SeverityName(f.Severity), Line: f.Line, Message: f.Message}
		if f.HasValue {
			y.Value = &f.Value
		}
		if f.HasLimit {
			y.Limit = &f.Limit
		}
		x.Findings = append(x.Findings, y)
	}
	if r.WhatIf {
		s := audit.OutcomeName(r.OtherOutcome)
		x.WhatIf = &s
		x.WhatIfRules = audit.RuleIDs(r.Other)
	}
	return x
}

// TestLineIsEncoded holds the lines that are put together by hand against those of the encoder.
func TestLineIsEncoded(t *testing.T) {
	var enc report.Encoder
	var l line
	check := func(r *audit.Row) {
		t.Helper()
		want, err := enc.Encode(recordOf(r))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.record(r); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want)+"\n", string(l.b)); d != "" {
			t.Error(d)
		}
	}
	check(&audit.Row{Unix: audit.NoDate})
	texts := []string{"", "plain", "a#b", "##", "###", "#", "a\"b\\c", "<>&'/", "\xff\xfe", "über", "\u2028\u202e\u007f\u0085", "\b\f\n\r\t\x00\x1f", hostile, strings.Repeat("x", 300)}
	for c := range 256 {
		texts = append(texts, string([]byte{'a', byte(c), 'b'}), string(rune(c)))
	}
	numbers := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1e-7, 1e15, 1<<53 - 1, 1 << 53, 1e20, 1e21, -1e22, math.MaxFloat64, math.SmallestNonzeroFloat64, 25, 41943040}
	for i, s := range texts {
		f := numbers[i%len(numbers)]
		check(&audit.Row{
			Name: s, Path: s, Folder: s, Sender: s, Domain: s, Subject: s, Reason: s, Domains: []string{s, "x", s}, Unix: int64(i) * 1e7, Offset: -1, Line: 1 << 40,
			Octets: math.MaxInt64, Uncertain: i%2 == 0, Recipients: 7, Outcome: uint8(i % 3), Compared: i%2 == 0, Body: uint64(i) << 56,
			Attachments: []audit.Attachment{{Name: s, Type: s, Encoded: 5, Decoded: -1}, {}}, Notes: []audit.Note{{ID: s, Text: s}, {}},
			Findings: []audit.Finding{{Rule: s, Severity: uint8(i % 3), Line: 3, Message: s, Value: f, HasValue: true, Limit: f, HasLimit: i%2 == 0}, {Rule: s}},
			WhatIf:   i%3 == 0, OtherOutcome: uint8(i % 3), Other: []audit.Finding{{Rule: "a"}, {Rule: s}, {Rule: "a"}},
		})
	}
	check(&audit.Row{Unix: 1 << 40})
	if l.record(&audit.Row{Findings: []audit.Finding{{Value: math.Inf(1), HasValue: true}}}) == nil {
		t.Error("a number that JSON does not have is written")
	}
}

// TestReportIsEncoded holds the last line against the report as a whole.
func TestReportIsEncoded(t *testing.T) {
	for _, r := range []*audit.Report{hostileReport(), {}, {Senders: []audit.Entry[string]{}, Skipped: []string{"a", "b"}, Missing: []int{1, 2}}} {
		want, err := report.Encode(struct {
			Type string `json:"type"`
			*audit.Report
		}{"report", r})
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := NDJSON(&got, r, func(func(*audit.Row) error) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want)+"\n", got.String()); d != "" {
			t.Error(d)
		}
		indented, err := report.EncodeIndent(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Reset()
		if err := JSON(&got, r); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(indented)+"\n", got.String()); d != "" {
			t.Error(d)
		}
		if !json.Valid(got.Bytes()) {
			t.Error("no JSON")
		}
	}
}

func BenchmarkLine(b *testing.B) {
	r := &audit.Row{
		Name: "/var/mail/archive.mbox@123456789", Path: "/var/mail/archive.mbox", Folder: "/var/mail/archive.mbox", Offset: 123456789, Line: 4711, Unix: 1_600_000_000,
		Sender: "ada.lovelace@example.com", Domain: "example.com", Subject: "the figures of the third quarter", Octets: 2811, Recipients: 5, Domains: []string{"example.com", "example.org"},
	}
	for range 5 {
		r.Findings = append(r.Findings, audit.Finding{Rule: "recipients.dummy", Severity: 1, Line: 4, Message: `The recipient "bob@example.org" is under a domain that is reserved for examples`, HasValue: true, Value: 1})
	}
	var l line
	b.ReportAllocs()
	for b.Loop() {
		if err := l.record(r); err != nil {
			b.Fatal(err)
		}
	}
}

// Values are indented as json.Indent does it.
func TestIndented(t *testing.T) {
	values := []any{hostileReport(), map[string]any{"a": []int{}, "b": map[string]int{}, "c": nil, "d": []any{[]any{[]any{1, -2.5e-9, true}}, ""}}, []int{}, "x", 7, nil}
	for _, v := range values {
		b, err := report.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		for depth := range 3 {
			var want bytes.Buffer
			if err := json.Indent(&want, b, strings.Repeat("  ", depth), "  "); err != nil {
				t.Fatal(err)
			}
			if got := appendIndented([]byte("before"), b, "  ", depth); string(got) != "before"+want.String() {
				t.Errorf("%s\nis indented as\n%s\njson.Indent gives\n%s", b, got, want.Bytes())
			}
		}
	}
}

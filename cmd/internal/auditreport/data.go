package auditreport

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

// Rows yields the rows of a run.
type Rows = func(func(*audit.Row) error) error

// JSON writes the report as one object.
func JSON(w io.Writer, r *audit.Report) error {
	out := bufio.NewWriterSize(w, 64<<10)
	v := reflect.ValueOf(r).Elem()
	sep := "{\n  "
	// One key after the other: as a whole a long report would need several times its own length of memory.
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		b, err := report.Encode(v.Field(i).Interface())
		if err != nil {
			return err
		}
		out.WriteString(sep + `"` + name + `": `)
		var indented bytes.Buffer
		if err := json.Indent(&indented, b, "  ", "  "); err != nil {
			return err
		}
		out.Write(indented.Bytes())
		sep = ",\n  "
	}
	out.WriteString("\n}\n")
	return out.Flush()
}

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

// NDJSON writes a line for each message, and then the report as an object of type "report".
func NDJSON(w io.Writer, r *audit.Report, rows Rows) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var enc report.Encoder
	line := func(v any) error {
		b, err := enc.Encode(v)
		if err == nil {
			out.Write(b)
			err = out.WriteByte('\n')
		}
		return err
	}
	err := rows(func(row *audit.Row) error { return line(recordOf(row)) })
	if err != nil {
		return err
	}
	err = line(struct {
		Type string `json:"type"`
		*audit.Report
	}{"report", r})
	if err != nil {
		return err
	}
	return out.Flush()
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

// columns are those of CSV.
var columns = []string{
	"name", "path", "offset", "line", "folder", "date", "sender", "sender_domain", "subject", "octets", "recipients", "recipients_uncertain", "recipient_domains",
	"attachments", "attachment_octets", "verdict", "reason", "rules", "text_hash", "what_if_verdict", "what_if_rules",
}

// CSV writes a line for each message. What a spreadsheet would take for a formula begins with an apostrophe.
func CSV(w io.Writer, rows Rows) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	err := rows(func(r *audit.Row) error {
		text, other, rules := "", "", ""
		if r.Compared {
			text = audit.TextHash(r.Body)
		}
		if r.WhatIf {
			other, rules = audit.OutcomeName(r.OtherOutcome), strings.Join(audit.RuleIDs(r.Other), " ")
		}
		cells := []string{
			r.Name, r.Path, strconv.FormatInt(r.Offset, 10), strconv.FormatInt(r.Line, 10), r.Folder, audit.Stamp(r.Unix), r.Sender, r.Domain, r.Subject,
			strconv.FormatInt(r.Octets, 10), strconv.FormatInt(r.Recipients, 10), strconv.FormatBool(r.Uncertain), strings.Join(r.Domains, " "),
			strconv.Itoa(len(r.Attachments)), strconv.FormatInt(r.AttachmentOctets, 10), audit.OutcomeName(r.Outcome), r.Reason,
			strings.Join(audit.RuleIDs(r.Findings), " "), text, other, rules,
		}
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		return out.Write(cells)
	})
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// formula are the characters with which a spreadsheet begins to compute.
const formula = "=+-@\t\r"

// cell makes text safe for a spreadsheet, and for a terminal.
func cell(s string) string {
	if s == "" {
		return s
	}
	if strings.IndexByte(formula, s[0]) >= 0 {
		s = "'" + s
	}
	return quote.Text(s)
}

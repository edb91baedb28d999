package export

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"postern/cmd/internal/audit"
)

// someRows yields n rows.
func someRows(n int) Rows {
	return func(yield func(*audit.Row) error) error {
		for i := range n {
			r := &audit.Row{
				Ordinal: uint64(i), Name: "a.mbox@1", Path: "a.mbox", Folder: "Sent", Unix: 1_772_442_000 + int64(i), Sender: "'; DROP TABLE message; --", Domain: "example.org",
				Subject: "\x1b[31m \u202e", Octets: int64(i), Recipients: 2, Domains: []string{"b.example", "c.example"}, Outcome: uint8(i % 3), Compared: i%2 == 0, Body: 255,
				Attachments: []audit.Attachment{{Name: "x.pdf", Type: "application/pdf", Encoded: 5, Decoded: -1}},
				Findings:    []audit.Finding{{Rule: "r.a", Line: 3, Message: "text", Value: 1.5, HasValue: true}, {Rule: "r.a", Severity: 1}, {Rule: "r.b", Severity: 2}},
			}
			if i%4 == 0 {
				r.Unix, r.WhatIf, r.OtherOutcome, r.Other = audit.NoDate, true, audit.Fail, []audit.Finding{{Rule: "r.c"}}
			}
			if err := yield(r); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestSQLite(t *testing.T) {
	dir := t.TempDir()
	report := &audit.Report{Rules: []audit.RuleRow{{RuleInfo: audit.RuleInfo{ID: "r.a", Title: "Title"}, Messages: 100}}}
	var files [2]bytes.Buffer
	for i := range files {
		if err := SQLite(&files[i], dir, report, someRows(100)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two databases of the same rows differ")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v is left, %v", list, err)
	}
	name := filepath.Join(dir, "x.db")
	if err := os.WriteFile(name, files[0].Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]int64{
		"SELECT count(*) FROM message": 100,
		"SELECT count(*) FROM message WHERE date IS NULL AND what_if_verdict = 'fail'":                  25,
		"SELECT count(DISTINCT message) FROM finding WHERE rule = 'r.a' AND severity = 'error'":         100,
		"SELECT count(*) FROM finding WHERE value = 1.5 AND \"limit\" IS NULL":                          100,
		"SELECT count(*) FROM recipient_domain JOIN message ON id = message WHERE domain = 'c.example'": 100,
		"SELECT count(*) FROM attachment WHERE decoded_bytes IS NULL":                                   100,
		"SELECT count(*) FROM message WHERE sender LIKE '%DROP TABLE%'":                                 100,
		"SELECT json_extract(json, '$.rules[0].messages') FROM report":                                  100,
		"SELECT count(*) FROM message WHERE verdict = 'unjudged'":                                       33,
	} {
		var n int64
		if err := db.QueryRow(query).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, want %d, %v", query, n, want, err)
		}
	}
}

func TestParquet(t *testing.T) {
	var b bytes.Buffer
	const n = 1234
	if err := Parquet(&b, someRows(n)); err != nil {
		t.Fatal(err)
	}
	list, err := parquet.Read[message](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(list) != n {
		t.Fatalf("%d rows, %v", len(list), err)
	}
	for i, m := range list {
		if m.Octets != int64(i) || m.Verdict != audit.OutcomeName(uint8(i%3)) || len(m.To) != 2 || len(m.Rules) != 2 || m.Rules[1] != "r.b" {
			t.Fatalf("row %d: %+v", i, m)
		}
		if undated := i%4 == 0; (m.Date == nil) != undated || (m.WhatIf != nil) != undated || !undated && *m.Date != (1_772_442_000+int64(i))*1000 {
			t.Fatalf("row %d: %+v", i, m)
		}
	}
}

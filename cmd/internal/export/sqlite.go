// Package export writes the messages of an audit for other programs to ask: as a SQLite database and as a Parquet file.
package export

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/report"
)

// Rows yields the rows of a run.
type Rows = func(func(*audit.Row) error) error

// schema is the database. Dates are RFC 3339 in UTC and sort as text.
const schema = `
CREATE TABLE message (
	id INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL, folder TEXT NOT NULL,
	date TEXT, sender TEXT NOT NULL, sender_domain TEXT NOT NULL, subject TEXT NOT NULL, octets INTEGER NOT NULL, recipients INTEGER NOT NULL,
	recipients_uncertain INTEGER NOT NULL, attachment_octets INTEGER NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, text_hash TEXT,
	what_if_verdict TEXT
);
CREATE TABLE finding (
	message INTEGER NOT NULL REFERENCES message, rule TEXT NOT NULL, severity TEXT NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL, value REAL, "limit" REAL
);
CREATE TABLE what_if_finding (message INTEGER NOT NULL REFERENCES message, rule TEXT NOT NULL, severity TEXT NOT NULL);
CREATE TABLE recipient_domain (message INTEGER NOT NULL REFERENCES message, domain TEXT NOT NULL);
CREATE TABLE attachment (
	message INTEGER NOT NULL REFERENCES message, name TEXT NOT NULL, type TEXT NOT NULL, encoded_bytes INTEGER NOT NULL, decoded_bytes INTEGER
);
CREATE TABLE rule (id TEXT PRIMARY KEY, title TEXT NOT NULL, severity TEXT NOT NULL, clause TEXT NOT NULL, source TEXT NOT NULL, remedy TEXT NOT NULL, messages INTEGER NOT NULL);
CREATE TABLE report (json TEXT NOT NULL);
`

// indexes are made at the end, which is faster.
const indexes = `
CREATE INDEX message_sender ON message (sender);
CREATE INDEX message_date ON message (date);
CREATE INDEX finding_rule ON finding (rule, message);
CREATE INDEX finding_message ON finding (message);
CREATE INDEX recipient_domain_domain ON recipient_domain (domain, message);
`

// SQLite writes a database with the messages, their findings, and the report as JSON. It is built in a file in dir that is
// removed again, and copied to w.
func SQLite(w io.Writer, dir string, r *audit.Report, rows Rows) (err error) {
	tmp, err := os.MkdirTemp(dir, ".postern-*.tmp")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	name, err := filepath.Abs(filepath.Join(tmp, "audit.db"))
	if err != nil {
		return err
	}
	if err := build(name, r, rows); err != nil {
		return fmt.Errorf("write the database: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func build(name string, r *audit.Report, rows Rows) (err error) {
	// Nobody reads the file before it is whole, so nothing has to survive.
	u := url.URL{Scheme: "file", Path: name, RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-8000)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	in := inserter{tx: tx, stmts: map[string]*sql.Stmt{}}
	id := int64(0)
	err = rows(func(row *audit.Row) error {
		id++
		in.row(id, row)
		return in.err
	})
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for i := range r.Rules {
		x := &r.Rules[i]
		in.insert("rule", x.ID, x.Title, x.Severity, x.Clause, x.Source, x.Remedy, x.Messages)
	}
	text, err := report.Encode(r)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	in.insert("report", string(text))
	if in.err != nil {
		return errors.Join(in.err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.Exec(indexes)
	return err
}

// inserter inserts rows, and keeps the first error.
type inserter struct {
	tx    *sql.Tx
	stmts map[string]*sql.Stmt
	err   error
}

func (in *inserter) insert(table string, values ...any) {
	if in.err != nil {
		return
	}
	stmt := in.stmts[table]
	if stmt == nil {
		if stmt, in.err = in.tx.Prepare("INSERT INTO " + table + " VALUES (?" + strings.Repeat(", ?", len(values)-1) + ")"); in.err != nil {
			return
		}
		in.stmts[table] = stmt
	}
	_, in.err = stmt.Exec(values...)
}

func (in *inserter) row(id int64, r *audit.Row) {
	in.insert("message", id, r.Name, r.Path, r.Offset, r.Line, r.Folder, null(audit.Stamp(r.Unix)), r.Sender, r.Domain, r.Subject, r.Octets, r.Recipients,
		r.Uncertain, r.AttachmentOctets, audit.OutcomeName(r.Outcome), r.Reason, null(text(r)), null(other(r)))
	for i := range r.Findings {
		f := &r.Findings[i]
		var value, limit any
		if f.HasValue {
			value = f.Value
		}
		if f.HasLimit {
			limit = f.Limit
		}
		in.insert("finding", id, f.Rule, audit.SeverityName(f.Severity), f.Line, f.Message, value, limit)
	}
	for i := range r.Other {
		in.insert("what_if_finding", id, r.Other[i].Rule, audit.SeverityName(r.Other[i].Severity))
	}
	for _, d := range r.Domains {
		in.insert("recipient_domain", id, d)
	}
	for _, a := range r.Attachments {
		var decoded any
		if a.Decoded >= 0 {
			decoded = a.Decoded
		}
		in.insert("attachment", id, a.Name, a.Type, a.Encoded, decoded)
	}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func text(r *audit.Row) string {
	if !r.Compared {
		return ""
	}
	return audit.TextHash(r.Body)
}

func other(r *audit.Row) string {
	if !r.WhatIf {
		return ""
	}
	return audit.OutcomeName(r.OtherOutcome)
}

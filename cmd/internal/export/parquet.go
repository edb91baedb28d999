package export

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"postern/cmd/internal/audit"
)

// message is a row of the Parquet file.
type message struct {
	Name         string   `parquet:"name,zstd"`
	Path         string   `parquet:"path,dict,zstd"`
	Offset       int64    `parquet:"offset,zstd"`
	Line         int64    `parquet:"line,zstd"`
	Folder       string   `parquet:"folder,dict,zstd"`
	Date         *int64   `parquet:"date,optional,timestamp(millisecond),zstd"`
	Sender       string   `parquet:"sender,dict,zstd"`
	SenderDomain string   `parquet:"sender_domain,dict,zstd"`
	Subject      string   `parquet:"subject,zstd"`
	Octets       int64    `parquet:"octets,zstd"`
	Recipients   int64    `parquet:"recipients,zstd"`
	Uncertain    bool     `parquet:"recipients_uncertain"`
	To           []string `parquet:"recipient_domains,list,dict,zstd"`
	Attachments  int64    `parquet:"attachments,zstd"`
	Attached     int64    `parquet:"attachment_octets,zstd"`
	Verdict      string   `parquet:"verdict,dict,zstd"`
	Reason       string   `parquet:"reason,zstd"`
	Rules        []string `parquet:"rules,list,dict,zstd"`
	TextHash     *string  `parquet:"text_hash,optional,zstd"`
	WhatIf       *string  `parquet:"what_if_verdict,optional,dict,zstd"`
	WhatIfRules  []string `parquet:"what_if_rules,list,dict,zstd"`
}

const (
	groupRows = 50_000 // of a row group, which is held in memory
	batchRows = 500
)

// Parquet writes a row for each message. Dates are milliseconds since 1970, UTC.
func Parquet(w io.Writer, rows Rows) error {
	out := parquet.NewGenericWriter[message](w, parquet.CreatedBy("postern", "1", ""))
	batch := make([]message, 0, batchRows)
	inGroup := 0
	flush := func() error {
		if _, err := out.Write(batch); err != nil {
			return err
		}
		inGroup += len(batch)
		batch = batch[:0]
		if inGroup >= groupRows {
			inGroup = 0
			return out.Flush()
		}
		return nil
	}
	err := rows(func(r *audit.Row) error {
		batch = append(batch, messageOf(r))
		if len(batch) == batchRows {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return out.Close()
}

func messageOf(r *audit.Row) message {
	r.Own() // a batch is longer than a row is valid
	m := message{
		Name: r.Name, Path: r.Path, Offset: r.Offset, Line: r.Line, Folder: r.Folder, Sender: r.Sender, SenderDomain: r.Domain, Subject: r.Subject,
		Octets: r.Octets, Recipients: r.Recipients, Uncertain: r.Uncertain, To: append([]string{}, r.Domains...), Attachments: int64(len(r.Attachments)),
		Attached: r.AttachmentOctets, Verdict: audit.OutcomeName(r.Outcome), Reason: r.Reason, Rules: audit.RuleIDs(r.Findings), WhatIfRules: audit.RuleIDs(r.Other),
	}
	if r.Unix != audit.NoDate {
		ms := r.Unix * 1000
		m.Date = &ms
	}
	if s := text(r); s != "" {
		m.TextHash = &s
	}
	if s := other(r); s != "" {
		m.WhatIf = &s
	}
	return m
}

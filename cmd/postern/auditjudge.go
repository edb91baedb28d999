package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/simhash"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// auditor makes rows of messages. It is used by many goroutines at once.
type auditor struct {
	run           *audit.Run
	shard         audit.Shard
	engine, other *rules.Engine // other is nil without --what-if
	filter        auditFilter
	dedup, strict bool
	opts          facts.Options
}

// item is something that the walk yielded.
type item struct {
	message mailbox.Message
	err     error
	ordinal uint64
	walk    audit.Chain // up to and with it
}

// result is what became of an item. A nil row is one for another shard.
type result struct {
	row  *audit.Row
	walk audit.Chain
}

// work makes the row of an item.
func (a *auditor) work(ctx context.Context, scanner *mimesize.Scanner, x *item) (r result) {
	r = result{row: &audit.Row{Ordinal: x.ordinal, Unix: audit.NoDate}, walk: x.walk}
	m := &x.message
	defer m.Close()
	if x.err != nil {
		brokenRow(r.row, x.err)
		return r
	}
	defer func() {
		// A fault in one message ends that message only.
		if p := recover(); p != nil {
			*scanner = mimesize.Scanner{}
			*r.row = audit.Row{Ordinal: x.ordinal, Unix: audit.NoDate, Size: m.Size}
			place(r.row, m)
			unjudgedRow(r.row, "internal error: "+quote.Short(fmt.Sprint(p), 200))
		}
	}()
	if !a.message(ctx, scanner, m, r.row) {
		r.row = nil
	}
	return r
}

// message makes the row of a message. It says false if the message belongs to another shard.
func (a *auditor) message(ctx context.Context, scanner *mimesize.Scanner, m *mailbox.Message, row *audit.Row) bool {
	row.Size = m.Size
	place(row, m)
	if !a.filter.folder(row.Folder) {
		row.Kind = audit.Filtered
	}
	if a.dedup || a.filter.sample < 1 {
		hash, err := audit.Hash(m.Reader, m.Size)
		if err != nil {
			// Without a digest the message is told from all others by its name.
			hash, _ = audit.Hash(strings.NewReader(m.Name), int64(len(m.Name)))
		}
		// Copies have to meet in one shard.
		if a.dedup && !a.shard.Mine(leading(hash)) {
			return false
		}
		row.Hash, row.Hashed = hash, a.dedup
		switch {
		case row.Kind == audit.Filtered:
		case !a.filter.drawn(leading(hash)):
			row.Kind = audit.Sampled
		case err == nil && a.dedup && a.run.Seen(hash):
			row.Kind = audit.Duplicate
		}
	}
	if row.Kind != audit.Judged {
		return true
	}
	var body simhash.Hasher
	opts := a.opts
	opts.Text = body.Add
	opts.Recipient = func(address string) {
		if len(row.Hashes) < audit.MaxRecipients {
			row.Hashes = append(row.Hashes, uint32(simhash.Hash64(address)))
		}
	}
	f, err := measureAs(scanner, m, nil, opts)
	if err != nil {
		unjudgedRow(row, err.Error())
		return true
	}
	fill(row, f)
	row.Body, row.Compared = body.Sum()
	if row.Kind = a.filter.kind(row); row.Kind != audit.Judged {
		return true
	}
	v := a.judge(ctx, a.engine, f)
	row.Outcome, row.Reason, row.Skipped = outcomeOf(v), v.Reason, skippedText(v.Skipped)
	row.Findings = findingsOf(v, true)
	if a.other != nil {
		v := a.judge(ctx, a.other, f)
		row.WhatIf, row.OtherOutcome, row.Other = true, outcomeOf(v), findingsOf(v, false)
		if row.OtherOutcome == audit.Unjudged && row.Reason == "" {
			row.Reason = "by the other policy: " + v.Reason
		}
	}
	return true
}

func (a *auditor) judge(ctx context.Context, e *rules.Engine, f *facts.Facts) rules.Verdict {
	v := e.Judge(ctx, f)
	if a.strict && v.Outcome == rules.Pass && len(v.Skipped) > 0 {
		v.Outcome, v.Reason = rules.Unjudged, "rules were skipped, and --strict wants every rule applied"
	}
	return v
}

func leading(h [16]byte) (n uint64) {
	for _, b := range h[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

// place says where a message lies.
func place(row *audit.Row, m *mailbox.Message) {
	row.Name, row.Path, row.Offset, row.Line, row.Folder = m.Name, m.Path, m.Offset, m.FirstLine, m.Folder
	if row.Folder == "" {
		row.Folder = folderOf(m)
	}
}

// folderOf is the folder of a message whose walk does not tell it: the Maildir, the mbox, or the directory.
func folderOf(m *mailbox.Message) string {
	if m.Offset > 0 || strings.Contains(m.Name, "#") {
		return m.Path
	}
	if mailbox.IsRemote(m.Path) {
		return m.Path[:strings.LastIndexByte(m.Path, '/')]
	}
	dir := filepath.Dir(m.Path)
	if base := filepath.Base(dir); base == "cur" || base == "new" {
		dir = filepath.Dir(dir)
	}
	return dir
}

func brokenRow(row *audit.Row, err error) {
	row.Kind = audit.Broken
	unjudgedRow(row, err.Error())
	var e *mailbox.Error
	if errors.As(err, &e) {
		row.Name, row.Path, row.Offset = e.Name, cmp.Or(e.Archive, e.Name), e.Offset
		row.Reason = shortText(e.Err.Error())
		if e.ID != "" {
			row.Reason = shortText(e.ID + ": " + e.Err.Error())
		}
	}
}

func unjudgedRow(row *audit.Row, reason string) {
	row.Outcome, row.Reason = audit.Unjudged, shortText(reason)
}

// fill takes over from the facts what a report shows.
func fill(row *audit.Row, f *facts.Facts) {
	row.Octets = f.Size.DataBytes
	row.AttachmentOctets = f.Size.AttachmentsBytes
	if f.Header.Date.Unix != nil {
		row.Unix = *f.Header.Date.Unix
	}
	row.Subject = shortText(f.Header.Subject.Text)
	if s := senderOf(f); s != nil {
		row.Sender, row.Domain = shortText(strings.ToLower(s.Address)), shortText(s.Domain)
	}
	row.Recipients, row.Uncertain = int64(f.Recipients.Unique), f.Recipients.Uncertain
	for _, d := range f.Recipients.Domains {
		row.Domains = append(row.Domains, shortText(d))
	}
	list := slices.Clone(f.Attachments)
	slices.SortStableFunc(list, func(a, b facts.Attachment) int { return cmp.Compare(b.EncodedBytes, a.EncodedBytes) })
	for i := range list[:min(len(list), audit.MaxAttachments)] {
		x := &list[i]
		n := int64(-1)
		if x.DecodedBytes != nil {
			n = *x.DecodedBytes
		}
		row.Attachments = append(row.Attachments, audit.Attachment{
			Name: shortText(x.Filename), Type: shortText(cmp.Or(x.SniffedType, x.DeclaredType)), Encoded: x.EncodedBytes, Decoded: n,
		})
	}
}

// senderOf is the address that answers for a message: the first of From, Sender, Return-Path and the envelope that there is.
func senderOf(f *facts.Facts) *facts.Address {
	for _, list := range [][]facts.Address{f.Sender.From, f.Sender.Sender, f.Sender.ReturnPath} {
		if len(list) > 0 {
			return &list[0]
		}
	}
	return f.Sender.Envelope
}

func outcomeOf(v rules.Verdict) uint8 {
	switch v.Outcome {
	case rules.Pass:
		return audit.Pass
	case rules.Fail:
		return audit.Fail
	}
	return audit.Unjudged
}

// skippedText names the rules that were skipped, and why.
func skippedText(list []rules.Skipped) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s.Rule + ": " + s.Reason)
	}
	return b.String()
}

// findingsOf keeps the findings of a verdict; those of the other policy without their sentences.
func findingsOf(v rules.Verdict, whole bool) []audit.Finding {
	list := make([]audit.Finding, 0, len(v.Findings))
	for i := range v.Findings[:min(len(v.Findings), audit.MaxFindings)] {
		f := &v.Findings[i]
		x := audit.Finding{Rule: f.Rule, Severity: severityOf(f.Severity), Line: f.Line}
		if whole {
			x.Message = shortText(f.Message)
			x.Value, x.HasValue = number(f.Value)
			x.Limit, x.HasLimit = number(f.Limit)
		}
		list = append(list, x)
	}
	return list
}

func severityOf(s rules.Severity) uint8 {
	switch s {
	case rules.SeverityError:
		return 0
	case rules.SeverityWarning:
		return 1
	}
	return 2
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n)
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

// shortText bounds a text out of a message, and makes it UTF-8.
func shortText(s string) string {
	if len(s) <= audit.MaxText && utf8.ValidString(s) {
		return strings.Clone(s)
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > audit.MaxText {
		n := audit.MaxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "..."
	}
	return strings.Clone(s)
}

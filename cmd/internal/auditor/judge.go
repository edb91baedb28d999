// Package auditor reads and judges mail for an audit: it lists what there is, divides it among the processors and the machines of a
// run, and makes a row of each message. It writes nothing and knows neither command line nor configuration.
package auditor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/cmd/internal/quote"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// Auditor makes rows of messages. Its fields are set before Audit and not changed afterwards.
type Auditor struct {
	// Paths is what is read; Stdin is standard input, if it is one of them.
	Paths []string
	Stdin io.Reader
	// Own, if set, tells of a file whether it is one that the run itself writes, and so no part of it.
	Own func(name string) bool
	// Progress, if set, is told of octets that were read, by many goroutines.
	Progress func(int64)
	Run      *audit.Run
	Shard    audit.Shard
	Engine   *rules.Engine
	Other    *rules.Engine // of another policy, nil without one
	Filter   Filter
	Dedup    bool
	// Strict makes a message unjudged that would pass while rules were skipped.
	Strict bool
	// Campaigns has the texts of messages compared.
	Campaigns bool
	// Stateful tells that Run keeps a state, Planned that Part is going to be called.
	Stateful, Planned bool
	Facts             facts.Options
	Limits            mailbox.Limits

	apart   bool // the facts of each message have memory of their own
	plan    audit.Chain
	spare   rowMemory
	wanted  facts.Options          // Facts, without what nobody looks at
	usual   []rules.Skipped        // the rules that are skipped for every message
	differs atomic.Pointer[string] // the message about which the guards and OPA do not agree
}

// Prepare has to be called when the other fields are set. It gives the rules that are skipped for every message, as one text.
func (a *Auditor) Prepare(ctx context.Context) string {
	a.wanted = a.want()
	a.usual = a.Engine.Judge(ctx, facts.New(facts.KindMessage)).Skipped
	return skippedText(a.usual)
}

// Audit reads and judges everything, or what belongs to the shard, and adds the rows to the run in the order of the walk, from the
// goroutine of the caller; added is called from time to time. Its error is ctx's, ErrPlan, one of the run, or one of writing.
func (a *Auditor) Audit(ctx context.Context, added func()) error {
	if a.Progress == nil {
		a.Progress = func(int64) {}
	}
	if a.Own == nil {
		a.Own = func(string) bool { return false }
	}
	w := &auditWalk{a: a, opts: a.reading()}
	err := a.inTasks(ctx, w, added)
	a.plan = w.plan
	return err
}

// Part writes the part file of the run, after Audit and Run.End.
func (a *Auditor) Part(w io.Writer) error { return a.Run.Part(w, &a.plan) }

// one makes the row of a message, or of what could not be read as one, and closes it. It gives false when nobody wants more.
func (w *auditWorker) one(at audit.Place, m *mailbox.Message, failed error) bool {
	defer m.Close()
	if w.stopped {
		return false
	}
	defer func() {
		if w.facts != nil {
			w.facts.Forget() // until the row is handed over its texts may be those of the facts
			w.facts = nil
		}
	}()
	row := &w.row
	row.Reset(at)
	if failed != nil {
		brokenRow(row, failed)
	} else {
		w.judged(m, row)
	}
	return w.add(row)
}

// judged is message, and ends no more than that when there is a fault in it.
func (w *auditWorker) judged(m *mailbox.Message, row *audit.Row) {
	defer func() {
		if p := recover(); p != nil {
			w.scanner = mimesize.Scanner{SizesOnly: w.scanner.SizesOnly}
			row.Reset(row.Place)
			row.Size = m.Size
			place(row, m)
			unjudgedRow(row, "internal error: "+quote.Short(fmt.Sprint(p), 200))
		}
	}()
	w.message(m, row)
	if err := w.difference(); err != nil && strings.Contains(row.Reason, err.Error()) {
		name := strings.Clone(row.Name)
		w.differs.CompareAndSwap(nil, &name)
	}
}

// message makes the row of a message.
func (a *auditWorker) message(m *mailbox.Message, row *audit.Row) {
	row.Size = m.Size
	place(row, m)
	if !a.Filter.folder(row.Folder) {
		row.Kind = audit.Filtered
	}
	if a.Dedup || a.Filter.Sample < 1 {
		hash, err := audit.Hash(m.Reader, m.Size)
		if err != nil {
			// Without a digest the message is told from all others by its name.
			hash, _ = audit.Hash(strings.NewReader(m.Name), int64(len(m.Name)))
		}
		row.Hash, row.Hashed = hash, a.Dedup
		switch {
		case row.Kind == audit.Filtered:
		case !a.Filter.drawn(leading(hash)):
			row.Kind = audit.Sampled
		case err == nil && a.Dedup && a.Run.Seen(hash):
			row.Kind = audit.Duplicate
		}
	}
	if row.Kind != audit.Judged {
		return
	}
	opts := a.wanted
	if !a.apart {
		opts.Memory = &a.memory
	}
	if a.recipient == nil {
		a.recipient = func(address string) {
			if row := &a.row; len(row.Hashes) < audit.MaxRecipients {
				row.Hashes = append(row.Hashes, uint32(audit.Label(address)))
			}
		}
	}
	opts.Recipient = a.recipient
	f, err := measure.Facts(&a.scanner, m, nil, opts)
	if err != nil {
		unjudgedRow(row, err.Error())
		return
	}
	a.facts = f
	fill(row, f)
	if row.Kind = a.Filter.kind(row); row.Kind != audit.Judged {
		return
	}
	v := a.judge(a.Engine, f)
	row.Outcome, row.Reason, row.Skipped = outcomeOf(v), v.Reason, a.skippedText(v.Skipped)
	row.Findings = findingsOf(row.Findings, v, true)
	if a.Other != nil {
		v := a.judge(a.Other, f)
		row.WhatIf, row.OtherOutcome, row.Other = true, outcomeOf(v), findingsOf(row.Other, v, false)
		if row.OtherOutcome == audit.Unjudged && row.Reason == "" {
			row.Reason = "by the other policy: " + v.Reason
		}
	}
}

// want says what of the facts is made: what rules read, and what fill does.
func (a *Auditor) want() facts.Options {
	opts := a.Facts
	a.Engine.Spare(&opts)
	if a.Other != nil {
		o := a.Facts
		a.Other.Spare(&o)
		opts.Without &= o.Without
	}
	opts.Without &^= facts.Inside
	if a.Campaigns {
		opts.Without &^= facts.Fingerprint
	}
	return opts
}

// judge gives a verdict whose findings are there until the next one.
func (a *auditWorker) judge(e *rules.Engine, f *facts.Facts) rules.Verdict {
	v := e.JudgeInto(a.ctx, f, a.room)
	a.room = v.Findings
	if a.Strict && v.Outcome == rules.Pass && len(v.Skipped) > 0 {
		v.Outcome, v.Reason = rules.Unjudged, "rules were skipped, and --strict wants every rule applied"
	}
	return v
}

// difference is the first one between the guards and OPA.
func (a *Auditor) difference() error {
	if a.Other != nil {
		return cmp.Or(a.Engine.Difference(), a.Other.Difference())
	}
	return a.Engine.Difference()
}

// Difference is that between the guards and OPA with rules.GuardsVerify, and the message about which they do not agree.
func (a *Auditor) Difference() (name string, err error) {
	name = "a message"
	if n := a.differs.Load(); n != nil {
		name = *n
	}
	return name, a.difference()
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
	for _, n := range m.Notes[:min(len(m.Notes), audit.MaxNotes)] {
		row.Notes = append(row.Notes, audit.Note{ID: n.ID, Text: shortText(n.Text)})
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
	row.Body, row.Compared = f.Text.Print()
	row.Subject = shortText(f.Header.Subject.Text)
	if s := senderOf(f); s != nil {
		if row.Domain = shortText(s.Domain); isPlain(s.Address, true) {
			row.Sender = s.Address
		} else {
			row.Sender = shortText(strings.ToLower(s.Address))
		}
	}
	row.Recipients, row.Uncertain = int64(f.Recipients.Unique), f.Recipients.Uncertain
	for _, d := range f.Recipients.Domains {
		row.Domains = append(row.Domains, shortText(d))
	}
	list := f.Attachments
	if len(list) > 1 {
		list = slices.Clone(list)
	}
	slices.SortStableFunc(list, func(a, b facts.Attachment) int { return cmp.Compare(b.EncodedBytes, a.EncodedBytes) })
	for i := range list[:min(len(list), audit.MaxAttachments)] {
		x := &list[i]
		n := int64(-1)
		if x.DecodedBytes != nil {
			n = *x.DecodedBytes
		}
		kind := x.SniffedType
		if kind == "" || kind == "application/octet-stream" { // the content does not tell
			kind = cmp.Or(x.DeclaredType, kind)
		}
		row.Attachments = append(row.Attachments, audit.Attachment{
			Name: shortText(x.Filename), Type: shortText(kind), Encoded: x.EncodedBytes, Decoded: n,
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

// skippedText is audit.Usual for the rules that are skipped whatever the message is.
func (a *Auditor) skippedText(list []rules.Skipped) string {
	if len(list) > 0 && len(list) == len(a.usual) && (&list[0] == &a.usual[0] || slices.Equal(list, a.usual)) {
		return audit.Usual
	}
	return skippedText(list)
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
func findingsOf(list []audit.Finding, v rules.Verdict, whole bool) []audit.Finding {
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
	if isPlain(s, false) || len(s) <= audit.MaxText && utf8.ValidString(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > audit.MaxText {
		n := audit.MaxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "..."
	}
	return s
}

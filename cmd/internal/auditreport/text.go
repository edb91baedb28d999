package auditreport

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

// Text writes the summary for people at a terminal.
type Text struct {
	report.Printer
	Top int // lines of each table
}

// Write writes the report.
func (t *Text) Write(r *audit.Report) error {
	s := &r.Summary
	t.Heading(headline(r))
	if s.First != "" {
		t.Line(fmt.Sprintf("from %s to %s, %s, %s", s.First, s.Last, report.Count(s.Octets, "octet", "octets"), report.Count(s.Recipients, "recipient", "recipients")))
	}
	t.Line(fmt.Sprintf("%s, %s, %s", report.Count(s.Errors, "error", "errors"), report.Count(s.Warnings, "warning", "warnings"), report.Count(s.Infos, "info", "infos")))
	for _, x := range leftOut(r) {
		t.Line(x)
	}
	t.rules(r)
	t.tallies("senders", r.Senders)
	t.tallies("domains of senders", r.SenderDomains)
	t.tallies("domains of recipients", r.RecipientDomains)
	t.tallies("folders", r.Folders)
	t.months(r.Months)
	t.histogram("size of messages, octets", r.Sizes)
	t.histogram("recipients of a message", r.Recipients)
	t.largest(r)
	t.pace(r)
	t.campaigns(r)
	t.whatIf(r)
	t.unjudged(r)
	for _, n := range r.Notes {
		t.Wrap("note: ", 6, 6, n)
	}
	if len(r.Skipped) > 0 {
		t.Heading("")
		for _, n := range r.Skipped {
			t.Wrap("skipped: ", 9, 9, n)
		}
	}
	if r.Redacted {
		t.Heading("")
		t.Wrap("", 0, 0, "Addresses, subjects and names of files are shown as hashes; --no-redact shows them.")
	}
	return t.Err()
}

// headline is the first line of every report.
func headline(r *audit.Report) string {
	s := &r.Summary
	line := fmt.Sprintf("%s: %s pass, %s fail, %s unjudged", report.Count(s.Messages, "message", "messages"), report.Comma(s.Pass), report.Comma(s.Fail), report.Comma(s.Unjudged))
	if !r.Complete {
		line += " (not all of the run)"
	}
	return line
}

// leftOut says what was walked over and not judged.
func leftOut(r *audit.Report) []string {
	s := &r.Summary
	var out []string
	add := func(n int64, what string) {
		if n > 0 {
			out = append(out, report.Count(n, "message", "messages")+" "+what)
		}
	}
	add(s.Duplicates, "left out: the same octets were counted before")
	add(s.Filtered, "left out by --since, --until, --sender or --folder")
	add(s.Undated, "left out: --since or --until is set, and there is no date that can be read")
	add(s.Sampled, "not in the sample")
	keys := make([]string, 0, len(r.LeftOut))
	for k := range r.LeftOut {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		out = append(out, report.Count(r.LeftOut[k], "file", "files")+" left out: "+k)
	}
	if len(r.Missing) > 0 {
		out = append(out, report.Count(len(r.Missing), "shard is missing", "shards are missing"))
	}
	return out
}

// grid writes a table under a heading. Columns after the first that hold numbers are right-aligned.
func (t *Text) grid(heading string, head []string, rows [][]string, left ...int) {
	if len(rows) == 0 {
		return
	}
	t.Line("")
	t.Heading(heading)
	width := make([]int, len(head))
	all := append([][]string{head}, rows...)
	for _, row := range all {
		for i := range row {
			row[i] = quote.Text(row[i])
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range all {
		var b strings.Builder
		b.WriteString(" ")
		for i, cell := range row {
			b.WriteByte(' ')
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if slices.Contains(left, i) {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
			b.WriteByte(' ')
		}
		t.Line(strings.TrimRight(b.String(), " "))
	}
}

func comma(n int64) string { return report.Comma(n) }

func none(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func (t *Text) rules(r *audit.Report) {
	var rows [][]string
	for _, x := range r.Rules[:min(t.Top, len(r.Rules))] {
		rows = append(rows, []string{comma(x.Messages), x.Given(), x.ID, x.Title})
	}
	t.grid(more("rules", len(r.Rules), t.Top), []string{"messages", "severity", "rule", ""}, rows, 1, 2, 3)
}

func more(what string, n, top int) string {
	if n > top {
		return fmt.Sprintf("%s, the first %d of %s", what, top, comma(int64(n)))
	}
	return what
}

func (t *Text) tallies(what string, list []audit.Entry[string]) {
	var rows [][]string
	for _, x := range list[:min(t.Top, len(list))] {
		rows = append(rows, []string{comma(x.Messages), comma(x.Fail), comma(x.Recipients), comma(x.Octets), none(x.Key)})
	}
	t.grid(more(what, len(list), t.Top), []string{"messages", "fail", "recipients", "octets", ""}, rows, 4)
}

// months shows the newest, which a list in order of time has at its end.
func (t *Text) months(list []audit.Entry[string]) {
	last := latest(list, t.Top)
	t.tallies(ofLatest("months", len(last), len(list)), last)
}

// ofLatest says with a title that it stands for the last n of all only.
func ofLatest(title string, n, all int) string {
	if n < all {
		return fmt.Sprintf("%s, the last %d of %s", title, n, comma(int64(all)))
	}
	return title
}

// latest gives the last n of a list that is in order of time.
func latest(list []audit.Entry[string], n int) []audit.Entry[string] {
	return list[max(len(list)-n, 0):]
}

func (t *Text) histogram(what string, list []audit.Range) {
	var rows [][]string
	most := int64(1)
	for _, x := range list {
		most = max(most, x.Messages)
	}
	for _, x := range list {
		if x.Messages > 0 {
			rows = append(rows, []string{rangeName(x), comma(x.Messages), strings.Repeat("=", int((x.Messages*40+most-1)/most))})
		}
	}
	t.grid(what, []string{"", "messages", ""}, rows, 2)
}

// rangeName is a range as people write it.
func rangeName(x audit.Range) string {
	switch {
	case x.To < 0:
		return comma(x.From) + " and more"
	case x.From == x.To:
		return comma(x.To)
	}
	return comma(x.From) + " to " + comma(x.To)
}

func (t *Text) largest(r *audit.Report) {
	var rows [][]string
	for _, x := range r.LargestMessages[:min(t.Top, len(r.LargestMessages))] {
		rows = append(rows, []string{comma(x.Octets), x.Verdict, none(x.Sender), x.Name})
	}
	t.grid("largest messages", []string{"octets", "", "sender", "message"}, rows, 1, 2, 3)
	rows = nil
	for _, x := range r.LargestAttached[:min(t.Top, len(r.LargestAttached))] {
		rows = append(rows, []string{comma(x.Encoded), none(x.Name), x.Type, none(x.Sender)})
	}
	t.grid("largest attachments, as encoded", []string{"octets", "file", "type", "sender"}, rows, 1, 2, 3)
}

func (t *Text) pace(r *audit.Report) {
	p := r.Pace
	t.Line("")
	t.Heading("sending pace")
	for _, x := range paceLines(p) {
		t.Line("  " + x)
	}
	var rows [][]string
	for _, x := range p.Senders[:min(t.Top, len(p.Senders))] {
		rows = append(rows, []string{comma(x.Over), comma(x.Fast), comma(x.Largest), x.Started, comma(x.PeakHour), comma(x.PeakDay), x.Sender})
	}
	t.grid(more("senders that were too fast", len(p.Senders), t.Top), []string{"batches over", "too fast", "largest", "at", "in an hour", "in a day", "sender"}, rows, 3, 6)
}

// paceLines say what the sending pace was held against, and what came of it.
func paceLines(p *audit.PaceReport) []string {
	l := &p.Limits
	lines := []string{fmt.Sprintf("%s with a date in %s, which end after %s without a message of the sender",
		report.Count(p.Dated, "message", "messages"), report.Count(p.Batches, "batch", "batches"), report.Count(l.Gap, "second", "seconds"))}
	if l.Batch > 0 {
		lines = append(lines, fmt.Sprintf("%s to more than %s", report.Count(p.Over, "batch went", "batches went"), report.Count(l.Batch, "address", "addresses")))
	}
	if l.Seconds > 0 {
		lines = append(lines, fmt.Sprintf("%s less than %s after the one before", report.Count(p.Fast, "message came", "messages came"), report.Count(l.Seconds, "second", "seconds")))
	}
	var hour, day int64
	for i := range p.Senders {
		hour += p.Senders[i].HourOver
		day += p.Senders[i].DayOver
	}
	if l.Hour > 0 {
		lines = append(lines, fmt.Sprintf("%s while a sender had more than %s in 60 minutes", report.Count(hour, "message was sent", "messages were sent"), report.Count(l.Hour, "recipient", "recipients")))
	}
	if l.Day > 0 {
		lines = append(lines, fmt.Sprintf("%s while a sender had more than %s in 24 hours", report.Count(day, "message was sent", "messages were sent"), report.Count(l.Day, "recipient", "recipients")))
	}
	return lines
}

func (t *Text) campaigns(r *audit.Report) {
	var rows [][]string
	for _, x := range r.Campaigns[:min(t.Top, len(r.Campaigns))] {
		rows = append(rows, []string{different(&x), comma(x.Messages), comma(x.Fail), day(x.First), day(x.Last), none(x.Subject)})
	}
	t.grid(more("campaigns: nearly the same text to many", len(r.Campaigns), t.Top), []string{"recipients", "messages", "fail", "first", "last", "subject"}, rows, 3, 4, 5)
}

func different(x *audit.Campaign) string {
	if x.AtLeast {
		return comma(x.Different) + "+"
	}
	return comma(x.Different)
}

// day is the date of a time stamp.
func day(s string) string { return s[:min(len(s), len("2006-01-02"))] }

func (t *Text) whatIf(r *audit.Report) {
	w := r.WhatIf
	if w == nil {
		return
	}
	t.Line("")
	t.Heading("what if: " + w.Policy)
	t.Line(fmt.Sprintf("  %s newly, %s no longer", report.Count(w.NewlyFailing, "message fails", "messages fail"), comma(w.NewlyPassing)))
	var rows [][]string
	for _, x := range w.Rules[:min(t.Top, len(w.Rules))] {
		rows = append(rows, []string{comma(x.Newly), comma(x.Gone), comma(x.Graver), comma(x.Now), comma(x.Other), x.Rule})
	}
	t.grid(more("rules that find something else", len(w.Rules), t.Top), []string{"newly", "no longer", "other severity", "now", "what if", "rule"}, rows, 5)
	t.examples("newly failing, examples", w.Failing)
	t.examples("newly passing, examples", w.Passing)
}

func (t *Text) examples(heading string, list []audit.Message) {
	var rows [][]string
	for _, m := range list[:min(t.Top, len(list))] {
		rows = append(rows, []string{day(m.Date), none(m.Sender), none(m.Subject), m.Name})
	}
	t.grid(heading, []string{"date", "sender", "subject", "message"}, rows, 0, 1, 2, 3)
}

func (t *Text) unjudged(r *audit.Report) {
	if len(r.Unjudged) == 0 {
		return
	}
	t.Line("")
	t.Heading(more("unjudged", len(r.Unjudged), t.Top))
	for _, m := range r.Unjudged[:min(t.Top, len(r.Unjudged))] {
		text := m.Reason
		if m.Offset > 0 {
			text = "at octet " + comma(m.Offset) + ": " + text
		}
		name := quote.Text(m.Name)
		t.Wrap("  "+name+": ", utf8.RuneCountInString(name)+4, 6, text)
	}
}

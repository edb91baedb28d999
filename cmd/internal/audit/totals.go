package audit

import (
	"cmp"
	"crypto/sha256"
	"hash"
	"slices"
	"strings"
	"time"
)

// Bounds of what is held for a report.
const (
	maxExamples   = 10   // messages that are shown of each rule
	maxOfSender   = 5    // failing messages that are shown of each sender
	maxShown      = 2000 // messages that are shown for their sender
	maxUnjudged   = 1000 // messages that were not judged
	maxSkipped    = 100  // different sets of rules that were skipped
	maxLargest    = 100  // largest messages and attachments
	maxWhatIf     = 50   // examples of each change of verdict
	maxCampaignsN = 200  // campaigns in a report
)

// Totals adds up the rows of a run, in their order. Memory is bounded, see the constants.
type Totals struct {
	head *Head
	sum  hash.Hash // of all rows: the default key of redaction

	walked, duplicates, filtered, undated, sampled int64

	all          Tally
	octets       int64 // as stored, of all that was walked
	first, last  int64
	dateless     int64
	senders      table // by senderID
	domains      table
	to           table
	toCut        int64 // messages with more recipient domains than a row keeps
	folders      table
	days         table // by dayKey
	rules        map[string]*ruleTotal
	pairs        table // sender and rule, with a NUL between them
	sizes        Histogram
	recipients   Histogram
	messages     top[Message]
	attachments  top[BigAttachment]
	sendings     sorter[sending, *sending]
	campaigns    campaigns
	shown        shelf
	ofSender     counts // failing messages that are shown
	unjudged     []Message
	unjudgedLeft int64
	skipped      []string
	usual        bool   // some message had the skipped rules of head
	odd          counts // notes, by their id
	whatIf       whatIf
}

// ruleTotal counts what a rule found.
type ruleTotal struct {
	id                        string
	suffix                    string // of the keys of pairs
	hash                      uint64
	seen                      int64 // the last message that was counted, as a number of walked
	messages, findings        int64
	errors, warnings, infos   int64
	other, newly, gone, shown int64
	graver                    int64 // or less grave: found by both policies with different severities
	senders                   int   // different ones, which a report counts from pairs
}

const maxRuleSenders = 10_000

func newRuleTotal(id string) *ruleTotal {
	return &ruleTotal{id: id, suffix: "\x00" + id, hash: Label(id)}
}

// Message is a message that a report shows.
type Message struct {
	Ordinal     uint64         `json:"ordinal"`
	Name        string         `json:"name"`
	Path        string         `json:"path"`
	Offset      int64          `json:"offset"`
	Line        int64          `json:"line"`
	Folder      string         `json:"folder"`
	Date        string         `json:"date"`
	Sender      string         `json:"sender"`
	Subject     string         `json:"subject"`
	Octets      int64          `json:"octets"`
	Recipients  int64          `json:"recipients"`
	Verdict     string         `json:"verdict"`
	Reason      string         `json:"reason"`
	Notes       []string       `json:"notes"` // what is odd about the way it was stored
	Findings    []ShownFinding `json:"findings"`
	WhatIf      string         `json:"what_if_verdict,omitempty"`
	WhatIfRules []string       `json:"what_if_rules,omitempty"`
}

// ShownFinding is a finding of a message that a report shows.
type ShownFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Line     int64  `json:"line"`
	Message  string `json:"message"`
}

// BigAttachment is one of the largest attachments.
type BigAttachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Encoded int64  `json:"encoded_bytes"`
	Decoded int64  `json:"decoded_bytes"` // -1 if it is not known
	Message string `json:"message"`
	Sender  string `json:"sender"`
	Date    string `json:"date"`
}

// whatIf compares the verdicts of two policies.
type whatIf struct {
	any     bool
	counts  [3][3]int64 // by outcome and other outcome
	failing []Message
	passing []Message
	rest    []Message // changes from or to unjudged
	senders table
}

// newTotals makes the totals of a run.
func newTotals(h *Head) *Totals {
	t := &Totals{
		head: h, sum: sha256.New(), first: NoDate, last: NoDate,
		odd: counts{}, rules: map[string]*ruleTotal{}, ofSender: counts{},
		sizes: newHistogram(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
			10_000_000, 20_000_000, 30_000_000, 40_000_000),
		recipients:  newHistogram(0, 1, 2, 5, 10, 25, 50, 100, 500),
		messages:    top[Message]{n: maxLargest, size: func(m *Message) int64 { return m.Octets }},
		attachments: top[BigAttachment]{n: maxLargest, size: func(a *BigAttachment) int64 { return a.Encoded }},
	}
	for _, r := range h.Rules {
		t.rules[r.ID] = newRuleTotal(r.ID)
	}
	return t
}

// tables are those of the totals.
func (t *Totals) tables() [7]*table {
	return [...]*table{&t.senders, &t.domains, &t.to, &t.folders, &t.days, &t.pairs, &t.whatIf.senders}
}

// failed is the error that made the totals incomplete, of the directory for temporary files.
func (t *Totals) failed() error {
	for _, x := range t.tables() {
		if x.disk.err != nil {
			return x.disk.err
		}
	}
	return cmp.Or(t.sendings.disk.err, t.shown.err, t.campaigns.failed())
}

// close gives back what the totals hold outside memory.
func (t *Totals) close() {
	for _, x := range t.tables() {
		x.close()
	}
	t.sendings.close()
	t.shown.close()
	t.campaigns.close()
}

// add counts a row. It keeps nothing of it that a later row could change.
func (t *Totals) add(r *Row) {
	t.walked++
	t.octets += r.Size
	switch r.Kind {
	case Duplicate:
		t.duplicates++
	case Filtered:
		t.filtered++
	case Undated:
		t.undated++
	case Sampled:
		t.sampled++
	case Broken, Judged:
		t.judged(r)
	}
}

func (t *Totals) judged(r *Row) {
	d := tallyOf(r)
	t.all.add(&d)
	if r.Skipped == Usual {
		t.usual = t.head.Skipped != ""
	} else if r.Skipped != "" && len(t.skipped) < maxSkipped && !slices.Contains(t.skipped, r.Skipped) {
		t.skipped = append(t.skipped, strings.Clone(r.Skipped))
	}
	for _, n := range r.Notes {
		t.odd.add(n.ID)
	}
	if r.Outcome == Unjudged {
		if len(t.unjudged) < maxUnjudged {
			t.unjudged = append(t.unjudged, *messageOf(r))
		} else {
			t.unjudgedLeft++
		}
	}
	if r.Kind == Broken {
		return
	}
	if r.Unix == NoDate {
		t.dateless++
	} else {
		if t.first == NoDate || r.Unix < t.first {
			t.first = r.Unix
		}
		t.last = max(t.last, r.Unix)
		t.days.add(dayKey(floorDiv(r.Unix, 86400)), &d)
	}
	sender := senderID(r.Sender)
	t.senders.addHashed(sender, r.Sender, "", &d)
	t.domains.add(r.Domain, &d)
	for _, to := range r.Domains {
		t.to.add(to, &d)
	}
	if len(r.Domains) == maxDomains {
		t.toCut++
	}
	t.folders.add(r.Folder, &d)
	t.sizes.add(r.Octets)
	t.recipients.add(r.Recipients)
	if t.messages.wants(r.Octets) {
		t.messages.offer(*messageOf(r))
	}
	for i := range r.Attachments {
		if a := &r.Attachments[i]; t.attachments.wants(a.Encoded) {
			t.attachments.offer(BigAttachment{
				strings.Clone(a.Name), strings.Clone(a.Type), a.Encoded, a.Decoded, strings.Clone(r.Name), strings.Clone(r.Sender), stamp(r.Unix),
			})
		}
	}
	if r.Unix != NoDate && r.Sender != "" {
		t.sendings.add(sending{sender: sender, unix: r.Unix, ordinal: r.Ordinal, recipients: uint32(min(max(r.Recipients, 1), 1<<30))})
	}
	if t.head.Settings.Campaign > 0 {
		t.campaigns.add(r, sender)
	}
	t.findings(r, sender, &d)
	if r.WhatIf {
		t.compare(r)
	}
}

// findings counts the rules of a message, and decides whether a report shows it.
func (t *Totals) findings(r *Row, sender uint64, d *Tally) {
	show := false
	var x *ruleTotal
	for i := range r.Findings {
		f := &r.Findings[i]
		if x == nil || x.id != f.Rule {
			x = t.rule(f.Rule)
		}
		x.findings++
		switch f.Severity {
		case 0:
			x.errors++
		case 1:
			x.warnings++
		default:
			x.infos++
		}
		if x.seen == t.walked {
			continue
		}
		x.seen = t.walked
		x.messages++
		t.pairs.addHashed(sender^x.hash, r.Sender, x.suffix, d)
		if x.shown < maxExamples {
			x.shown++
			show = true
		}
	}
	if r.Outcome == Fail && !show && len(t.shown.rows) < maxShown && len(t.ofSender) < maxKeys && t.ofSender.of(r.Sender) < maxOfSender {
		show = true
	}
	if show {
		if r.Outcome == Fail {
			t.ofSender.add(r.Sender)
		}
		t.shown.add(r)
	}
}

func (t *Totals) rule(id string) *ruleTotal {
	x := t.rules[id]
	if x == nil {
		x = newRuleTotal(strings.Clone(id))
		t.rules[x.id] = x
	}
	return x
}

// compare counts what the other policy says of a message.
func (t *Totals) compare(r *Row) {
	w := &t.whatIf
	w.any = true
	w.counts[r.Outcome][r.OtherOutcome]++
	here, there := ruleSet(r.Findings), ruleSet(r.Other)
	for id, severity := range there {
		x := t.rule(id)
		x.other++
		if old, ok := here[id]; !ok {
			x.newly++
		} else if old != severity {
			x.graver++
		}
	}
	for id := range here {
		if _, ok := there[id]; !ok {
			t.rule(id).gone++
		}
	}
	var list *[]Message
	switch {
	case r.Outcome == r.OtherOutcome:
		return
	case r.OtherOutcome == Fail:
		list = &w.failing
		w.senders.add(r.Sender, &Tally{Messages: 1, Fail: 1, Octets: r.Octets, Recipients: r.Recipients})
	case r.OtherOutcome == Pass && r.Outcome == Fail:
		list = &w.passing
	default:
		list = &w.rest
	}
	if len(*list) < maxWhatIf {
		*list = append(*list, *messageOf(r))
	}
}

// ruleSet gives the rules that found something, each with its gravest severity.
func ruleSet(list []Finding) map[string]uint8 {
	m := make(map[string]uint8, len(list))
	for i := range list {
		f := &list[i]
		if s, ok := m[f.Rule]; !ok || f.Severity < s {
			m[f.Rule] = f.Severity
		}
	}
	return m
}

var (
	outcomes   = [...]string{"pass", "fail", "unjudged"}
	severities = [...]string{"error", "warning", "info"}
)

func severityName(s uint8) string { return severities[min(int(s), 2)] }

// messageOf is what a report shows of a row. It keeps nothing of the row.
func messageOf(r *Row) *Message {
	var own Row
	if err := own.decode(r.append(nil)); err != nil {
		panic(err) // it was encoded here
	}
	own.Ordinal = r.Ordinal
	return shownOf(&own)
}

// shownOf is messageOf for a row whose texts nothing else has.
func shownOf(r *Row) *Message {
	m := &Message{
		Ordinal: r.Ordinal, Name: r.Name, Path: r.Path, Offset: r.Offset, Line: r.Line, Folder: r.Folder, Date: stamp(r.Unix), Sender: r.Sender, Subject: r.Subject,
		Octets: r.Octets, Recipients: r.Recipients, Verdict: outcomes[r.Outcome], Reason: r.Reason, Findings: make([]ShownFinding, len(r.Findings)), Notes: NoteTexts(r.Notes),
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		m.Findings[i] = ShownFinding{f.Rule, severityName(f.Severity), f.Line, f.Message}
	}
	if r.WhatIf {
		m.WhatIf = outcomes[r.OtherOutcome]
		for i := range r.Other {
			if id := r.Other[i].Rule; !slices.Contains(m.WhatIfRules, id) {
				m.WhatIfRules = append(m.WhatIfRules, id)
			}
		}
	}
	return m
}

// weekOf is the Monday of the week that a day lies in, as days since 1970.
func weekOf(d int64) int64 { return d - floorMod(d+3, 7) } // 1 January 1970 was a Thursday

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// monthOf is the name of the month that a day lies in.
func monthOf(d int64) string { return time.Unix(d*86400, 0).UTC().Format("2006-01") }

// OutcomeName is the word for an outcome.
func OutcomeName(o uint8) string { return outcomes[min(o, Unjudged)] }

// SeverityName is the word for the severity of a Finding.
func SeverityName(s uint8) string { return severityName(s) }

// Stamp is a time as reports show it (RFC 3339, UTC), "" for NoDate.
func Stamp(unix int64) string { return stamp(unix) }

// TextHash is the similarity hash of a text as reports show it.
func TextHash(h uint64) string { return hex64(h) }

// NoteTexts are notes as reports show them.
func NoteTexts(list []Note) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Text + " [" + n.ID + "]"
	}
	return out
}

// RuleIDs are the ids of the rules that found something, each once, in the order of the findings.
func RuleIDs(list []Finding) []string {
	ids := []string{}
	for i := range list {
		if !slices.Contains(ids, list[i].Rule) {
			ids = append(ids, list[i].Rule)
		}
	}
	return ids
}

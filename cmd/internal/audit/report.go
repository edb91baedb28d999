package audit

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// SchemaVersion is the version of the report's JSON. It grows when a key changes its meaning or goes away.
const SchemaVersion = 1

// Report is the answer of an audit.
type Report struct {
	SchemaVersion int      `json:"schema_version"`
	Postern       string   `json:"postern"`
	Kind          string   `json:"kind"` // "audit"
	Complete      bool     `json:"complete"`
	Missing       []int    `json:"missing_shards"`
	Redacted      bool     `json:"redacted"`
	Settings      Settings `json:"settings"`
	Summary       Summary  `json:"summary"`
	Notes         []string `json:"notes"` // bounds that were reached, and what else a reader should know

	Rules            []RuleRow       `json:"rules"`
	Senders          []Entry[string] `json:"senders"`
	SenderDomains    []Entry[string] `json:"sender_domains"`
	RecipientDomains []Entry[string] `json:"recipient_domains"`
	Folders          []Entry[string] `json:"folders"`
	SenderRules      []SenderRule    `json:"sender_rules"`
	Days             []Entry[string] `json:"days"`
	Weeks            []Entry[string] `json:"weeks"` // by their Monday
	Months           []Entry[string] `json:"months"`
	Sizes            []Range         `json:"sizes"`
	Recipients       []Range         `json:"recipients"`
	LargestMessages  []Message       `json:"largest_messages"`
	LargestAttached  []BigAttachment `json:"largest_attachments"`
	Pace             *PaceReport     `json:"pace"`
	Campaigns        []Campaign      `json:"campaigns"`
	CampaignTotal    int64           `json:"campaign_total"`
	WhatIf           *WhatIf         `json:"what_if"`
	Unjudged         []Message       `json:"unjudged"`
	Messages         []Message       `json:"messages"` // examples: some of each rule, and of each sender whose messages fail
	Skipped          []string        `json:"skipped_rules"`
	LeftOut          map[string]int  `json:"left_out"`
	// Odd counts the messages that were stored in an odd way, by what is odd; Message.Notes says more.
	Odd map[string]int64 `json:"storage_notes"`

	key []byte // of redaction
}

// Summary counts a run.
type Summary struct {
	Walked     int64 `json:"walked"` // messages, and what could not be read as one
	Duplicates int64 `json:"duplicates"`
	Filtered   int64 `json:"filtered"`
	Undated    int64 `json:"undated"`
	Sampled    int64 `json:"not_in_sample"`
	Tally
	Errors   int64  `json:"errors"`
	Warnings int64  `json:"warnings"`
	Infos    int64  `json:"infos"`
	First    string `json:"first"` // earliest and latest date
	Last     string `json:"last"`
	Dateless int64  `json:"without_date"`
	Stored   int64  `json:"stored_bytes"` // of all that was walked
}

// RuleRow is what a rule found.
type RuleRow struct {
	RuleInfo
	Messages int64 `json:"messages"`
	Findings int64 `json:"findings"`
	Errors   int64 `json:"errors"`
	Warnings int64 `json:"warnings"`
	Infos    int64 `json:"infos"`
	Senders  int   `json:"senders"` // different ones, at most maxRuleSenders
}

// Worst is the gravest severity that the rule gave.
func (x *RuleRow) Worst() string { return severities[x.gravity()] }

// Given is every severity that the rule gave, the gravest first.
func (x *RuleRow) Given() string {
	var list []string
	for i, n := range []int64{x.Errors, x.Warnings, x.Infos} {
		if n > 0 {
			list = append(list, severities[i])
		}
	}
	return strings.Join(list, ", ")
}

func (x *RuleRow) gravity() int {
	switch {
	case x.Errors > 0:
		return 0
	case x.Warnings > 0:
		return 1
	}
	return 2
}

// SenderRule counts the messages of a sender that a rule found something in.
type SenderRule struct {
	Sender   string `json:"sender"`
	Rule     string `json:"rule"`
	Messages int64  `json:"messages"`
}

// WhatIf is what another policy would have said.
type WhatIf struct {
	Policy       string          `json:"policy"`
	Verdicts     []Change        `json:"verdicts"`
	NewlyFailing int64           `json:"newly_failing"`
	NewlyPassing int64           `json:"newly_passing"`
	Rules        []RuleChange    `json:"rules"`
	Senders      []Entry[string] `json:"senders"` // of the messages that would fail newly, with the other verdict
	Failing      []Message       `json:"failing"` // examples
	Passing      []Message       `json:"passing"`
	Rest         []Message       `json:"to_or_from_unjudged"`
}

// Change counts messages by both verdicts.
type Change struct {
	Now      string `json:"now"`
	Other    string `json:"what_if"`
	Messages int64  `json:"messages"`
}

// RuleChange counts the messages that a rule finds something in under both policies.
type RuleChange struct {
	Rule  string `json:"rule"`
	Title string `json:"title"`
	Now   int64  `json:"now"`
	Other int64  `json:"what_if"`
	Newly int64  `json:"newly"`
	Gone  int64  `json:"no_longer"`
	// Graver counts those that both policies find, with different severities.
	Graver int64 `json:"other_severity"`
}

// maxPairs bounds the pairs of sender and rule in a report.
const maxPairs = 2000

// report makes the report of what was added. The totals are of no use afterwards.
func (t *Totals) report() (*Report, error) {
	r := &Report{
		SchemaVersion: SchemaVersion, Postern: t.head.Settings.Version, Kind: "audit", Complete: true, Missing: []int{}, Settings: t.head.Settings,
		Notes: []string{}, SenderRules: []SenderRule{}, Messages: []Message{}, Unjudged: []Message{}, LeftOut: map[string]int{}, Skipped: []string{},
		Summary: Summary{
			Walked: t.walked, Duplicates: t.duplicates, Filtered: t.filtered, Undated: t.undated, Sampled: t.sampled, Tally: t.all,
			First: stamp(t.first), Last: stamp(t.last), Dateless: t.dateless, Stored: t.octets,
		},
		Sizes: t.sizes.ranges(), Recipients: t.recipients.ranges(),
		LargestMessages: append([]Message{}, t.messages.list...), LargestAttached: append([]BigAttachment{}, t.attachments.list...), Campaigns: []Campaign{},
	}
	r.key = t.sum.Sum(nil)
	r.Odd = map[string]int64{}
	for id, n := range t.odd {
		r.Odd[id] = *n
	}
	if err := t.failed(); err != nil {
		return nil, err
	}
	var errs []error
	list := func(x *table) []Entry[string] {
		entries, err := x.list(maxKeys)
		errs = append(errs, err)
		return entries
	}
	// What is said of senders takes about as long as everything else, and nothing else needs it.
	var paceErr, sendersErr error
	var senders sync.WaitGroup
	senders.Go(func() {
		next, stop := iter.Pull(t.senders.all())
		r.Pace, paceErr = paceOf(&t.sendings, t.head.Settings.Pace, namesOf(next))
		stop()
		r.Senders, sendersErr = t.senders.list(maxKeys)
	})
	r.SenderDomains, r.RecipientDomains, r.Folders = list(&t.domains), list(&t.to), list(&t.folders)
	t.calendar(r, list(&t.days))
	errs = append(errs, t.senderRules(r))
	t.ruleRows(r)
	var err error
	r.Campaigns, r.CampaignTotal, err = t.campaigns.largest(t.head.Settings.Campaign, maxCampaignsN)
	errs = append(errs, err)
	t.campaigns.close()
	r.Unjudged = append(r.Unjudged, t.unjudged...)
	errs = append(errs, t.shown.all(func(row *Row) { r.Messages = append(r.Messages, *shownOf(row)) }))
	t.shown.close()
	r.Skipped = append(r.Skipped, t.skipped...)
	if t.usual && !slices.Contains(r.Skipped, t.head.Skipped) {
		r.Skipped = append(r.Skipped, t.head.Skipped)
	}
	slices.Sort(r.Skipped)
	if t.whatIf.any {
		r.WhatIf = t.difference(list(&t.whatIf.senders))
	}
	senders.Wait()
	t.notes(r)
	return r, errors.Join(append(errs, paceErr, sendersErr)...)
}

// namesOf gives the names of senders by their ids, which have to be asked for in rising order, as next gives them.
func namesOf(next func() (*entry, bool)) func(id uint64) string {
	x, ok := next()
	return func(id uint64) string {
		for ok && x.hash < id {
			x, ok = next()
		}
		if ok && x.hash == id {
			return string(x.key)
		}
		return "sender " + hex64(id)
	}
}

// senderRules lists the pairs of sender and rule with the most messages, and counts the senders of each rule.
func (t *Totals) senderRules(r *Report) error {
	for x := range t.pairs.all() {
		rule := t.rule(string(x.key[bytes.LastIndexByte(x.key, 0)+1:]))
		rule.senders = min(rule.senders+1, maxRuleSenders)
	}
	list, err := t.pairs.list(maxPairs)
	for _, e := range list {
		i := strings.LastIndexByte(e.Key, 0)
		r.SenderRules = append(r.SenderRules, SenderRule{e.Key[:i], e.Key[i+1:], e.Messages})
	}
	if t.pairs.left > 0 {
		r.note("of the pairs of sender and rule the %d with the most messages are listed", maxPairs)
	}
	return err
}

func (t *Totals) calendar(r *Report, days []Entry[string]) {
	byKey(days)
	r.Days, r.Weeks, r.Months = []Entry[string]{}, []Entry[string]{}, []Entry[string]{}
	grow := func(list []Entry[string], name string, d *Tally) []Entry[string] {
		if n := len(list); n == 0 || list[n-1].Key != name {
			list = append(list, Entry[string]{Key: name})
		}
		list[len(list)-1].add(d)
		return list
	}
	for i := range days {
		d := &days[i]
		day := dayOf(d.Key)
		r.Days = grow(r.Days, dayName(day), &d.Tally)
		r.Weeks = grow(r.Weeks, dayName(weekOf(day)), &d.Tally)
		r.Months = grow(r.Months, monthOf(day), &d.Tally)
	}
}

func (t *Totals) ruleRows(r *Report) {
	info := map[string]RuleInfo{}
	for _, x := range t.head.Rules {
		info[x.ID] = x
	}
	r.Rules = []RuleRow{}
	for id, x := range t.rules {
		r.Summary.Errors += x.errors
		r.Summary.Warnings += x.warnings
		r.Summary.Infos += x.infos
		if x.messages == 0 {
			continue
		}
		about := info[id]
		about.ID = id
		r.Rules = append(r.Rules, RuleRow{about, x.messages, x.findings, x.errors, x.warnings, x.infos, x.senders})
	}
	slices.SortFunc(r.Rules, func(a, b RuleRow) int {
		return cmp.Or(cmp.Compare(a.gravity(), b.gravity()), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.ID, b.ID))
	})
}

func (t *Totals) difference(senders []Entry[string]) *WhatIf {
	w := &WhatIf{
		Policy: t.head.Other, Verdicts: []Change{}, Rules: []RuleChange{}, Senders: senders,
		Failing: append([]Message{}, t.whatIf.failing...), Passing: append([]Message{}, t.whatIf.passing...), Rest: append([]Message{}, t.whatIf.rest...),
	}
	for i, row := range t.whatIf.counts {
		for j, n := range row {
			if n > 0 {
				w.Verdicts = append(w.Verdicts, Change{outcomes[i], outcomes[j], n})
			}
			switch {
			case i != j && j == int(Fail):
				w.NewlyFailing += n
			case i == int(Fail) && j == int(Pass):
				w.NewlyPassing += n
			}
		}
	}
	titles := map[string]string{}
	for _, x := range t.head.Rules {
		titles[x.ID] = x.Title
	}
	for id, x := range t.rules {
		if x.newly+x.gone+x.graver > 0 {
			w.Rules = append(w.Rules, RuleChange{id, titles[id], x.messages, x.other, x.newly, x.gone, x.graver})
		}
	}
	slices.SortFunc(w.Rules, func(a, b RuleChange) int {
		return cmp.Or(cmp.Compare(b.Newly, a.Newly), cmp.Compare(b.Gone, a.Gone), cmp.Compare(b.Graver, a.Graver), cmp.Compare(a.Rule, b.Rule))
	})
	return w
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// notes says which bounds were reached.
func (t *Totals) notes(r *Report) {
	full := func(what string, x *table) {
		if x.left > 0 {
			r.note("of %d %s the %d with the most messages are listed; the others have %d messages", maxKeys+x.left, what, maxKeys, x.others.Messages)
		}
	}
	full("senders", &t.senders)
	full("domains of senders", &t.domains)
	full("domains of recipients", &t.to)
	full("folders", &t.folders)
	full("days", &t.days)
	full("senders whose verdicts change", &t.whatIf.senders)
	if t.toCut > 0 {
		r.note("of messages to more than %d domains (%d of them) the first %d domains are counted", maxDomains, t.toCut, maxDomains)
	}
	if t.unjudgedLeft > 0 {
		r.note("of the unjudged messages the first %d are listed, %d more are not", maxUnjudged, t.unjudgedLeft)
	}
	if t.campaigns.dropped > 0 {
		r.note("there are more texts than the %d that are told apart: %d messages with rare texts were not compared with later ones", maxCampaigns, t.campaigns.dropped)
	}
	if r.CampaignTotal > int64(len(r.Campaigns)) {
		r.note("of %d campaigns the %d with the most recipients are listed", r.CampaignTotal, len(r.Campaigns))
	}
	for _, id := range slices.Sorted(maps.Keys(r.Odd)) {
		r.note("stored in an odd way, but judged: %d messages with %s", r.Odd[id], id)
	}
	if t.dateless > 0 {
		r.note("without a date that can be read, and so in no day, week or month, and not in the sending pace: %d of %d messages", t.dateless, t.all.Messages)
	}
}

// Key is the default key of redaction as text. It is made from all that was read, so that nobody has it who does not have the mail.
func (r *Report) Key() string { return hex.EncodeToString(r.key) }

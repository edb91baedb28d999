// Package report writes what a run found, one file a format. It decides nothing, and every piece of text that comes from a
// message or a file name goes through package quote on its way out.
package report

import (
	"sort"

	"postern/rules"
	"postern/rules/facts"
)

// SchemaVersion is the version of the JSON reports. It grows when a key changes its meaning or goes away.
const SchemaVersion = 1

// Item is the result for one message, or for one thing that could not be read as a message.
type Item struct {
	// Name is what the user calls the message, Path the file that the lines of its findings belong to.
	Name, Path string
	// Size and Recipients are nil when the message could not be read.
	Size       *facts.Size
	Recipients *Recipients
	// Verdict holds the findings that count; their lines count from the beginning of Path.
	Verdict rules.Verdict
	// Findings are all findings, those that were accepted too, which Verdict then no longer has; nil if none was accepted or
	// held against a baseline. All gives them in both cases.
	Findings []Finding
	// Identity names the message in fingerprints where Name would change from run to run; "" means Name.
	Identity string
	// Notes say what is odd about the way the message was stored, which does not count for its verdict.
	Notes []string
	// Hint says what to do about an unjudged message, "" when there is nothing to say.
	Hint string
}

// Recipients are the numbers of recipients that a report shows.
type Recipients struct {
	Total     int  `json:"total"`
	Unique    int  `json:"unique"`
	Uncertain bool `json:"uncertain"`
}

// Noun is what a run judges.
type Noun struct{ One, Many string }

// The nouns.
var (
	Messages = Noun{"message", "messages"}
	Files    = Noun{"file", "files"}
)

// LeftOut is an entry of a directory that was left out.
type LeftOut struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Summary counts a run.
type Summary struct {
	Total    int `json:"total"` // messages, or files of settings
	Pass     int `json:"pass"`
	Fail     int `json:"fail"`
	Unjudged int `json:"unjudged"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
	// Suppressed and Baselined count the findings that were accepted, and that the other numbers leave out.
	Suppressed int `json:"suppressed"`
	Baselined  int `json:"baselined"`
	// Notes are about suppressions and baselines: what does not work, and what is no longer needed.
	Notes []Note `json:"notes"`
	// Complete is false when the run was interrupted: more messages may have followed.
	Complete bool `json:"complete"`
	// Skipped are the rules that were skipped for at least one message, sorted.
	Skipped []rules.Skipped `json:"skipped_rules"`
	// LeftOut counts the entries of directories that were left out, by reason.
	LeftOut map[string]int `json:"left_out"`
	// LeftOutFiles names the first of them, if they were asked for.
	LeftOutFiles []LeftOut `json:"left_out_files,omitempty"`

	seen map[rules.Skipped]bool
}

// Add counts one item.
func (s *Summary) Add(it *Item) {
	s.Total++
	switch it.Verdict.Outcome {
	case rules.Pass:
		s.Pass++
	case rules.Fail:
		s.Fail++
	default:
		s.Unjudged++
	}
	for i := range it.Verdict.Findings {
		switch it.Verdict.Findings[i].Severity {
		case rules.SeverityError:
			s.Errors++
		case rules.SeverityWarning:
			s.Warnings++
		default:
			s.Infos++
		}
	}
	for i := range it.Findings {
		switch f := &it.Findings[i]; {
		case f.Live():
		case f.BaselineState == Unchanged:
			s.Baselined++
		case f.BaselineState != Absent:
			s.Suppressed++
		}
	}
	for _, k := range it.Verdict.Skipped {
		if s.seen == nil {
			s.seen = map[rules.Skipped]bool{}
		}
		if !s.seen[k] {
			s.seen[k] = true
			s.Skipped = append(s.Skipped, k)
		}
	}
}

// Note is something that the user should know of the run, without weight for its verdict.
type Note struct {
	File string `json:"file"`
	Line int64  `json:"line"` // 0 when there is none
	Text string `json:"text"`
}

// LeaveOut counts an entry of a directory that was left out.
func (s *Summary) LeaveOut(reason string) {
	if s.LeftOut == nil {
		s.LeftOut = map[string]int{}
	}
	s.LeftOut[reason]++
}

// finish puts the summary into the form that it is shown in.
func (s *Summary) finish() {
	sort.Slice(s.Skipped, func(i, j int) bool {
		a, b := s.Skipped[i], s.Skipped[j]
		if a.Rule != b.Rule {
			return a.Rule < b.Rule
		}
		return a.Reason < b.Reason
	})
	if s.Skipped == nil {
		s.Skipped = []rules.Skipped{}
	}
	if s.LeftOut == nil {
		s.LeftOut = map[string]int{}
	}
	if s.Notes == nil {
		s.Notes = []Note{}
	}
}

// outcome is the verdict on the run as a whole.
func (s *Summary) outcome(n Noun) rules.Outcome {
	switch {
	case s.Unjudged > 0 || incomplete(s, n) != "":
		return rules.Unjudged
	case s.Fail > 0:
		return rules.Fail
	}
	return rules.Pass
}

// Writer writes the report of a run: one Item after the other, then the Summary that has counted them. The first error of
// the underlying writer is returned by every later call.
type Writer interface {
	Item(*Item) error
	Close(*Summary) error
}

package report

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"postern/rules"
)

// The kinds of Suppression, as SARIF names them.
const (
	// InSource: the message or template itself says so.
	InSource = "inSource"
	// External: the configuration or a baseline says so.
	External = "external"
)

// The states of a finding when a run is held against a baseline, as SARIF names them.
const (
	New       = "new"       // the baseline does not have it
	Unchanged = "unchanged" // the baseline has it
	Absent    = "absent"    // the baseline has it, the message no longer does
)

// Suppression says that, and why, a finding is accepted.
type Suppression struct {
	Kind   string `json:"kind"` // InSource or External
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"` // last day, YYYY-MM-DD; "" for ever
}

// Finding is a rule's result with what the run knows of its history. The zero values of what it adds mean: not accepted, not
// held against a baseline, fingerprint not yet computed.
type Finding struct {
	rules.Finding
	Suppressed    *Suppression `json:"suppressed"`
	BaselineState string       `json:"baseline_state,omitempty"` // New, Unchanged, Absent or ""
	Fingerprint   string       `json:"fingerprint"`
}

// Live tells whether the finding counts for the verdict: it is neither accepted nor gone.
func (f *Finding) Live() bool { return f.Suppressed == nil && f.BaselineState != Absent }

// All gives the findings that a report of all findings shows, accepted ones too, each with its fingerprint. It is it.Findings,
// or if that is nil the findings of the verdict, which it then becomes.
func (it *Item) All() []Finding {
	if it.Findings == nil {
		it.Findings = make([]Finding, len(it.Verdict.Findings))
		for i := range it.Findings {
			it.Findings[i].Finding = it.Verdict.Findings[i]
		}
	}
	Fingerprints(it.identity(), it.Findings)
	return it.Findings
}

// identity is what names the message in fingerprints.
func (it *Item) identity() string {
	if it.Identity != "" {
		return it.Identity
	}
	return path.Clean(filepath.ToSlash(it.Name))
}

// Fingerprints fills in the fingerprints of the findings of one message that have none. A fingerprint is made from rule,
// message, MIME path and the finding's sentence without its numbers, not from the line: it stays the same when the finding
// moves, or when a size or a count in it changes. Findings that are alike in all this are numbered in their order.
func Fingerprints(identity string, list []Finding) {
	seen := make(map[string]int, len(list))
	for i := range list {
		f := &list[i]
		if f.Fingerprint != "" {
			continue
		}
		key := strings.Join([]string{f.Rule, identity, f.File, f.Path, normal(f.Message)}, "\x00")
		n := seen[key]
		seen[key] = n + 1
		if n > 0 {
			key += "\x00" + strconv.Itoa(n)
		}
		sum := sha256.Sum256([]byte(key))
		f.Fingerprint = hex.EncodeToString(sum[:16])
	}
}

// normal gives a sentence with every number as 0 and every run of white space as one blank.
func normal(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	number, blank := false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if !number {
				b.WriteByte('0')
			}
			number, blank = true, false
		case number && (c == ',' || c == '.') && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if !blank {
				b.WriteByte(' ')
			}
			number, blank = false, true
		default:
			b.WriteByte(c)
			number, blank = false, false
		}
	}
	return b.String()
}

package rules

// Severity says what a finding does to the verdict.
type Severity string

// The severities, from the gravest.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Outcome is the answer about one message.
type Outcome string

// The outcomes. Unjudged is never a pass.
const (
	Pass     Outcome = "pass"
	Fail     Outcome = "fail"
	Unjudged Outcome = "unjudged"
)

// Clause is what a rule rests on.
type Clause struct {
	// Text is the provider's sentence, word for word where Read is set, else the section of an RFC or a text of our own.
	Text string `json:"text"`
	// Source is the address of the page, or of the RFC.
	Source string `json:"source"`
	// Read is the date on which the page, or the copy of it that the project works from, was read; "" when Text is no quote.
	Read string `json:"read,omitempty"`
}

// Finding is a rule's result.
type Finding struct {
	Rule     string   `json:"rule"` // id, such as pair.size_limit
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Message  string   `json:"message"` // one sentence with the measured value and the limit; it can hold untrusted text
	Value    any      `json:"value"`   // the measured value: number, string or nil
	Limit    any      `json:"limit"`   // the limit it was held against, or nil
	Clause   Clause   `json:"clause"`
	Remedy   string   `json:"remedy"`
	// Temporary findings pass with time: the same message can be sent later, in RetrySeconds if the rule knows it (else 0).
	Temporary    bool   `json:"temporary,omitempty"`
	RetrySeconds int64  `json:"retry_seconds,omitempty"`
	Path         string `json:"path"`           // MIME path, "" when the finding is about the whole message
	Line         int64  `json:"line"`           // 1-based line of the message's file, 0 when there is none
	File         string `json:"file,omitempty"` // the file that Line belongs to, where it is not the message itself: settings, templates
}

// Skipped is a rule that could not be applied, and what to do about it.
type Skipped struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// Verdict is the answer about one message with everything it rests on.
type Verdict struct {
	Outcome  Outcome   `json:"verdict"`
	Reason   string    `json:"reason,omitempty"` // why it is unjudged
	Findings []Finding `json:"findings"`         // gravest first, then by rule, line and message
	Skipped  []Skipped `json:"skipped"`
}

package rules

import "time"

// Account is what the user told us of his account with the provider.
type Account struct {
	Username     string   `json:"username"`
	Created      string   `json:"created"` // YYYY-MM-DD, "" if not told
	Plan         string   `json:"plan"`
	ServerNumber int      `json:"server_number"` // mailNNN.pair.com, 0 if not told
	Domains      []string `json:"domains"`       // lower case, A-labels
	Addresses    []string `json:"addresses"`     // lower case
	// DMARC are the domains of which the user says that they, and what lies below them, have a DMARC record (RFC 7489); lower case,
	// A-labels.
	DMARC []string `json:"dmarc"`
	// PairlistSubscribers is the number of subscribers of the largest pairList, 0 if not told.
	PairlistSubscribers int `json:"pairlist_subscribers"`
}

// Module is a policy of the user's.
type Module struct {
	Name   string // file name, for messages
	Source string
}

// Options select and adjust the rules. The zero value runs all built-in rules of the Pair pack without an account.
type Options struct {
	// Provider names the pack: "pair" (also ""), or "none" for no provider's rules.
	Provider string
	// Account is nil when the user has told nothing; rules that need one are then skipped, not passed.
	Account *Account
	// History tells that messages are judged with their history (facts.Facts.History); rules that need one are otherwise skipped.
	History bool
	// ServerSize is the number that the user's server announces with SIZE (RFC 1870), 0 if unknown.
	ServerSize int64
	// Limits override default limits: rule id, then name of the limit.
	Limits map[string]map[string]any
	// LimitPlaces tell where an override of Limits is written, such as "postern.yaml:5", to be said when it cannot be used. Keys are
	// those of Limits; any may be missing.
	LimitPlaces map[string]map[string]string
	// Severities override severities by rule id.
	Severities map[string]Severity
	// Disabled rules are not run.
	Disabled []string
	// Only, if not empty, runs no other rules.
	Only []string
	// Policies are added to the built-in ones.
	Policies []Module
	// FailOn is the gravity that fails a message: SeverityError (also ""), SeverityWarning or SeverityInfo.
	FailOn Severity
	// Timeout bounds one evaluation; 0 means DefaultTimeout.
	Timeout time.Duration
	// Guards says how rules are left out that cannot find anything (package guard). It changes no verdict.
	Guards Guards
}

// Guards says how guards are used.
type Guards int

// Uses of guards.
const (
	GuardsLater  Guards = iota // from the time on when enough messages have been judged to be worth it
	GuardsOff                  // never
	GuardsOn                   // from the first message on
	GuardsVerify               // as GuardsOn, and OPA evaluates all rules as well: where the two differ, the message is unjudged
)

// DefaultTimeout bounds the evaluation of one message.
const DefaultTimeout = 2 * time.Second

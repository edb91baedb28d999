package gate

import "strings"

// Live is how a message ended that was on its way: what a program that hands in mail is told. Everything that is the fault of
// postern or of its surroundings is temporary (75), so that the caller tries again.
type Live uint8

// The answers. The zero value is Taken.
const (
	// Taken: the next hop has the message.
	Taken Live = iota
	// Refused: a rule stands against it.
	Refused
	// Malformed: readers would not agree on what it says.
	Malformed
	// LineEnds: it holds a line end or an octet that mail cannot hold.
	LineEnds
	// Oversize: it is larger, or deeper, than is read.
	Oversize
	// Limited: a rule stands against it now, and will not later.
	Limited
	// BadUsage: the arguments are wrong.
	BadUsage
	// NoRecipients: nobody is named.
	NoRecipients
	// BadRecipient: a recipient is not exactly one address; BadSender is the same of the sender.
	BadRecipient
	BadSender
	// Misconfigured: the configuration or a policy cannot be used.
	Misconfigured
	// Failed: postern could not judge it, or something that it needs was away.
	Failed
	// NoSpace: the message, or what is kept of it, could not be stored.
	NoSpace
	// Unreachable: the next hop could not be reached. TimedOut: it did not answer in time.
	Unreachable
	TimedOut
	// Untrusted: the next hop could not prove who it is; nothing was sent.
	Untrusted
	// LoginRefused: the next hop refused our login.
	LoginRefused
	// LoginWrong: the same, where it is said to be of no use to try again.
	LoginWrong
	// Deferred and Rejected: the next hop refused the message, for now or for ever.
	Deferred
	Rejected
	lives
)

// Answer is what a caller is told.
type Answer struct {
	// Exit is the exit status of a sendmail (sysexits.h).
	Exit int
	// Status is the enhanced status code (RFC 3463) that begins the first line, which Postfix's pipe(8) puts over Exit.
	Status string
}

// answers is the contract of README.md, section "In the place of sendmail".
var answers = [lives]Answer{
	Taken:         {0, "2.0.0"},
	Refused:       {77, "5.7.1"}, // EX_NOPERM
	Malformed:     {65, "5.6.0"}, // EX_DATAERR
	LineEnds:      {65, "5.5.2"},
	Oversize:      {65, "5.3.4"},
	Limited:       {75, "4.7.1"}, // EX_TEMPFAIL
	BadUsage:      {64, "5.5.4"}, // EX_USAGE
	NoRecipients:  {64, "5.5.1"},
	BadRecipient:  {64, "5.1.3"},
	BadSender:     {64, "5.1.7"},
	Misconfigured: {75, "4.3.5"},
	Failed:        {75, "4.3.0"},
	NoSpace:       {75, "4.3.1"},
	Unreachable:   {75, "4.4.1"},
	TimedOut:      {75, "4.4.2"},
	Untrusted:     {75, "4.7.5"},
	LoginRefused:  {75, "4.7.8"},
	LoginWrong:    {77, "5.7.8"},
	Deferred:      {75, "4.0.0"},
	Rejected:      {69, "5.0.0"}, // EX_UNAVAILABLE
}

// Answer gives what a caller is told. A value that does not exist counts as Failed.
func (l Live) Answer() Answer {
	if l >= lives {
		l = Failed
	}
	return answers[l]
}

// Permanent tells that trying again is of no use.
func (l Live) Permanent() bool {
	e := l.Answer().Exit
	return e != 0 && e != answers[Failed].Exit
}

// Live gives what a live path answers to a cause. Fail has many answers, see LiveRule; here it is Refused.
func (c Cause) Live() Live {
	switch c {
	case Pass:
		return Taken
	case Fail:
		return Refused
	case Usage:
		return BadUsage
	case Config, Policy:
		return Misconfigured
	}
	return Failed
}

// ruleLives are the rules whose answer is not that of their category.
var ruleLives = map[string]Live{
	"rfc.eol_barecr":         LineEnds,
	"rfc.eol_barelf":         LineEnds,
	"rfc.nul":                LineEnds,
	"rfc.smuggling":          LineEnds,
	"rfc.header_total":       Oversize,
	"pair.size_limit":        Oversize,
	"rfc.mime_empty":         Malformed,
	"rfc.mime_unclosed":      Malformed,
	"rfc.mime_version":       Malformed,
	"rfc.cte_composite":      Malformed,
	"rfc.cte_unknown":        Malformed,
	"rfc.address_syntax":     Malformed,
	"rfc.from_missing":       Malformed,
	"rfc.from_duplicate":     Malformed,
	"rfc.header_duplicate":   Malformed,
	"size.recipient_path":    Refused,
	"rfc.mboxfrom_prefix":    Malformed,
	"rfc.header_name":        Malformed,
	"rfc.header_ctl":         Malformed,
	"rfc.header_fold":        Malformed,
	"rfc.mime_boundary_long": Malformed,
}

// LiveRule gives what a live path answers when the rule of that id stands against a message.
func LiveRule(id string) Live {
	if l, ok := ruleLives[id]; ok {
		return l
	}
	category, name, _ := strings.Cut(id, ".")
	switch {
	case category == "limit", category == "size":
		return Oversize
	case category == "mime", category == "rfc" && strings.HasPrefix(name, "mime_"):
		return Malformed
	}
	return Refused
}

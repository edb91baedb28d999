package submit

import (
	"fmt"
	"strings"

	"postern/cmd/internal/quote"
)

// Kind is what an Error means for the message.
type Kind uint8

// The kinds. For all but Uncertain it is certain that the server has not taken the message.
const (
	// Temporary: the server could not be reached or said 4yz, or the talk broke off before the final dot.
	Temporary Kind = iota
	// Permanent: the server said 5yz.
	Permanent
	// Uncertain: the whole message was sent and the answer was lost. The server may have taken it (RFC 1047).
	Uncertain
	// TLS: the server did not prove who it is, or does not offer TLS. It saw no password.
	TLS
	// Auth: the server refused the login or offers none that is known here, or the password could not be fetched.
	Auth
	// Message: the message or its envelope cannot be sent to this server as it is. No octet of it was sent, unless it changed
	// while it was being sent.
	Message
	// Usage: there is no recipient.
	Usage
	// Setup: the options are no good.
	Setup
	kinds
)

// String is the kind as it stands in a log.
func (k Kind) String() string {
	if k >= kinds {
		k = Temporary
	}
	return [...]string{"temporary", "permanent", "uncertain", "tls", "auth", "message", "usage", "setup"}[k]
}

// Exit statuses of sysexits.h that callers of sendmail know.
const (
	exUsage       = 64
	exDataErr     = 65
	exUnavailable = 69
	exTempFail    = 75
)

// Refusal is a recipient that the server refused.
type Refusal struct {
	Recipient string // safe to print
	Code      int    // the server's, 0 when it gave none
	Enhanced  string
	Text      string // the server's, one line, safe to print
}

// Error is why a message was not sent, or is not known to be. All its texts are safe to print and hold no password.
type Error struct {
	Kind Kind
	// Phase is what was under way: connect, TLS, greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, "end of data", or "" before
	// there was a connection.
	Phase string
	// Code is the server's reply code, 0 when it gave none.
	Code int
	// Enhanced is the enhanced status code for the caller (RFC 3463), never "". Its class goes with Sysexit: a login that the
	// server refuses with 5.7.8 is 4.7.8 here, because the message is not to blame.
	Enhanced string
	// Text says what happened, in one line, with the server's own words at the end where it said some.
	Text string
	// Refused are the recipients that were refused, in the order of the envelope.
	Refused []Refusal

	cause error
}

// Error gives the enhanced status code and the text, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Enhanced + " " + e.Text)
	for i, r := range e.Refused {
		if i == maxShown {
			fmt.Fprintf(&b, "; and %d more", len(e.Refused)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s<%s> %s", sep, r.Recipient, r.Text)
	}
	return b.String()
}

// maxShown bounds how many refusals the text of an Error lists. Refused has all of them.
const maxShown = 10

// Unwrap gives context.Canceled or context.DeadlineExceeded when the caller's context ended the run, else nil: errors of
// other packages can hold what the server sent.
func (e *Error) Unwrap() error { return e.cause }

// Sysexit is the exit status that tells a caller of sendmail the same (sysexits.h): 75 to try again, 69 when the server
// refused for good, 65 when the message cannot be sent as it is, 64 without recipients.
func (e *Error) Sysexit() int {
	switch e.Kind {
	case Permanent:
		return exUnavailable
	case Message:
		return exDataErr
	case Usage:
		return exUsage
	}
	return exTempFail
}

func newError(kind Kind, phase, enhanced, format string, args ...any) *Error {
	return &Error{Kind: kind, Phase: phase, Enhanced: enhanced, Text: fmt.Sprintf(format, args...)}
}

// maxText bounds the server's words in an error, in characters.
const maxText = 300

// clean makes one safe line of what a server sent.
func (s *secrets) clean(text string) string {
	if s.in(text) {
		return "(the server's words are not shown: they hold the password)"
	}
	return quote.Short(strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " "), maxText)
}

package sendmail

import (
	"fmt"
	"io"
	"strings"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/quote"
)

// Answerer tells a program that hands in mail, and the people behind it, what became of it.
type Answerer struct{ Stdout, Stderr io.Writer }

// maxReply bounds the first line: it becomes an SMTP reply where Postfix's pipe(8) reads it.
const maxReply = 400

// First writes the line that programs read: status, what stands against the message in brackets, and a sentence; then the lines of
// more, which are for people, and gives the exit status. Postfix's pipe(8) reads the line from standard output, everybody else from
// standard error; where both are one it is written once. Where neither takes it, a refusal is for now only.
func (a *Answerer) First(answer gate.Answer, rule, text string, more []string) int {
	line := answer.Status + " "
	if rule != "" {
		line += "[" + rule + "] "
	}
	line += oneLine(text, maxReply-len(line)) + "\n"
	var b strings.Builder
	b.WriteString(line)
	for _, m := range more {
		if m != "" {
			b.WriteString("postern: " + quote.Text(m) + "\n")
		}
	}
	told := Write(a.Stderr, b.String()) >= len(line)
	if !Same(a.Stdout, a.Stderr) {
		told = Write(a.Stdout, line) >= len(line) || told
	}
	if !told && answer.Exit != 0 {
		return gate.Failed.Answer().Exit // nobody was told why: it is no answer for ever
	}
	return answer.Exit
}

// Error tells why a message was not taken, and gives the exit status.
func (a *Answerer) Error(e *Error) int {
	hint := e.Hint
	if hint != "" {
		hint = "hint: " + hint
	}
	return a.First(e.Answer(), e.Rule, e.Error(), []string{hint})
}

// Uncounted is the answer where a message cannot be counted in the ledger because of err, out of which hint leads.
func Uncounted(err error, hint string) *Error {
	if hint != "" {
		hint += "; "
	}
	return &Error{Live: gate.Failed, Err: err, Hint: hint + "nothing was sent"}
}

// oneLine makes text that is safe in a reply: visible ASCII, at most max octets.
func oneLine(s string, max int) string {
	var b strings.Builder
	for _, r := range quote.Text(s) {
		if r >= 0x7f {
			fmt.Fprintf(&b, `\u{%x}`, r)
		} else {
			b.WriteRune(r)
		}
		if b.Len() > max-3 {
			return b.String()[:max-3] + "..."
		}
	}
	return b.String()
}

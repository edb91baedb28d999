// Package gate holds the one table that turns what happened into the number that a caller sees.
package gate

import (
	"errors"
	"fmt"
)

// Cause is what a run ended with. Callers branch on it; the rest of an error is for people.
type Cause uint8

// The causes, from the best. The zero value is Pass.
const (
	// Pass: every message was judged and none failed.
	Pass Cause = iota
	// Fail: at least one message failed, and every message was judged.
	Fail
	// Unjudged: at least one message could not be judged, or no message was found. It stands over Fail, because nobody knows
	// what the unjudged message holds.
	Unjudged
	// Usage: the command line is wrong.
	Usage
	// Config: the configuration cannot be used.
	Config
	// Policy: a policy does not load.
	Policy
	// Internal: postern itself failed, or could not write its report.
	Internal
	causes
)

// Code holds the numbers of one cause, by the kind of caller.
type Code struct {
	// Exit is the exit status of a program that people and CI run: check and audit.
	Exit int
}

// table is the contract of README.md, section "Exit codes". Internal is 3: a run that broke has judged nothing.
var table = [causes]Code{
	Pass:     {Exit: 0},
	Fail:     {Exit: 1},
	Usage:    {Exit: 2},
	Config:   {Exit: 2},
	Policy:   {Exit: 2},
	Unjudged: {Exit: 3},
	Internal: {Exit: 3},
}

// Code gives the numbers of c. A cause that does not exist counts as Internal.
func (c Cause) Code() Code {
	if c >= causes {
		c = Internal
	}
	return table[c]
}

// Worse gives the cause that decides when both have happened to messages of one run.
func Worse(a, b Cause) Cause { return max(a, b) }

// Error is an error with its cause and, for people, the way out of it.
type Error struct {
	Cause Cause
	Err   error
	// Hint says what the user can do now; "" when there is nothing to say.
	Hint string
	// Silent errors have been reported already, in the report itself.
	Silent bool
}

// Error gives the text of the error without its hint.
func (e *Error) Error() string {
	if e.Err == nil {
		return "stopped"
	}
	return e.Err.Error()
}

// Unwrap gives the error inside.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of that cause.
func Errorf(c Cause, hint, format string, args ...any) *Error {
	return &Error{Cause: c, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Usagef makes an Error about the command line.
func Usagef(hint, format string, args ...any) *Error { return Errorf(Usage, hint, format, args...) }

// Of gives the cause of err: Pass for nil, and Internal for an error that nobody gave a cause.
func Of(err error) Cause {
	if err == nil {
		return Pass
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Cause
	}
	return Internal
}

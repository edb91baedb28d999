package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/cmd/internal/locate"
	"postern/cmd/internal/quote"
)

// Error is one thing wrong with the configuration.
type Error struct {
	// File and Line are the place; Line is 1-based, and 0 when the file itself cannot be read. File is "" when the value
	// came from the environment.
	File string
	Line int
	// Variable is the environment variable that the value came from, "" otherwise.
	Variable string
	// Key is the dotted path of the key, such as account.created, "" when no key can be named.
	Key string
	// Message says what is wrong, Remedy what to do about it. Both are safe to print.
	Message, Remedy string
}

// Place is where the value stands: "file:line", "file", or the name of the variable.
func (e *Error) Place() string {
	switch {
	case e.Variable != "":
		return e.Variable
	case e.Line > 0:
		return fmt.Sprintf("%s:%d", quote.Text(e.File), e.Line)
	}
	return quote.Text(e.File)
}

// Problem is place, key and message in one line, without the remedy.
func (e *Error) Problem() string {
	var b strings.Builder
	if p := e.Place(); p != "" {
		b.WriteString(p + ": ")
	}
	if e.Key != "" && e.Variable == "" {
		b.WriteString(quote.Text(e.Key) + ": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Error is Problem and the remedy in one line.
func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.Problem()
	}
	return e.Problem() + " (" + e.Remedy + ")"
}

// Errors are all errors of one configuration, in the order of file, line and variable. It is never empty when it is returned
// as an error.
type Errors []*Error

// Error joins the errors, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors to errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, x := range e {
		out[i] = x
	}
	return out
}

// err sorts e and gives it as an error, nil if there is none. Errors of variables come after those of the file.
func (e Errors) err() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.Variable, b.Variable), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return e
}

func problem(p *locate.Problem) *Error {
	return &Error{File: p.File, Message: p.Message, Remedy: p.Remedy}
}

// ReadFile reads a regular file of at most 1 MiB, without waiting for a writer when the name is a named pipe. An error is of
// type *Error and names the file.
func ReadFile(path string) ([]byte, error) {
	data, bad := locate.ReadFile(path)
	if bad != nil {
		return nil, problem(bad)
	}
	return data, nil
}

package template

import (
	"fmt"
	"strings"
)

// EngineError says that a template could not be rendered: its syntax is wrong, a name is undefined, a partial is missing, a
// limit was reached or a command failed. The message that it would have made stays unjudged.
type EngineError struct {
	// File is the file that the fault is in, relative to the root and slash-separated: the template, or a partial or layout.
	File string
	// Line is the 1-based line of File, 0 if the engine does not tell it.
	Line int64
	// Engine is the engine's name as in Spec.Engine, or "command".
	Engine string
	// Message is one line of untrusted text.
	Message string
}

func (e *EngineError) Error() string {
	return place(e.File, e.Line) + ": " + e.Engine + ": " + e.Message
}

// DataError says that sample data, front matter or a meta.json cannot be read: it is the user's input that is wrong, not
// the template.
type DataError struct {
	File string
	// Line is the 1-based line, 0 if it is not known.
	Line    int64
	Message string
}

func (e *DataError) Error() string { return place(e.File, e.Line) + ": " + e.Message }

// SpecError says that an entry of the configuration cannot be used.
type SpecError struct {
	// Index is the entry's place in the list, from 0.
	Index   int
	Message string
}

func (e *SpecError) Error() string { return fmt.Sprintf("templates[%d]: %s", e.Index, e.Message) }

func place(file string, line int64) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", file, line)
	}
	return file
}

// limitError is a bound that was reached while a template ran. Engines hand it back wrapped in errors of their own.
type limitError string

func (e limitError) Error() string { return string(e) }

// oneLine makes an engine's text fit for a message: white space runs become one blank, at most 500 octets are kept.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "..."
	}
	return s
}

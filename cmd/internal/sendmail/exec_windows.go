package sendmail

import "errors"

var errNoExec = errors.New("this system has no sendmail; use transport: smtp")

// Replace always fails: there is no execve.
func (p Program) Replace([]string, []string, *Message) *Error { return unstarted(p.Path, errNoExec) }

// Run always fails, as Replace does.
func (p Program) Run([]string, []string, *Message) (int, error) { return 0, errNoExec }

// Pass always fails, as Replace does.
func (p Program) Pass([]string, []string) *Error { return unstarted(p.Path, errNoExec) }

func stdin(int) error { return errNoExec }

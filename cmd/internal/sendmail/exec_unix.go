//go:build unix

package sendmail

import (
	"os"
	"os/exec"
	"syscall"
)

// Replace puts the real sendmail in the place of this process (execve): its standard input is the file of m from its beginning, by
// the same descriptor, and its exit status becomes that of this process. It returns only if that failed; nothing was sent then.
func (p Program) Replace(argv, environ []string, m *Message) *Error {
	if _, err := m.File.Seek(0, 0); err != nil {
		return unstarted(p.Path, err)
	}
	if err := stdin(int(m.File.Fd())); err != nil {
		return unstarted(p.Path, err)
	}
	closeOnExec()
	return unstarted(p.Path, syscall.Exec(p.Path, argv, environ))
}

// Run runs the real sendmail and waits for it. Its standard input is as in Replace; what it prints goes to this program's standard
// error. status is its exit status; err is set if it could not be started. A program that was ended by a signal has the
// status -1: nobody knows what it did.
func (p Program) Run(argv, environ []string, m *Message) (status int, err error) {
	if _, err := m.File.Seek(0, 0); err != nil {
		return 0, err
	}
	cmd := exec.Cmd{Path: p.Path, Args: argv, Env: environ, Stdin: m.File, Stdout: os.Stderr, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	cmd.Wait()
	return cmd.ProcessState.ExitCode(), nil
}

// Pass puts the real sendmail in the place of this process with the arguments and the standard input of the caller, for modes in
// which it takes no message. It returns only if that failed.
func (p Program) Pass(args, environ []string) *Error {
	closeOnExec()
	return unstarted(p.Path, syscall.Exec(p.Path, append(append([]string{p.Path}, p.Args...), args...), environ))
}

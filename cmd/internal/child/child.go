// Package child runs programs that the configuration names, with a bound on their time and on what they print.
package child

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"time"
)

// ErrLarge says that a program printed more than it may.
var ErrLarge = errors.New("too much output")

// Command is a program with its bounds. There is no shell.
type Command struct {
	Argv []string
	// Dir and Env are those of exec.Cmd.
	Dir string
	Env []string
	// Stderr takes what the program writes there; nil drops it.
	Stderr io.Writer
	// Time is how long it may take, and MaxOutput how many octets it may print.
	Time      time.Duration
	MaxOutput int
}

// Output runs the program and gives what it printed. A program that breaks a bound is killed, with all processes that it started
// where the system has process groups. The error is ErrLarge, context.DeadlineExceeded when time was up, that of ctx when it had
// ended, or exec's own.
func (c Command) Output(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Time)
	defer cancel()
	out := &capped{max: c.MaxOutput, cancel: cancel}
	cmd := exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = out, c.Stderr
	// A grandchild that keeps the pipes open must not keep us waiting.
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	err := cmd.Run()
	if err != nil && cmd.Process != nil {
		endGroup(cmd.Process.Pid) // what it left behind that keeps the pipes open, or works on
	}
	switch {
	case out.over:
		return nil, ErrLarge
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	}
	return out.buf.Bytes(), nil
}

// capped keeps what a program prints, and has it killed when there is too much.
type capped struct {
	buf    bytes.Buffer
	max    int
	cancel context.CancelFunc
	over   bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.buf.Len()+len(p) > c.max {
		c.over = true
		c.cancel()
		return 0, ErrLarge
	}
	return c.buf.Write(p)
}

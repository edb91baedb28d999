package main

import (
	"context"
	"io"
	"os"
	"sync"

	"postern/cmd/internal/snapshot"
)

// leaving is what a run leaves for the next one when it has nothing else to do: package snapshot.
type leaving struct {
	dir  string // of snapshots, "" without
	bad  error  // why that is not known
	mu   sync.Mutex
	todo []func()
}

// maxLeaving is how many engines of a run are worth it. One that runs for long, and makes an engine whenever its configuration changes,
// leaves the last.
const maxLeaving = 2

type leavingKey struct{}

// process is run for a process of its own: it starts from what another has left, and leaves something itself when the verdict is out.
func process(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	l := &leaving{}
	l.dir, l.bad = snapshot.Directory(os.Environ())
	code := run(context.WithValue(ctx, leavingKey{}, l), args, stdin, stdout, stderr)
	if ctx.Err() == nil {
		l.done()
	}
	return code
}

func leavingOf(ctx context.Context) *leaving {
	if l, ok := ctx.Value(leavingKey{}).(*leaving); ok {
		return l
	}
	return &leaving{}
}

func (l *leaving) add(leave func()) {
	if leave == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.todo = append(l.todo, leave); len(l.todo) > maxLeaving {
		l.todo = append([]func(){}, l.todo[1:]...)
	}
}

// done leaves what there is to leave, once.
func (l *leaving) done() {
	l.mu.Lock()
	todo := l.todo
	l.todo = nil
	l.mu.Unlock()
	for _, leave := range todo {
		leave()
	}
}

package ledger

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// enter waits for the turn of this program to write, behind all that asked before, and gives what ends the turn. SQLite alone lets its
// waiters ask again and again, those more seldom who have waited longer, so that some of a hundred would get nothing for as long as new ones
// come. The queue is the kernel's, for a lock on the file, which nothing else locks. It is for the order only: where there are no such locks
// it is everybody's turn, and SQLite's own locks keep the ledger whole.
func enter(ctx context.Context, file string) (leave func(), err error) {
	f, err := os.Open(file)
	if err != nil {
		return func() {}, nil
	}
	lock := func(how int) (err error) {
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			err = syscall.Flock(int(f.Fd()), how)
		}
		return err
	}
	if err := lock(syscall.LOCK_EX | syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return func() { f.Close() }, nil
	}
	ours := make(chan struct{})
	go func() {
		lock(syscall.LOCK_EX)
		close(ours)
	}()
	select {
	case <-ours:
		return func() { f.Close() }, nil
	case <-ctx.Done():
		go func() {
			<-ours
			f.Close()
		}()
		return nil, ctx.Err()
	}
}

package main

import (
	"context"
	"iter"
	"runtime"
	"sync"

	"postern/cmd/internal/stack"
	"postern/mimesize"
)

// window is how many messages a worker may be ahead of the report. It bounds memory and open files when one message takes
// longer than those behind it.
const window = 8

// inOrder does work on all cores, and hands the results to emit in the order of the walk, from the goroutine of the caller. It
// returns ctx's error when the run was interrupted, and emit's. The context that walk is given is done when nobody wants more.
// Drop is called for what was yielded and is not worked on.
func inOrder[I, O any](ctx context.Context, walk func(context.Context) iter.Seq[I], drop func(I),
	work func(context.Context, *mimesize.Scanner, I) O, emit func(O) error) error {
	type task struct {
		in  I
		out chan O
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	order := make(chan *task, workers*window)
	tasks := make(chan *task)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(order)
		defer close(tasks)
		n := 0
		for in := range walk(ctx) {
			if n++; n == manyMessages {
				collectLater()
			}
			x := &task{in: in, out: make(chan O, 1)}
			// The place in the order comes first: it is what limits how much is under way.
			select {
			case order <- x:
			case <-ctx.Done():
				drop(in)
				return
			}
			select {
			case tasks <- x:
			case <-ctx.Done():
				drop(in)
				close(x.out)
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			stack.Grow()
			var scanner mimesize.Scanner
			for x := range tasks {
				x.out <- work(ctx, &scanner, x.in)
			}
		})
	}
	var first error
	for x := range order {
		out, done := <-x.out
		if first == nil {
			first = ctx.Err()
		}
		if first != nil || !done {
			continue // only waiting for the others to end
		}
		if first = emit(out); first != nil {
			cancel()
		}
	}
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}

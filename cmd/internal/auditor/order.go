package auditor

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
)

// inTasks reads and judges on all cores what the walk hands out, and adds the rows to the run in the order of the walk, from the
// goroutine of the caller. Added is called from time to time. What is under way is bounded: by the number of tasks, and by the
// rows that a task keeps until its turn comes.
func (a *Auditor) inTasks(ctx context.Context, w *auditWalk, added func()) error {
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	order := make(chan *auditTask, 2*workers)
	tasks := make(chan *auditTask)
	var walkErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(order)
		defer close(tasks)
		w.hand = func(x *auditTask) bool {
			select {
			case order <- x:
			case <-ctx.Done():
				x.drop()
				return false
			}
			if x.err != nil {
				return false // there is nothing to work on
			}
			select {
			case tasks <- x:
				return true
			case <-ctx.Done():
				x.drop()
				close(x.rows)
				return false
			}
		}
		walkErr = w.run(ctx)
	})
	for range workers {
		wg.Go(func() {
			aw := a.worker(ctx)
			for x := range tasks {
				aw.give = func(rows []byte) bool {
					select {
					case x.rows <- rows:
						return true
					case <-ctx.Done():
						return false
					case <-x.unwanted:
						return false
					}
				}
				aw.work(x)
				close(x.rows)
			}
		})
	}
	var first error
	for x := range order {
		if first == nil {
			first = a.take(ctx, x, added)
		}
		if first != nil {
			cancel()
			for range x.rows { // only waiting for the others to end
			}
		}
	}
	wg.Wait()
	if outer.Err() != nil && !errors.Is(first, audit.ErrOther) {
		return outer.Err()
	}
	if first == nil {
		first = walkErr
	}
	return first
}

// take adds the rows of a task to the run.
func (a *Auditor) take(ctx context.Context, x *auditTask, added func()) error {
	walked := func(file uint64) string {
		for i := range x.files {
			if x.files[i].number == file {
				return x.files[i].walked
			}
		}
		return ""
	}
	checked := x.segment == nil
	for rows := range x.rows {
		if !checked {
			checked = true
			if again, err := a.again(ctx, x, walked); again || err != nil {
				added()
				return err
			}
		}
		if err := a.difference(); err != nil {
			return err
		}
		err := a.Run.Add(rows, walked)
		a.spare.put(rows)
		if err != nil {
			return err
		}
		added()
	}
	if x.err != nil {
		return x.err
	}
	return ctx.Err()
}

// again reads a segment once more if the worker began it in the wrong place: inside a message that lines like postmarks belong to.
func (a *Auditor) again(ctx context.Context, x *auditTask, walked func(uint64) string) (bool, error) {
	next, known := a.Run.Expects(x.files[0].number, x.number)
	seg := x.segment
	first := seg.First
	right := known && (first == next || first < 0 && next >= seg.To)
	if right || !known && (x.number == 1 || seg.Back == splitBack) {
		return false, nil
	}
	close(x.unwanted)
	for range x.rows {
	}
	y := *x
	y.rows, y.err = nil, nil
	y.segment = &mailbox.Segment{From: seg.From, To: seg.To, At: next}
	if !known {
		y.segment.At, y.segment.Back = -1, splitBack
	}
	var failed error
	w := a.worker(ctx)
	w.give = func(rows []byte) bool {
		failed = a.Run.Add(rows, walked)
		a.spare.put(rows)
		return failed == nil
	}
	if !known || next < seg.To {
		w.work(&y)
	} else {
		end := audit.Row{Place: audit.Place{File: x.files[0].number, Segment: x.number, Seq: math.MaxUint64}, Kind: audit.SegmentEnd, First: -1, Next: seg.To}
		w.give(end.Append(nil))
	}
	return true, errors.Join(failed, y.err)
}

// drop closes the messages of a task that nobody works on.
func (x *auditTask) drop() {
	for i := range x.messages {
		x.messages[i].message.Close()
	}
}

// Package progress shows how far a long run is, on a terminal.
package progress

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"postern/cmd/internal/report"
)

// Bar is a progress bar. A nil Bar shows nothing.
type Bar struct {
	p                       *mpb.Progress
	bar                     *mpb.Bar
	bytes                   atomic.Int64
	messages, failing, rate atomic.Int64
	stop                    sync.Once
}

// Start shows a bar on w. Total is asked in the background for the octets in all; known tells that it could be said. Where show
// is false nothing is shown.
func Start(w io.Writer, show bool, total func() (n int64, known bool)) *Bar {
	if !show {
		return nil
	}
	begun := time.Now()
	b := &Bar{p: mpb.New(mpb.WithOutput(w), mpb.WithWidth(30), mpb.WithRefreshRate(200*time.Millisecond))}
	b.bar = b.p.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf("%.1f MB ", float64(b.bytes.Load())/1e6)
		})),
		mpb.AppendDecorators(
			decor.Any(func(decor.Statistics) string {
				return fmt.Sprintf(" %s, %s/s, %s fail ", report.Count(b.messages.Load(), "message", "messages"), report.Comma(b.rate.Load()), report.Comma(b.failing.Load()))
			}),
			decor.Any(func(s decor.Statistics) string {
				return left(s.Current, s.Total, time.Since(begun))
			}),
		),
	)
	go func() {
		if n, known := total(); known && n > 0 {
			b.bar.SetTotal(n, false)
		}
	}()
	return b
}

// left says how long the rest takes at the speed so far.
func left(done, total int64, after time.Duration) string {
	if done <= 0 || total <= done || after < time.Second {
		return ""
	}
	d := time.Duration(float64(after) * float64(total-done) / float64(done)).Round(time.Second)
	return "about " + d.String() + " left"
}

// Bytes adds octets that were read.
func (b *Bar) Bytes(n int64) {
	if b != nil {
		b.bytes.Add(n)
		b.bar.IncrInt64(n)
	}
}

// Messages tells how many messages there are, how many of them fail, and how many came in a second.
func (b *Bar) Messages(n, failing int64, rate float64) {
	if b == nil {
		return
	}
	b.messages.Store(n)
	b.failing.Store(failing)
	b.rate.Store(int64(rate))
}

// Stop takes the bar away.
func (b *Bar) Stop() {
	if b == nil {
		return
	}
	b.stop.Do(func() {
		b.bar.Abort(true)
		b.p.Wait()
	})
}

package ledger

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// BenchmarkDecision is one message: reserved, judged by a number, committed. "empty" has nothing in its windows, "busy" has 1,000
// messages; "open" opens the ledger for each, as the sendmail wrapper does.
func BenchmarkDecision(b *testing.B) {
	for _, kind := range kinds {
		where, keyFile := start(b, kind)
		o := Options{KeyFile: keyFile, Windows: []time.Duration{time.Minute, 10 * time.Minute, 24 * time.Hour}, Timeout: time.Minute}
		l := mustOpen(b, where, o)
		decide := func(b *testing.B, l Ledger, account string, i int) {
			e := letter(i)
			e.Account, e.Fingerprint = account, fmt.Sprintf("%016x", uint64(i)*0x9e3779b97f4a7c15)
			r, err := l.Reserve(context.Background(), e)
			if err == nil {
				err = l.Commit(context.Background(), r.ID)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.Run(kind+"/empty", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				decide(b, l, fmt.Sprintf("empty-%d", i), i)
			}
		})
		for i := range 1000 {
			decide(b, l, "busy", i)
		}
		b.Run(kind+"/busy", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				e := letter(i)
				e.Account = "busy"
				r, err := l.Reserve(context.Background(), e)
				if err == nil {
					err = l.Release(context.Background(), r.ID)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+"/open", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				l, err := Open(context.Background(), where, o)
				if err != nil {
					b.Fatal(err)
				}
				decide(b, l, fmt.Sprintf("open-%d", i), i)
				if err := l.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

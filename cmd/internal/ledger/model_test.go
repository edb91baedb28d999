package ledger

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"postern/rules/facts"
)

// modelled is what a message is to the model, which knows nothing of how the ledger counts.
type modelled struct {
	id              string
	account, sender string
	to              []string
	octets          int64
	web             bool
	committed       bool
	at, lease       int64
}

// count adds up the model the plain way.
func count(list []modelled, self modelled, now, window int64, which func(modelled) bool) facts.Counts {
	var c facts.Counts
	seen := map[string]bool{}
	for _, m := range append(slices.Clone(list), self) {
		own := m.id == self.id
		if !own && (m.account != self.account || m.at <= now-window || !m.committed && m.lease <= now || !which(m)) {
			continue
		}
		c.Messages++
		c.Octets += m.octets
		each := map[string]bool{}
		for _, a := range m.to {
			each[strings.ToLower(a)] = true
			seen[strings.ToLower(a)] = true
		}
		c.Recipients += int64(len(each))
	}
	c.Addresses = int64(len(seen))
	return c
}

// TestModel runs random operations on a real store and on the model, with a clock of its own.
func TestModel(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	checks.Value.Set(strconv.Itoa(repeats(15, 2000)))
	defer checks.Value.Set(before)
	windows := []int64{60, 3600}
	run := 0
	file := privateDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		now := int64(1_700_000_000_000)
		where := fmt.Sprintf("%s/%d.db", file, run)
		o := Options{Windows: []time.Duration{time.Minute, time.Hour}, Lease: 5 * time.Minute, now: func() int64 { return now }}
		l, err := Open(t.Context(), where, o)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			l.Close()
			for _, end := range []string{"", "-wal", "-shm", ".key"} {
				os.Remove(where + end)
			}
		}()
		forget := func() {
			if _, err := l.(*opened).store.(*sqlStore).db.Exec(`DELETE FROM postern_host`); err != nil {
				rt.Fatal(err)
			}
		}
		var sent []modelled
		pick := func() int { return rapid.IntRange(0, len(sent)-1).Draw(rt, "which") }
		rt.Repeat(map[string]func(*rapid.T){
			"reserve": func(rt *rapid.T) {
				m := modelled{
					account: rapid.SampledFrom([]string{"alice", "bob@example.com"}).Draw(rt, "account"),
					sender:  rapid.SampledFrom([]string{"uid:1", "x@example.com"}).Draw(rt, "sender"),
					to:      rapid.SliceOfN(rapid.SampledFrom([]string{"a@x.org", "A@X.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"}), 0, 5).Draw(rt, "to"),
					octets:  rapid.Int64Range(0, 1<<40).Draw(rt, "octets"),
					web:     rapid.Bool().Draw(rt, "web"),
				}
				r, err := l.Reserve(t.Context(), Entry{Account: m.account, Sender: m.sender, Recipients: m.to, Octets: m.octets, WebScript: m.web})
				if err != nil {
					rt.Fatal(err)
				}
				m.id, m.at, m.lease = r.ID, now, now+300_000
				for i, w := range r.History.Windows {
					window := windows[i] * 1000
					any := func(modelled) bool { return true }
					checks := map[string][2]facts.Counts{
						"account": {w.Account, count(sent, m, now, window, any)},
						"sender":  {w.Sender, count(sent, m, now, window, func(o modelled) bool { return o.sender == m.sender })},
					}
					if m.web {
						checks["web scripts"] = [2]facts.Counts{w.WebScripts, count(sent, m, now, window, func(o modelled) bool { return o.web })}
					}
					for name, c := range checks {
						for _, step := range w.Account.Later {
							then := count(sent, m, now+step.Seconds*1000, window, any)
							if then.Messages > step.Messages || then.Addresses > step.Addresses || then.Recipients > step.Recipients {
								rt.Fatalf("in %d s there are %+v, not %+v", step.Seconds, then, step)
							}
						}
						c[0].Later = nil
						if fmt.Sprint(c[0]) != fmt.Sprint(c[1]) {
							rt.Fatalf("%s, %d s: %+v, want %+v", name, windows[i], c[0], c[1])
						}
					}
				}
				sent = append(sent, m)
			},
			"commit": func(rt *rapid.T) {
				if len(sent) == 0 {
					rt.Skip()
				}
				i := pick()
				err := l.Commit(t.Context(), sent[i].id)
				if over := !sent[i].committed && sent[i].lease <= now; over != (err != nil) {
					if !(err != nil && sent[i].at < now-24*3600_000) {
						rt.Fatalf("commit: %v, lease over: %v", err, over)
					}
				}
				if err == nil && !sent[i].committed {
					sent[i].committed, sent[i].at = true, now
				}
			},
			"release": func(rt *rapid.T) {
				if len(sent) == 0 {
					rt.Skip()
				}
				i := pick()
				if err := l.Release(t.Context(), sent[i].id); err != nil {
					rt.Fatal(err)
				}
				sent = slices.Delete(sent, i, i+1)
			},
			"wait": func(rt *rapid.T) {
				now += rapid.SampledFrom([]int64{1, 999, 1000, 59_000, 60_000, 299_999, 300_000, 3_600_000}).Draw(rt, "ms")
				forget()
			},
			"prune": func(rt *rapid.T) {
				if _, err := l.Prune(t.Context(), 0); err != nil {
					rt.Fatal(err)
				}
			},
			"": func(rt *rapid.T) {
				if _, err := l.Verify(t.Context()); err != nil {
					rt.Fatal(err)
				}
			},
		})
	})
}

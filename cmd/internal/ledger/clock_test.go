package ledger

import (
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	second = int64(1000)
	hour   = 3600 * second
)

// A clock that goes on is followed; one that jumps is not, if this machine has counted the time itself.
func TestTick(t *testing.T) {
	last := ticks{wall: 1000 * hour, ledger: 900 * hour}
	host := mark{since: 50 * hour, ledger: 900 * hour, known: true}
	for name, c := range map[string]struct {
		host        mark
		wall, since int64
		want        int64
	}{
		"on":                  {host, 1001 * hour, 51 * hour, 901 * hour},
		"slewed":              {host, 1001*hour - 10*second, 51 * hour, 901*hour - 10*second},
		"a year ahead":        {host, 9760 * hour, 51 * hour, 901 * hour},
		"a year back":         {host, 1 * hour, 51 * hour, 901 * hour},
		"a day back at once":  {host, 976 * hour, 50 * hour, 900 * hour},
		"unknown host":        {mark{}, 1001 * hour, 3 * hour, 901 * hour},
		"unknown host, back":  {mark{}, 999 * hour, 3 * hour, 900 * hour},
		"count that fell":     {host, 1001 * hour, 49 * hour, 901 * hour},
		"slept for ten hours": {host, 1010 * hour, 60 * hour, 910 * hour},
	} {
		if got := tick(last, c.host, c.wall, c.since); got.ledger != c.want || got.wall != c.wall {
			t.Errorf("%s: %d h, want %d h", name, got.ledger/hour, c.want/hour)
		}
	}
	if got := tick(ticks{}, mark{}, 7*hour, 0); got.ledger != 7*hour {
		t.Errorf("a new ledger begins at %d", got.ledger)
	}
}

// Whatever the store's clock does, the ledger's time never goes back, and follows the time that really passes.
func TestTickUnderAnyClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		jumps := rapid.SliceOfN(rapid.Int64Range(-400*24*hour, 400*24*hour), 1, 40).Draw(t, "jumps")
		var last ticks
		var host mark
		real, off := int64(1000*24*hour), int64(0)
		first := real
		for i, jump := range jumps {
			passed := rapid.Int64Range(0, 3*hour).Draw(t, "passed")
			real += passed
			if i%2 == 1 {
				off += jump
			}
			before := last.ledger
			last = tick(last, host, max(1, real+off), real-first+5)
			host = mark{since: real - first + 5, ledger: last.ledger, known: true}
			if i == 0 {
				continue
			}
			moved := last.ledger - before
			if moved < 0 || moved > passed+slack(passed) || moved < passed-slack(passed) {
				t.Fatalf("%d ms passed, the clock jumped by %d, the ledger moved by %d", passed, jump, moved)
			}
		}
	})
}

// A jump of the store's clock neither lets more through nor locks anybody out.
func TestClockJumps(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} { // Redis's clock cannot be set from here; its script has the same sums
		t.Run(kind, func(t *testing.T) {
			where, keyFile := start(t, kind)
			now := time.Now().UnixMilli()
			o := Options{KeyFile: keyFile, Windows: []time.Duration{time.Hour}, Timeout: time.Minute, now: func() int64 { return now }}
			l := mustOpen(t, where, o)
			for i, jump := range []int64{0, 365 * 24 * hour, -365 * 24 * hour, -10 * 365 * 24 * hour, 50 * 365 * 24 * hour, -hour, hour, second, -second} {
				now += jump
				r, err := l.Reserve(t.Context(), letter(i))
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Commit(t.Context(), r.ID); err != nil {
					t.Fatal(err)
				}
				c := r.History.Windows[0].Account
				if c.Messages != int64(i+1) {
					t.Errorf("after a jump of %d h: %d messages, want %d", jump/hour, c.Messages, i+1)
				}
				if i > 0 && (c.Later[0].Seconds < 0 || c.Later[len(c.Later)-1].Seconds > 3600+10) {
					t.Errorf("after a jump of %d h, room in %d to %d s", jump/hour, c.Later[0].Seconds, c.Later[len(c.Later)-1].Seconds)
				}
			}
			if _, err := l.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Time that really passes empties the window, also in a store that this machine has not counted for.
func TestWindowSlides(t *testing.T) {
	now := time.Now().UnixMilli()
	file := filepath.Join(privateDir(t), "ledger.db")
	l := mustOpen(t, file, Options{Windows: []time.Duration{time.Minute}, now: func() int64 { return now }})
	r, err := l.Reserve(t.Context(), letter(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	s := l.(*opened).store.(*sqlStore)
	forget := func() { // as after a restart of the machine
		if _, err := s.db.Exec(`DELETE FROM postern_host`); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ after, want int64 }{{59_000, 2}, {500, 2}, {500, 1}} {
		now += c.after
		forget()
		h, err := l.History(t.Context(), letter(2))
		if err != nil || h.Windows[0].Account.Messages != c.want {
			t.Errorf("%+v, %v; want %d", h.Windows[0].Account, err, c.want)
		}
	}
}

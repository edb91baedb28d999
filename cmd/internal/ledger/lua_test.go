package ledger

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// The script reckons with time as tick does.
func TestScriptTicks(t *testing.T) {
	where, keyFile := start(t, "redis")
	s := mustOpen(t, where, Options{KeyFile: keyFile, Windows: []time.Duration{time.Hour}}).(*opened).store.(*redisStore)
	given := strings.Replace(redisScript, "redis.call('TIME')", "{ARGV[8], ARGV[9]}", 1)
	if given == redisScript {
		t.Fatal("the script does not ask for the time")
	}
	script := redis.NewScript(given)
	random := rand.New(rand.NewPCG(1, 2))
	around := func(n int64) int64 {
		return n + []int64{0, 1, 4999, 5000, 5001, -4999, -5000, -5001, hour, -hour, 400 * 24 * hour, -400 * 24 * hour}[random.IntN(12)] + random.Int64N(100)
	}
	jumps := 0
	for i := range 500 {
		last := ticks{wall: 1_700_000_000_000 + random.Int64N(hour), ledger: 1_690_000_000_000 + random.Int64N(hour)}
		passed := random.Int64N(3 * hour)
		host := mark{since: 50 * hour, ledger: last.ledger - random.Int64N(2)*random.Int64N(hour), known: i%5 != 0}
		since := host.since + last.ledger - host.ledger + passed
		wall := around(last.wall + passed)
		want := tick(last, host, wall, since)
		if want.ledger != last.ledger+wall-last.wall {
			jumps++
		}
		s.client.HSet(t.Context(), redisState, "wall", last.wall, "ledger", last.ledger)
		s.client.Del(t.Context(), redisHosts)
		if host.known {
			s.client.HSet(t.Context(), redisHosts, "boot", strconv.FormatInt(host.since, 10)+"|"+strconv.FormatInt(host.ledger, 10))
		}
		keys := []string{redisState, redisHosts, redisNames, redisEntries + "x", redisTimes + "x"}
		v, err := script.Run(t.Context(), s.client, keys, "read", "x", "", "boot", since, s.keep, MaxWindow.Milliseconds(), wall/1000, wall%1000*1000).Slice()
		if err != nil {
			t.Fatal(err)
		}
		if got := v[0].(string); got != strconv.FormatInt(want.ledger, 10) {
			t.Fatalf("last %+v, host %+v, wall %d, since %d: script %s, tick %d", last, host, wall, since, got, want.ledger)
		}
	}
	if jumps < 50 {
		t.Errorf("only %d of the clocks jumped", jumps)
	}
}

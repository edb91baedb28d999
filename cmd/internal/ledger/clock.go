package ledger

// A ledger counts in its own time, in milliseconds. It begins as the store's clock and goes on as that does, but it never goes
// back, and it does not follow a jump: each machine's count since it was started, which nobody can set, tells how much time has
// passed since that machine was here last.

// ticks is where the clocks stood at the last operation.
type ticks struct {
	wall   int64 // the store's clock
	ledger int64 // the ledger's time
}

// mark is where a machine's own count stood when it was here last.
type mark struct {
	since  int64 // milliseconds since its start
	ledger int64
	known  bool
}

// slack is how far the store's clock and a machine's count may differ without one of them having jumped: a clock is slewed by
// at most one in two hundred, and an answer can be slow.
func slack(elapsed int64) int64 { return 5000 + elapsed/100 }

// tick gives the ledger's time when the store's clock stands at wall and this machine's count at since.
func tick(last ticks, host mark, wall, since int64) ticks {
	if last.wall == 0 {
		return ticks{wall: wall, ledger: wall}
	}
	now := last.ledger + max(0, wall-last.wall)
	if host.known && since >= host.since {
		counted := host.ledger + since - host.since
		if off := now - counted; off > slack(since-host.since) || off < -slack(since-host.since) {
			now = counted
		}
	}
	return ticks{wall: wall, ledger: max(now, last.ledger)}
}

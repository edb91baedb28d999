package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// manyMessages is from how many messages on a run is worth memory rather than time.
const manyMessages = 100

// collectEarly has garbage collected when it is half of what is in use. What the policies compile to stays for the whole run, and
// that is enough of a reserve for a few messages: on hostile mail the peak is some 8 MiB lower than with Go's default. GOGC
// overrides it.
func collectEarly() { collectAt(50) }

// collectLater is Go's default, for runs over many messages, which take a quarter less of the processor so.
func collectLater() { collectAt(100) }

// collectFlat is for an audit, whose tables fill as it goes on: garbage may only take what they leave of a memory that does not
// depend on how much mail there is. It costs a twentieth of the processor at most once they are full. GOMEMLIMIT overrides it.
func collectFlat() {
	collectLater()
	limitMemory(int64(auditMemory + auditWorker*runtime.GOMAXPROCS(0)))
}

// collectFreely is for writing the reports of an audit, some of which need more.
func collectFreely() { limitMemory(math.MaxInt64) }

const (
	auditMemory = 24 << 20
	auditWorker = 8 << 20 // of a goroutine that judges: rows that wait, and a window to unpack
)

func limitMemory(octets int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(octets)
	}
}

func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

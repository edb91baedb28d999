package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// manyMessages is from how many messages on a run is worth memory rather than time.
const manyMessages = 100

// collecting is when garbage is collected. GOGC overrides it.
var collecting struct {
	sync.Mutex
	later bool
}

// collectEarly has garbage collected for the first time when there are 8 MiB, which a run over a few messages that starts from a snapshot
// never comes to, and from then on when it is half of what is in use. What the policies compile to stays for the whole run, and that is
// enough of a reserve for a few messages: on hostile mail the peak is some 8 MiB lower than with Go's default.
func collectEarly() {
	collectAt(200) // 4 MiB is the least at 100
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) {
		collecting.Lock()
		defer collecting.Unlock()
		if !collecting.later {
			collectAt(50)
		}
	})
}

// collectLater is Go's default, for runs over many messages, which take a quarter less of the processor so.
func collectLater() {
	collecting.Lock()
	defer collecting.Unlock()
	collecting.later = true
	collectAt(100)
}

// collectFlat is for an audit, whose tables fill as it goes on: garbage may only take what they leave of a memory that does not
// depend on how much mail there is. It costs a twentieth of the processor at most once they are full. GOMEMLIMIT overrides it.
func collectFlat() {
	collectLater()
	limitMemory(int64(auditMemory + auditWorker*runtime.GOMAXPROCS(0)))
}

// collectFreely is for writing the reports of an audit, some of which need more. Garbage is collected twice as often then, and what
// judging looked at in the program is given back.
func collectFreely() {
	collectAt(50)
	forgetPages()
	limitMemory(math.MaxInt64)
}

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

package main

import (
	"os"
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

func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

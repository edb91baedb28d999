package ledger

import (
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

var bootID = sync.OnceValue(func() string {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
})

// sinceBoot gives the milliseconds since this machine was started, sleep included, and what tells its starts apart. Nobody can
// set this clock. boot is "" where there is none.
func sinceBoot() (boot string, ms int64) {
	var ts unix.Timespec
	if bootID() == "" || unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return "", 0
	}
	return bootID(), ts.Nano() / 1e6
}

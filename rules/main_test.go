package rules

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain spares memory less than a program does: tests compile the policies hundreds of times, and a fourth of their time would be
// taking that away again.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

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

// alone leaves a test to the run without the race detector, which would take ten times as long and see nothing: all that the test does is
// done by one goroutine, and what that hands to a worker of an evaluation and gets back is seen in many other tests.
func alone(t testing.TB) {
	t.Helper()
	if raceDetector {
		t.Skip("one goroutine: run without the race detector")
	}
}

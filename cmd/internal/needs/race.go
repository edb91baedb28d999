package needs

import "testing"

// WithoutRace leaves a test to the run without the race detector, which would take many times as long here and has nothing to see that it
// does not see in others: why says so.
func WithoutRace(t testing.TB, why string) {
	t.Helper()
	if UnderRace {
		t.Skip("run without the race detector: " + why)
	}
}

//go:build linux && race

package hostile_test

// underRace tells that this process has the race detector's memory. A child's peak includes what its parent had when it was
// forked, so it says nothing of the child then.
const underRace = true

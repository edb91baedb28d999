//go:build race

package main

// underRace tells that the race detector makes every start of the program many times as slow. Tests that start it over and over, each
// time on the same way, then start it less often: what they assert, they assert without the detector. So it is with those of needs.WithoutRace.
const underRace = true

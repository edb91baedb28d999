//go:build race

package needs

// UnderRace tells that the race detector is in this program: everything takes many times as long, starts of the program above all, and
// much more memory.
const UnderRace = true

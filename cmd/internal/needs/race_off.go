//go:build !race

package needs

// UnderRace tells that the race detector is in this program.
const UnderRace = false

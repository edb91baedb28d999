//go:build race

package rules

// raceDetector tells that pools forget at random and that all takes ten times as long, as they do under the race detector.
const raceDetector = true

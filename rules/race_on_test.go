//go:build race

package rules

// raceDetector tells that pools forget at random, as they do under the race detector.
const raceDetector = true

//go:build race

package facts

// Every test under the race detector is one of whoever looks at facts that are gone.
func init() { spoil, spoilMaker = spoilMemory, spoilReading }

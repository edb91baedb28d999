//go:build !linux

package ledger

// sinceBoot has no clock here that all processes share and nobody can set: only a clock that is set back is noticed.
func sinceBoot() (boot string, ms int64) { return "", 0 }

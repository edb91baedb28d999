package auditor

import (
	"encoding/binary"
	"unsafe"

	"postern/cmd/internal/audit"
)

// isPlain tells whether s is short and ASCII, and, if lower is set, without capitals.
func isPlain(s string, lower bool) bool {
	if len(s) > audit.MaxText {
		return false
	}
	capitals := uint64(0)
	if lower {
		capitals = highBits
	}
	var bad uint64
	if len(s) >= 8 {
		b := unsafe.Slice(unsafe.StringData(s), len(s))
		for i := 0; i+8 < len(b); i += 8 {
			bad |= notPlain(binary.LittleEndian.Uint64(b[i:]), capitals)
		}
		bad |= notPlain(binary.LittleEndian.Uint64(b[len(b)-8:]), capitals) // the last octets, some of them twice
	} else {
		for i := range len(s) {
			bad |= notPlain(uint64(s[i]), capitals)
		}
	}
	return bad&highBits == 0
}

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// notPlain sets the high bit of octets above 127 and, where capitals has it, of capitals. What stands behind an octet above 127 means
// nothing.
func notPlain(v, capitals uint64) uint64 {
	return v | (v+(0x80-'A')*ones)&^(v+(0x7f-'Z')*ones)&capitals
}

package guard

import (
	"math"
	"testing"
	"unsafe"

	"postern/rules/facts"
)

// A test of a number holds exactly where the comparison does that it is made of.
func TestTestsOfNumbers(t *testing.T) {
	numbers := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 40, -2, -1, 0, 1, 2, 25, 1 << 40, math.MaxInt64 - 1, math.MaxInt64}
	for _, how := range []int32{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual} {
		for _, limit := range numbers {
			var one test
			one.compares(how, limit)
			for _, x := range numbers {
				if got, want := one.open(unsafe.Pointer(&x)), fitsInt(x, limit, how); got != want {
					t.Errorf("%d and %d compared by %d: %v", x, limit, how, got)
				}
			}
		}
	}
}

// A filled field is one that is not as in a record with nothing in it.
func TestTestsOfFilledFields(t *testing.T) {
	seven := int64(7)
	some := facts.Facts{
		Origin: "x", Opaque: true, Size: facts.Size{WireBytes: -1}, Parts: []facts.Part{{}}, Header: facts.Header{Fields: 1, Names: []string{""}},
		Sender: facts.Sender{Envelope: &facts.Address{}},
	}
	some.Header.Date.Unix = &seven
	none := facts.Facts{Parts: []facts.Part{}}
	for _, path := range []string{"origin", "opaque", "size.wire_bytes", "parts", "header.fields", "header.names", "sender.envelope", "header.date.unix"} {
		a, ok := accessOf(Field{Root, path}, 0)
		if !ok {
			t.Fatalf("no field %s", path)
		}
		if filled := a.filled(); !filled.open(unsafe.Pointer(&some)) || filled.open(unsafe.Pointer(&none)) {
			t.Errorf("%s: %v and %v", path, filled.open(unsafe.Pointer(&some)), filled.open(unsafe.Pointer(&none)))
		}
	}
}

// What is read of a record with nothing in it lies within its room.
func TestRecordsHaveRoom(t *testing.T) {
	for _, f := range layout {
		if f.offset+64 > maxRecord {
			t.Errorf("%s.%s begins at octet %d", f.record, f.path, f.offset)
		}
	}
}

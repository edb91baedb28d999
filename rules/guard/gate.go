package guard

import (
	"math"
	"unsafe"
)

// test is a condition on one field of a record. It takes little more than the comparison itself.
type test struct {
	offset uintptr
	reads  reads
	other  bool   // it holds for what is not so
	low    int64  // so are numbers from here on,
	span   uint64 // as many more, and
	s      string // the text
}

// reads is what a test looks at.
type reads uint8

const (
	readInt64 reads = iota
	readInt         // also the length of a list or text, and a pointer
	readBool
	readText
)

// open tells whether the test holds for the record at base.
func (t *test) open(base unsafe.Pointer) bool {
	at := unsafe.Add(base, t.offset)
	var x int64
	switch t.reads {
	case readInt64:
		x = *(*int64)(at)
	case readInt:
		x = int64(*(*int)(at))
	case readBool:
		if *(*bool)(at) {
			x = 1
		}
	default:
		return (*(*string)(at) == t.s) != t.other
	}
	return (uint64(x-t.low) <= t.span) != t.other
}

// length is how far behind the beginning of a text or list its length lies.
const length = unsafe.Sizeof(uintptr(0))

// testOf is what a short form of a comparison does.
func (p *Program) testOf(n *Node) test {
	a := &p.access[n.B]
	t := test{offset: a.offset}
	if n.Op == FieldTrue {
		t.reads, t.low = readBool, int64(n.D)
		return t
	}
	with, how := p.values[p.Args[n.D]], p.Args[n.D+1]
	switch {
	case n.Op == FieldText && with.n > 0:
		t.reads, t.s, t.other = readText, with.text(), how != Equal
		return t
	case n.Op == FieldInt:
		t = a.number()
	default:
		t.offset, t.reads = t.offset+length, readInt
	}
	t.compares(how, with.n)
	return t
}

// number is a test that reads a number.
func (a *access) number() test {
	t := test{offset: a.offset}
	if a.machine {
		t.reads = readInt
	}
	return t
}

// compares makes the test one of a number: that it compares with n.
func (t *test) compares(how int32, n int64) {
	switch t.low = n; how {
	case NotEqual:
		t.other = true
	case GreaterEqual, Less:
		t.span, t.other = uint64(math.MaxInt64-n), how == Less
	case Greater, LessEqual:
		t.low, t.span, t.other = math.MinInt64, uint64(n-math.MinInt64), how == Greater
	}
}

// filled is the test that a field is neither null, false, 0, "" nor empty.
func (a *access) filled() test {
	t := test{offset: a.offset, reads: readInt}
	switch a.shape {
	case Bool:
		return test{offset: a.offset, reads: readBool, low: 1}
	case Int:
		t = a.number()
	case Text, Texts, Records:
		t.offset += length
	}
	t.other = true
	return t
}

package guard

import (
	"unsafe"

	"postern/rules/facts"
)

// test is a condition on one field of a record that takes little more than the comparison itself.
type test struct {
	offset uintptr
	reads  reads
	late   bool
	how    int32
	n      int64
	s      string
}

// reads is what a test looks at.
type reads uint8

const (
	readInt64 reads = iota
	readInt         // also the length of a list or text, and whether a pointer is nil
	readBool
	readText
)

// open tells whether the test holds for the record at base.
func (t *test) open(base unsafe.Pointer) bool {
	if t.late {
		(*facts.Facts)(base).Complete()
	}
	at := unsafe.Add(base, t.offset)
	var x int64
	switch t.reads {
	case readInt64:
		x = *(*int64)(at)
	case readInt:
		x = int64(*(*int)(at))
	case readBool:
		return *(*bool)(at) == (t.n != 0)
	default:
		return (*(*string)(at) == t.s) == (t.how == Equal)
	}
	return fitsInt(x, t.n, t.how)
}

// Octets before the length in a text and in a list.
const length = unsafe.Sizeof(uintptr(0))

// testOf is what a short form of a comparison does.
func (p *Program) testOf(n *Node) test {
	a := &p.access[n.B]
	t := test{offset: a.offset, late: a.late}
	if n.Op == FieldTrue {
		t.reads, t.n = readBool, int64(n.D)
		return t
	}
	with := p.values[p.Args[n.D]]
	t.how = p.Args[n.D+1]
	switch {
	case n.Op == FieldInt:
		if t.n = with.n; a.machine {
			t.reads = readInt
		}
	case n.Op == FieldCount:
		t.offset, t.reads, t.n = t.offset+length, readInt, with.n
	case with.n == 0: // ""
		t.offset, t.reads = t.offset+length, readInt
	default:
		t.reads, t.s = readText, with.text()
	}
	return t
}

// filled is the test that a field is neither null, false, 0, "" nor empty.
func (a *access) filled() test {
	t := test{offset: a.offset, late: a.late, how: NotEqual, reads: readInt}
	switch a.shape {
	case Bool:
		t.reads, t.how, t.n = readBool, 0, 1
	case Int:
		if !a.machine {
			t.reads = readInt64
		}
	case Text, Texts, Records:
		t.offset += length
	}
	return t
}

package guard

import (
	"strings"
	"unsafe"

	"postern/rules/facts"
)

// Shape is what a field of the facts holds.
type Shape uint8

// Shapes.
const (
	Group Shape = iota // a record that is part of the one that holds it
	Bool
	Int
	Text
	IntOrNull
	RecordOrNull
	Texts   // a list of texts
	Records // a list of records
)

// FieldOf tells what the field of a record is that JSON names lead to, and the name of the record that it holds or lists.
func FieldOf(recordName, path string) (shape Shape, inner string, ok bool) {
	a, ok := find(recordName, path)
	if !ok {
		return 0, "", false
	}
	return a.shape, a.inner, true
}

// Root is the name of the record that all others are reached from.
const Root = "Facts"

func find(record, path string) (*access, bool) {
	lo, hi := 0, len(layout)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := compareField(mid, record, path); {
		case c == 0:
			return &layout[mid].access, true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// compareField compares a row of layout with a field of a record, as the rows are ordered.
func compareField(row int, record, path string) int {
	f := &layout[row]
	if f.record != record {
		return strings.Compare(f.record, record)
	}
	return strings.Compare(f.path, path)
}

// access is how a field is read: by its place in memory, because a call by way of reflection costs ten times as much.
type access struct {
	offset  uintptr
	shape   Shape
	machine bool   // of type int, not int64, which differ in size on some machines
	late    bool   // a field of the facts that may have been put off
	inner   string // the record that it holds or lists
	elem    element
}

// element is the size of a list's elements. Texts have none.
type element uint32

// accessOf tells how a field is read. It is looked for in a certain row of layout first.
func accessOf(f Field, row int) (access, bool) {
	var a *access
	if row < len(layout) && layout[row].record == f.Record && layout[row].path == f.Path {
		a = &layout[row].access
	} else if a, _ = find(f.Record, f.Path); a == nil {
		return access{}, false
	}
	found := *a
	found.late = f.Record == Root && facts.Late(f.Path)
	return found, found.shape != Group
}

// complete makes what was put off. It has to be called before the field is read.
func (a *access) complete(base unsafe.Pointer) {
	if a.late {
		(*facts.Facts)(base).Complete()
	}
}

func (a *access) truth(base unsafe.Pointer) bool  { return *(*bool)(unsafe.Add(base, a.offset)) }
func (a *access) text(base unsafe.Pointer) string { return *(*string)(unsafe.Add(base, a.offset)) }
func (a *access) int(base unsafe.Pointer) int64 {
	if a.machine {
		return int64(*(*int)(unsafe.Add(base, a.offset)))
	}
	return *(*int64)(unsafe.Add(base, a.offset))
}

// slice is how Go keeps a slice (reflect.SliceHeader with a pointer that the collector sees).
type slice struct {
	p      unsafe.Pointer
	n, cap int
}

func (a *access) slice(base unsafe.Pointer) *slice { return (*slice)(unsafe.Add(base, a.offset)) }

// get reads the field of a record.
func (a *access) get(base unsafe.Pointer) value {
	a.complete(base)
	switch a.shape {
	case Bool:
		return truth(a.truth(base))
	case Int:
		return whole(a.int(base))
	case Text:
		return text(a.text(base))
	case IntOrNull:
		if p := *(**int64)(unsafe.Add(base, a.offset)); p != nil {
			return whole(*p)
		}
		return value{kind: null}
	case RecordOrNull:
		if p := *(*unsafe.Pointer)(unsafe.Add(base, a.offset)); p != nil {
			return value{kind: record, p: p}
		}
		return value{kind: null}
	}
	s := a.slice(base)
	return value{kind: list, elem: a.elem, n: int64(s.n), p: s.p}
}

// item gives an element of a list of the facts.
func (v *value) item(i int64) value {
	if v.elem == 0 {
		return text(*(*string)(unsafe.Add(v.p, uintptr(i)*unsafe.Sizeof(""))))
	}
	return value{kind: record, p: unsafe.Add(v.p, uintptr(i)*uintptr(v.elem))}
}

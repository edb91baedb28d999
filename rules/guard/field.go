package guard

import (
	"reflect"
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
	f, ok := findField(recordName, path)
	if !ok {
		return 0, "", false
	}
	shape, inner, ok = shapeOf(f.Type)
	return shape, inner, ok
}

func shapeOf(t reflect.Type) (Shape, string, bool) {
	switch t.Kind() {
	case reflect.Struct:
		return Group, t.Name(), true
	case reflect.Bool:
		return Bool, "", true
	case reflect.Int, reflect.Int64:
		return Int, "", true
	case reflect.String:
		return Text, "", true
	case reflect.Pointer:
		switch e := t.Elem(); e.Kind() {
		case reflect.Int64:
			return IntOrNull, "", true
		case reflect.Struct:
			return RecordOrNull, e.Name(), true
		}
	case reflect.Slice:
		switch e := t.Elem(); e.Kind() {
		case reflect.String:
			return Texts, "", true
		case reflect.Struct:
			return Records, e.Name(), true
		}
	}
	return 0, "", false
}

// records are the types of the facts by name.
var records = func() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice:
			add(t.Elem())
		case reflect.Struct:
			if all[t.Name()] != nil {
				return
			}
			all[t.Name()] = t
			for i := range t.NumField() {
				add(t.Field(i).Type)
			}
		}
	}
	add(reflect.TypeFor[facts.Facts]())
	return all
}()

// Root is the name of the record that all others are reached from.
const Root = "Facts"

// findField gives the field of a record, its offset that from the record's beginning.
func findField(recordName, path string) (found reflect.StructField, ok bool) {
	t := records[recordName]
	offset := uintptr(0)
	for name := range strings.SplitSeq(path, ".") {
		if t == nil || t.Kind() != reflect.Struct {
			return found, false
		}
		ok = false
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("json") == name {
				found, ok, t = f, true, f.Type
				offset += f.Offset
				break
			}
		}
		if !ok {
			return found, false
		}
	}
	found.Offset = offset
	return found, true
}

// access is how a field is read: by its place in memory, because a call by way of reflection costs ten times as much.
type access struct {
	offset uintptr
	kind   reflect.Kind // Int or Int64, which differ in size on some machines
	shape  Shape
	elem   element
	late   bool // a field of the facts that may have been put off
}

// element is the size of a list's elements. Texts have none.
type element uint32

func accessOf(f Field) (access, bool) {
	field, ok := findField(f.Record, f.Path)
	if !ok {
		return access{}, false
	}
	shape, _, ok := shapeOf(field.Type)
	a := access{offset: field.Offset, kind: field.Type.Kind(), shape: shape, late: f.Record == Root && facts.Late(f.Path)}
	if shape == Records {
		a.elem = element(field.Type.Elem().Size())
	}
	return a, ok && shape != Group
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
	if a.kind == reflect.Int {
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

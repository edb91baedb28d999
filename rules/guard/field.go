package guard

import (
	"reflect"
	"sync"
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

// Root is the name of the record that all others are reached from.
const Root = "Facts"

// fields are all fields of all records of the facts. The offset of a field is that from the beginning of its record, also where
// groups lie between. They are looked up once: Prepare asks for each many times.
var fields = sync.OnceValue(func() map[Field]reflect.StructField {
	all := make(map[Field]reflect.StructField, 512)
	seen := map[reflect.Type]bool{}
	var record func(t reflect.Type)
	var add func(t reflect.Type, name, path string, offset uintptr)
	record = func(t reflect.Type) {
		if !seen[t] {
			seen[t] = true
			add(t, t.Name(), "", 0)
		}
	}
	add = func(t reflect.Type, name, path string, offset uintptr) {
		for i := range t.NumField() {
			f := t.Field(i)
			key := Field{Record: name, Path: path + f.Tag.Get("json")}
			f.Offset += offset
			all[key] = f
			switch e := f.Type; e.Kind() {
			case reflect.Struct:
				record(e)
				add(e, name, key.Path+".", f.Offset)
			case reflect.Pointer, reflect.Slice:
				if e.Elem().Kind() == reflect.Struct {
					record(e.Elem())
				}
			}
		}
	}
	record(reflect.TypeFor[facts.Facts]())
	return all
})

func findField(recordName, path string) (found reflect.StructField, ok bool) {
	found, ok = fields()[Field{Record: recordName, Path: path}]
	return found, ok
}

// access is how a field is read: by its place in memory, because a call by way of reflection costs ten times as much.
type access struct {
	offset uintptr
	kind   reflect.Kind // Int or Int64, which differ in size on some machines
	shape  Shape
	inner  string // the record that it holds or lists
	elem   element
}

// element is the size of a list's elements. Texts have none.
type element uintptr

func accessOf(f Field) (access, bool) {
	field, ok := findField(f.Record, f.Path)
	if !ok {
		return access{}, false
	}
	shape, inner, ok := shapeOf(field.Type)
	a := access{offset: field.Offset, kind: field.Type.Kind(), shape: shape, inner: inner}
	if shape == Records {
		a.elem = element(field.Type.Elem().Size())
	}
	return a, ok && shape != Group
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

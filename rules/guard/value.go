package guard

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unsafe"
)

// kind is what a value is. Values that can never be compared share an order; see order.
type kind uint8

const (
	undefined kind = iota
	null
	boolean
	integer
	float // of which only about 15 digits are known, unless p is the *big.Float that OPA has for it
	words // text: n octets at p
	list  // of the facts: p is a slice, n its length, elem says of what
	span  // the numbers from 0 on, n of them
	split // the pieces of a text between constant elem
	record
	constant // an array, object or set: constant n
)

// value is a Rego value. It holds no memory of its own.
type value struct {
	kind kind
	elem element
	n    int64
	p    unsafe.Pointer
}

func truth(b bool) value {
	if b {
		return value{kind: boolean, n: 1}
	}
	return value{kind: boolean}
}

func whole(n int64) value { return value{kind: integer, n: n} }
func text(s string) value {
	return value{kind: words, n: int64(len(s)), p: unsafe.Pointer(unsafe.StringData(s))}
}
func broken(f float64) value { return value{kind: float, n: int64(math.Float64bits(f))} }

// exactly is a number that OPA's arithmetic comes to, undefined where it is a whole one that is not like others. f is not written to
// any more.
func exactly(f *big.Float) value {
	if f.IsInt() {
		if n, is := f.Int64(); is == big.Exact && (n != 0 || !f.Signbit()) {
			return whole(n)
		}
		return value{}
	}
	x, _ := f.Float64()
	return value{kind: float, n: int64(math.Float64bits(x)), p: unsafe.Pointer(f)}
}

// exact gives a number as OPA has it, to its last digit; nil where that is not known. It must not be written to.
func (v value) exact() *big.Float {
	switch v.kind {
	case integer:
		return new(big.Float).SetInt64(v.n)
	case float:
		return (*big.Float)(v.p)
	}
	return nil
}

// digits is how OPA writes an exact number that is not whole. Two that are written differently differ, and in that order: OPA
// computes with as many bits as the digits need.
func digits(f *big.Float) string { return f.Text('g', -1) }

// nearest is what OPA's number is where it leaves OPA; not ok without one.
func nearest(f *big.Float) (x float64, ok bool) {
	if f == nil {
		return 0, false
	}
	// With enough bits the digits lie on the same side of each number halfway between two float64 as f, unless f is one: those have 54.
	if x, _ := f.Float64(); f.Prec() > 54 && f.MinPrec() != 54 && 1e-300 < math.Abs(x) && math.Abs(x) < 1e300 {
		return x, true
	}
	x, err := strconv.ParseFloat(digits(f), 64)
	return x, err == nil
}

func (v value) float() float64 {
	if v.kind == integer {
		return float64(v.n)
	}
	return math.Float64frombits(uint64(v.n))
}

// text is that of words and of what is split, "" of all else.
func (v value) text() string {
	if v.kind != words && v.kind != split {
		return ""
	}
	return unsafe.String((*byte)(v.p), int(v.n))
}

func (v value) number() bool { return v.kind == integer || v.kind == float }

// order is Rego's order of types: null, boolean, number, string, array, object.
var order = [...]int8{null: 1, boolean: 2, integer: 3, float: 3, words: 4, list: 5, span: 5, split: 5, record: 6, constant: 7}

// compare orders two values as Rego does. It cannot tell (ok is false) where floating point is too close and where both are
// composite.
func compare(a, b value) (c int, ok bool) {
	if a.kind == words && b.kind == words {
		return strings.Compare(a.text(), b.text()), true
	}
	if a.kind == integer && b.kind == integer {
		return cmp.Compare(a.n, b.n), true
	}
	if c := order[a.kind] - order[b.kind]; c != 0 {
		return int(c), a.kind != constant && b.kind != constant
	}
	switch a.kind {
	case null:
		return 0, true
	case boolean:
		return cmp.Compare(a.n, b.n), true
	case integer, float:
		x, y := a.float(), b.float()
		if math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y), 1) {
			if p, q := a.exact(), b.exact(); p != nil && q != nil {
				return p.Cmp(q), true
			}
			return 0, false
		}
		return cmp.Compare(x, y), true
	}
	return 0, false
}

func fits(c int, how int32) bool {
	switch how {
	case Equal:
		return c == 0
	case NotEqual:
		return c != 0
	case Less:
		return c < 0
	case LessEqual:
		return c <= 0
	case Greater:
		return c > 0
	}
	return c >= 0
}

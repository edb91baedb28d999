package guard

import (
	"hash/maphash"
	"strings"
	"unsafe"

	"postern/rules/facts"
)

// The keys of a finding.
const (
	KeyRule int32 = iota
	KeySeverity
	KeyMessage
	KeyRemedy
	KeyPath
	KeyFile
	KeyLine
	KeyRetrySeconds
	KeyTemporary
	KeyValue
	KeyLimit
	keys // their number
)

// Keys are the keys of a finding by their names.
var Keys = map[string]int32{
	"rule": KeyRule, "severity": KeySeverity, "message": KeyMessage, "remedy": KeyRemedy, "path": KeyPath, "file": KeyFile, "line": KeyLine,
	"retry_seconds": KeyRetrySeconds, "temporary": KeyTemporary, "value": KeyValue, "limit": KeyLimit,
}

// Found is a finding as the rule states it. Two that are equal are one element of the rule's set.
type Found struct {
	Rule, Severity, Message, Remedy, Path, File string
	Line, RetrySeconds                          int64
	Temporary                                   bool
	Value, Limit                                any // nil, int64, float64 or string

	stated uint16 // the keys
}

// States tells whether the rule has stated a key.
func (f *Found) States(key int32) bool { return f.stated>>key&1 != 0 }

const (
	// maxFound bounds the findings of a rule that are made here: one for each address or part that is read, and more. OPA takes many times
	// the time and memory for so many.
	maxFound = 16 << 10
	// maxThrough is the number of findings up to which looking through them is faster than looking them up.
	maxThrough = 32
)

// Find appends to found what a rule finds in f, in no certain order. It is false where only OPA can tell; found is then as before.
func (p *Program) Find(f *facts.Facts, rule int32, found []Found) ([]Found, bool) {
	if p.Rules[rule].Head == 0 {
		return found, false
	}
	m := machines.Get().(*machine)
	m.reset(p)
	m.regs[0] = value{kind: record, p: unsafe.Pointer(f)}
	m.found, m.before, m.exact = found, len(found), true
	ok := !m.rule(p.Rules[rule].Head)
	if ok {
		found = m.found
	}
	m.found, m.places, m.regs[0], m.exact = nil, nil, value{}, false
	machines.Put(m)
	return found, ok
}

// emit notes a finding, once. It is true where it gave up.
func (m *machine) emit(pairs []int32) bool {
	var f Found
	for i := 0; i < len(pairs); i += 2 {
		key, v := pairs[i], m.eval(pairs[i+1])
		if v.kind == undefined {
			return m.gaveUp // as the whole object is
		}
		if f.stated |= 1 << key; !f.set(key, v, m) {
			return m.giveUp()
		}
	}
	mine := m.found[m.before:]
	if m.sameAs(mine, &f) {
		// Numbers that differ further behind can be one here.
		return (fraction(f.Value) || fraction(f.Limit)) && m.giveUp()
	}
	if len(mine) == maxFound {
		return m.giveUp()
	}
	m.found = append(m.found, f)
	return false
}

// sameAs tells whether f is one of the findings of its rule so far. It expects that f is added to them if it is not.
func (m *machine) sameAs(mine []Found, f *Found) bool {
	if len(mine) < maxThrough {
		for i := range mine {
			if mine[i].Message == f.Message && mine[i] == *f {
				return true
			}
		}
		return false
	}
	if 2*len(mine) >= len(m.places) {
		m.places = make([]int32, max(8*maxThrough, 4*len(mine)))
		for i := range mine {
			*m.foundPlace(mine, &mine[i]) = int32(i + 1)
		}
	}
	place := m.foundPlace(mine, f)
	if *place > 0 {
		return true
	}
	*place = int32(len(mine) + 1)
	return false
}

// foundPlace gives where a finding is in m.places, or belongs.
func (m *machine) foundPlace(mine []Found, f *Found) *int32 {
	for i := maphash.Comparable(foundSeed, *f); ; i++ {
		if p := &m.places[i%uint64(len(m.places))]; *p == 0 || mine[*p-1] == *f {
			return p
		}
	}
}

// foundSeed makes the places unknown to those who choose the findings.
var foundSeed = maphash.MakeSeed()

// set gives a finding the value of a key. It is false for one of the wrong kind.
func (f *Found) set(key int32, v value, m *machine) bool {
	switch key {
	case KeyLine, KeyRetrySeconds:
		if key == KeyLine {
			f.Line = v.n
		} else {
			f.RetrySeconds = v.n
		}
		return v.kind == integer
	case KeyTemporary:
		f.Temporary = v.n != 0
		return v.kind == boolean
	case KeyValue, KeyLimit:
		var x any
		switch v.kind {
		case integer:
			x = v.n
		case words:
			x = m.kept(v.text())
		case null:
		case float:
			n, ok := nearest(v.exact())
			if !ok {
				return false
			}
			x = n
		default:
			return false
		}
		if key == KeyValue {
			f.Value = x
		} else {
			f.Limit = x
		}
		return true
	}
	*f.text(key) = m.kept(v.text())
	return v.kind == words
}

// fraction tells that a value is a number that is not whole.
func fraction(v any) bool {
	_, is := v.(float64)
	return is
}

func (f *Found) text(key int32) *string {
	switch key {
	case KeyRule:
		return &f.Rule
	case KeySeverity:
		return &f.Severity
	case KeyMessage:
		return &f.Message
	case KeyRemedy:
		return &f.Remedy
	case KeyPath:
		return &f.Path
	}
	return &f.File
}

// keepsake is how many octets of texts that stay are made at a time: they belong to the findings, of one message or of several.
const keepsake = 512

// kept gives a text that stays when the machine's room is used again.
func (m *machine) kept(s string) string {
	if len(s) == 0 || cap(m.room) == 0 {
		return s
	}
	if at := uintptr(unsafe.Pointer(unsafe.StringData(s))) - uintptr(unsafe.Pointer(unsafe.SliceData(m.room))); at >= uintptr(cap(m.room)) {
		return s
	}
	if cap(m.keep)-len(m.keep) < len(s) {
		if len(s) > keepsake/2 {
			return strings.Clone(s)
		}
		m.keep = make([]byte, 0, keepsake)
	}
	at := len(m.keep)
	m.keep = append(m.keep, s...) // never written to again
	return unsafe.String(&m.keep[at], len(s))
}

package guard

import (
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

// maxFound bounds the findings of a rule that are made here.
const maxFound = 256

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
	m.found, m.regs[0], m.exact = nil, value{}, false
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
	for i := range mine {
		if mine[i].Message == f.Message && mine[i] == f {
			// Numbers that differ further behind can be one here.
			return (fraction(f.Value) || fraction(f.Limit)) && m.giveUp()
		}
	}
	if len(mine) == maxFound {
		return m.giveUp()
	}
	m.found = append(m.found, f)
	return false
}

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

package facts

import (
	"strconv"
	"strings"
)

// damageTexts say what is wrong with a list.
var damageTexts = [...]struct {
	bit  damage
	text string
}{
	{badQuote, "quoted string without end"},
	{badComment, "comment without end, or end without comment"},
	{badAngle, "angle brackets do not match"},
	{badLiteral, "square brackets do not match"},
	{badGroup, "group without end"},
	{badComma, "no comma between two addresses"},
	{semicolon, "semicolon between addresses"},
	{quotedList, "address in quotes"},
	{trailing, "words beside an address that is not in angle brackets"},
	{badPhrase, "@ or colon in a name that is not quoted"},
}

func (d damage) String() string {
	for _, t := range damageTexts {
		if d&t.bit != 0 {
			return t.text
		}
	}
	return ""
}

// checkList notes what is wrong with a list as a whole.
func (m *maker) checkList(id string, s listSummary, line int64) {
	if text := s.damage.String(); text != "" {
		m.problem(id, 0, line, text)
	}
	if s.damage&fieldLength != 0 {
		m.problem("limit.addresses", 0, line, "address fields over "+strconv.Itoa(maxLists)+" octets")
	}
}

// checkAddress notes what is wrong with one address of a header field. id is the problem to note for its syntax.
func (m *maker) checkAddress(id string, f *found) {
	mb := f.mb
	if mb == nil || m.without&Damage != 0 {
		return
	}
	if f.plain && strings.IndexByte(f.domain.ascii, '.') >= 0 && lengthFault(f.local, f.domain.ascii) == "" {
		return
	}
	if mb.null {
		m.problem(id, 0, f.line, "<>")
		return
	}
	if f.list.encoded {
		m.checkName(f)
	}
	if !f.at && dotAtom(f.local) {
		m.problem("rfc.address_unqualified", 0, f.line, f.local)
		return
	}
	written := clean(viewOf(mb.domain))
	if f.at && !mb.route && !mb.obsolete && validSpec(f.local, written) {
		m.checkSpec(f.local, written, f.domain, f.line)
	} else if !m.again(id, 0) {
		text := f.local
		if f.at {
			text += "@" + written
		}
		m.problem(id, 0, f.line, text)
	}
}

// checkSpec notes what is wrong with an address whose syntax is right.
func (m *maker) checkSpec(local, written string, d *knownDomain, line int64) {
	note := func(id, fault string) {
		if !m.again(id, 0) {
			m.problem(id, 0, line, fault+local+"@"+written)
		}
	}
	if d.ascii[0] != '[' && strings.IndexByte(d.ascii, '.') < 0 {
		note("rfc.address_unqualified", "")
	}
	if fault := lengthFault(local, d.ascii); fault != "" {
		note("rfc.address_length", fault+" of ")
	}
	if !isASCII(local) || !isASCII(written) {
		note("rfc.address_nonascii", "")
	}
	if !isASCII(local) {
		note("rfc.smtputf8", "")
	}
}

// checkName notes misuse of encoded words in an address and its name.
func (m *maker) checkName(f *found) {
	if w := f.list.quotedWord(f.mb); w != "" {
		m.problem("rfc.2047_inquoted", 0, f.line, w)
	} else if w, ok := nextWord(f.local, 0); ok {
		m.problem("rfc.2047_inquoted", 0, f.line, f.local[w.from:w.to])
	} else if raw := f.list.displayRaw(f.mb); strings.Contains(raw, "=?") {
		m.checkWords(raw, f.line)
	}
}

// checkWords notes misuse of encoded words in a value where they may stand.
func (m *maker) checkWords(s string, line int64) {
	faults := checkWords(s)
	for _, f := range [...]struct{ id, detail string }{
		{"rfc.2047_length", faults.length},
		{"rfc.2047_split", faults.split},
		{"rfc.2047_adjacent", faults.adjacent},
		{"rfc.2047_context", faults.charset},
		{"rfc.2047_excess", faults.excess},
	} {
		if f.detail != "" {
			m.problem(f.id, 0, line, f.detail)
		}
	}
}

package facts

import "strings"

// typeMemo remembers what content types say: most messages have one of a few. It keeps no more than the last of each place.
type typeMemo [16]struct {
	value   string // of the field, unfolded; "" for an empty place
	charset string
	name    decodedParam
}

// maxTypeMemo is the octets up to which a value is remembered. Those with boundaries are longer, and seldom come again.
const maxTypeMemo = 64

// contentType gives charset and name of the value of a Content-Type field, which may be a view.
func (m *maker) contentType(value string) (charset string, name decodedParam) {
	if len(value) == 0 || len(value) > maxTypeMemo {
		m.params.parse(value)
		charset = charsetName(m.decodeParam(&m.params, "charset").value)
		return charset, m.decodeParam(&m.params, "name")
	}
	n := len(value)
	h := uint32(n) | (uint32(value[n-1])|uint32(value[n/2])<<8|uint32(value[n*3/4])<<16)<<8
	t := &m.types[h*0x9e3779b1>>28]
	if t.value != value {
		own := strings.Clone(value)
		m.params.parse(own)
		charset = charsetName(m.decodeParam(&m.params, "charset").value)
		name = m.decodeParam(&m.params, "name")
		t.value, t.charset, t.name = own, charset, name
	}
	return t.charset, t.name
}

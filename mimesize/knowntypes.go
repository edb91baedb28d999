package mimesize

import "bytes"

// knownTypes are Content-Type values without a boundary that were read before: nearly all messages have the same few.
type knownTypes [16]struct {
	value []byte
	ctype contentType
}

// maxKnownType bounds the octets of a value that is kept.
const maxKnownType = 120

// contentType is parseContentType of the value of the first field of a part. The boundary is valid until the next.
func (s *Scanner) contentType(v []byte) contentType {
	if len(v) == 0 || len(v) > maxKnownType {
		return s.parseType(v)
	}
	if s.types == nil {
		s.types = new(knownTypes)
	}
	k := &s.types[(len(v)+7*int(v[len(v)-1])+3*int(v[len(v)/2]))%len(s.types)]
	if bytes.Equal(k.value, v) {
		return k.ctype
	}
	ct := s.parseType(v)
	if ct.boundary == nil {
		k.value, k.ctype = append(k.value[:0], v...), ct
	}
	return ct
}

func (s *Scanner) parseType(v []byte) contentType {
	ct := parseContentType(v, s.bound[:0])
	if b := ct.boundary; b != nil {
		s.bound = b[:0]
	}
	return ct
}

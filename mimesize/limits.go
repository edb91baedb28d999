package mimesize

// Limits bound the structure that one Scan keeps. A zero field means the default of the same name below. When a limit is
// reached the scan goes on counting octets, Result.Truncated is set and a problem named limit.* says which limit it was.
type Limits struct {
	Depth       int // nested parts
	Parts       int // parts of a message
	HeaderBytes int // octets of the header block of any part
	Fields      int // header fields of any part
	FieldBytes  int // octets of one header field
	AllFields   int // header fields of all parts together
}

// The defaults: Postfix nests 100 deep (mime_nesting_limit), rspamd reads 10,000 parts (max_mime_parts).
const (
	DefaultDepth       = 100
	DefaultParts       = 10_000
	DefaultHeaderBytes = 1 << 20
	DefaultFields      = 1_000
	DefaultFieldBytes  = 100 << 10
	DefaultAllFields   = 50_000
)

func (l Limits) withDefaults() Limits {
	def := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	def(&l.Depth, DefaultDepth)
	def(&l.Parts, DefaultParts)
	def(&l.HeaderBytes, DefaultHeaderBytes)
	def(&l.Fields, DefaultFields)
	def(&l.FieldBytes, DefaultFieldBytes)
	def(&l.AllFields, DefaultAllFields)
	return l
}

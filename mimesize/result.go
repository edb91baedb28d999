package mimesize

import "strconv"

// Span is a stretch of the scanned octets, as stored. Offset counts from the first octet that was read, a prefix
// included, so that a Span can be handed to an io.ReaderAt of the same input. Line is the 1-based line that the stretch
// begins on; Length includes the line end of its last line.
type Span struct {
	Offset, Length int64
	Line           int64
}

// End is the offset of the first octet after s.
func (s Span) End() int64 { return s.Offset + s.Length }

// Field is one header field of one part: its name, colon, value and folded lines (RFC 5322 section 2.2).
type Field struct {
	Span
	// Name is the length of the field name in octets, blanks before the colon not counted. The value begins after the
	// first colon of the field.
	Name int
	// Part is the index of the part that the field belongs to.
	Part int
}

// Encoding is a Content-Transfer-Encoding (RFC 2045 section 6.1).
type Encoding uint8

// The encodings. EncodingNone means that no field states one, which RFC 2045 section 6.1 reads as 7bit. EncodingUnknown is
// a name that RFC 2045 does not define.
const (
	EncodingNone Encoding = iota
	Encoding7bit
	Encoding8bit
	EncodingBinary
	EncodingQuotedPrintable
	EncodingBase64
	EncodingUnknown
)

var encodingNames = [...]string{"", "7bit", "8bit", "binary", "quoted-printable", "base64", "unknown"}

// String gives the name as RFC 2045 spells it, "" for EncodingNone and "unknown" for EncodingUnknown.
func (e Encoding) String() string {
	if int(e) < len(encodingNames) {
		return encodingNames[e]
	}
	return "unknown"
}

// Part is a node of the MIME tree. The message itself is Result.Parts[0]. A message/rfc822 part has one child, the message
// inside it.
type Part struct {
	// Parent is the index of the enclosing part, -1 for the message itself. A parent always stands before its children.
	Parent int
	// Ordinal is the part's 1-based place among its siblings, 0 for the message itself.
	Ordinal int
	// Depth is the number of enclosing parts.
	Depth int
	// Children is the number of parts directly inside.
	Children int
	// FirstField and EndField bound the part's header fields in Result.Fields: Fields[FirstField:EndField].
	FirstField, EndField int
	// MediaType is "type/subtype" in lower case. Without a usable Content-Type it is the default that applies: text/plain,
	// or message/rfc822 directly inside multipart/digest (RFC 2046 section 5.1.5).
	MediaType string
	// Encoding is the stated transfer encoding.
	Encoding Encoding
	// Header is the header block with its separator line left out; Body is everything after the separator, without the
	// line end that belongs to the boundary line that follows it (RFC 2046 section 5.1.1).
	Header, Body Span
	// HeaderBytes and EncodedBytes are the wire octets (every line end CRLF) of Header and Body.
	HeaderBytes, EncodedBytes int64
	// DecodedBytes is the number of octets that decoding Body gives; line ends of text as they are stored. It is -1 for
	// EncodingUnknown and equals Body.Length for identity encodings.
	DecodedBytes int64
	// DecodedLFBytes is the same with each line end counted as one octet, so that it does not depend on how the message
	// is stored. For base64 it equals DecodedBytes.
	DecodedLFBytes int64
	// EightBit is the number of octets above 127 in Body.
	EightBit int64
	// Embedded tells that the part is inside a message/rfc822 part.
	Embedded bool
	// Closed tells that the multipart's closing boundary was met; it is true for parts that are not multipart.
	Closed bool

	wire, eols int64 // at the start of Body, while the part is open
	bounded    bool  // a multipart with a boundary
}

// IsMultipart tells whether the part's media type is multipart/*, with or without children.
func (p *Part) IsMultipart() bool { return len(p.MediaType) > 10 && p.MediaType[:10] == "multipart/" }

// Problem is damage or ambiguity met while reading. One Problem stands for all of its kind in one part.
type Problem struct {
	// ID is a name from the rule table, such as "rfc.mime_unclosed".
	ID string
	// Part is the index of the part it was met in.
	Part int
	// Offset and Line are the place of the first occurrence, Count the number of occurrences.
	Offset, Line, Count int64
	// Detail is a short piece of the message or a number that shows what is meant; it is untrusted text.
	Detail string
}

// Lines is the census of a message's lines. A line ends in CRLF or LF; in a message that has neither, in CR.
type Lines struct {
	// CRLF, LF and CR count CR LF pairs, LF without CR before it, and CR without LF after it.
	CRLF, LF, CR int64
	// Count is the number of lines, an unterminated last line included.
	Count int64
	// Longest is the length of the longest line in octets without its line end, LongestLine its 1-based number.
	Longest, LongestLine int64
	// Over998 and Over78 count lines longer than RFC 5322 section 2.1.1 allows and recommends.
	Over998, Over78 int64
	// HeaderEightBit and BodyEightBit count octets above 127 in the message's own header and after it.
	HeaderEightBit, BodyEightBit int64
	// NUL counts octets of value 0.
	NUL int64
	// Dots counts lines that begin with a dot, which SMTP stuffs with another (RFC 5321 section 4.5.2).
	Dots int64
	// Terminated tells that the last line has a line end.
	Terminated bool
}

// Result is what one Scan measured. All sizes are octets and leave Prefix out.
type Result struct {
	// Prefix is an mbox "From " or ">From " line or a byte order mark before the message. It is not part of the message.
	Prefix Span
	// StoredBytes is the message as it is stored.
	StoredBytes int64
	// WireBytes is the message with each bare LF counted as CRLF: its size by RFC 1870 section 5 once the transport has
	// added a missing last line end, see DataBytes. A bare CR counts as the one octet that it is.
	WireBytes int64
	// DataBytes is WireBytes plus 2 if the last line has no line end, because the line end before the final dot is part of
	// the message (RFC 5321 section 4.1.1.4). It is the number that a server's SIZE limit is compared with. It is 0 for an
	// empty message.
	DataBytes int64
	// LFBytes is the message with each CRLF counted as LF and the last line terminated: how qmail counts (databytes).
	LFBytes int64
	// HeaderBytes, SeparatorBytes and BodyBytes are wire octets and add up to WireBytes.
	HeaderBytes, SeparatorBytes, BodyBytes int64
	// StoredHeaderBytes and StoredBodyBytes are the same as stored.
	StoredHeaderBytes, StoredBodyBytes int64
	// OverheadBytes are the wire octets of BodyBytes that are neither a part's header nor the body of a part without
	// children: boundary lines, separators, preambles and epilogues.
	OverheadBytes int64
	// Lines is the census of lines and octets.
	Lines Lines
	// Parts is the MIME tree in the order of the text; Parts[0] is the message itself.
	Parts []Part
	// Fields are the header fields of all parts, in order.
	Fields []Field
	// Problems are in order of their part, then of first occurrence.
	Problems []Problem
	// Truncated tells that a limit ended the reading of structure: Parts and Fields are then incomplete, while the sizes
	// of the whole message still count every octet.
	Truncated bool
}

// HeaderFields gives the header fields of part i.
func (r *Result) HeaderFields(i int) []Field {
	p := &r.Parts[i]
	return r.Fields[p.FirstField:p.EndField]
}

// Path gives the MIME path of part i: "0" for the message itself, then "1", "2.1" and so on; the message inside a
// message/rfc822 part "2" is "2.1".
func (r *Result) Path(i int) string {
	if i <= 0 || i >= len(r.Parts) {
		return "0"
	}
	var buf [32]byte
	return string(r.appendPath(buf[:0], i))
}

func (r *Result) appendPath(b []byte, i int) []byte {
	p := &r.Parts[i]
	if p.Parent > 0 {
		b = append(r.appendPath(b, p.Parent), '.')
	}
	return strconv.AppendInt(b, int64(p.Ordinal), 10)
}

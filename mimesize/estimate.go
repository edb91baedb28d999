package mimesize

import "math"

// The octets of a line end, as the functions of this package take them: CRLF is what is on the wire (RFC 1870 section 5),
// LF what a server counts that measures its own file, as qmail does. Any other positive number is taken as it is, anything
// else as CRLF.
const (
	CRLF = 2
	LF   = 1
)

// base64Columns is the longest line of encoded octets that RFC 2045 section 6.8 allows, and what every mail program writes.
const base64Columns = 76

// Base64Size is the number of octets that n octets become in base64 with lines of 76 columns, each of them with a line end
// of eol octets, the last one too. It is exact up to n = 1<<62; beyond, it is exact or math.MaxInt64, which means "at least".
// It is 0 for n <= 0.
func Base64Size(n int64, eol int) int64 { return Base64SizeColumns(n, base64Columns, eol) }

// Base64SizeColumns is Base64Size for lines of columns encoded octets. With columns <= 0 the encoding is not broken into
// lines and has no line end at all.
func Base64SizeColumns(n int64, columns, eol int) int64 {
	if n <= 0 {
		return 0
	}
	groups := n / 3
	if n%3 != 0 {
		groups++
	}
	if groups > math.MaxInt64/4 {
		return math.MaxInt64
	}
	chars := 4 * groups
	if columns <= 0 {
		return chars
	}
	lines := (chars-1)/int64(columns) + 1
	return addTimes(chars, lines, lineEnd(eol))
}

// LargestBase64 is the greatest n whose Base64Size is at most limit: the largest file that fits under limit when nothing
// else is counted. It is 0 if not even one octet fits.
func LargestBase64(limit int64, eol int) int64 {
	return LargestBase64Columns(limit, base64Columns, eol)
}

// LargestBase64Columns is the greatest n whose Base64SizeColumns is at most limit. The encoding grows by whole groups of
// three octets, so the answer is a multiple of three.
func LargestBase64Columns(limit int64, columns, eol int) int64 {
	if limit < 4 {
		return 0
	}
	// Without line ends limit/4 groups fit, with them fewer; 3*(limit/4) does not overflow. A saturated size is no size
	// within any limit.
	low, high := int64(0), limit/4
	for low < high {
		mid := low + (high-low+1)/2
		if size := Base64SizeColumns(3*mid, columns, eol); size <= limit && size < math.MaxInt64 {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return 3 * low
}

// LargestInMessage is the greatest number of octets that a file may have to be attached, as base64 in a further part, to a
// multipart message of messageBytes octets without the message growing over limit. messageBytes, limit and the answer's
// part are counted with line ends of eol octets: Result.DataBytes for CRLF, Result.LFBytes for LF. It is 0 if the message
// is over the limit already.
func LargestInMessage(limit, messageBytes int64, eol int, part Overhead) int64 {
	return LargestBase64(rest(rest(limit, messageBytes), part.Size(eol)), eol)
}

// LargestAttachment is the greatest number of octets that a file of this name may have to be sent, as base64, in a message
// that holds little else (see MessageOverhead) without being over limit.
func LargestAttachment(limit int64, eol int, name string) int64 {
	return LargestBase64(rest(limit, MessageOverhead(name).Size(eol)), eol)
}

// AttachmentSize is the size of that message for a file of n octets. It saturates at math.MaxInt64.
func AttachmentSize(n int64, eol int, name string) int64 {
	return addTimes(Base64Size(n, eol), 1, MessageOverhead(name).Size(eol))
}

// Overhead is what a message or a part costs besides the encoded octets of an attachment.
type Overhead struct {
	// Octets counts everything but line ends, Lines the line ends.
	Octets, Lines int64
}

// Size is the overhead with line ends of eol octets.
func (o Overhead) Size(eol int) int64 { return o.Octets + o.Lines*lineEnd(eol) }

// What an attachment costs on the wire besides its encoded octets when its name has 8 octets, as in data.bin.
const (
	// MinimalMessageBytes is a message with seven header fields (272 octets), a text of three short lines and the
	// attachment's own part.
	MinimalMessageBytes = 673
	// FurtherPartBytes is each attachment after the first: boundary line (40 octets for the 36 octets of a usual
	// boundary), Content-Type: application/octet-stream (40), Content-Transfer-Encoding (35), Content-Disposition with
	// the name (54), MIME-Version (19), separator (2).
	FurtherPartBytes = 190
	measuredName     = 8
	messageLines     = 24
	partLines        = 6
)

// MessageOverhead is what a minimal real message costs in which a file of this name is the only attachment. It is an
// estimate only in that messages differ: for the message that MinimalMessageBytes describes it is exact. An octet of the
// name that is not ASCII is counted as the three that RFC 2231 section 4 makes of it, with utf-8 as the charset.
func MessageOverhead(name string) Overhead {
	return Overhead{MinimalMessageBytes - CRLF*messageLines - measuredName + nameOctets(name), messageLines}
}

// PartOverhead is what the part of a further attachment of this name costs.
func PartOverhead(name string) Overhead {
	return Overhead{FurtherPartBytes - CRLF*partLines - measuredName + nameOctets(name), partLines}
}

// nameOctets is the length of a file name between the quotes of filename="...", or of what takes the place of both, in
// the extended form of RFC 2231 section 4, when it is not ASCII.
func nameOctets(name string) int64 {
	ascii, plain, escaped := true, int64(0), int64(0)
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 0x80:
			ascii = false
			escaped += 3
		case c < ' ' || c == 0x7f || c == ' ' || attributeSpecial[c]:
			plain++
			if c == '"' || c == '\\' {
				plain++ // a quoted pair
			}
			escaped += 3
		default:
			plain++
			escaped++
		}
	}
	if ascii {
		return plain
	}
	return escaped + int64(len("*utf-8''")-len(`""`))
}

// attributeSpecial marks what RFC 2231 section 7 leaves out of attribute-char.
var attributeSpecial = func() (t [128]bool) {
	for _, c := range `()<>@,;:\"/[]?=*'%` {
		t[c] = true
	}
	return t
}()

// lineEnd is eol, or CRLF where eol is no length.
func lineEnd(eol int) int64 {
	if eol <= 0 {
		return CRLF
	}
	return int64(eol)
}

// rest is what b leaves of a, or 0.
func rest(a, b int64) int64 {
	if b < 0 {
		b = 0
	}
	if a <= b {
		return 0
	}
	return a - b
}

// addTimes is a + n*m for numbers that are not negative, or math.MaxInt64.
func addTimes(a, n, m int64) int64 {
	if m > 0 && n > (math.MaxInt64-a)/m {
		return math.MaxInt64
	}
	return a + n*m
}

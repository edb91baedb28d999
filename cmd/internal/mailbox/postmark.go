package mailbox

import "bytes"

// maxPostmark is the number of octets of a line that are looked at for a postmark; a longer line is none.
const maxPostmark = 1000

var from = []byte("From ")

// isPostmark tells whether a line begins a message of an mbox: "From ", somewhere a time and a year of four digits, in either
// order, as every program writes it; or "From -" and "From a@b" with nothing more, as old Netscape and Google Takeout do.
// Neither an empty line before it nor its absence tells anything: real archives have postmarks without one, and sentences that
// begin with "From " after one.
func isPostmark(line []byte) bool {
	if len(line) > maxPostmark || !isFromLine(line) {
		return false
	}
	return endsInDate(line[len(from):]) || hasDate(line[len(from):]) || isBare(line[len(from):])
}

// beginsMessage tells whether a message of an mbox begins where b does. Besides a line that isPostmark knows it may be one that says
// "From " and nothing else, as Thunderbird writes it since 2023, if a header follows. What is behind maxPostmark octets of b plays no
// part in it.
func beginsMessage(b []byte) bool {
	line, rest, found := bytes.Cut(b[:min(len(b), maxPostmark+1)], newline)
	return isPostmark(line) || found && bytes.HasPrefix(line, from) && len(bytes.TrimRight(line, " \t\r")) == len(from)-1 &&
		beginsHeader(rest, len(b) <= maxPostmark+1)
}

// beginsHeader tells whether b begins with two lines of a header, or with one at the end of all.
func beginsHeader(b []byte, last bool) bool {
	line, rest, _ := bytes.Cut(b, newline)
	if !isField(line) {
		return false
	}
	if len(rest) == 0 {
		return true // what follows is too far away, or there is nothing
	}
	line, _, found := bytes.Cut(rest, newline)
	return rest[0] == ' ' || rest[0] == '\t' || isField(line) || !found && !last
}

// isField tells whether a line begins with the name of a field and a colon.
func isField(line []byte) bool {
	i := bytes.IndexByte(line, ':')
	return i > 0 && !bytes.ContainsFunc(line[:i], func(r rune) bool { return r <= ' ' || r > '~' })
}

// isFromLine tells whether a line begins with "From " and is no From field with blanks before its colon.
func isFromLine(line []byte) bool {
	return bytes.HasPrefix(line, from) && !bytes.HasPrefix(bytes.TrimLeft(line[len(from):], " \t"), []byte{':'})
}

// mboxLead gives the place of the first postmark of what begins with head, if that is an mbox: blank lines and a byte order mark may
// stand before it. One that is known to be an mbox, by its name, may begin with any line "From ".
func mboxLead(head []byte, named bool) (lead int, ok bool) {
	begin := bytes.TrimPrefix(head, []byte(bom))
	b := bytes.TrimLeft(begin, "\r\n")
	if named {
		b = bytes.TrimLeft(begin, " \t\r\n\v\f")
	}
	return len(head) - len(b), isFromLine(b) && (named || len(b) == len(begin) || beginsMessage(b))
}

// bom is the byte order mark of UTF-8, which editors set before a text.
const bom = "\xef\xbb\xbf"

// endsInDate tells whether s ends as asctime writes it: in " 01:02:03 2026". It has a date then.
func endsInDate(s []byte) bool {
	const form = " 00:00:00 0000"
	if len(s) < len(form) {
		return false
	}
	s = s[len(s)-len(form):]
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}

// hasDate tells whether s holds a time (1:02 or 01:02:03) and, before or after it, a word of four digits.
func hasDate(s []byte) bool {
	var time, year bool
	for i := 0; i < len(s); {
		if !isWord(s[i]) {
			i++
			continue
		}
		begin, digits := i, true
		for ; i < len(s) && isWord(s[i]); i++ {
			digits = digits && isDigit(s[i])
		}
		if !digits {
			continue
		}
		switch n := i - begin; {
		case n == 4:
			year = true
		case n <= 2 && i+2 < len(s) && s[i] == ':' && isDigit(s[i+1]) && isDigit(s[i+2]) && (i+3 == len(s) || !isWord(s[i+3])):
			time = true
			i += 3
		}
		if time && year {
			return true
		}
	}
	return false
}

// isBare tells whether s is "-" or one word with one "@" inside, and nothing more but blanks at its end.
func isBare(s []byte) bool {
	s = bytes.TrimRight(s, " \t\r\n\f")
	if len(s) == 1 && s[0] == '-' {
		return true
	}
	at := bytes.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && bytes.IndexByte(s[at+1:], '@') < 0 && !bytes.ContainsAny(s, " \t\r\n\f")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

// isQuoted tells whether a line is one that was quoted on its way into an mbox: ">From ", or with more of ">".
func (q Quoting) isQuoted(line []byte) bool {
	if q == QuotingNone {
		return false
	}
	n := 0
	for n < len(line) && n < maxPostmark && line[n] == '>' {
		n++
	}
	return n > 0 && (n == 1 || q == QuotingRD) && bytes.HasPrefix(line[n:], from)
}

// unquote takes one ">" from each quoted line of b, which begins with a line, in place. It gives the octets that are left.
func (q Quoting) unquote(b []byte) []byte {
	to := 0
	for i := 0; i < len(b); {
		end := len(b)
		if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := b[i:end]
		if q.isQuoted(line) {
			line = line[1:]
		}
		to += copy(b[to:], line)
		i = end
	}
	return b[:to]
}

package facts

import (
	"strings"
	"time"
	"unicode/utf8"
)

// maxDates bounds the Date fields that are read: a wrong one costs a dozen ways to write a date.
const maxDates = 20

// date reads the Date fields.
func (m *maker) date() {
	all := m.each(fieldDate)
	d := &m.f.Header.Date
	d.Count = len(all)
	for i, f := range all {
		if i == maxDates {
			m.problem("limit.fields", 0, f.Line, "Date")
			break
		}
		text := m.view(f, maxValue)
		unix, day, wrong, ok := readDate(text, &m.day)
		if !ok {
			m.problem("rfc.date_syntax", 0, f.Line, text)
			continue
		}
		if wrong {
			m.problem("rfc.date_syntax", 0, f.Line, "not a "+day+": "+text)
		}
		if d.Unix != nil {
			continue
		}
		d.Unix = m.number(unix)
		if !m.now.IsZero() {
			skew := unix - m.now.Unix()
			d.SkewSeconds = m.number(skew)
			if skew > 3600 || skew < -24*3600 {
				m.problem("rfc.date_skew", 0, f.Line, text)
			}
		}
	}
}

// readDate reads a date-time (RFC 5322 section 3.3, obsolete forms of section 4.3 included) as seconds of Unix time. Wrong tells that
// it was another day of the week than day, which the text names. It is false for what is no date.
func readDate(text string, last *usualDay) (unix int64, day string, wrong, ok bool) {
	if unix, ok := last.date(text); ok {
		return unix, weekdays[last.stated:][:3], last.weekday != last.stated, true
	}
	t, err := parseDate(text)
	if err != nil {
		return 0, "", false, false
	}
	day, named := weekday(text)
	return t.Unix(), day, named && day != t.Weekday().String()[:3], true
}

const (
	weekdays = "SunMonTueWedThuFriSat"
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// usualDay is the day that the last date of the usual form was of, which the next often is of too.
type usualDay struct {
	text            [len("Mon, 02 Jan 2006")]byte
	n               int   // octets of text
	unix            int64 // its first second
	weekday, stated int   // where in weekdays the day of the week stands that it was, and that text states
}

// date reads a date of the form that almost every message has: "Mon, 02 Jan 2006 15:04:05 -0700", the day with one digit or two, and
// a word in parentheses behind it or not. It gives the seconds of Unix time, and d is then its day. It is false for anything else,
// which parseDate reads.
func (d *usualDay) date(s string) (unix int64, ok bool) {
	if len(s) < len("Mon, 2 Jan 2006 15:04:05 -0700") || (d.n == 0 || s[:d.n] != string(d.text[:d.n])) && !d.read(s) {
		return 0, false
	}
	s = s[d.n:]
	if len(s) < 15 || s[0] != ' ' || s[3] != ':' || s[6] != ':' || s[9] != ' ' {
		return 0, false
	}
	hour, n1 := number(s[1:3], 2)
	minute, n2 := number(s[4:6], 2)
	second, n3 := number(s[7:9], 2)
	zone, n4 := number(s[11:15], 4)
	if n1+n2+n3+n4 != 10 || hour > 23 || minute > 59 || second > 59 || zone/100 > 23 || zone%100 > 59 {
		return 0, false
	}
	if s[10] == '-' {
		zone = -zone
	} else if s[10] != '+' {
		return 0, false
	}
	if s = s[15:]; s != "" && !isComment(s) {
		return 0, false
	}
	return d.unix + int64(hour*3600+minute*60+second-zone/100*3600-zone%100*60), true
}

// read reads the day that a date begins with.
func (d *usualDay) read(s string) bool {
	day, digits := number(s[5:], 2)
	rest := s[5+digits:]
	stated := threeOf(weekdays, s)
	if s[3] != ',' || s[4] != ' ' || stated < 0 || digits == 0 || rest[0] != ' ' || rest[4] != ' ' {
		return false
	}
	month := threeOf(months, rest[1:])
	year, n := number(rest[5:9], 4)
	if month < 0 || n != 4 {
		return false
	}
	t := time.Date(year, time.Month(month/3+1), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return false // the month has no such day
	}
	d.n = copy(d.text[:], s[:5+digits+len(" Jan 2006")])
	d.unix, d.weekday, d.stated = t.Unix(), 3*int(t.Weekday()), stated
	return true
}

// threeOf gives the place in all, which is made of names of three octets, of the name that s begins with, -1 if it is none of them.
func threeOf(all, s string) int {
	for i := 0; i+3 <= len(all); i += 3 {
		if all[i] == s[0] && all[i+1] == s[1] && all[i+2] == s[2] {
			return i
		}
	}
	return -1
}

// number reads a number of at most n digits, and gives how many it has.
func number(s string, n int) (value, digits int) {
	for digits < n && digits < len(s) && isDigit(s[digits]) {
		value = 10*value + int(s[digits]-'0')
		digits++
	}
	return value, digits
}

// isComment tells whether s is a blank and a word of letters in parentheses.
func isComment(s string) bool {
	if len(s) < 4 || s[0] != ' ' || s[1] != '(' || s[len(s)-1] != ')' {
		return false
	}
	for i := 2; i < len(s)-1; i++ {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// parseDate reads a date-time of any form. The usual one is tried first, because net/mail tries a dozen one after the other.
func parseDate(s string) (time.Time, error) {
	s = asciiOnly(s)
	plain := strings.Join(strings.Fields(stripComments(s)), " ") // a tab is as good as a space between the words
	if named := numericZone(plain); named != "" {
		plain = named
	}
	if t, err := time.Parse("Mon, _2 Jan 2006 15:04:05 -0700", plain); err == nil {
		return t, nil
	}
	if t, err := lib.Date(plain); err == nil {
		return t, nil
	}
	return lib.Date(s)
}

// numericZone writes a zone that has a name, the last word of s, as a number (RFC 5322 section 4.3), and gives "" if there is none.
// A name that the RFC does not define says nothing and is UTC. Package time knows only the names of the machine's own zone, so that
// one date would be read as several.
func numericZone(s string) string {
	i := len(s)
	for i > 0 && isLetter(s[i-1]) {
		i--
	}
	name := strings.ToUpper(s[i:])
	zone, known := obsoleteZones[name]
	switch n := len(name); {
	case i == 0 || s[i-1] != ' ':
		return ""
	case known:
	case n == 1 && name != "J":
		zone = "-0000"
	case (n == 3 || (n == 4 || n == 5) && name[n-1] == 'T') && name == s[i:] && strings.Contains(s[:i], ":"):
		zone = "-0000"
	default:
		return ""
	}
	return s[:i] + zone
}

var obsoleteZones = map[string]string{
	"UT": "+0000", "GMT": "+0000",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}

// weekday gives the day of the week that a date begins with.
func weekday(s string) (string, bool) {
	if len(s) < 4 || s[3] != ',' {
		return "", false
	}
	return strings.ToUpper(s[:1]) + strings.ToLower(s[1:3]), true
}

// asciiOnly replaces what no date holds, so that errors stay short.
func asciiOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || r < ' ' && r != '\t' {
			return '?'
		}
		return r
	}, s)
}

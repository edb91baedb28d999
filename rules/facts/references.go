package facts

import "strings"

// reference gives the character that a name of HTML's character references stands for, 0 for one that mail seldom has. It is a switch
// because a table of all names, as libraries have, takes longer to make than it takes to measure a message.
func reference(name string) rune {
	switch name {
	case "AElig":
		return 0xc6
	case "Aacute":
		return 0xc1
	case "Acirc":
		return 0xc2
	case "Agrave":
		return 0xc0
	case "Aring":
		return 0xc5
	case "Atilde":
		return 0xc3
	case "Auml":
		return 0xc4
	case "Ccedil":
		return 0xc7
	case "ETH":
		return 0xd0
	case "Eacute":
		return 0xc9
	case "Ecirc":
		return 0xca
	case "Egrave":
		return 0xc8
	case "Euml":
		return 0xcb
	case "Iacute":
		return 0xcd
	case "Icirc":
		return 0xce
	case "Igrave":
		return 0xcc
	case "Iuml":
		return 0xcf
	case "Ntilde":
		return 0xd1
	case "OElig":
		return 0x152
	case "Oacute":
		return 0xd3
	case "Ocirc":
		return 0xd4
	case "Ograve":
		return 0xd2
	case "Oslash":
		return 0xd8
	case "Otilde":
		return 0xd5
	case "Ouml":
		return 0xd6
	case "Scaron":
		return 0x160
	case "THORN":
		return 0xde
	case "Uacute":
		return 0xda
	case "Ucirc":
		return 0xdb
	case "Ugrave":
		return 0xd9
	case "Uuml":
		return 0xdc
	case "Yacute":
		return 0xdd
	case "Yuml":
		return 0x178
	case "aacute":
		return 0xe1
	case "acirc":
		return 0xe2
	case "acute":
		return 0xb4
	case "aelig":
		return 0xe6
	case "agrave":
		return 0xe0
	case "amp":
		return 0x26
	case "apos":
		return 0x27
	case "aring":
		return 0xe5
	case "atilde":
		return 0xe3
	case "auml":
		return 0xe4
	case "bdquo":
		return 0x201e
	case "brvbar":
		return 0xa6
	case "bull":
		return 0x2022
	case "ccedil":
		return 0xe7
	case "cedil":
		return 0xb8
	case "cent":
		return 0xa2
	case "circ":
		return 0x2c6
	case "copy":
		return 0xa9
	case "curren":
		return 0xa4
	case "dagger":
		return 0x2020
	case "darr":
		return 0x2193
	case "deg":
		return 0xb0
	case "divide":
		return 0xf7
	case "eacute":
		return 0xe9
	case "ecirc":
		return 0xea
	case "egrave":
		return 0xe8
	case "emsp":
		return 0x2003
	case "ensp":
		return 0x2002
	case "eth":
		return 0xf0
	case "euml":
		return 0xeb
	case "euro":
		return 0x20ac
	case "frac12":
		return 0xbd
	case "frac14":
		return 0xbc
	case "frac34":
		return 0xbe
	case "gt":
		return 0x3e
	case "hellip":
		return 0x2026
	case "iacute":
		return 0xed
	case "icirc":
		return 0xee
	case "iexcl":
		return 0xa1
	case "igrave":
		return 0xec
	case "iquest":
		return 0xbf
	case "iuml":
		return 0xef
	case "laquo":
		return 0xab
	case "larr":
		return 0x2190
	case "ldquo":
		return 0x201c
	case "lrm":
		return 0x200e
	case "lsaquo":
		return 0x2039
	case "lsquo":
		return 0x2018
	case "lt":
		return 0x3c
	case "macr":
		return 0xaf
	case "mdash":
		return 0x2014
	case "micro":
		return 0xb5
	case "middot":
		return 0xb7
	case "minus":
		return 0x2212
	case "nbsp":
		return 0xa0
	case "ndash":
		return 0x2013
	case "not":
		return 0xac
	case "ntilde":
		return 0xf1
	case "oacute":
		return 0xf3
	case "ocirc":
		return 0xf4
	case "oelig":
		return 0x153
	case "ograve":
		return 0xf2
	case "ordf":
		return 0xaa
	case "ordm":
		return 0xba
	case "oslash":
		return 0xf8
	case "otilde":
		return 0xf5
	case "ouml":
		return 0xf6
	case "para":
		return 0xb6
	case "permil":
		return 0x2030
	case "plusmn":
		return 0xb1
	case "pound":
		return 0xa3
	case "prime":
		return 0x2032
	case "quot":
		return 0x22
	case "raquo":
		return 0xbb
	case "rarr":
		return 0x2192
	case "rdquo":
		return 0x201d
	case "reg":
		return 0xae
	case "rlm":
		return 0x200f
	case "rsaquo":
		return 0x203a
	case "rsquo":
		return 0x2019
	case "sbquo":
		return 0x201a
	case "scaron":
		return 0x161
	case "sect":
		return 0xa7
	case "shy":
		return 0xad
	case "sup1":
		return 0xb9
	case "sup2":
		return 0xb2
	case "sup3":
		return 0xb3
	case "szlig":
		return 0xdf
	case "thinsp":
		return 0x2009
	case "thorn":
		return 0xfe
	case "tilde":
		return 0x2dc
	case "times":
		return 0xd7
	case "trade":
		return 0x2122
	case "uacute":
		return 0xfa
	case "uarr":
		return 0x2191
	case "ucirc":
		return 0xfb
	case "ugrave":
		return 0xf9
	case "uml":
		return 0xa8
	case "uuml":
		return 0xfc
	case "yacute":
		return 0xfd
	case "yen":
		return 0xa5
	case "yuml":
		return 0xff
	case "zwj":
		return 0x200d
	case "zwnj":
		return 0x200c
	}
	return 0
}

// maxReference is the length of the longest name that reference knows.
const maxReference = 6

// unescapeText decodes the character references of a text as html.UnescapeString does.
func unescapeText(text string) string {
	i := strings.IndexByte(text, '&')
	if i < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for rest := text; ; {
		b.WriteString(rest[:i])
		rest = rest[i:]
		r, n := usualReference(rest)
		if n == 0 {
			return lib.Unescape(text)
		}
		b.WriteRune(r)
		rest = rest[n:]
		if i = strings.IndexByte(rest, '&'); i < 0 {
			b.WriteString(rest)
			return b.String()
		}
	}
}

// usualReference gives the character that a text begins with, which begins with an ampersand, and how many octets it takes there. n is
// 0 for a form that is left to the library.
func usualReference(s string) (r rune, n int) {
	if len(s) > 1 && s[1] == '#' {
		for n = 2; n < len(s) && n < 8 && isDigit(s[n]); n++ {
			r = r*10 + rune(s[n]-'0')
		}
		if n == len(s) || s[n] != ';' || r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0xd800 { // which may stand for something else
			return 0, 0
		}
		return r, n + 1
	}
	n = 1
	for n < len(s) && n <= maxReference && (isLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	ends := n < len(s) && s[n] == ';'
	if n <= 2 && !ends || n == 1 { // no name has one letter, unless it ends in a semicolon
		return '&', 1
	}
	if r = reference(s[1:n]); !ends || r == 0 {
		return 0, 0
	}
	return r, n + 1
}

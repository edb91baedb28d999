package facts

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plainLabels gives a domain in lower case, of which not all is plain ASCII, in A-labels and in U-labels, if each of its labels is letters,
// digits and single inner hyphens, and each character that is not ASCII is one that IDNA leaves as it is whatever stands beside it: in
// such a name there is nothing to map. It is false for any other, which package idna has to be asked about.
func plainLabels(s string) (ascii, letters string, ok bool) {
	if len(s) > maxDomainName {
		return "", "", false
	}
	var a, u [2 * maxDomainName]byte
	toA, toU := a[:0], u[:0]
	for from := 0; ; {
		end := strings.IndexByte(s[from:], '.')
		if end < 0 {
			end = len(s)
		} else {
			end += from
		}
		label := s[from:end]
		switch {
		case label == "" || len(label) > maxLabel:
			return "", "", false
		case strings.HasPrefix(label, "xn--"):
			at := len(toU)
			if toU, ok = appendUnicode(toU, label[4:]); !ok || !plainLabel(toU[at:]) || isASCIIBytes(toU[at:]) {
				return "", "", false
			}
			was := len(toA)
			if toA = appendPunycode(append(toA, "xn--"...), toU[at:]); string(toA[was:]) != label {
				return "", "", false
			}
		case !plainLabel(octetsOf(label)):
			return "", "", false
		case isASCII(label):
			toA, toU = append(toA, label...), append(toU, label...)
		default:
			toA, toU = appendPunycode(append(toA, "xn--"...), octetsOf(label)), append(toU, label...)
		}
		if end == len(s) {
			return string(toA), string(toU), true
		}
		toA, toU = append(toA, '.'), append(toU, '.')
		from = end + 1
	}
}

// plainLabel tells whether there is nothing in a label but what plainLabels says.
func plainLabel(label []byte) bool {
	hyphen := true // or nothing, stands before
	for i := 0; i < len(label); {
		if c := label[i]; c < utf8.RuneSelf {
			if !('a' <= c && c <= 'z' || isDigit(c) || c == '-' && !hyphen) {
				return false
			}
			hyphen = c == '-'
			i++
			continue
		}
		r, n := utf8.DecodeRune(label[i:])
		if !isSettled(r) {
			return false
		}
		hyphen = false
		i += n
	}
	return !hyphen
}

// of RFC 3492 section 5
const (
	punyBase    = 36
	punyMin     = 1
	punyMax     = 26
	punyDamp    = 700
	punySkew    = 38
	punyBias    = 72
	punyInitial = utf8.RuneSelf
)

// appendUnicode appends what Punycode stands for (RFC 3492 section 6.2), which is of at most maxLabel characters.
func appendUnicode(out []byte, code string) ([]byte, bool) {
	var room [maxLabel]rune
	runes := room[:0]
	if at := strings.LastIndexByte(code, '-'); at >= 0 {
		for i := range at {
			runes = append(runes, rune(code[i]))
		}
		code = code[at+1:]
	}
	n, i, bias := punyInitial, 0, punyBias
	for first := true; code != ""; first = false {
		before, weight := i, 1
		for k := punyBase; ; k += punyBase {
			if code == "" {
				return out, false
			}
			d := punycodeValue(code[0])
			code = code[1:]
			if i += d * weight; d < 0 || i > unicode.MaxRune*maxLabel {
				return out, false
			}
			t := min(max(k-bias, punyMin), punyMax)
			if d < t {
				break
			}
			if weight *= punyBase - t; weight > unicode.MaxRune*maxLabel {
				return out, false
			}
		}
		count := len(runes) + 1
		bias = punycodeBias(i-before, count, first)
		if n += i / count; n > unicode.MaxRune || count > maxLabel {
			return out, false
		}
		i %= count
		runes = slices.Insert(runes, i, rune(n))
		i++
	}
	for _, r := range runes {
		out = utf8.AppendRune(out, r)
	}
	return out, true
}

func punycodeValue(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case isDigit(c):
		return int(c-'0') + 26
	}
	return -1
}

// punycodeBias is the function of RFC 3492 section 6.1.
func punycodeBias(delta, count int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / count
	k := 0
	for ; delta > (punyBase-punyMin)*punyMax/2; k += punyBase {
		delta /= punyBase - punyMin
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

// appendPunycode appends a label of at most maxLabel octets encoded as RFC 3492 section 6.3 has it.
func appendPunycode(out, label []byte) []byte {
	var room [maxLabel * utf8.UTFMax]rune
	runes := room[:0]
	basic := 0
	for i := 0; i < len(label); {
		r, size := utf8.DecodeRune(label[i:])
		if i += size; r < utf8.RuneSelf {
			out = append(out, byte(r))
			basic++
		}
		runes = append(runes, r)
	}
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyInitial), 0, punyBias
	for done := basic; done < len(runes); n++ {
		least := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n && r < least {
				least = r
			}
		}
		delta += int(least-n) * (done + 1)
		n = least
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := punyBase; ; k += punyBase {
				t := min(max(k-bias, punyMin), punyMax)
				if q < t {
					break
				}
				out = append(out, punycodeDigit(t+(q-t)%(punyBase-t)))
				q = (q - t) / (punyBase - t)
			}
			out = append(out, punycodeDigit(q))
			bias = punycodeBias(delta, done+1, done == basic)
			done++
			delta = 0
		}
		delta++
	}
	return out
}

func punycodeDigit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// isSettled tells whether IDNA leaves a character as it is, and nothing before it or behind it changes that.
func isSettled(r rune) bool {
	if uint32(r) >= maxPaged {
		return settled(r)
	}
	page := pagesOfSettled[r/runePage].Load()
	if page == nil {
		page = &[runePage]atomic.Uint32{}
		pagesOfSettled[r/runePage].Store(page)
	}
	switch page[r%runePage].Load() {
	case 1:
		return false
	case 2:
		return true
	}
	is := settled(r)
	if is {
		page[r%runePage].Store(2)
	} else {
		page[r%runePage].Store(1)
	}
	return is
}

// pagesOfSettled hold what isSettled has answered: 0 is nothing yet.
var pagesOfSettled [runePages]atomic.Pointer[[runePage]atomic.Uint32]

func settled(r rune) bool {
	if r == utf8.RuneError || !unicode.IsLetter(r) {
		return false
	}
	s := string(r)
	if p := norm.NFC.PropertiesString(s); !p.BoundaryBefore() || !norm.NFKC.IsNormalString(s) {
		return false
	}
	a, err := idn().ToASCII(s)
	if err != nil || a == s {
		return false
	}
	u, err := idn().ToUnicode(a)
	return err == nil && u == s
}

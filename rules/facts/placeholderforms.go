package facts

import "unicode/utf8"

// A form reads a placeholder at the start of a window that begins with the syntax's opening: it gives its length, 0 if there is none,
// and where the name in it stands that is looked up, if one is. Forms are what the patterns beside them in placeholderSyntaxes say,
// without what a pattern costs; where one cannot tell, it says so, and the pattern is asked.
type form func(s string) (n, from, to int, known bool)

func isPatternSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

func isPatternWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' } // \w

// skipSpace gives the first octet from i on that is no \s.
func skipSpace(s string, i int) int {
	for i < len(s) && isPatternSpace(s[i]) {
		i++
	}
	return i
}

// octet gives s[i], 0 behind the end.
func octet(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// run gives the end of the octets from i on that is takes.
func run(s string, i int, is func(byte) bool) int {
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

func begins2(s string, i int, two string) bool {
	return i+2 <= len(s) && s[i] == two[0] && s[i+1] == two[1]
}

func isNameStart(c byte) bool { return isLetter(c) || c == '_' }

func isDotted(c byte) bool { return isPatternWord(c) || c == '.' }

func isSpaced(c byte) bool { return isPatternWord(c) || c == ' ' }

// mustacheForm knows {{name}}, {{#if condition}} on one line, and what can be none.
func mustacheForm(s string) (n, from, to int, known bool) {
	i := 2
	if octet(s, i) == '{' {
		i++
	}
	switch octet(s, i) {
	case '#', '/', '^', '>', '&', '!', '~', '-':
		i++
	}
	i = skipSpace(s, i)
	name := func(c byte) bool { return isPatternWord(c) || c == '@' || c == '$' || c == '.' || c == '-' }
	if c := octet(s, i); !isNameStart(c) && c != '@' && c != '$' && c != '.' {
		return 0, 0, 0, true
	}
	begin := i
	if i = run(s, i, name); mustacheWords.has(s[begin:i]) && isPatternSpace(octet(s, i)) {
		for i < len(s) && s[i] != '{' && s[i] != '}' && s[i] != '\n' {
			i++
		}
	}
	if i = skipSpace(s, i); begins2(s, i, "}}") {
		if i += 2; octet(s, i) == '}' {
			i++
		}
		return i, 0, 0, true
	}
	return 0, 0, 0, false
}

// mustacheWords are those that a condition or the like follows.
var mustacheWords = words("if,unless,each,with,range,template,block,default,eq")

var jinjaWords = words("if,elif,elsif,else,endif,for,endfor,block,endblock,include,extends,set,macro,unless,endunless,case,when,endcase,assign,capture,with,endwith,trans," +
	"endtrans,load,comment,raw,autoescape,spaceless,url,cycle,tablerow,import,filter,call")

func jinjaForm(s string) (n, from, to int, known bool) {
	i := 2
	if c := octet(s, i); c == '-' || c == '+' {
		i++
	}
	i = skipSpace(s, i)
	end := run(s, i, isPatternWord)
	if !jinjaWords.has(s[i:end]) {
		return 0, 0, 0, true
	}
	for k := end; k < len(s); k++ {
		switch s[k] {
		case '{', '\n':
			return 0, 0, 0, true
		case '}':
			if k > end && s[k-1] == '%' {
				return k + 1, 0, 0, true
			}
			return 0, 0, 0, true
		}
	}
	return 0, 0, 0, true
}

// toolkitForm knows [% name %] and what can be none.
func toolkitForm(s string) (n, from, to int, known bool) {
	sign := func(c byte) bool { return c == '-' || c == '+' || c == '~' }
	i := 2
	if sign(octet(s, i)) {
		i++
	}
	i = skipSpace(s, i)
	c := octet(s, i)
	if !isLetter(c) {
		return 0, 0, 0, true
	}
	if isUpper(c) {
		return 0, 0, 0, false
	}
	i = skipSpace(s, run(s, i, isDotted))
	if octet(s, i) == ';' {
		i = skipSpace(s, i+1)
	}
	if sign(octet(s, i)) {
		i++
	}
	if begins2(s, i, "%]") {
		return i + 2, 0, 0, true
	}
	return 0, 0, 0, false
}

// erbForm knows <%= name %> and what can be none.
func erbForm(s string) (n, from, to int, known bool) {
	sign := func(c byte) bool { return c == '=' || c == '-' }
	i := 2
	for i < 4 && sign(octet(s, i)) {
		i++
	}
	output := i > 2
	i = skipSpace(s, i)
	if octet(s, i) == '@' {
		i++
	}
	if !isPatternWord(octet(s, i)) && octet(s, i) != '.' {
		return 0, 0, 0, true
	}
	if output && isNameStart(s[i]) {
		end := skipSpace(s, run(s, i, func(c byte) bool {
			switch c {
			case '.', '@', '[', ']', '(', ')', '\'', '"', ':', ',', ' ', '|', '?', '/', '-':
				return true
			}
			return isPatternWord(c)
		}))
		if begins2(s, end, "%>") {
			return end + 2, 0, 0, true
		}
	}
	for ; i < len(s); i++ {
		if s[i] == '%' { // none of them holds one
			return 0, 0, 0, octet(s, i+1) != '>'
		}
	}
	return 0, 0, 0, true
}

func mailchimpForm(s string) (n, from, to int, known bool) {
	if !isUpper(octet(s, 2)) {
		return 0, 0, 0, true
	}
	i := run(s, 3, func(c byte) bool {
		switch c {
		case '_', ':', '.', '%', ',', '=', '-', ' ':
			return true
		}
		return isUpper(c) || isDigit(c)
	})
	if begins2(s, i, "|*") {
		return i + 2, 0, 0, true
	}
	return 0, 0, 0, true
}

func percentPercentForm(s string) (n, from, to int, known bool) {
	if octet(s, 2) == '=' {
		return 0, 0, 0, false
	}
	if !isNameStart(octet(s, 2)) {
		return 0, 0, 0, true
	}
	i := run(s, 3, func(c byte) bool { return isDotted(c) || c == '-' })
	if k := i - 3; k >= 2 && k <= 60 && begins2(s, i, "%%") {
		return i + 2, 0, 0, true
	}
	return 0, 0, 0, true
}

func percentForm(s string) (n, from, to int, known bool) {
	const recipient = "recipient."
	if len(s) > 1+len(recipient) && s[1:1+len(recipient)] == recipient {
		i := run(s, 1+len(recipient), func(c byte) bool { return isDotted(c) || c == '-' })
		if i > 1+len(recipient) && octet(s, i) == '%' {
			return i + 1, 1, i, true
		}
		return 0, 0, 0, true
	}
	if !isLetter(octet(s, 1)) {
		return 0, 0, 0, true
	}
	i := run(s, 2, func(c byte) bool { return isPatternWord(c) || c == '-' })
	if octet(s, i) == '%' {
		return i + 1, 1, i, true
	}
	return 0, 0, 0, true
}

func dollarBraceForm(s string) (n, from, to int, known bool) {
	from = skipSpace(s, 2)
	if !isNameStart(octet(s, from)) {
		return 0, 0, 0, true
	}
	to = run(s, from, isDotted)
	for i, k := to, 0; i < len(s); k++ {
		if s[i] == '}' {
			return i + 1, from, to, true
		}
		if s[i] == '\n' || k == 40 {
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return 0, 0, 0, true
}

// nameForm is that of a name alone, between blanks, from octet i on, which ends in close.
func nameForm(s string, i int, name func(byte) bool, start func(byte) bool, close string) (n, from, to int, known bool) {
	from = skipSpace(s, i)
	if from == len(s) || !start(s[from]) {
		return 0, 0, 0, true
	}
	to = run(s, from, name)
	i = skipSpace(s, to)
	if len(s)-i < len(close) || s[i:i+len(close)] != close {
		return 0, 0, 0, true
	}
	return i + len(close), from, to, true
}

func hashBraceForm(s string) (n, from, to int, known bool) {
	i := skipSpace(s, 2)
	if octet(s, i) == '@' {
		if i++; !isNameStart(octet(s, i)) {
			return 0, 0, 0, true
		}
	}
	return nameForm(s, i, isDotted, isNameStart, "}")
}

func braceForm(s string) (n, from, to int, known bool) {
	return nameForm(s, 1, isDotted, isNameStart, "}")
}

func doubleBracketForm(s string) (n, from, to int, known bool) {
	from = skipSpace(s, 2)
	for _, begin := range [...]string{"data:", "var:"} {
		i := from + len(begin)
		if i >= len(s) || s[from:i] != begin {
			continue
		}
		to = run(s, i, func(c byte) bool { return isSpaced(c) || c == ':' || c == '"' })
		if end := skipSpace(s, to); to > i && begins2(s, end, "]]") {
			return end + 2, from, to, true
		}
		return 0, 0, 0, true
	}
	return nameForm(s, 2, isSpaced, isNameStart, "]]")
}

func bracketForm(s string) (n, from, to int, known bool) {
	return nameForm(s, 1, isSpaced, isLetter, "]")
}

func underscoresForm(s string) (n, from, to int, known bool) {
	if !isLetter(octet(s, 2)) {
		return 0, 0, 0, true
	}
	for i := 3; i < len(s) && isPatternWord(s[i]); i++ {
		if begins2(s, i, "__") {
			return i + 2, 2, i, true
		}
	}
	return 0, 0, 0, true
}

func hashesForm(s string) (n, from, to int, known bool) {
	from = 2
	if isPatternSpace(octet(s, from)) {
		from++
	}
	if !isNameStart(octet(s, from)) {
		return 0, 0, 0, true
	}
	for i := from + 1; i < len(s); i++ {
		switch {
		case isPatternSpace(s[i]) && begins2(s, i+1, "##"):
			return i + 3, from, i, true
		case begins2(s, i, "##"):
			return i + 2, from, i, true
		case !isSpaced(s[i]):
			return 0, 0, 0, true
		}
	}
	return 0, 0, 0, true
}

func atSignsForm(s string) (n, from, to int, known bool) {
	if !isNameStart(octet(s, 2)) {
		return 0, 0, 0, true
	}
	if to = run(s, 3, isPatternWord); begins2(s, to, "@@") {
		return to + 2, 2, to, true
	}
	return 0, 0, 0, true
}

func dollarsForm(s string) (n, from, to int, known bool) {
	if !isNameStart(octet(s, 1)) {
		return 0, 0, 0, true
	}
	if to = run(s, 2, isPatternWord); octet(s, to) == '$' {
		return to + 1, 1, to, true
	}
	return 0, 0, 0, true
}

func angleForm(s string) (n, from, to int, known bool) {
	return nameForm(s, 1, func(c byte) bool { return isUpper(c) || isDigit(c) || c == '_' || c == ' ' }, isUpper, ">")
}

// hyphensForm leaves out the octet that the pattern wants behind the placeholder.
func hyphensForm(s string) (n, from, to int, known bool) {
	to = run(s, 1, isLetter)
	switch {
	case to == 1:
		return 0, 0, 0, true
	case octet(s, to) == '_':
		first := to + 1
		if to = run(s, first, isLetter); to == first {
			return 0, 0, 0, true
		}
	case to < 3:
		return 0, 0, 0, true
	}
	if octet(s, to) != '-' || to+1 < len(s) && isPatternWord(s[to+1]) {
		return 0, 0, 0, true
	}
	return to + 1, 1, to, true
}

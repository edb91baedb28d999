package facts

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"postern/rules/pattern"
)

const (
	maxPlaceholders    = 50
	maxPlaceholderText = 60 // characters
	// placeholderWindow bounds how far behind its opening a placeholder's end is looked for.
	placeholderWindow = 200
	// maxFieldName is the longest name of a field, with what may stand beside it.
	maxFieldName = 80
	// maxTries bounds the patterns that are tried on one message: mail has a few hundred at the most.
	maxTries = 20_000
)

// placeholderSyntax is one way to write a field that a template engine fills in. Mail that talks about code must not be
// taken for mail that was not rendered, so a syntax that prose or programs use for something else counts only with the
// name of a field that mail merges have.
type placeholderSyntax struct {
	name  string
	open  string                // what it begins with
	close string                // what it ends with
	reads form                  // what form says, where it can tell; nil for none
	form  func() *regexp.Regexp // of the text from open on; the first group, if any, is the name to be looked up
	look  func(name string) bool
}

// placeholderSyntaxes is made when it is first needed.
var placeholderSyntaxes = sync.OnceValue(func() []placeholderSyntax {
	// Each pattern is compiled when something begins like it.
	return []placeholderSyntax{
		{name: "mustache", open: "{{", close: "}}", reads: mustacheForm, form: pattern.Of(`^\{\{\{?[#/^>&!~-]?\s*(?:[A-Za-z_@$.][\w@$.\-]*(?:\[[\w'"]+\])?(?:\s*\|\s*[\w:"' ,.%/\-]+)*|(?:if|unless|each|with|range|template|block|default|eq|else if)\s[^{}\n]*)\s*[~-]?\}\}\}?`)},
		{name: "jinja", open: "{%", close: "%}", reads: jinjaForm, form: pattern.Of(`^\{%[-+]?\s*(?:if|elif|elsif|else|endif|for|endfor|block|endblock|include|extends|set|macro|unless|endunless|case|when|endcase|assign|capture|with|endwith|trans|endtrans|load|comment|raw|autoescape|spaceless|url|cycle|tablerow|import|filter|call)\b[^{}\n]*?[-+]?%\}`)},
		{name: "template_toolkit", open: "[%", close: "%]", reads: toolkitForm, form: pattern.Of(`^\[%[-+~]?\s*(?:[a-z][\w.]*(?:\s*(?:\||FILTER)\s*\w+)?|(?:IF|UNLESS|ELSE|ELSIF|END|FOREACH|SET|INCLUDE|PROCESS|USE|BLOCK|FILTER|WRAPPER|GET|SWITCH|CASE)\b[^\]\n]*?)\s*;?\s*[-+~]?%\]`)},
		{name: "erb", open: "<%", close: "%>", reads: erbForm, form: pattern.Of(`^<%(?:[=-]{1,2}\s*@?[A-Za-z_][\w.@\[\]()'":, |?/-]*|-?\s*(?:if|unless|else|elsif|end|for|each|[\w.]+\.each)\b[^%\n]*)-?\s*%>`)},
		{name: "mailchimp", open: "*|", close: "|*", reads: mailchimpForm, form: pattern.Of(`^\*\|[A-Z][A-Z0-9_:.%,=\- ]*\|\*`)},
		{name: "percent_percent", open: "%%", close: "%%", reads: percentPercentForm, form: pattern.Of(`^%%(?:=\s*\w+\([^%\n]*\)\s*=|[A-Za-z_][\w.\-]{2,60})%%`)},
		{name: "percent", open: "%", close: "%", reads: percentForm, form: pattern.Of(`^%(recipient\.[\w.\-]+|[A-Za-z][\w\-]*)%`), look: func(s string) bool {
			return strings.HasPrefix(s, "recipient.") || s == "mailing_list_unsubscribe_url" || s == "tag_unsubscribe_url" || mergeField(s)
		}},
		{name: "dollar_brace", open: "${", close: "}", reads: dollarBraceForm, form: pattern.Of(`^\$\{\s*([A-Za-z_][\w.]*)[^}\n]{0,40}\}`), look: dottedField},
		{name: "hash_brace", open: "#{", close: "}", reads: hashBraceForm, form: pattern.Of(`^#\{\s*@?([A-Za-z_][\w.]*)\s*\}`), look: dottedField},
		{name: "brace", open: "{", close: "}", reads: braceForm, form: pattern.Of(`^\{\s*([A-Za-z_][\w.]*)\s*\}`), look: mergeField},
		{name: "double_bracket", open: "[[", close: "]]", reads: doubleBracketForm, form: pattern.Of(`^\[\[\s*((?:data|var):[\w:" ]+|[A-Za-z_][\w ]*)\s*\]\]`), look: func(s string) bool {
			return strings.HasPrefix(s, "data:") || strings.HasPrefix(s, "var:") || mergeField(s)
		}},
		{name: "bracket", open: "[", close: "]", reads: bracketForm, form: pattern.Of(`^\[\s*((?:INSERT|Insert|insert) [A-Za-z][\w ]*|[A-Za-z][\w ]*)\s*\]`), look: func(s string) bool {
			return strings.HasPrefix(s, "INSERT ") || mergeField(s)
		}},
		{name: "underscores", open: "__", close: "__", reads: underscoresForm, form: pattern.Of(`^__([A-Za-z][A-Za-z0-9_]*?)__`), look: mergeField},
		{name: "hashes", open: "##", close: "##", reads: hashesForm, form: pattern.Of(`^##\s?([A-Za-z_][\w ]*?)\s?##`), look: mergeField},
		{name: "at_signs", open: "@@", close: "@@", reads: atSignsForm, form: pattern.Of(`^@@([A-Za-z_]\w*?)@@`), look: mergeField},
		{name: "dollars", open: "$", close: "$", reads: dollarsForm, form: pattern.Of(`^\$([A-Za-z_]\w*)\$`), look: mergeField},
		{name: "angle", open: "<", close: ">", reads: angleForm, form: pattern.Of(`^<\s*([A-Z][A-Z0-9_ ]*)\s*>`), look: mergeField},
		{name: "hyphens", open: "-", close: "-", reads: hyphensForm, form: pattern.Of(`^-([A-Za-z]+_?[A-Za-z]+)-(?:\W|$)`), look: mergeField},
		{name: "half_rendered", open: "[object", close: "]", form: pattern.Of(`^\[object Object\]`)},
	}
})

// addressPlaceholder finds, in fields that hold addresses, what is a placeholder nowhere else.
var addressPlaceholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`__[A-Z][A-Z0-9_]*__|\$\{\w+\}|%[A-Z_]{3,}%|##\w+##|@@\w+@@`)
})

// addressOpens tells whether addressPlaceholder can find anything in s.
func addressOpens(s string) bool {
	return strings.Contains(s, "__") || strings.Contains(s, "${") || strings.Contains(s, "##") || strings.Contains(s, "@@") || strings.Contains(s, "%")
}

// greeting is a merge that put a programming language's nothing where the name belongs.
var greeting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*(?:dear|hello|hi|hey|hallo|bonjour|hola)\s+(?:mr\.? |mrs\.? |ms\.? )?(undefined|null|none|nan|nil)\s*[,!.:]`)
})

// syntaxTable holds all syntaxes, and by the first octet of an opening which of them have it.
type syntaxTable struct {
	all []placeholderSyntax
	by  [256][]uint8
}

// maxSyntaxes is at least the number of syntaxes.
const maxSyntaxes = 20

var byOpening = sync.OnceValue(func() *syntaxTable {
	t := &syntaxTable{all: placeholderSyntaxes()}
	for i := range t.all {
		t.by[t.all[i].open[0]] = append(t.by[t.all[i].open[0]], uint8(i))
	}
	return t
})

// mergeFields are names that mail merges use and little else does, in lower case without separators.
var mergeFields = words("firstname,fname,lastname,lname,surname,fullname,recipientname,recipientfirstname,customername,customerfirstname,companyname,yourname,yourcompany," +
	"yourcompanyname,clientname,subscribername,subscriberfirstname,contactname,contactfirstname,membername,emailaddress,recipientemail,customeremail,subscriberemail," +
	"unsubscribe,unsubscribeurl,unsubscribelink,unsublink,unsubscriberlink,optouturl,optoutlink,preferencesurl,viewinbrowser,viewinbrowserurl,webversion," +
	"ordernumber,invoicenumber,salutation,mergefield")

// mergeField tells whether a name is one that mail merges use.
func mergeField(s string) bool {
	if len(s) > placeholderWindow {
		return false
	}
	var b [placeholderWindow]byte
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_', c == '-', c == ' ', c == '.':
		case c >= utf8.RuneSelf:
			return false // no form takes it, and no field has it
		default:
			b[n] = lowerCase[c]
			n++
		}
	}
	_, ok := mergeFields()[string(b[:n])]
	return ok
}

var (
	people   = words("contact,customer,recipient,subscriber,person,member,lead,client,user")
	personal = words("name,email,first,last,company,title,phone")
)

// dottedField takes names that are parts of an object too: user.name, contact.email.
func dottedField(s string) bool {
	if mergeField(s) {
		return true
	}
	object, field, ok := strings.Cut(strings.ToLower(s), ".")
	return ok && people.has(object) &&
		(personal.has(field) || mergeField(field))
}

// placeholders finds template text in s that nothing has replaced. Place is "header", "text" or "html".
func (c *contents) placeholders(s, place string, where at) {
	if len(s) < 4 || c.tries > maxTries {
		return
	}
	if m := c.greeting(s); m != nil {
		c.placeholder(s[m[0]:m[1]], "half_rendered", place, where)
	}
	var ahead lookAhead
	for i := 0; i < len(s); i++ {
		if !begins[s[i]] {
			continue
		}
		if ahead.syntaxes == nil {
			ahead.begin(s)
		}
		n := 0
		for _, k := range ahead.syntaxes.by[s[i]] {
			p := &ahead.syntaxes.all[k]
			if !ahead.possible(int(k), i) {
				continue
			}
			if c.tries++; c.tries > maxTries {
				return
			}
			if n = p.match(s[i:min(len(s), i+placeholderWindow)]); n > 0 {
				c.placeholder(s[i:i+n], p.name, place, where)
				break
			}
		}
		if n > 0 {
			i += n - 1
		}
	}
}

// lookAhead knows where the next line end and the next ends of placeholders are, so that each is looked for once.
type lookAhead struct {
	s        string
	syntaxes *syntaxTable
	line     int                // the next line end
	ends     [maxSyntaxes]int32 // of each syntax the next close, -1 for not known
}

func (l *lookAhead) begin(s string) {
	l.s, l.syntaxes, l.line = s, byOpening(), -1
	for i := range l.ends {
		l.ends[i] = -1
	}
}

// possible tells whether it is worth matching syntax k at s[i]: its opening stands there, and its close follows on the same line and
// within placeholderWindow. It is asked for one place after the other.
func (l *lookAhead) possible(k, i int) bool {
	s, p := l.s, &l.syntaxes.all[k]
	if len(s)-i < 4 || !strings.HasPrefix(s[i:], p.open) {
		return false
	}
	if len(p.open) == 1 && !isLetter(s[i+1]) && s[i+1] != ' ' && s[i+1] != '_' {
		return false
	}
	if p.open == "-" && i > 0 && (wordByte(s[i-1]) || s[i-1] == '-') {
		return false // a hyphen inside a word, as most are
	}
	from := i + len(p.open)
	end := int(l.ends[k])
	if end < from {
		if end = strings.Index(s[from:], p.close); end < 0 {
			end = len(s)
		} else {
			end += from
		}
		l.ends[k] = int32(end)
	}
	if end+len(p.close) > min(len(s), i+placeholderWindow) || p.look != nil && end-from > maxFieldName {
		return false
	}
	if l.line < from {
		if l.line = strings.IndexByte(s[from:], '\n'); l.line < 0 {
			l.line = len(s)
		} else {
			l.line += from
		}
	}
	return end < l.line
}

// mayHoldPlaceholder tells whether contents.placeholders may find something in the value of a header field. Most values hold no
// octet that a placeholder begins with, or it is followed by one that none goes on with.
func mayHoldPlaceholder(b []byte) bool {
	for i, c := range b {
		if !opening[c] {
			continue
		}
		next := byte(0)
		if i+1 < len(b) {
			next = b[i+1]
		}
		switch c {
		case '{', '[', '%', '$':
			return true
		case '*':
			if next == '|' {
				return true
			}
		case '#':
			if next == '#' || next == '{' {
				return true
			}
		case '_', '@':
			if next == c {
				return true
			}
		case '<':
			if next == '%' || !notAngle(viewOf(b[i:])) {
				return true
			}
		case '-':
			if isLetter(next) && (i == 0 || !wordByte(b[i-1]) && b[i-1] != '-') {
				return true
			}
		default: // of an encoded word, or 8-bit
			if c >= 0x80 || next == '?' {
				return true
			}
		}
	}
	switch b = bytes.TrimLeft(b, " \t\r\n"); {
	case len(b) == 0:
		return false
	case b[0]|0x20 == 'd', b[0]|0x20 == 'h', b[0]|0x20 == 'b': // greeting
		return holdsNothing(viewOf(b))
	}
	return false
}

// begins are the octets that a placeholder begins with.
var begins = [256]bool{'{': true, '[': true, '<': true, '%': true, '*': true, '$': true, '#': true, '_': true, '@': true, '-': true}

var opening = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x80 || strings.IndexByte("{[%$*#_@<-=", byte(c)) >= 0
	}
	return t
}()

// notAngle tells that s, which begins with "<", is not the syntax "angle": capitals, digits, "_" and blanks up to ">".
func notAngle(s string) bool {
	s = strings.TrimLeft(s[1:], " \t\r\n\f")
	if s == "" || !isUpper(s[0]) {
		return true
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '>':
			return false
		case !isUpper(c) && !isDigit(c) && c != '_' && c > ' ':
			return true
		}
	}
	return true
}

// match gives the length of the placeholder that window begins with, 0 if there is none.
func (p *placeholderSyntax) match(window string) int {
	if p.open == "<" && notAngle(window) {
		return 0 // an address, most often
	}
	if p.reads != nil {
		if n, from, to, known := p.reads(window); known {
			if n > 0 && p.look != nil && !p.look(window[from:to]) {
				return 0
			}
			return n
		}
	}
	m := p.form().FindStringSubmatchIndex(window)
	if m == nil || p.look != nil && !p.look(window[m[2]:m[3]]) {
		return 0
	}
	if p.open == "-" {
		return m[3] + 1
	}
	return m[1]
}

// greeting finds "Dear null," at the start of s.
func (c *contents) greeting(s string) []int {
	s = s[:min(len(s), placeholderWindow)]
	word := s
	for word != "" && (word[0] == ' ' || word[0] == '\t' || word[0] == '\r' || word[0] == '\n') {
		word = word[1:]
	}
	if word != "" && word[0] >= utf8.RuneSelf {
		word = strings.TrimLeft(word, " \t\r\n\u00a0")
	}
	if len(word) < 8 {
		return nil
	}
	switch word[0] | 0x20 {
	case 'd', 'h', 'b':
	default:
		return nil
	}
	if !holdsNothing(s) {
		return nil
	}
	if c.tries++; c.tries > maxTries {
		return nil
	}
	if strings.Contains(s, "\u017f") {
		return greeting().FindStringSubmatchIndex(s) // to which this is an s
	}
	if end := greetingEnd(s); end > 0 {
		return []int{0, end}
	}
	return nil
}

// greetingEnd gives the length of what greeting finds, 0 for nothing. It reads what that pattern says.
func greetingEnd(s string) int {
	i := skipSpace(s, 0)
	for _, hail := range [...]string{"dear", "hello", "hi", "hey", "hallo", "bonjour", "hola"} {
		if !hasPrefixFold(s[i:], hail) {
			continue
		}
		at := skipSpace(s, i+len(hail))
		if at == i+len(hail) {
			continue
		}
		for _, title := range [...]string{"", "mr", "mrs", "ms"} {
			name := at
			if title != "" {
				if !hasPrefixFold(s[at:], title) {
					continue
				}
				name += len(title)
				if octet(s, name) == '.' {
					name++
				}
				if octet(s, name) != ' ' {
					continue
				}
				name++
			}
			for _, nothing := range [...]string{"undefined", "null", "none", "nan", "nil"} {
				if !hasPrefixFold(s[name:], nothing) {
					continue
				}
				switch end := skipSpace(s, name+len(nothing)); octet(s, end) {
				case ',', '!', '.', ':':
					return end + 1
				}
			}
		}
	}
	return 0
}

// holdsNothing tells whether a word of greeting that programs write for nothing stands in s.
func holdsNothing(s string) bool {
	for i := 0; i+2 < len(s); i++ {
		switch s[i] | 0x20 {
		case 'u':
			if s[i+1]|0x20 == 'n' && hasPrefixFold(s[i:], "undefined") {
				return true
			}
		case 'n':
			switch s[i+1] | 0x20 {
			case 'a', 'i':
				if hasPrefixFold(s[i:], "nan") || hasPrefixFold(s[i:], "nil") {
					return true
				}
			case 'o', 'u':
				if hasPrefixFold(s[i:], "none") || hasPrefixFold(s[i:], "null") {
					return true
				}
			}
		}
	}
	return false
}

func (c *contents) placeholder(text, syntax, place string, where at) {
	t := &c.f.Text
	t.PlaceholderCount++
	if len(t.Placeholders) >= maxPlaceholders {
		return
	}
	p := Placeholder{Text: clipRunes(strings.TrimSpace(text), maxPlaceholderText), Syntax: syntax, Place: place, Path: c.path(where.part), Line: c.lineOf(where)}
	for _, q := range t.Placeholders {
		if q == p {
			return
		}
	}
	p.Text = c.keep(p.Text) // and not all that it is a piece of
	t.Placeholders = append(t.Placeholders, p)
}

// readFields are the fields that people read or that hold addresses.
var readFields = [...]struct {
	id        fieldID
	addresses bool
}{
	{fieldSubject, false}, {fieldFrom, true}, {fieldSender, true}, {fieldReplyTo, true}, {fieldTo, true}, {fieldCc, true}, {fieldBcc, true}, {fieldComments, false},
	{fieldKeywords, false}, {fieldListUnsubscribe, false}, {fieldReturnPath, false},
}

// maxHeaderText bounds the octets of a field that are looked at for placeholders.
const maxHeaderText = 16 << 10

// headerPlaceholders looks at the fields that people read or that hold addresses.
func (c *contents) headerPlaceholders() {
	for _, kind := range readFields {
		for _, f := range c.each(kind.id) {
			if !mayHoldPlaceholder(c.raw(f)) {
				continue
			}
			raw := c.value(f)
			text := raw
			if strings.Contains(text, "=?") {
				text = decodeBeginning(text, maxHeaderText+utf8.UTFMax)
			}
			before := c.f.Text.PlaceholderCount
			c.placeholders(clean(cut(text, maxHeaderText)), "header", at{line: f.Line})
			if kind.addresses && c.f.Text.PlaceholderCount == before && addressOpens(raw) {
				if m := addressPlaceholder().FindString(cut(raw, maxHeaderText)); m != "" {
					c.placeholder(clean(m), "address", "header", at{line: f.Line})
				}
			}
		}
	}
}

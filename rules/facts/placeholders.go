package facts

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
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
	form  func() *regexp.Regexp // of the text from open on; the first group, if any, is the name to be looked up
	look  func(name string) bool
}

// placeholderSyntaxes is made when it is first needed.
var placeholderSyntaxes = sync.OnceValue(func() []placeholderSyntax {
	// Each pattern is compiled when something begins like it.
	pattern := func(form string) func() *regexp.Regexp {
		return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(form) })
	}
	return []placeholderSyntax{
		{name: "mustache", open: "{{", close: "}}", form: pattern(`^\{\{\{?[#/^>&!~-]?\s*(?:[A-Za-z_@$.][\w@$.\-]*(?:\[[\w'"]+\])?(?:\s*\|\s*[\w:"' ,.%/\-]+)*|(?:if|unless|each|with|range|template|block|default|eq|else if)\s[^{}\n]*)\s*[~-]?\}\}\}?`)},
		{name: "jinja", open: "{%", close: "%}", form: pattern(`^\{%[-+]?\s*(?:if|elif|elsif|else|endif|for|endfor|block|endblock|include|extends|set|macro|unless|endunless|case|when|endcase|assign|capture|with|endwith|trans|endtrans|load|comment|raw|autoescape|spaceless|url|cycle|tablerow|import|filter|call)\b[^{}\n]*?[-+]?%\}`)},
		{name: "template_toolkit", open: "[%", close: "%]", form: pattern(`^\[%[-+~]?\s*(?:[a-z][\w.]*(?:\s*(?:\||FILTER)\s*\w+)?|(?:IF|UNLESS|ELSE|ELSIF|END|FOREACH|SET|INCLUDE|PROCESS|USE|BLOCK|FILTER|WRAPPER|GET|SWITCH|CASE)\b[^\]\n]*?)\s*;?\s*[-+~]?%\]`)},
		{name: "erb", open: "<%", close: "%>", form: pattern(`^<%(?:[=-]{1,2}\s*@?[A-Za-z_][\w.@\[\]()'":, |?/-]*|-?\s*(?:if|unless|else|elsif|end|for|each|[\w.]+\.each)\b[^%\n]*)-?\s*%>`)},
		{name: "mailchimp", open: "*|", close: "|*", form: pattern(`^\*\|[A-Z][A-Z0-9_:.%,=\- ]*\|\*`)},
		{name: "percent_percent", open: "%%", close: "%%", form: pattern(`^%%(?:=\s*\w+\([^%\n]*\)\s*=|[A-Za-z_][\w.\-]{2,60})%%`)},
		{name: "percent", open: "%", close: "%", form: pattern(`^%(recipient\.[\w.\-]+|[A-Za-z][\w\-]*)%`), look: func(s string) bool {
			return strings.HasPrefix(s, "recipient.") || s == "mailing_list_unsubscribe_url" || s == "tag_unsubscribe_url" || mergeField(s)
		}},
		{name: "dollar_brace", open: "${", close: "}", form: pattern(`^\$\{\s*([A-Za-z_][\w.]*)[^}\n]{0,40}\}`), look: dottedField},
		{name: "hash_brace", open: "#{", close: "}", form: pattern(`^#\{\s*@?([A-Za-z_][\w.]*)\s*\}`), look: dottedField},
		{name: "brace", open: "{", close: "}", form: pattern(`^\{\s*([A-Za-z_][\w.]*)\s*\}`), look: mergeField},
		{name: "double_bracket", open: "[[", close: "]]", form: pattern(`^\[\[\s*((?:data|var):[\w:" ]+|[A-Za-z_][\w ]*)\s*\]\]`), look: func(s string) bool {
			return strings.HasPrefix(s, "data:") || strings.HasPrefix(s, "var:") || mergeField(s)
		}},
		{name: "bracket", open: "[", close: "]", form: pattern(`^\[\s*((?:INSERT|Insert|insert) [A-Za-z][\w ]*|[A-Za-z][\w ]*)\s*\]`), look: func(s string) bool {
			return strings.HasPrefix(s, "INSERT ") || mergeField(s)
		}},
		{name: "underscores", open: "__", close: "__", form: pattern(`^__([A-Za-z][A-Za-z0-9_]*?)__`), look: mergeField},
		{name: "hashes", open: "##", close: "##", form: pattern(`^##\s?([A-Za-z_][\w ]*?)\s?##`), look: mergeField},
		{name: "at_signs", open: "@@", close: "@@", form: pattern(`^@@([A-Za-z_]\w*?)@@`), look: mergeField},
		{name: "dollars", open: "$", close: "$", form: pattern(`^\$([A-Za-z_]\w*)\$`), look: mergeField},
		{name: "angle", open: "<", close: ">", form: pattern(`^<\s*([A-Z][A-Z0-9_ ]*)\s*>`), look: mergeField},
		{name: "hyphens", open: "-", close: "-", form: pattern(`^-([A-Za-z]+_?[A-Za-z]+)-(?:\W|$)`), look: mergeField},
		{name: "half_rendered", open: "[object", close: "]", form: pattern(`^\[object Object\]`)},
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

// byOpening are the syntaxes by the first octet of their opening.
var byOpening = sync.OnceValue(func() *[256][]*placeholderSyntax {
	var t [256][]*placeholderSyntax
	all := placeholderSyntaxes()
	for i := range all {
		t[all[i].open[0]] = append(t[all[i].open[0]], &all[i])
	}
	return &t
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
	return mergeFields.has(strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(s)))
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
	syntaxes := byOpening()
	for i := 0; i < len(s); i++ {
		if !begins[s[i]] {
			continue
		}
		n := 0
		for _, p := range syntaxes[s[i]] {
			window := s[i:min(len(s), i+placeholderWindow)]
			if !strings.HasPrefix(window, p.open) || !p.possible(s, i, window) {
				continue
			}
			if c.tries++; c.tries > maxTries {
				return
			}
			if n = p.match(window); n > 0 {
				c.placeholder(s[i:i+n], p.name, place, where)
				break
			}
		}
		if n > 0 {
			i += n - 1
		}
	}
}

// possible tells whether it is worth matching window, which begins at s[i], with the syntax's pattern.
func (p *placeholderSyntax) possible(s string, i int, window string) bool {
	if len(window) < 4 {
		return false
	}
	if len(p.open) == 1 && !isLetter(window[1]) && window[1] != ' ' && window[1] != '_' {
		return false
	}
	if p.open == "-" && i > 0 && (wordByte(s[i-1]) || s[i-1] == '-') {
		return false // a hyphen inside a word, as most are
	}
	rest := window[len(p.open):]
	if line := strings.IndexByte(rest, '\n'); line >= 0 {
		rest = rest[:line]
	}
	end := strings.Index(rest, p.close)
	return end >= 0 && (p.look == nil || end <= maxFieldName)
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
		s := viewOf(b)
		return indexFold(s, "undefined") >= 0 || indexFold(s, "null") >= 0 || indexFold(s, "none") >= 0 || indexFold(s, "nan") >= 0 || indexFold(s, "nil") >= 0
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
	word := strings.TrimLeft(s, " \t\r\n\u00a0")
	if len(word) < 8 {
		return nil
	}
	switch word[0] | 0x20 {
	case 'd', 'h', 'b':
	default:
		return nil
	}
	if indexFold(s, "undefined") < 0 && indexFold(s, "null") < 0 && indexFold(s, "none") < 0 && indexFold(s, "nan") < 0 && indexFold(s, "nil") < 0 {
		return nil
	}
	if c.tries++; c.tries > maxTries {
		return nil
	}
	return greeting().FindStringSubmatchIndex(s)
}

func (c *contents) placeholder(text, syntax, place string, where at) {
	t := &c.f.Text
	t.PlaceholderCount++
	if len(t.Placeholders) >= maxPlaceholders {
		return
	}
	p := Placeholder{Text: clipRunes(strings.TrimSpace(text), maxPlaceholderText), Syntax: syntax, Place: place, Path: c.res.Path(where.part), Line: c.lineOf(where)}
	for _, q := range t.Placeholders {
		if q == p {
			return
		}
	}
	t.Placeholders = append(t.Placeholders, p)
}

// readFields are the fields that people read or that hold addresses.
var readFields = [...]struct {
	name      string
	addresses bool
}{
	{"subject", false}, {"from", true}, {"sender", true}, {"reply-to", true}, {"to", true}, {"cc", true}, {"bcc", true}, {"comments", false},
	{"keywords", false}, {"list-unsubscribe", false}, {"return-path", false},
}

// headerPlaceholders looks at the fields that people read or that hold addresses.
func (c *contents) headerPlaceholders() {
	for _, kind := range readFields {
		for _, f := range c.all(kind.name) {
			if !mayHoldPlaceholder(c.raw(f)) {
				continue
			}
			raw := c.value(f)
			text := raw
			if strings.Contains(text, "=?") {
				text = c.decodeWords(text)
			}
			before := c.f.Text.PlaceholderCount
			c.placeholders(clean(cut(text, 16<<10)), "header", at{line: f.Line})
			if kind.addresses && c.f.Text.PlaceholderCount == before && addressOpens(raw) {
				if m := addressPlaceholder().FindString(cut(raw, 16<<10)); m != "" {
					c.placeholder(clean(m), "address", "header", at{line: f.Line})
				}
			}
		}
	}
}

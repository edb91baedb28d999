package template

import (
	"bytes"
	"encoding/hex"
	"hash/fnv"
	"net/textproto"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"postern/rules/pattern"
)

// A Placeholder is a piece of template text that nobody has rendered.
type Placeholder struct {
	// Offset and Length are octets of the file, Line is the 1-based line that it begins on.
	Offset, Length int
	Line           int64
	// Control tells that the placeholder writes no value: a condition, loop, comment, assignment or inclusion.
	Control bool
	// Text is what stands between the delimiters, untrusted, at most 60 octets.
	Text string
}

// End is the offset behind p.
func (p *Placeholder) End() int { return p.Offset + p.Length }

// Found is a template that was recognised in a file.
type Found struct {
	// Syntax is an engine of Spec.Engine, "liquid or jinja2", or a syntax that only a command renders: template-toolkit, erb,
	// mailchimp, ampscript, freemarker, percent, dollar-brace, double-bracket, underscores, hashes, at-signs.
	Syntax string
	// Kind is message, html or text.
	Kind string
	// Placeholders are in order and do not overlap.
	Placeholders []Placeholder
	// Fields are the names of the message's header fields that hold a placeholder, in canonical form, sorted; what such a
	// field says is not known. "*" stands for a placeholder in the place of a whole field or around fields: which fields there
	// are is then not known either, except those that are written out.
	Fields []string
	// Body tells that there are placeholders outside of the header.
	Body bool

	header int // octets of the header block of a message
}

// What stays true of a template for all values of its placeholders, and can be judged:
//   - a header field that is written out is there, outside of conditions, with its name; its value only if it is not in Fields;
//   - the MIME structure, as far as its fields and boundary lines are written out;
//   - links, images and addresses that hold no placeholder;
//   - that the literal text holds something: filler text, an image without alt, a data URI, an element that clients do not
//     support. That it does not hold something (an unsubscribe link, a postal address, a text part) is not known if there are
//     placeholders in the body;
//   - that the literal octets alone are over a limit of size. That they are not says nothing.

const (
	// maxPlaceholders bounds what is kept of one file.
	maxPlaceholders = 10000
	// maxRecognised bounds the files that are looked at. A larger one is judged as what it is, a message.
	maxRecognised = 8 << 20
)

// Recognise tells whether a file is a template that can be judged without configuration. It takes whole template files only:
//   - A message that has been delivered or signed (Received, Return-Path, Delivered-To, DKIM-Signature, ARC-Seal,
//     Authentication-Results), that has both a Date and a Message-ID without placeholders, or that begins with an mbox line is
//     mail. If it holds a placeholder, that was not rendered, or the mail talks about code.
//   - Any other file that begins with a header is a template if a placeholder stands in its header, or one of an unmistakable
//     syntax in its body outside of quoted lines.
//   - An HTML file is a template if it holds a placeholder of an unmistakable syntax outside of scripts, style sheets and
//     code samples (script, style, pre, code).
//   - A text is one if its name has an extension of templates or of texts (.txt, .text), not of documentation or source code.
//
// Unmistakable are {{ }}, {% %}, [% %], <% %>, *|NAME|* and AMPscript's %%= =%%. The others ($ { }, %name%, [[name]], __NAME__,
// ##name##, @@name@@) occur in code and prose and count in a header only, or in a file with an extension of templates. Two
// files that hold nothing but static text are not told apart: a template without placeholders is a finished message.
func Recognise(name string, b []byte) (Found, bool) {
	f := Found{Kind: kindOf(name, b)}
	ext := templateExtension(name)
	if f.Kind == "text" && ext == "" && !plainText(name) {
		return Found{}, false
	}
	if len(b) > maxRecognised || bytes.IndexByte(b, 0) >= 0 || bytes.HasPrefix(b, []byte("From ")) || bytes.HasPrefix(b, []byte(">From ")) {
		return Found{}, false
	}
	if f.Kind == "message" {
		f.header = headerLength(b)
	}
	masked := mask(&f, b)
	for _, s := range syntaxes {
		if !s.likely(masked) {
			continue
		}
		all := s.find(masked)
		if len(all) == 0 || s.weak && ext == "" && !slices.ContainsFunc(all, func(p Placeholder) bool { return p.Offset < f.header }) {
			continue
		}
		f.Syntax, f.Placeholders = s.name, all
		break
	}
	if f.Syntax == "" {
		return Found{}, false
	}
	if f.Syntax == braces {
		f.Syntax = bracesEngine(name, string(b))
	}
	f.note(b)
	if f.Kind == "message" && f.isMail(b) {
		return Found{}, false
	}
	return f, true
}

// templateExtension is the extension of a name that only templates have, "" if there is none.
func templateExtension(name string) string {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, "\\", "/")))
	for ext := path.Ext(base); ext != ""; ext = path.Ext(base) {
		if slices.Contains([]string{".tmpl", ".tpl", ".tt", ".tt2", ".j2", ".jinja", ".jinja2", ".liquid", ".hbs", ".handlebars", ".mustache",
			".erb", ".ejs", ".eex", ".ftl", ".ftlh", ".vm", ".twig", ".njk", ".gohtml", ".gotmpl", ".gotxt", ".template", ".mjml"}, ext) {
			return ext
		}
		base = strings.TrimSuffix(base, ext)
	}
	return ""
}

// plainText tells whether a name is that of a text that could be a body of mail.
func plainText(name string) bool {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, "\\", "/")))
	ext := path.Ext(base)
	return (ext == ".txt" || ext == ".text") && !strings.HasPrefix(base, "readme") && !strings.HasPrefix(base, "licen") &&
		!strings.HasPrefix(base, "changelog") && !strings.HasPrefix(base, "robots")
}

// headerLength is the length of the header block of a message, tags and empty lines before it included.
func headerLength(b []byte) int {
	start := len(b) - len(leadingTags(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	rest := b[start:]
	for len(rest) > 0 {
		line, after, _ := cutLine(rest)
		if len(bytes.TrimSpace(line)) == 0 {
			return len(b) - len(rest)
		}
		rest = after
	}
	return len(b)
}

var deliveredField = pattern.Of(`(?im)^(?:received|return-path|delivered-to|dkim-signature|arc-seal|authentication-results|x-received|x-original-to)[ \t]*:`)

// isMail tells whether a message is mail that has been sent, or made to be sent as it is.
func (f *Found) isMail(b []byte) bool {
	header := b[:f.header]
	if deliveredField().Match(header) {
		return true
	}
	done := 0
	for _, name := range []string{"Date", "Message-Id"} {
		re := regexp.MustCompile(`(?im)^` + name + `[ \t]*:[ \t]*\S`)
		if re.Match(header) && !slices.Contains(f.Fields, name) {
			done++
		}
	}
	return done == 2
}

var (
	codeBlock  = pattern.Of(`(?is)<(script|style|pre|code)\b`)
	quotedLine = pattern.Of(`(?m)^[ \t]*>.*$`)
)

// mask is b with the places blanked out that are not looked at: code in HTML, and in the bodies of messages quoted lines.
func maskCode(b []byte) {
	for pos := 0; pos < len(b); {
		m := codeBlock().FindSubmatchIndex(b[pos:])
		if m == nil {
			return
		}
		name := bytes.ToLower(b[pos+m[2] : pos+m[3]])
		start := pos + m[1]
		end := indexFold(b[start:], append([]byte("</"), name...))
		if end < 0 {
			end = len(b) - start
		}
		blank(b[start : start+end])
		pos = start + end
	}
}

func mask(f *Found, b []byte) []byte {
	out := bytes.Clone(b)
	if f.Kind != "text" {
		maskCode(out[f.header:])
	}
	if f.Kind == "message" {
		for _, m := range quotedLine().FindAllIndex(out[f.header:], -1) {
			blank(out[f.header+m[0] : f.header+m[1]])
		}
	}
	return out
}

func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' && b[i] != '\r' {
			b[i] = ' '
		}
	}
}

// indexFold is the offset of needle, which is in lower case, in any case.
func indexFold(b, needle []byte) int {
	for i := 0; ; {
		j := bytes.Index(b[i:], needle[:2])
		if j < 0 || i+j+len(needle) > len(b) {
			return -1
		}
		i += j
		if bytes.EqualFold(b[i:i+len(needle)], needle) {
			return i
		}
		i += 2
	}
}

// note fills in Fields and Body.
func (f *Found) note(b []byte) {
	names := map[string]bool{}
	fields := headerFields(b[:f.header])
	for _, p := range f.Placeholders {
		if p.Offset >= f.header {
			f.Body = true
			continue
		}
		if name := fields.at(p.Offset); name != "" {
			names[name] = true
		} else if !p.Control || !isComment(p.Text) { // a comment holds no field
			names["*"] = true
		}
	}
	for n := range names {
		f.Fields = append(f.Fields, n)
	}
	slices.Sort(f.Fields)
}

func isComment(inner string) bool {
	return strings.HasPrefix(inner, "#") || strings.HasPrefix(inner, "/*") || strings.HasPrefix(inner, "!")
}

// fieldList are the lines of a header block that are not continuations: where they begin, where their values do, and the
// field's name, "" for a line that is no field.
type fieldList []struct {
	start, value int
	name         string
}

func headerFields(b []byte) fieldList {
	var list fieldList
	for pos := 0; pos < len(b); {
		line, rest, _ := cutLine(b[pos:])
		if len(line) == 0 || line[0] != ' ' && line[0] != '\t' {
			e := struct {
				start, value int
				name         string
			}{start: pos}
			if m := anyField().Find(line[:min(len(line), 1000)]); m != nil {
				e.value = pos + len(m)
				e.name = textproto.CanonicalMIMEHeaderKey(strings.TrimRight(string(m[:len(m)-1]), " \t"))
			}
			list = append(list, e)
		}
		pos = len(b) - len(rest)
	}
	return list
}

// at is the name of the field whose value the octet at pos belongs to, "" if there is none.
func (l fieldList) at(pos int) string {
	i := sort.Search(len(l), func(i int) bool { return l[i].start > pos }) - 1
	if i < 0 || l[i].value > pos {
		return ""
	}
	return l[i].name
}

// Opaque gives a file whose placeholders are taken out, so that it can be scanned: as many lines, each where it was. A
// placeholder that controls is dropped, one that writes a value becomes a word that is the same for the same placeholder,
// with the domain of OpaqueHost where an address or a link has its host. A line of a header block that holds no field
// because a placeholder stood in its place becomes the field X-Postern-Opaque. b is the file that f was found in.
func Opaque(b []byte, f Found) []byte {
	var out bytes.Buffer
	fields := headerFields(b[:min(f.header, len(b))])
	pos := 0
	for i := range f.Placeholders {
		p := &f.Placeholders[i]
		if p.Offset < pos || p.End() > len(b) {
			continue
		}
		out.Write(b[pos:p.Offset])
		text := b[p.Offset:p.End()]
		if !p.Control {
			out.WriteString(opaqueWord(b, p, f.header, fields))
		}
		for l := range bytes.Lines(text) {
			out.Write(lineEnd(l))
		}
		pos = p.End()
	}
	out.Write(b[pos:])
	if f.Kind != "message" {
		return out.Bytes()
	}
	return opaqueHeader(out.Bytes(), bytes.Count(b[:min(f.header, len(b))], []byte("\n")))
}

// lineEnd is the line end of a line, empty if it has none.
func lineEnd(line []byte) []byte { return line[len(bytes.TrimRight(line, "\r\n")):] }

// Rendered gives what was recognised as a message that can be scanned and judged as far as what holds for all values goes:
// a message with its placeholders taken out by Opaque, or HTML or text with a header around it. Lines are those of the file.
func (f Found) Rendered(name string, b []byte) *Rendered {
	text := Opaque(b, f)
	lines := int64(bytes.Count(text, []byte("\n"))) + 1
	r := &Rendered{Name: name, Kind: f.Kind, Engine: f.Syntax, template: name}
	refs := spread(text, nil, name, 1, lines)
	if f.Kind == "message" {
		r.Message, r.refs = withMissing(name, text, refs)
		r.Absent = f.fragment(b)
		r.Parts = []Part{{Path: "0", MediaType: "message/rfc822", File: name}}
		return r
	}
	headers := []headerField{
		{name: "Date", value: Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{name: "From", value: "opaque@" + OpaqueHost},
		{name: "To", value: "opaque@" + OpaqueHost},
		{name: "Subject", value: "opaque"},
		{name: "Message-ID", value: messageID(name, "")},
	}
	m := assemble(name, headers, []body{{f.Kind, rendering{text, refs}}}, []string{name}, nil, nil)
	r.Message, r.refs, r.Parts = m.out.Bytes(), m.lines, m.parts
	r.Absent = []string{"From", "To", "Subject"}
	r.texts = map[string]textRefs{"0": {name, refs}}
	return r
}

// fragment gives the fields that a file lacks which begins with a header and yet is no whole message: it has none of From, To
// and Subject, and is included by others that do.
func (f Found) fragment(b []byte) []string {
	all := []string{"From", "To", "Subject"}
	for _, e := range headerFields(b[:min(f.header, len(b))]) {
		if slices.Contains(all, e.name) {
			return nil
		}
	}
	return all
}

// OpaqueHost is the domain that stands in Opaque for one that a placeholder gives (RFC 2606).
const OpaqueHost = "opaque.invalid"

// opaqueWord stands for a value. The beginning of a link or of an address needs what makes it one.
func opaqueWord(b []byte, p *Placeholder, header int, fields fieldList) string {
	// A quoted text is how templates write what would be a tag otherwise: {{ '{{' }}.
	if m := quotedText().FindStringSubmatch(strings.TrimSpace(p.Text)); m != nil {
		return m[1] + m[2]
	}
	h := fnv.New32a()
	h.Write(b[p.Offset:p.End()])
	word := "opaque" + hex.EncodeToString(h.Sum(nil))
	before := b[max(0, p.Offset-40):p.Offset]
	after := b[p.End():min(len(b), p.End()+1)]
	if p.Offset < header {
		switch fields.at(p.Offset) {
		case "From", "To", "Cc", "Bcc", "Reply-To", "Sender":
			switch {
			case bytes.HasSuffix(before, []byte("@")):
				return OpaqueHost
			case bytes.HasSuffix(before, []byte("<")) || bytes.HasSuffix(bytes.TrimRight(before, " \t"), []byte(":")) || bytes.HasSuffix(bytes.TrimRight(before, " \t"), []byte(",")):
				if len(after) == 0 || bytes.ContainsAny(after, ">,\r\n") {
					return word + "@" + OpaqueHost
				}
			}
		case "Date":
			return Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")
		case "Message-Id", "In-Reply-To", "References":
			if !bytes.HasSuffix(before, []byte("<")) && !bytes.HasSuffix(before, []byte("@")) {
				return "<" + word + "@" + OpaqueHost + ">"
			}
		}
		return word
	}
	if linkStart().Match(before) {
		return "https://" + OpaqueHost + "/" + word
	}
	if hostStart().Match(before) {
		return OpaqueHost
	}
	return word
}

var quotedText = pattern.Of(`^(?:'([^'\\\n]*)'|"([^"\\\n]*)")$`)

var (
	linkStart = pattern.Of(`(?i)(?:href|src|action|background)\s*=(?:3D)?\s*["']?\s*$`)
	hostStart = pattern.Of(`(?i)(?:https?://|@)$`)
)

// opaqueHeader makes a header block of the first lines of b that a scanner reads to its end.
func opaqueHeader(b []byte, lines int) []byte {
	var out bytes.Buffer
	field := false
	for n := 0; n < lines && len(b) > 0; n++ {
		line, rest, _ := cutLine(b)
		whole := b[:len(b)-len(rest)]
		b = rest
		switch {
		case anyField().Match(line):
			field = true
			out.Write(whole)
		case field && len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && len(bytes.TrimSpace(line)) > 0:
			out.Write(whole)
		default:
			field = true
			out.WriteString("X-Postern-Opaque: 1")
			out.Write(lineEnd(whole))
		}
	}
	out.Write(b)
	return out.Bytes()
}

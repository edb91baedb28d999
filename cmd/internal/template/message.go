package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"postern/rules/pattern"
)

// Date is the time that messages are dated with whose template gives none, so that a template gives the same message every
// time. Messages from templates are judged with this time as the present.
var Date = time.Date(2024, time.January, 15, 12, 0, 0, 0, time.UTC)

// body is a rendered part.
type body struct {
	kind string // html or text
	rendering
}

// attachment is a file that is part of the message.
type attachment struct {
	file    string
	content []byte
}

// node is a part of the message that is being put together.
type node struct {
	fields   []string // Content-* fields, folded, without line ends
	file     string
	media    string
	text     *body
	content  []byte
	children []*node
}

// builder writes a message and notes where its lines come from.
type builder struct {
	out   bytes.Buffer
	lines []ref // one for each line of out
	parts []Part
	seed  string
}

// assemble puts a message together: headers, the bodies as alternatives, inline images as related parts, attachments.
func assemble(name string, headers []headerField, bodies []body, files []string, inline, attached []attachment) *builder {
	b := &builder{seed: name}
	var alternatives []*node
	for i := range bodies {
		n := textNode(&bodies[i], files[i])
		if bodies[i].kind == "html" && len(inline) > 0 {
			related := &node{media: "multipart/related", children: []*node{n}}
			for _, a := range inline {
				related.children = append(related.children, fileNode(a, true))
			}
			related.fields = []string{`; type="text/html"`}
			n = related
		}
		alternatives = append(alternatives, n)
	}
	root := alternatives[0]
	if len(alternatives) > 1 {
		root = &node{media: "multipart/alternative", children: alternatives}
	}
	if len(attached) > 0 {
		root = &node{media: "multipart/mixed", children: []*node{root}}
		for _, a := range attached {
			root.children = append(root.children, fileNode(a, false))
		}
	}
	for _, h := range headers {
		var sb strings.Builder
		writeField(&sb, h.name, h.value)
		b.write(sb.String(), h.at)
	}
	b.write("MIME-Version: 1.0\r\n", ref{})
	b.node(root, "0")
	return b
}

// headerField is a field of the message and the line that states it.
type headerField struct {
	name, value string
	at          ref
}

// write appends whole lines that come from one place.
func (b *builder) write(s string, at ref) {
	b.out.WriteString(s)
	for range strings.Count(s, "\n") {
		b.lines = append(b.lines, at)
	}
}

// node writes a part: its fields, the separator and its body. path is its MIME path, "0" for the message itself.
func (b *builder) node(n *node, path string) {
	b.parts = append(b.parts, Part{Path: path, MediaType: n.media, File: n.file})
	if len(n.children) > 0 {
		// "=_" stands in no quoted-printable and no base64 text (RFC 2045 section 6.7); 7bit text that holds it is encoded.
		own := "=_" + digest(b.seed, path)[:24]
		b.write("Content-Type: "+n.media+";\r\n boundary=\""+own+"\""+strings.Join(n.fields, "")+"\r\n\r\n", ref{file: n.file})
		for i, c := range n.children {
			sub := strconv.Itoa(i + 1)
			if path != "0" {
				sub = path + "." + sub
			}
			b.write("--"+own+"\r\n", ref{})
			b.node(c, sub)
		}
		b.write("--"+own+"--\r\n", ref{})
		return
	}
	for _, f := range n.fields {
		b.write(f+"\r\n", ref{file: n.file})
	}
	if n.text == nil {
		b.write("\r\n", ref{})
		b.base64(n.content, n.file)
		return
	}
	b.text(n.text, n.file)
}

func textNode(t *body, file string) *node {
	n := &node{file: file, media: "text/plain", text: t}
	if t.kind == "html" {
		n.media = "text/html"
	}
	return n
}

// text writes the fields, separator and body of a text part.
func (b *builder) text(t *body, file string) {
	charset, encoding := "utf-8", "quoted-printable"
	if plain7bit(t.text) {
		encoding = "7bit"
	}
	media := "text/plain"
	if t.kind == "html" {
		media = "text/html"
	}
	b.write("Content-Type: "+media+"; charset="+charset+"\r\nContent-Transfer-Encoding: "+encoding+"\r\n\r\n", ref{file: file})
	text := t.text
	for i := 0; len(text) > 0; i++ {
		line, rest, _ := cutLine(text)
		text = rest
		at := ref{file: file}
		if i < len(t.refs) {
			at = t.refs[i]
		}
		if encoding == "7bit" {
			b.write(string(line)+"\r\n", at)
			continue
		}
		b.write(qpLine(line), at)
	}
}

// plain7bit tells whether text can be sent as it is: printable ASCII in lines of at most 78 octets without white space at
// their end, which transport may drop.
func plain7bit(text []byte) bool {
	for len(text) > 0 {
		var line []byte
		line, text, _ = cutLine(text)
		if len(line) > 78 || bytes.HasPrefix(line, []byte("From ")) || bytes.Contains(line, []byte("=_")) {
			return false
		}
		if n := len(line); n > 0 && (line[n-1] == ' ' || line[n-1] == '\t') {
			return false
		}
		for _, c := range line {
			if c >= utf8.RuneSelf || c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
	}
	return true
}

// qpLine is one line in quoted-printable (RFC 2045 section 6.7), with its line end.
func qpLine(line []byte) string {
	var sb strings.Builder
	// A lone CR, which binary mode escapes, is no line end in a text part.
	w := quotedprintable.NewWriter(&sb)
	w.Binary = true
	w.Write(line)
	w.Close()
	s := sb.String()
	if strings.HasPrefix(s, "From ") || strings.HasPrefix(s, ".") && len(s) == 1 {
		s = "=" + strings.ToUpper(hex.EncodeToString([]byte(s[:1]))) + s[1:]
		if i := strings.IndexByte(s, '\r'); i > 76 || i < 0 && len(s) > 76 {
			s = s[:3] + "=\r\n" + s[3:]
		}
	}
	return s + "\r\n"
}

func (b *builder) base64(content []byte, file string) {
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 0 {
		n := min(76, len(text))
		b.write(text[:n]+"\r\n", ref{file: file})
		text = text[n:]
	}
}

// fileNode is an attached file, or with inline one that the HTML shows as cid:name.
func fileNode(a attachment, inline bool) *node {
	name := path.Base(a.file)
	media := mediaType(name, a.content)
	n := &node{file: a.file, media: media, content: a.content}
	disposition := "attachment"
	if inline {
		disposition = "inline"
		n.fields = append(n.fields, "Content-ID: <"+contentID(name)+">")
	}
	n.fields = append(n.fields,
		"Content-Type: "+media,
		"Content-Transfer-Encoding: base64",
		"Content-Disposition: "+strings.ReplaceAll(mime.FormatMediaType(disposition, map[string]string{"filename": name}), "; ", ";\r\n "))
	return n
}

// contentID is the file's name as HTML can refer to it.
func contentID(name string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"@`, r) {
			return '_'
		}
		return r
	}, name)
}

var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml",
	".webp": "image/webp", ".pdf": "application/pdf", ".ics": "text/calendar", ".csv": "text/csv", ".txt": "text/plain",
	".html": "text/html", ".zip": "application/zip", ".json": "application/json", ".vcf": "text/vcard",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// mediaType goes by the name only: tables of the system would make the message depend on the machine.
func mediaType(name string, content []byte) string {
	t := mediaTypes[strings.ToLower(path.Ext(name))]
	switch {
	case t == "":
		return "application/octet-stream"
	case strings.HasPrefix(t, "text/") && utf8.Valid(content):
		return t + "; charset=utf-8"
	}
	return t
}

func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:])
}

// withMissing puts a Date and a Message-ID field before a message whose header has none, with the line ends that the message
// has. name is what the Message-ID is made of. A text that does not begin with a field is left as it is: what is wrong with it
// is for the rules to say.
func withMissing(name string, text []byte, refs []ref) ([]byte, []ref) {
	if !anyField().Match(text) {
		return text, refs
	}
	header := text
	if end := emptyLine().FindIndex(text); end != nil {
		header = text[:end[0]]
	}
	lineEnd := "\n"
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		lineEnd = "\r\n"
	}
	var added []byte
	if !dateField().Match(header) {
		added = append(added, "Date: "+Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")+lineEnd...)
	}
	if !messageIDField().Match(header) {
		from := ""
		if m := fromField().FindSubmatch(header); m != nil {
			from = string(bytes.TrimSpace(m[1]))
		}
		added = append(added, "Message-ID: "+messageID(name, from)+lineEnd...)
	}
	// What is said of the header as a whole, at its first line, is said of the first line of the template.
	var first []ref
	if len(refs) > 0 {
		first = refs[:1]
	}
	return append(added, text...), append(slices.Repeat(first, bytes.Count(added, []byte("\n"))), refs...)
}

var (
	emptyLine      = pattern.Of(`(?m)^\r?$`)
	dateField      = pattern.Of(`(?im)^Date[ \t]*:`)
	messageIDField = pattern.Of(`(?im)^Message-ID[ \t]*:`)
	fromField      = pattern.Of(`(?im)^From[ \t]*:(.*)$`)
)

// messageID is made of the unit's name and the domain that the message is from.
func messageID(name, from string) string {
	domain := "template.invalid"
	if list, err := mail.ParseAddressList(from); err == nil && len(list) > 0 {
		if _, d, ok := strings.Cut(list[0].Address, "@"); ok && fieldName(d) && isASCII(d) && !strings.ContainsAny(d, "<>") {
			domain = d
		}
	}
	return "<" + digest(name)[:32] + "@" + domain + ">"
}

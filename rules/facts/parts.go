package facts

import (
	"slices"
	"strconv"
	"strings"

	"postern/mimesize"
)

func sortStrings(s []string) { slices.Sort(s) }

// maxWord bounds the charsets and dispositions that are kept.
const maxWord = 60

// readPart reads the MIME fields of part i. Of repeated fields the first counts, as for mimesize, but see otherNames.
func (c *contents) readPart(i int) {
	p, info := &c.res.Parts[i], &c.parts[i]
	var filename, name decodedParam
	differ := c.repeats(i)
	line := p.Header.Line
	// What is taken out of the fields is copied: it is a view of them.
	if f, ok := c.first(i, fieldContentType); ok {
		line = f.Line
		info.charset, name = c.contentType(c.view(f, maxField))
		info.charset = c.keep(info.charset)
	}
	if f, ok := c.first(i, fieldContentDisposition); ok {
		line = f.Line
		v := c.view(f, maxField)
		c.params.parse(v)
		differ = differ || withDisposition(v) != v
		info.disposition = c.keep(cut(clean(c.params.value), maxWord))
		filename = c.decodeParam(&c.params, "filename")
	}
	if filename.present && filename.value != "" {
		info.filename = c.keep(filename.value)
	} else {
		info.filename = c.keep(name.value)
	}
	if differ || filename.odd != "" || name.odd != "" || filename.loose || name.loose || filename.present && name.present && filename.value != name.value {
		c.otherNames(i)
	}
	if c.without&Damage == 0 {
		if f, ok := c.first(i, fieldContentID); ok && i > 0 {
			info.contentID = c.contentID(i, f)
		}
		_, info.location = c.first(i, fieldContentLocation)
	}
	container := p.IsMultipart() && p.Children > 0
	info.attachment = !container && (info.disposition == "attachment" || info.filename != "" || programOfType(p.MediaType) != "")
	if !container && c.without&Damage == 0 {
		c.checkNames(i, line, filename, name)
	}
	c.f.Parts = append(c.f.Parts, Part{
		Path: c.makePath(i), MediaType: clean(p.MediaType), Charset: info.charset, Encoding: p.Encoding.String(),
		Disposition: info.disposition, HeaderBytes: p.HeaderBytes, EncodedBytes: p.EncodedBytes,
		DecodedBytes: c.decodedBytes(p), Line: p.Header.Line, Children: p.Children, Embedded: p.Embedded,
	})
}

// repeats tells whether part i has a type or a disposition twice that say different things, and reports it where nothing else does:
// for the message itself every repeated field is reported, and a forwarded message is as it is.
func (c *contents) repeats(i int) (differ bool) {
	var types, dispositions int
	if i == 0 {
		types, dispositions = len(c.each(fieldContentType)), len(c.each(fieldContentDisposition))
	} else {
		for _, f := range c.res.HeaderFields(i) {
			switch f.Name {
			case len(nameOfType):
				if equalFold(c.name(f), nameOfType) {
					types++
				}
			case len(nameOfDisposition):
				if equalFold(c.name(f), nameOfDisposition) {
					dispositions++
				}
			}
		}
	}
	if types < 2 && dispositions < 2 {
		return false
	}
	for _, of := range [...]struct {
		count int
		id    fieldID
		name  string
	}{{types, fieldContentType, nameOfType}, {dispositions, fieldContentDisposition, nameOfDisposition}} {
		if of.count < 2 {
			continue
		}
		if line, yes := c.repeated(i, of.id); yes {
			differ = true
			if i > 0 && !c.res.Parts[i].Embedded && c.without&Damage == 0 {
				c.problem("rfc.header_duplicate", i, line, of.name)
			}
		}
	}
	return differ
}

const nameOfType, nameOfDisposition = "content-type", "content-disposition"

// charsetName brings a charset parameter into lower case and takes off what cannot belong to a name.
func charsetName(s string) string {
	s = strings.ToLower(strings.Trim(s, " \t\"'"))
	if i := strings.IndexAny(s, " \t,"); i >= 0 {
		s = s[:i]
	}
	return cut(s, maxWord)
}

// decodedBytes is nil for an encoding that RFC 2045 does not define.
func (m *maker) decodedBytes(p *mimesize.Part) *int64 {
	if p.DecodedBytes < 0 {
		return nil
	}
	return m.number(p.DecodedBytes)
}

// makePath gives the path of a part, valid as long as the facts, once those of the parts before are made; see mimesize.Result.Path.
func (m *maker) makePath(i int) string {
	p := &m.res.Parts[i]
	if i == 0 {
		return "0"
	}
	var buf [256]byte
	b := buf[:0]
	if p.Parent > 0 {
		b = append(append(b, m.f.Parts[p.Parent].Path...), '.')
	}
	return m.keep(viewOf(strconv.AppendInt(b, int64(p.Ordinal), 10)))
}

// checkNames reports file names that programs read differently, or that are made to mislead.
func (c *contents) checkNames(i int, line int64, filename, name decodedParam) {
	for _, d := range []decodedParam{filename, name} {
		if d.odd != "" {
			c.problem("rfc.mime_param2231", i, line, d.odd)
			break
		}
	}
	n := c.parts[i].filename
	switch {
	case filename.present && name.present && filename.value != name.value:
		c.problem("rfc.content_type_name", i, line, "filename "+cut(filename.value, 60)+", name "+cut(name.value, 60))
	case hasPath(n):
		c.problem("rfc.content_type_name", i, line, "path in "+cut(n, 100))
	case hasInvisible(n):
		c.problem("rfc.content_type_name", i, line, "invisible or bidirectional control characters in "+cut(n, 100))
	}
}

// hasPath tells whether a file name leads out of the folder it is saved in.
func hasPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || len(name) > 1 && name[1] == ':' && isLetter(name[0])
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isInvisible tells whether r has no width, or changes the direction of text (UAX 9). U+200C and U+200D join letters of some
// scripts and emoji; they are counted too, because nothing that matters is named with them.
func isInvisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069:
		return true
	case r == 0xad, r == 0x61c, r == 0x180e, r == 0x34f, r == 0xfeff:
		return true
	}
	return false
}

func hasInvisible(s string) bool { return !isASCII(s) && strings.ContainsFunc(s, isInvisible) }

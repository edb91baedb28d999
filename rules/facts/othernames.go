package facts

import (
	"slices"
	"strings"

	"postern/mimesize"
)

// programs are the extensions of what runs when it is opened, and of what holds such. Of the names that a file has for different
// readers one of these goes before all others. They are those that Gmail blocks, as package policies lists them.
var programs = words("ade,adp,apk,appx,appxbundle,bat,cab,chm,cmd,com,cpl,diagcab,diagcfg,diagpkg,dll,dmg,ex,ex_,exe,hta,img,ins,iso,isp,jar," +
	"jnlp,js,jse,lib,lnk,mde,mjs,msc,msi,msix,msixbundle,msp,mst,nsh,pif,ps1,scr,sct,shb,sys,vb,vbe,vbs,vhd,vxd,wsc,wsf,wsh,xll")

// programOfType gives the extension that readers give a file without a name if its type is that of a program, else "".
func programOfType(mediaType string) string {
	kind, ok := strings.CutPrefix(mediaType, "application/")
	if !ok {
		return ""
	}
	switch kind {
	case "x-msdownload", "x-msdos-program", "x-dosexec", "x-exe", "exe", "vnd.microsoft.portable-executable":
		return "exe"
	case "hta", "x-msi", "x-bat":
		return strings.TrimPrefix(kind, "x-")
	case "java-archive", "x-java-archive":
		return "jar"
	case "vnd.android.package-archive":
		return "apk"
	case "x-ms-shortcut":
		return "lnk"
	case "vnd.ms-htmlhelp":
		return "chm"
	case "x-apple-diskimage":
		return "dmg"
	}
	return ""
}

// runs tells whether a file of that name is a program.
func runs(name string) bool {
	ext, _ := extension(name)
	return programs.has(ext)
}

// otherNames reads the name of part i as readers do who take another of its fields or parameters, or decode less strictly or more.
// Where one of them gets a program, that is its name here, so that a harmless name hides none.
//
// QUIRK: of two Content-Disposition fields GMime takes the last, Python the first; of filename and filename* Python and GMime take the
// first, mblaze the last; some end a name at a missing piece, at NUL, at a comment, a comma or a quote; some decode backslashes, and
// encoded words inside encoded words; Python reads a filename where the disposition is left out.
func (c *contents) otherNames(i int) {
	info := &c.parts[i]
	try := func(name string) {
		if name = tidyName(name); runs(name) && !runs(info.filename) {
			info.filename = c.keep(name)
		}
	}
	read := func(name string) {
		try(name)
		if k := strings.IndexByte(name, 0); k >= 0 {
			try(name[:k])
		}
		if strings.Contains(name, "=?") {
			try(c.decodeWords(guessedWords(name)))
		}
	}
	for _, of := range [...]struct {
		id   fieldID
		name string
	}{{fieldContentDisposition, "filename"}, {fieldContentType, "name"}} {
		for _, f := range c.fieldsOf(i, of.id) {
			value := strings.Clone(c.view(f, maxField)) // decoding may look at other fields
			c.params.parse(withDisposition(value))
			c.names(&c.params, of.name, read)
		}
	}
}

// afterValue are characters that no value without quotes holds, and that end one for some readers.
const afterValue = `(,"`

// names gives all that a parameter may be to somebody.
func (c *contents) names(p *params, name string, tell func(string)) {
	var segments []segment
	for i := range p.list {
		q := &p.list[i]
		rest, ok := strings.CutPrefix(q.name, name)
		switch {
		case !ok:
		case rest == "":
			v, _ := c.plainValue(q)
			tell(v)
			tell(unescapeAll(q.value))
			if k := strings.IndexAny(q.value, afterValue); k >= 0 && q.raw[0] != '"' {
				tell(q.value[:k])
			}
		case rest == "*":
			v, _ := c.extendedValue(q.value)
			tell(v)
		default:
			segments = p.segment(segments, rest, q.value)
		}
	}
	if segments == nil {
		return
	}
	v, _ := c.joinSegments(segments)
	tell(v)
	slices.Reverse(segments) // the last of two pieces with one number
	v, _ = c.joinSegments(segments)
	tell(v)
	slices.SortStableFunc(segments, func(a, b segment) int { return a.index - b.index })
	for k := range segments {
		if segments[k].index > k {
			v, _ = c.joinSegments(segments[:k]) // up to the first that is missing
			tell(v)
			break
		}
	}
}

// unescapeAll takes every backslash for an escape (RFC 2045 section 5.1).
func unescapeAll(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// guessedWords has UTF-8 for each charset of an encoded word that is not known.
func guessedWords(s string) string {
	var b strings.Builder
	at := 0
	for {
		w, ok := nextWord(s, at)
		if !ok {
			return b.String() + s[at:]
		}
		b.WriteString(s[at:w.from])
		if _, known := decodeCharset(w.charset, nil); known {
			b.WriteString(s[w.from:w.to])
		} else {
			b.WriteString("=?utf-8?" + string(w.encoding) + "?" + w.text + "?=")
		}
		at = w.to
	}
}

// withDisposition puts a disposition before a parameter that stands in its place, or after it with no semicolon between them.
func withDisposition(value string) string {
	k := strings.IndexAny(value, "=;")
	if k < 0 || value[k] == ';' {
		return value
	}
	return "x;" + value[strings.LastIndexAny(value[:k], " \t,")+1:]
}

// fieldsOf gives the fields of part i of a name.
func (m *maker) fieldsOf(i int, id fieldID) []mimesize.Field {
	if i == 0 {
		return m.each(id)
	}
	var all []mimesize.Field
	name := fieldNames[id]
	for _, f := range m.res.HeaderFields(i) {
		if f.Name == len(name) && equalFold(m.name(f), name) {
			all = append(all, f)
		}
	}
	return all
}

// repeated tells whether part i has several fields of a name that say different things, and where the second is.
func (c *contents) repeated(i int, id fieldID) (line int64, yes bool) {
	all := c.fieldsOf(i, id)
	for k := 1; k < len(all); k++ {
		if first := c.bounded(all[0], maxField); first != c.bounded(all[k], maxField) {
			return all[k].Line, true
		}
	}
	return 0, false
}

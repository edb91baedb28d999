package facts

import (
	"bytes"
	"strings"
)

// maxAttributes bounds the names that are kept of one element's attributes.
const maxAttributes = 100

// attributes are those that are looked at.
type attributes struct {
	href, src, style, color, bgcolor, background, class, alt, typ, action, width, height, title string
	lang, charset, name, content, equiv, formaction, xlink                                      string
	names                                                                                       []string // of all, if they are wanted
	hidden, hasAlt, hasHref                                                                     bool
	any                                                                                         bool // there is one of those
}

func readAttributes(z Tokenizer, names bool) (a attributes) {
	for {
		key, val, more := z.TagAttr()
		if names && len(a.names) < maxAttributes {
			a.names = append(a.names, string(key))
		}
		if at, _ := a.of(key); at != nil && *at == "" {
			*at = string(val)
		}
		if !more {
			return a
		}
	}
}

// of gives where the value of an attribute is kept, if it is, and a bit of its own for each that is looked at; and notes that it is
// there.
func (a *attributes) of(key []byte) (at *string, bit uint32) {
	if at, bit = a.place(key); bit != 0 {
		a.any = true
	}
	return at, bit
}

func (a *attributes) place(key []byte) (at *string, bit uint32) {
	switch string(key) {
	case "href":
		a.hasHref = true
		return &a.href, 1 << 0
	case "src":
		return &a.src, 1 << 1
	case "style":
		return &a.style, 1 << 2
	case "color":
		return &a.color, 1 << 3
	case "text":
		return &a.color, 1 << 4
	case "bgcolor":
		return &a.bgcolor, 1 << 5
	case "background":
		return &a.background, 1 << 6
	case "class":
		return &a.class, 1 << 7
	case "alt":
		a.hasAlt = true
		return &a.alt, 1 << 8
	case "title":
		return &a.title, 1 << 9
	case "type":
		return &a.typ, 1 << 10
	case "action":
		return &a.action, 1 << 11
	case "width":
		return &a.width, 1 << 12
	case "height":
		return &a.height, 1 << 13
	case "lang":
		return &a.lang, 1 << 14
	case "charset":
		return &a.charset, 1 << 15
	case "name":
		return &a.name, 1 << 16
	case "content":
		return &a.content, 1 << 17
	case "http-equiv":
		return &a.equiv, 1 << 18
	case "hidden":
		a.hidden = true
		return nil, 1 << 19
	case "formaction":
		return &a.formaction, 1 << 20
	case "xlink:href":
		return &a.xlink, 1 << 21
	}
	return nil, 0
}

func (a *attributes) reset() {
	if a.any {
		*a = attributes{}
	}
}

// reference notes data: and cid: URLs (RFC 2397, RFC 2392).
func (h *htmlReader) reference(v string) {
	if len(v) < 5 || !schemes(v) {
		return
	}
	v = strings.TrimSpace(v)
	if i := indexFold(v, "data:"); i == 0 || i > 0 && indexFold(v, "url(") >= 0 {
		h.c.f.Text.DataURIs++
		h.c.spot(&h.c.f.HTML.DataURIs, v[max(i, 0):], h.at())
	}
	for {
		i := indexFold(v, "cid:")
		if i < 0 {
			return
		}
		boundary := i == 0 || strings.IndexByte(`('" `, v[i-1]) >= 0
		v = v[i+4:]
		end := strings.IndexAny(v, `'") `)
		if end < 0 {
			end = len(v)
		}
		if cid := v[:end]; boundary && cid != "" && len(h.cids.list) < maxCIDs {
			octets, _ := unpercent(cid)
			if octets = cut(octets, 998); h.cids.find(octets) < 0 {
				h.cids.add(h.c.keys.keep(octets), 0)
			}
		}
	}
}

// schemes tells whether "data:" or "cid:" stands in v, in any case.
func schemes(v string) bool {
	for i := 3; ; i++ {
		if i >= len(v) {
			return false
		}
		k := strings.IndexByte(v[i:], ':')
		if k < 0 {
			return false
		}
		if i += k; v[i-1]|0x20 == 'd' && v[i-2]|0x20 == 'i' || v[i-1]|0x20 == 'a' && v[i-2]|0x20 == 't' {
			return true // nearly
		}
	}
}

// isPixel tells whether an image is a tracking pixel or a spacer, which nobody sees.
func isPixel(a *attributes) bool {
	small := func(s string) bool { return s == "0" || s == "1" || s == "0px" || s == "1px" }
	return small(a.width) && small(a.height)
}

// metaCharset gives the charset that an HTML document states in its first 1,024 octets (HTML section 4.2.5.4), "" if none.
func metaCharset(b []byte) string {
	b = b[:min(len(b), 1024)]
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 || i+5 > len(b) {
			return ""
		}
		if b = b[i+1:]; !equalFold(b[:4], "meta") {
			continue
		}
		b = b[4:]
		tag := b
		if j := bytes.IndexByte(b, '>'); j >= 0 {
			tag = b[:j]
		}
		tag = bytes.ToLower(tag)
		if k := bytes.Index(tag, []byte("charset=")); k >= 0 {
			v := bytes.TrimLeft(tag[k+8:], "\"' ")
			if end := bytes.IndexAny(v, "\"' ;/>"); end >= 0 {
				v = v[:end]
			}
			return charsetName(string(v))
		}
	}
}

// indexFold is strings.Index without regard to the case of ASCII letters; sub is in lower case, and of two octets or more.
func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i]|0x20 == sub[0]|0x20 && s[i+1]|0x20 == sub[1]|0x20 && strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

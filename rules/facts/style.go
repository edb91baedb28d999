package facts

import (
	"strconv"
	"strings"
)

// style holds what a style attribute says of what can be seen.
type style struct {
	display, visibility, fontSize, fontWeight, opacity, overflow, maxHeight, height string
	color, background                                                               int // 0xRRGGBB, -1 if none or unknown
	hasColour, hasBackground, transparent, hasImage                                 bool
}

// noStyle is the style of an element that states none.
var noStyle = style{color: -1, background: -1}

// maxStyle bounds the octets of one style attribute that are read.
const maxStyle = 8 << 10

// parseStyle reads the declarations of a style attribute.
func parseStyle(s string) style {
	st := noStyle
	s = cut(s, maxStyle)
	for len(s) > 0 {
		var decl string
		decl, s = cutDeclaration(s)
		name, value, ok := strings.Cut(decl, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if !looked.has(name) {
			continue
		}
		value = strings.ToLower(strings.TrimSpace(value))
		value = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
		switch name {
		case "display":
			st.display = value
		case "visibility":
			st.visibility = value
		case "font-size":
			st.fontSize = value
		case "font":
			// font: 0/0 a
			for f := range strings.FieldsSeq(value) {
				if f[0] >= '0' && f[0] <= '9' {
					st.fontSize, _, _ = strings.Cut(f, "/")
					break
				}
			}
		case "font-weight":
			st.fontWeight = value
		case "opacity":
			st.opacity = value
		case "overflow", "overflow-y":
			st.overflow = value
		case "max-height":
			st.maxHeight = value
		case "height":
			st.height = value
		case "color":
			st.color, st.hasColour = parseColour(value), true
		case "background-color":
			st.hasBackground, st.transparent = true, value == "transparent"
			st.background = parseColour(value)
		case "background-image":
			st.hasImage = st.hasImage || value != "none"
		case "background":
			st.hasBackground, st.transparent = true, value == "transparent" || value == "none"
			if strings.Contains(value, "url(") || strings.Contains(value, "gradient") {
				st.hasImage = true
				break
			}
			st.background = parseColour(value)
			if st.background < 0 && !strings.Contains(value, "(") {
				for f := range strings.FieldsSeq(value) {
					if v := parseColour(f); v >= 0 {
						st.background = v
						break
					}
				}
			}
		}
	}
	return st
}

// looked are the properties that parseStyle looks at.
var looked = words("display,visibility,font-size,font,font-weight,opacity,overflow,overflow-y,max-height,height,color,background-color,background-image,background")

// cutDeclaration cuts at the first semicolon outside quotes and parentheses: url(data:image/png;base64,...) holds one.
func cutDeclaration(s string) (decl, rest string) {
	depth, quote := 0, byte(0)
	for i := range len(s) {
		if !declarationMark[s[i]] {
			continue
		}
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ';' && depth == 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// declarationMark are the octets that cutDeclaration looks at.
var declarationMark = [256]bool{'"': true, '\'': true, '(': true, ')': true, ';': true}

// hides tells whether the element and all that is in it cannot be seen.
func (s *style) hides() bool {
	return s.display == "none" || s.opacity != "" && isZero(s.opacity) ||
		s.overflow == "hidden" && (s.maxHeight != "" && isZero(s.maxHeight) || s.height != "" && isZero(s.height))
}

// isZero tells whether a length or number is 0: "0", "0px", "0.0em", "0%".
func isZero(s string) bool {
	s = strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz% ")
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && f == 0
}

var colourNames = map[string]int{
	"white": 0xffffff, "black": 0, "red": 0xff0000, "lime": 0x00ff00, "blue": 0x0000ff, "yellow": 0xffff00, "cyan": 0x00ffff,
	"aqua": 0x00ffff, "magenta": 0xff00ff, "fuchsia": 0xff00ff, "silver": 0xc0c0c0, "gray": 0x808080, "grey": 0x808080,
	"maroon": 0x800000, "olive": 0x808000, "green": 0x008000, "purple": 0x800080, "teal": 0x008080, "navy": 0x000080,
	"orange": 0xffa500, "ivory": 0xfffff0, "snow": 0xfffafa, "whitesmoke": 0xf5f5f5, "lightgray": 0xd3d3d3,
	"lightgrey": 0xd3d3d3, "beige": 0xf5f5dc, "ghostwhite": 0xf8f8ff, "floralwhite": 0xfffaf0,
}

// parseColour reads a colour of CSS or of HTML's colour attributes as 0xRRGGBB. It gives -1 for what it does not know, and for
// colours that are in part transparent.
func parseColour(s string) int {
	if s == "" {
		return -1
	}
	s = strings.ToLower(strings.TrimSpace(s))
	if c, ok := colourNames[s]; ok {
		return c
	}
	if args, ok := strings.CutPrefix(s, "rgb("); ok {
		return parseRGB(strings.TrimSuffix(args, ")"))
	}
	hex := strings.TrimPrefix(s, "#")
	if len(hex) != 6 && len(hex) != 3 {
		return -1
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	switch {
	case err != nil:
	case len(hex) == 6:
		return int(v)
	case len(hex) == 3 && len(s) == 4:
		r, g, b := int(v)>>8, int(v)>>4&15, int(v)&15
		return (r*17)<<16 | (g*17)<<8 | b*17
	}
	return -1
}

func parseRGB(args string) int {
	c, n := 0, 0
	for f := range strings.FieldsFuncSeq(args, func(r rune) bool { return r == ',' || r == ' ' }) {
		v, err := strconv.Atoi(f)
		if n++; err != nil || n > 3 {
			return -1
		}
		c = c<<8 | min(max(v, 0), 255)
	}
	if n != 3 {
		return -1
	}
	return c
}

// sameColour tells whether the eye sees no difference between two colours.
func sameColour(a, b int) bool {
	for shift := 0; shift <= 16; shift += 8 {
		if d := a>>shift&255 - b>>shift&255; d > 8 || d < -8 {
			return false
		}
	}
	return true
}

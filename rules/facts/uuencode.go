package facts

import (
	"bytes"
	"io"
	"strings"

	"postern/mimesize"
)

// embeddedFiles reports files that stand in the text of part i as uuencode or yEnc: some readers show them as attachments,
// others as text. text is what was read of the part; more tells that there is more of it.
func (c *contents) embeddedFiles(i int, text []byte, more bool) {
	if c.without&Damage != 0 && c.without&Prose != 0 {
		return
	}
	line := c.res.Parts[i].Header.Line
	h := held{of: HeldFile{Path: c.path(i), Line: line}}
	var uu, yenc bool
	found := func(name string, isYEnc bool) {
		switch {
		case isYEnc && !yenc:
			yenc = true
			c.problem("mime.ambiguous_yenc", i, line, name)
		case !isYEnc && !uu:
			uu = true
			c.problem("mime.ambiguous_uuencode", i, line, name)
		}
		c.f.Text.Files = c.add(c.f.Text.Files, &h, name, false)
	}
	if k := bytes.Index(text, []byte("begin ")); k >= 0 { // of both
		findEncoded(viewOf(text[max(0, k-3):]), found)
	}
	p := &c.res.Parts[i]
	if !more || p.Encoding == mimesize.EncodingBase64 {
		return
	}
	// What follows the text that was read is only searched for such files.
	r := io.NewSectionReader(c.r, p.Body.Offset, p.Body.Length)
	buf := make([]byte, 0, 1<<17)
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if bytes.Contains(buf, []byte("begin ")) { // in both
			findEncoded(viewOf(buf), found)
		}
		if err != nil {
			return
		}
		// Keep the last lines, which may be the first of a file.
		keep := copy(buf, buf[len(buf)-min(len(buf), 1<<12):])
		buf = buf[:keep]
	}
}

// findEncoded tells of each "begin 644 name" with a line of encoded octets after it, and of each "=ybegin" line of yEnc 1.3.
func findEncoded(text string, found func(name string, isYEnc bool)) {
	for {
		i := strings.Index(text, "begin ")
		if i < 0 {
			return
		}
		isYEnc := i > 1 && text[i-2:i] == "=y"
		start := i
		if isYEnc {
			start -= 2
		}
		atStart := start == 0 || text[start-1] == '\n' || text[start-1] == '\r'
		text = text[i+6:]
		if !atStart {
			continue
		}
		head, rest, _ := strings.Cut(text[:min(len(text), 2000)], "\n")
		if isYEnc {
			if strings.Contains(head, "line=") && strings.Contains(head, "size=") {
				_, name, _ := strings.Cut(head, "name=")
				found(strings.TrimSpace(name), true)
			}
			continue
		}
		mode, name, _ := strings.Cut(strings.TrimSpace(head), " ")
		if !octal(mode) || name == "" {
			continue
		}
		line, _, _ := strings.Cut(rest, "\n")
		if uuLine(strings.TrimSuffix(line, "\r")) {
			found(strings.TrimSpace(name), false)
		}
	}
}

// octal tells whether s is the mode of a file. uuencode writes three digits or four; Python's reader takes any number.
func octal(s string) bool {
	if s == "" || len(s) > 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '7' {
			return false
		}
	}
	return true
}

// uuLine tells whether a line is uuencoded: its first character says how many octets follow, four characters for three.
// Blanks at the end may be lost, and a character may stand there for a check.
func uuLine(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '`' {
			return false
		}
	}
	n := int(s[0]-' ') & 63
	if n == 0 || n > 45 {
		return false
	}
	want := 1 + (n+2)/3*4
	short := strings.HasSuffix(strings.TrimRight(s, " "), s) // nothing was padded with blanks
	return len(s) <= want+2 && (len(s) >= want || short && len(s) >= want-4)
}

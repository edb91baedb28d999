package submit

import (
	"bufio"
	"fmt"
	"io"
	"net/textproto"
	"regexp"

	"github.com/emersion/go-smtp"
)

// Reply is the server's answer to a message that it has taken.
type Reply struct {
	Code     int    // 250
	Enhanced string // as the server gave it, else 2.0.0
	Text     string // the server's words, one line, safe to print
	Digest   [32]byte
	Octets   int64  // of the message, without stuffed dots
	TLS      string // such as TLS 1.3
}

var enhancedForm = regexp.MustCompile(`^([245])\.([0-9]{1,3})\.([0-9]{1,3})(?: |$)`)

// enhancedCode gives the enhanced status code of a reply (RFC 2034) and the rest of its text. One whose class is not that of the
// code, or that is not there, is x.0.0.
func enhancedCode(code int, text string) (enhanced, rest string) {
	if m := enhancedForm.FindStringSubmatch(text); m != nil && int(m[1][0]-'0') == code/100 {
		return m[1] + "." + m[2] + "." + m[3], text[len(m[0]):]
	}
	return fmt.Sprintf("%d.0.0", code/100), text
}

// maxLine bounds one line of a reply, as go-smtp's client does.
const maxLine = 2000

// newTextReader reads replies from a guard.
func newTextReader(g *guard) *textproto.Reader {
	return textproto.NewReader(bufio.NewReader(&lineLimit{r: g}))
}

// lineLimit ends a line that does not end by itself.
type lineLimit struct {
	r    io.Reader
	line int
}

func (l *lineLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for _, c := range p[:n] {
		if l.line++; c == '\n' {
			l.line = 0
		}
		if l.line > maxLine {
			return 0, smtp.ErrTooLongLine
		}
	}
	return n, err
}

package report

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"postern/cmd/internal/quote"
)

// defaultWidth is the width of lines where there is no terminal to ask.
const defaultWidth = 100

// Width is the number of columns that text may take on w: the terminal's, between 40 and 160, and 100 if w is no terminal.
func Width(w io.Writer) int {
	if !IsTerminal(w) {
		return defaultWidth
	}
	n, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil || n <= 0 {
		return defaultWidth
	}
	return min(max(n, 40), 160)
}

// UseColor tells whether text on w is coloured. Mode is "always", "never" or "auto": then NO_COLOR, FORCE_COLOR and
// CLICOLOR_FORCE decide, in this order, and without them a terminal that is not dumb is coloured.
func UseColor(mode string, w io.Writer, getenv func(string) string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	if getenv("NO_COLOR") != "" {
		return false
	}
	for _, name := range []string{"FORCE_COLOR", "CLICOLOR_FORCE"} {
		if v := getenv(name); v != "" && v != "0" {
			return true
		}
	}
	return IsTerminal(w) && getenv("TERM") != "dumb"
}

// IsTerminal tells whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// style is a select graphic rendition of ECMA-48.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
	blue   style = "34"
)

// Printer writes lines of text for people. It keeps the first error and drops what follows. The zero value of Width means
// 100 columns.
type Printer struct {
	W     io.Writer
	Width int
	Color bool
	err   error
	line  []byte
}

// Err gives the first error of the underlying writer.
func (p *Printer) Err() error { return p.err }

// paint gives trusted or already quoted text in a style.
func (p *Printer) paint(s style, text string) string {
	if !p.Color {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// raw writes a line as it is, but for what is a command to the log of a CI server: the caller has quoted what is not his.
func (p *Printer) raw(line string) {
	if p.err != nil {
		return
	}
	line = inert(line)
	p.line = append(append(p.line[:0], line...), '\n')
	_, p.err = p.W.Write(p.line)
}

// Line writes text, quoted, as one line.
func (p *Printer) Line(text string) { p.raw(quote.Text(text)) }

// Heading writes text, quoted, as one line that stands out.
func (p *Printer) Heading(text string) { p.raw(p.paint(bold, quote.Text(text))) }

// Wrap writes text, quoted and broken at blanks. The first line begins with lead, which is not quoted and takes leadWidth
// columns; the others with indent blanks.
func (p *Printer) Wrap(lead string, leadWidth, indent int, text string) {
	width := p.Width
	if width <= 0 {
		width = defaultWidth
	}
	words := strings.Fields(text)
	line, n := lead, leadWidth
	fresh := true // the line holds no word yet
	for _, word := range words {
		word = quote.Text(word)
		w := utf8.RuneCountInString(word)
		if !fresh && n+1+w > width {
			p.raw(line)
			line, n, fresh = strings.Repeat(" ", indent), indent, true
		}
		if !fresh {
			line, n = line+" ", n+1
		}
		line, n, fresh = line+word, n+w, false
	}
	p.raw(strings.TrimRight(line, " "))
}

// labelled writes "label: text" at an indent, wrapped under the text.
func (p *Printer) labelled(indent int, label, text string) {
	if text == "" {
		return
	}
	lead := strings.Repeat(" ", indent) + p.paint(dim, label+":") + " "
	n := indent + len(label) + 2
	p.Wrap(lead, n, n, text)
}

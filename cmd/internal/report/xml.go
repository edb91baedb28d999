package report

import (
	"encoding/xml"
	"io"
	"strings"

	"postern/cmd/internal/quote"
)

// xmlSink writes elements of an XML document one after the other, as each becomes known.
type xmlSink struct {
	sink
	enc   *xml.Encoder
	open  string
	wrote bool
}

// root starts a document and its root element, which has attributes as they stand.
func (x *xmlSink) root(name, attributes string) {
	if x.enc != nil {
		return
	}
	x.open = name
	x.string(xml.Header + "<" + name + attributes + ">\n")
	x.enc = xml.NewEncoder(plainHash{x.w})
	x.enc.Indent("  ", "  ")
}

// element writes one child of the root.
func (x *xmlSink) element(v any) {
	if x.err != nil {
		return
	}
	x.err = x.enc.Encode(v)
	x.wrote = true
}

// end closes the root element.
func (x *xmlSink) end() {
	if x.wrote {
		x.string("\n") // the encoder ends no line but before the next element
	}
	x.string("</" + x.open + ">\n")
}

// plainHash writes "##" as "#&#35;", see inert. In the documents here it can only stand in text and in attributes.
type plainHash struct{ w io.Writer }

func (p plainHash) Write(b []byte) (int, error) {
	if _, err := io.WriteString(p.w, strings.ReplaceAll(string(b), "##", "#&#35;")); err != nil {
		return 0, err
	}
	return len(b), nil
}

// xmlText is text without characters that XML 1.0 section 2.2 forbids, all of which quote.Text replaces.
func xmlText(s string) string { return quote.Text(s) }

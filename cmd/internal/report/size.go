package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"postern/cmd/internal/quote"
)

// Size is where the octets of a message go, or what another file becomes when it is sent. All sizes are octets.
type Size struct {
	Name string `json:"name"`
	// Kind is "message" or "file".
	Kind string `json:"kind"`
	// Message is null for other files, File for messages.
	Message *MessageSize `json:"message"`
	File    *FileSize    `json:"file"`
}

// MessageSize is the anatomy of a message. HeaderBytes, SeparatorBytes, the encoded octets of Parts, PartHeaderBytes and
// OverheadBytes add up to WireBytes.
type MessageSize struct {
	StoredBytes     int64      `json:"stored_bytes"`
	WireBytes       int64      `json:"wire_bytes"`
	DataBytes       int64      `json:"data_bytes"`
	LFBytes         int64      `json:"lf_bytes"`
	HeaderBytes     int64      `json:"header_bytes"`
	SeparatorBytes  int64      `json:"separator_bytes"`
	BodyBytes       int64      `json:"body_bytes"`
	PartHeaderBytes int64      `json:"part_header_bytes"`
	OverheadBytes   int64      `json:"overhead_bytes"`
	Truncated       bool       `json:"truncated"` // a limit ended the reading of parts, see postern check
	Parts           []PartSize `json:"parts"`
	Limits          []Fit      `json:"limits"`
}

// PartSize is a part that holds no other parts.
type PartSize struct {
	Path         string  `json:"path"`
	MediaType    string  `json:"media_type"`
	Filename     string  `json:"filename"`
	Encoding     string  `json:"encoding"`
	EncodedBytes int64   `json:"encoded_bytes"`
	DecodedBytes *int64  `json:"decoded_bytes"`
	Share        float64 `json:"share"` // of the message's octets, 0 to 1
}

// FileSize is what a file becomes as the only attachment of a minimal message.
type FileSize struct {
	StoredBytes int64 `json:"stored_bytes"`
	Text        bool  `json:"text"` // the file is text, so that quoted-printable is worth a thought
	// Encodings are base64 and, for text, quoted-printable; the smaller first.
	Encodings []Encoded `json:"encodings"`
}

// Encoded is a file in one transfer encoding.
type Encoded struct {
	Encoding string `json:"encoding"`
	// CRLFBytes and LFBytes are the encoded file alone, with line ends as on the wire and as a server may store them.
	CRLFBytes int64 `json:"crlf_bytes"`
	LFBytes   int64 `json:"lf_bytes"`
	// MessageBytes is the message that holds it, on the wire.
	MessageBytes int64 `json:"message_bytes"`
	Limits       []Fit `json:"limits"`
}

// Fit holds one reading of the size limit against each way of counting.
type Fit struct {
	LimitBytes int64  `json:"limit_bytes"`
	Reading    string `json:"reading"` // how the limit is read
	RFC1870    Room   `json:"rfc1870"`
	BodyOnly   Room   `json:"body_only"`
	StoredLF   Room   `json:"stored_lf"`
}

// Room is what a limit leaves in one way of counting.
type Room struct {
	CountedBytes int64 `json:"counted_bytes"`
	// LeftBytes is negative when the message is over the limit.
	LeftBytes int64 `json:"left_bytes"`
	// LargestFileBytes is the largest file that can be attached in base64: a further one to a message, or the only one in
	// the place of a file.
	LargestFileBytes int64 `json:"largest_file_bytes"`
}

// WriteSizesJSON writes sizes as one object.
func WriteSizesJSON(w io.Writer, list []Size) error {
	if list == nil {
		list = []Size{}
	}
	b, err := EncodeIndent(map[string]any{"schema_version": SchemaVersion, "files": list})
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// Size writes one size for people.
func (p *Printer) Size(s *Size) {
	if s.Message != nil {
		p.messageSize(s.Name, s.Message)
	} else if s.File != nil {
		p.fileSize(s.Name, s.File)
	}
}

func (p *Printer) messageSize(name string, m *MessageSize) {
	p.raw(p.paint(bold, quote.Text(name)) + "  a message of " + Count(m.DataBytes, "octet", "octets") + inMB(m.DataBytes))
	var t table
	row := func(label string, n int64, note string) { t.add(label, Comma(n), note) }
	row("stored", m.StoredBytes, "as the file holds it")
	row("wire", m.WireBytes, "every line end as CR LF (RFC 1870)")
	row("data", m.DataBytes, "and the last line ended: what a server compares with its SIZE")
	row("with LF", m.LFBytes, "as qmail counts")
	p.table(&t, "rl")
	p.raw("")
	p.raw("  where the octets on the wire go")
	t = table{}
	share := func(n int64) string {
		if m.WireBytes == 0 {
			return ""
		}
		return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(m.WireBytes))
	}
	t.add("part", "encoded", "share", "decoded", "type")
	t.add("header", Comma(m.HeaderBytes), share(m.HeaderBytes), "", "")
	if len(m.Parts) == 0 || m.SeparatorBytes > 0 {
		t.add("empty line", Comma(m.SeparatorBytes), share(m.SeparatorBytes), "", "")
	}
	for _, x := range m.Parts[:min(len(m.Parts), maxParts)] {
		decoded := "?"
		if x.DecodedBytes != nil {
			decoded = Comma(*x.DecodedBytes)
		}
		what := x.MediaType
		if x.Encoding != "" {
			what += ", " + x.Encoding
		}
		if x.Filename != "" {
			what += ", " + quote.Short(x.Filename, 60)
		}
		label := "part " + x.Path
		if x.Path == "0" {
			label = "body"
		}
		t.add(label, Comma(x.EncodedBytes), share(x.EncodedBytes), decoded, quote.Text(what))
	}
	if n := len(m.Parts) - maxParts; n > 0 {
		var rest int64
		for _, x := range m.Parts[maxParts:] {
			rest += x.EncodedBytes
		}
		t.add(Comma(int64(n))+" more", Comma(rest), share(rest), "", "")
	}
	if m.PartHeaderBytes > 0 {
		t.add("part headers", Comma(m.PartHeaderBytes), share(m.PartHeaderBytes), "", "")
	}
	if m.OverheadBytes > 0 {
		t.add("boundaries", Comma(m.OverheadBytes), share(m.OverheadBytes), "", "boundary lines, empty lines after headers, text around parts")
	}
	t.add("wire", Comma(m.WireBytes), "", "", "")
	p.table(&t, "rrrl")
	if m.Truncated {
		p.Line("  the parts are not all listed: a limit on structure was reached, see postern check")
	}
	p.raw("")
	p.raw("  the largest further attachment (octets of the file, sent as base64)")
	p.limits(m.Limits, func(r Room) string {
		if r.LeftBytes < 0 {
			return "over by " + Comma(-r.LeftBytes)
		}
		return Comma(r.LargestFileBytes)
	})
}

// maxParts is the number of parts that are listed one by one.
const maxParts = 50

func (p *Printer) fileSize(name string, f *FileSize) {
	p.raw(p.paint(bold, quote.Text(name)) + "  a file of " + Count(f.StoredBytes, "octet", "octets") + inMB(f.StoredBytes))
	for i, e := range f.Encodings {
		if i > 0 {
			p.raw("")
		}
		ratio := ""
		if f.StoredBytes > 0 {
			ratio = fmt.Sprintf(", %.3f times the file", float64(e.CRLFBytes)/float64(f.StoredBytes))
		}
		p.raw("  as a " + e.Encoding + " attachment")
		var t table
		t.add("wire", Comma(e.CRLFBytes), "encoded, lines end in CR LF"+ratio)
		t.add("with LF", Comma(e.LFBytes), "encoded, lines end in LF")
		t.add("message", Comma(e.MessageBytes), "in a message with a short text and nothing else")
		p.table(&t, "rl")
		p.limits(e.Limits, func(r Room) string {
			if r.LeftBytes < 0 {
				return "over by " + Comma(-r.LeftBytes)
			}
			return "fits, " + Comma(r.LeftBytes) + " left"
		})
	}
}

// limits writes the table of readings and ways of counting.
func (p *Printer) limits(list []Fit, cell func(Room) string) {
	var t table
	t.add("limit", "whole message", "body only", "stored with LF", "")
	for _, f := range list {
		t.add(Comma(f.LimitBytes), cell(f.RFC1870), cell(f.BodyOnly), cell(f.StoredLF), f.Reading)
	}
	p.table(&t, "rrrl")
}

// About35MB writes the correction of the number that Pair's page gives: smallest and largest are the greatest files that fit
// in a real message under the smallest and the largest reading of 40 MB.
func (p *Printer) About35MB(smallest, largest int64) {
	p.Wrap("", 0, 0, fmt.Sprintf("Pair's page says that with a limit of 40 MB one may be able to \"attach files around 35 MB (before encoding)\". "+
		"That is so for text. A binary file grows by 36.8 %% in base64: the largest that fits 40,000,000 octets in a real message has %s octets, "+
		"and a file over %s fits under no reading of 40 MB.", Comma(smallest), Comma(largest)))
}

// inMB gives n in megabytes in brackets, "" for small numbers.
func inMB(n int64) string {
	if s := Megabytes(n); s != "" {
		return " (" + s + ")"
	}
	return ""
}

// table is rows of cells that are already quoted.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// table writes rows with aligned columns, indented by four. The first column is left-aligned; align says l or r for each of
// the others.
func (p *Printer) table(t *table, align string) {
	var width []int
	for _, r := range t.rows {
		for i, c := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range t.rows {
		var b strings.Builder
		b.WriteString("   ")
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			b.WriteByte(' ')
			if i > 0 {
				b.WriteByte(' ')
			}
			if i > 0 && i <= len(align) && align[i-1] == 'r' {
				b.WriteString(pad + c)
			} else {
				b.WriteString(c + pad)
			}
		}
		p.raw(strings.TrimRight(b.String(), " "))
	}
}

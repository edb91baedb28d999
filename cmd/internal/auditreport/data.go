package auditreport

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

// Rows yields the rows of a run.
type Rows = func(func(*audit.Row) error) error

// JSON writes the report as one object.
func JSON(w io.Writer, r *audit.Report) error {
	x := fields{out: bufio.NewWriterSize(w, 64<<10), indent: "  "}
	return x.write("", r)
}

// NDJSON writes a line for each message, and then the report as an object of type "report".
func NDJSON(w io.Writer, r *audit.Report, rows Rows) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var l line
	err := rows(func(row *audit.Row) error {
		if err := l.record(row); err != nil {
			return err
		}
		_, err := out.Write(l.b)
		return err
	})
	if err != nil {
		return err
	}
	x := fields{out: out}
	return x.write(`"type":"report"`, r)
}

// fields writes a report one key after the other, and lists one item after the other: as a whole a long report would need several
// times its own length of memory.
type fields struct {
	out      *bufio.Writer
	indent   string // "" writes one line
	enc      report.Encoder
	indented []byte
}

// write writes the report as an object that begins with what first is.
func (x *fields) write(first string, r *audit.Report) error {
	x.out.WriteString("{" + first)
	v := reflect.ValueOf(r).Elem()
	any := first != ""
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		x.next(any, 1)
		any = true
		x.out.WriteString(`"` + name + `":`)
		if x.indent != "" {
			x.out.WriteByte(' ')
		}
		f := v.Field(i)
		if f.Kind() != reflect.Slice || f.Len() == 0 {
			if err := x.value(f.Interface(), 1); err != nil {
				return err
			}
			continue
		}
		x.out.WriteByte('[')
		if err := x.list(f); err != nil {
			return err
		}
		x.next(false, 1)
		x.out.WriteByte(']')
	}
	x.next(false, 0)
	x.out.WriteString("}\n")
	return x.out.Flush()
}

// someItems are those of a list that are made in one go.
const someItems = 256

// list writes the items of a list. Those of a long one are made on all cores.
func (x *fields) list(f reflect.Value) error {
	if f.Len() <= someItems {
		return x.items(f, 0, f.Len())
	}
	type some struct {
		fields
		b   bytes.Buffer
		err error
	}
	var rooms sync.Pool // of those that were written
	order := make(chan chan *some, runtime.GOMAXPROCS(0))
	go func() {
		defer close(order)
		for from := 0; from < f.Len(); from += someItems {
			made := make(chan *some, 1)
			order <- made
			go func() {
				s, ok := rooms.Get().(*some)
				if !ok {
					s = &some{fields: fields{indent: x.indent}}
					s.out = bufio.NewWriter(&s.b)
				}
				s.err = cmp.Or(s.items(f, from, min(from+someItems, f.Len())), s.out.Flush())
				made <- s
			}()
		}
	}()
	var first error
	for made := range order {
		s := <-made
		if first = cmp.Or(first, s.err); first == nil {
			_, first = x.out.Write(s.b.Bytes())
			s.b.Reset()
			rooms.Put(s)
		}
	}
	return first
}

// items writes some items of a list.
func (x *fields) items(f reflect.Value, from, to int) error {
	for i := from; i < to; i++ {
		x.next(i > 0, 2)
		if err := x.value(f.Index(i).Addr().Interface(), 2); err != nil {
			return err
		}
	}
	return nil
}

// next goes on to the next item, or to the end of a list.
func (x *fields) next(comma bool, depth int) {
	if comma {
		x.out.WriteByte(',')
	}
	if x.indent != "" {
		x.out.WriteString("\n" + strings.Repeat(x.indent, depth))
	}
}

func (x *fields) value(v any, depth int) error {
	b, err := x.enc.Encode(v)
	if err != nil {
		return err
	}
	if x.indent != "" {
		x.indented = appendIndented(x.indented[:0], b, x.indent, depth)
		b = x.indented
	}
	_, err = x.out.Write(b)
	return err
}

// appendIndented appends one JSON value over several lines, of which those behind the first begin with an indent for each level from depth
// on, as json.Indent does. The value has no white space between its tokens.
func appendIndented(to, value []byte, indent string, depth int) []byte {
	line := func() {
		to = append(to, '\n')
		for range depth {
			to = append(to, indent...)
		}
	}
	for len(value) > 0 {
		c := value[0]
		switch c {
		case '"':
			n := stringLength(value)
			to = append(to, value[:n]...)
			value = value[n:]
			continue
		case '{', '[':
			if to = append(to, c); value[1] == c+2 { // nothing stands in it
				to = append(to, value[1])
				value = value[2:]
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			to = append(to, c)
		case ',':
			to = append(to, c)
			line()
		case ':':
			to = append(to, c, ' ')
		default:
			to = append(to, c)
		}
		value = value[1:]
	}
	return to
}

// stringLength gives the length of the JSON string that value begins with.
func stringLength(value []byte) int {
	for i := 1; ; i++ {
		switch value[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
}

// columns are those of CSV.
var columns = []string{
	"name", "path", "offset", "line", "folder", "date", "sender", "sender_domain", "subject", "octets", "recipients", "recipients_uncertain", "recipient_domains",
	"attachments", "attachment_octets", "verdict", "reason", "rules", "text_hash", "what_if_verdict", "what_if_rules",
}

// CSV writes a line for each message. What a spreadsheet would take for a formula begins with an apostrophe.
func CSV(w io.Writer, rows Rows) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	err := rows(func(r *audit.Row) error {
		text, other, rules := "", "", ""
		if r.Compared {
			text = audit.TextHash(r.Body)
		}
		if r.WhatIf {
			other, rules = audit.OutcomeName(r.OtherOutcome), strings.Join(audit.RuleIDs(r.Other), " ")
		}
		cells := []string{
			r.Name, r.Path, strconv.FormatInt(r.Offset, 10), strconv.FormatInt(r.Line, 10), r.Folder, audit.Stamp(r.Unix), r.Sender, r.Domain, r.Subject,
			strconv.FormatInt(r.Octets, 10), strconv.FormatInt(r.Recipients, 10), strconv.FormatBool(r.Uncertain), strings.Join(r.Domains, " "),
			strconv.Itoa(len(r.Attachments)), strconv.FormatInt(r.AttachmentOctets, 10), audit.OutcomeName(r.Outcome), r.Reason,
			strings.Join(audit.RuleIDs(r.Findings), " "), text, other, rules,
		}
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		return out.Write(cells)
	})
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// formula are the characters with which a spreadsheet begins to compute.
const formula = "=+-@\t\r"

// cell makes text safe for a spreadsheet, and for a terminal.
func cell(s string) string {
	if s == "" {
		return s
	}
	if strings.IndexByte(formula, s[0]) >= 0 {
		s = "'" + s
	}
	return quote.Text(s)
}

package audit

import (
	"encoding/binary"
	"errors"
	"math"
)

// Kind says what became of something that the walk yielded.
type Kind uint8

// The kinds of Row.
const (
	Judged    Kind = iota // a message with a verdict, which can be unjudged
	Broken                // something that could not be read as a message
	Duplicate             // a message with the octets of one that was judged
	Filtered              // a message that the filters leave out
	Undated               // a message that the filters leave out because it has no date
	Sampled               // a message that is not in the sample
	kinds
)

// The outcomes, as they are kept.
const (
	Pass uint8 = iota
	Fail
	Unjudged
)

// NoDate is the Unix of a message without a date that can be read.
const NoDate = math.MinInt64

// Bounds of what a row keeps of a message.
const (
	maxDomains     = 1000 // recipient domains
	MaxRecipients  = 1000 // hashes of recipients
	MaxAttachments = 20   // the largest
	MaxFindings    = 1000
	MaxText        = 300 // octets of any text out of a message
)

// Row is what an audit keeps of one message. It holds addresses and subjects in the clear.
type Row struct {
	Ordinal uint64 // place in the walk, from 0
	Kind    Kind
	// Size is the number of octets as stored.
	Size   int64
	Hash   [16]byte // of the octets, if Hashed
	Hashed bool
	// What follows is of kinds Judged and Broken only.
	Name, Path, Folder string
	Offset, Line       int64 // of the message in Path, 1-based lines
	Outcome            uint8
	Reason             string // why it is unjudged
	Skipped            string // the rules that were skipped, as one text that names them
	Octets             int64  // as counted against a server's SIZE
	Unix               int64  // of the Date field, or NoDate
	Sender, Domain     string // address of the sender in lower case, and its domain
	Subject            string
	Recipients         int64 // unique
	Uncertain          bool  // there can be more recipients
	Domains            []string
	Hashes             []uint32 // of the recipients' addresses
	Attachments        []Attachment
	AttachmentOctets   int64 // encoded
	Body               uint64
	Compared           bool // Body is the fingerprint of the text (facts.Text.Fingerprint)
	Findings           []Finding
	WhatIf             bool // the following are set
	OtherOutcome       uint8
	Other              []Finding // of the other policy, without Message
}

// Finding is what a row keeps of a finding.
type Finding struct {
	Rule     string
	Severity uint8 // 0 error, 1 warning, 2 info
	Line     int64
	Message  string
	Value    float64 // if HasValue, likewise Limit
	Limit    float64
	HasValue bool
	HasLimit bool
}

// Attachment is what a row keeps of an attachment.
type Attachment struct {
	Name, Type       string
	Encoded, Decoded int64 // Decoded is -1 if it is not known
}

// encoder appends fields to b.
type encoder struct{ b []byte }

func (e *encoder) uint(n uint64) { e.b = binary.AppendUvarint(e.b, n) }
func (e *encoder) int(n int64)   { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}
func (e *encoder) float(f float64) { e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(f)) }
func (e *encoder) bools(list ...bool) {
	var n byte
	for i, x := range list {
		if x {
			n |= 1 << i
		}
	}
	e.b = append(e.b, n)
}

// append gives b with the row after it.
func (r *Row) append(b []byte) []byte {
	e := encoder{b}
	e.uint(r.Ordinal)
	e.b = append(e.b, byte(r.Kind))
	e.int(r.Size)
	e.bools(r.Hashed)
	if r.Hashed {
		e.b = append(e.b, r.Hash[:]...)
	}
	if r.Kind > Broken {
		return e.b
	}
	for _, s := range [...]string{r.Name, r.Path, r.Folder, r.Reason, r.Skipped, r.Sender, r.Domain, r.Subject} {
		e.text(s)
	}
	for _, n := range [...]int64{r.Offset, r.Line, r.Octets, r.Unix, r.Recipients, r.AttachmentOctets} {
		e.int(n)
	}
	e.b = append(e.b, r.Outcome, r.OtherOutcome)
	e.bools(r.Uncertain, r.Compared, r.WhatIf)
	e.b = binary.LittleEndian.AppendUint64(e.b, r.Body)
	e.uint(uint64(len(r.Domains)))
	for _, d := range r.Domains {
		e.text(d)
	}
	e.uint(uint64(len(r.Hashes)))
	for _, h := range r.Hashes {
		e.b = binary.LittleEndian.AppendUint32(e.b, h)
	}
	e.uint(uint64(len(r.Attachments)))
	for i := range r.Attachments {
		a := &r.Attachments[i]
		e.text(a.Name)
		e.text(a.Type)
		e.int(a.Encoded)
		e.int(a.Decoded)
	}
	for _, list := range [...][]Finding{r.Findings, r.Other} {
		e.uint(uint64(len(list)))
		for i := range list {
			f := &list[i]
			e.text(f.Rule)
			e.b = append(e.b, f.Severity)
			e.int(f.Line)
			e.text(f.Message)
			e.bools(f.HasValue, f.HasLimit)
			if f.HasValue {
				e.float(f.Value)
			}
			if f.HasLimit {
				e.float(f.Limit)
			}
		}
	}
	return e.b
}

var errRow = errors.New("a row is damaged")

// decoder takes fields from b. After the first that is not there everything is zero and bad is set.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.b) {
		d.bad, d.b = true, nil
		return make([]byte, 8)[:min(max(n, 0), 8)]
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) uint() uint64 {
	n, k := binary.Uvarint(d.b)
	if k <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *decoder) int() int64 {
	n, k := binary.Varint(d.b)
	if k <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *decoder) text() string {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return ""
	}
	return string(d.take(int(n)))
}

// count reads the length of a list whose items take at least one octet each.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *decoder) float() float64 { return math.Float64frombits(binary.LittleEndian.Uint64(d.take(8))) }

// decode reads the row that b holds, and nothing else.
func (r *Row) decode(b []byte) error {
	d := decoder{b: b}
	*r = Row{Domains: r.Domains[:0], Hashes: r.Hashes[:0], Attachments: r.Attachments[:0], Findings: r.Findings[:0], Other: r.Other[:0]}
	r.Ordinal = d.uint()
	r.Kind = Kind(d.byte())
	r.Size = d.int()
	if r.Hashed = d.byte()&1 > 0; r.Hashed {
		copy(r.Hash[:], d.take(len(r.Hash)))
	}
	if r.Kind >= kinds {
		return errRow
	}
	if r.Kind <= Broken {
		r.decodeMessage(&d)
	}
	if d.bad || len(d.b) > 0 {
		return errRow
	}
	return nil
}

func (r *Row) decodeMessage(d *decoder) {
	for _, s := range [...]*string{&r.Name, &r.Path, &r.Folder, &r.Reason, &r.Skipped, &r.Sender, &r.Domain, &r.Subject} {
		*s = d.text()
	}
	for _, n := range [...]*int64{&r.Offset, &r.Line, &r.Octets, &r.Unix, &r.Recipients, &r.AttachmentOctets} {
		*n = d.int()
	}
	r.Outcome, r.OtherOutcome = d.byte(), d.byte()
	bits := d.byte()
	r.Uncertain, r.Compared, r.WhatIf = bits&1 > 0, bits&2 > 0, bits&4 > 0
	r.Body = binary.LittleEndian.Uint64(d.take(8))
	for range d.count() {
		r.Domains = append(r.Domains, d.text())
	}
	for range d.count() {
		r.Hashes = append(r.Hashes, binary.LittleEndian.Uint32(d.take(4)))
	}
	for range d.count() {
		r.Attachments = append(r.Attachments, Attachment{d.text(), d.text(), d.int(), d.int()})
	}
	for _, list := range [...]*[]Finding{&r.Findings, &r.Other} {
		for range d.count() {
			f := Finding{Rule: d.text(), Severity: d.byte(), Line: d.int(), Message: d.text()}
			bits := d.byte()
			if f.HasValue = bits&1 > 0; f.HasValue {
				f.Value = d.float()
			}
			if f.HasLimit = bits&2 > 0; f.HasLimit {
				f.Limit = d.float()
			}
			*list = append(*list, f)
		}
	}
	if r.Outcome > Unjudged || r.OtherOutcome > Unjudged {
		d.bad = true
	}
}

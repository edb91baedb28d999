package audit

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"
)

func appendText(b []byte, s string) []byte {
	n := len(s)
	if n < 0x80 {
		b = append(b, byte(n))
	} else {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, s...)
}

func appendBools(b []byte, list ...bool) []byte {
	var n byte
	for i, x := range list {
		if x {
			n |= 1 << i
		}
	}
	return append(b, n)
}

// Append gives b with the row after it, in the form in which rows are handed over and kept: its length and its octets.
func (r *Row) Append(b []byte) []byte {
	// Most rows have a length of two octets. The others are moved.
	const room = 2
	at := len(b)
	b = r.append(append(b, 0, 0))
	n := len(b) - at - room
	if n >= 1<<7 && n < 1<<14 {
		b[at], b[at+1] = byte(n)|0x80, byte(n>>7)
		return b
	}
	var head [binary.MaxVarintLen64]byte
	k := binary.PutUvarint(head[:], uint64(n))
	for len(b) < at+k+n {
		b = append(b, 0)
	}
	copy(b[at+k:at+k+n], b[at+room:at+room+n])
	copy(b[at:], head[:k])
	return b[:at+k+n]
}

// append gives b with the octets of the row after it.
func (r *Row) append(b []byte) []byte {
	b = binary.AppendUvarint(b, r.Place.File)
	b = binary.AppendUvarint(b, r.Place.Segment)
	b = binary.AppendUvarint(b, r.Place.Seq)
	b = append(b, byte(r.Kind))
	switch r.Kind {
	case LeftOut:
		return appendText(b, r.Reason)
	case SegmentEnd:
		b = binary.AppendVarint(b, r.First)
		b = binary.AppendVarint(b, r.Next)
		return binary.AppendVarint(b, r.Lines)
	case PathEnd:
		return appendBools(appendText(b, r.Name), r.Dir)
	}
	b = binary.AppendVarint(b, r.Size)
	if r.Kind > Broken {
		// Nothing of it shows whether a worker found out that it is a copy, or whoever took its row.
		return b
	}
	if b = appendBools(b, r.Hashed); r.Hashed {
		b = append(b, r.Hash[:]...)
	}
	for _, s := range [...]*string{&r.Name, &r.Path, &r.Folder, &r.Reason, &r.Skipped, &r.Sender, &r.Domain, &r.Subject} {
		b = appendText(b, *s)
	}
	for _, n := range [...]int64{r.Offset, r.Line, r.Octets, r.Unix, r.Recipients, r.AttachmentOctets} {
		b = binary.AppendVarint(b, n)
	}
	b = append(b, r.Outcome, r.OtherOutcome)
	b = appendBools(b, r.Uncertain, r.Compared, r.WhatIf)
	b = binary.LittleEndian.AppendUint64(b, r.Body)
	b = binary.AppendUvarint(b, uint64(len(r.Domains)))
	for _, d := range r.Domains {
		b = appendText(b, d)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Hashes)))
	for _, h := range r.Hashes {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Attachments)))
	for i := range r.Attachments {
		a := &r.Attachments[i]
		b = appendText(appendText(b, a.Name), a.Type)
		b = binary.AppendVarint(binary.AppendVarint(b, a.Encoded), a.Decoded)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Notes)))
	for _, n := range r.Notes {
		b = appendText(appendText(b, n.ID), n.Text)
	}
	return appendFindings(appendFindings(b, r.Findings), r.Other)
}

func appendFindings(b []byte, list []Finding) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for i := range list {
		f := &list[i]
		b = append(appendText(b, f.Rule), f.Severity)
		b = appendText(binary.AppendVarint(b, f.Line), f.Message)
		if b = appendBools(b, f.HasValue, f.HasLimit); f.HasValue {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Value))
		}
		if f.HasLimit {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Limit))
		}
	}
	return b
}

var errRow = errors.New("a row is damaged")

// decoder takes fields from s. After the first that is not there everything is zero and bad is set. The texts that it gives are
// parts of s.
type decoder struct {
	s   string
	bad bool
}

func (d *decoder) take(n int) string {
	if d.bad || n < 0 || n > len(d.s) {
		d.bad, d.s = true, ""
		return "\x00\x00\x00\x00\x00\x00\x00\x00"[:min(max(n, 0), 8)]
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) uint() uint64 {
	if len(d.s) > 0 && d.s[0] < 0x80 {
		n := d.s[0]
		d.s = d.s[1:]
		return uint64(n)
	}
	return d.long()
}

func (d *decoder) long() (n uint64) {
	if s := d.s; len(s) > 3 { // most numbers of a row are short
		switch n = uint64(s[0]&0x7f) | uint64(s[1]&0x7f)<<7; {
		case s[1] < 0x80:
			d.s = s[2:]
			return n
		case s[2] < 0x80:
			d.s = s[3:]
			return n | uint64(s[2])<<14
		case s[3] < 0x80:
			d.s = s[4:]
			return n | uint64(s[2]&0x7f)<<14 | uint64(s[3])<<21
		}
		n = 0
	}
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		c := d.s[i]
		if i == binary.MaxVarintLen64-1 && c > 1 {
			break
		}
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return n
		}
	}
	d.bad, d.s = true, ""
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) text() string {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.bad, d.s = true, ""
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

// count reads the length of a list whose items take at least one octet each.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.bad, d.s = true, ""
		return 0
	}
	return int(n)
}

// fixed reads eight octets.
func (d *decoder) fixed() uint64 {
	s := d.take(8)
	return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s), 8))
}

func (d *decoder) float() float64 { return math.Float64frombits(d.fixed()) }

// cut takes from rows, which Append made, the octets of the first one.
func cut(rows []byte) (row, rest []byte, ok bool) {
	n, k := binary.Uvarint(rows)
	if k <= 0 || n > uint64(len(rows)-k) {
		return nil, nil, false
	}
	return rows[k : k+int(n)], rows[k+int(n):], true
}

// Own gives r a copy of its texts, which stays when those of the rows that were read with it are gone.
func (r *Row) Own() {
	n := r.Ordinal
	if err := r.decode(r.append(nil)); err != nil {
		panic(err) // it was encoded here
	}
	r.Ordinal = n
}

// decode reads the row that b holds, and nothing else. Its texts are parts of b: they are good as long as b does not change.
func (r *Row) decode(b []byte) error {
	d := decoder{s: unsafe.String(unsafe.SliceData(b), len(b))}
	at := Place{d.uint(), d.uint(), d.uint()}
	kind := Kind(d.byte())
	if kind <= Broken {
		r.again() // nearly all rows are of these kinds
	} else {
		r.Reset(at)
	}
	r.Place, r.Kind = at, kind
	switch kind {
	case LeftOut:
		r.Reason = d.text()
	case SegmentEnd:
		r.First, r.Next, r.Lines = d.int(), d.int(), d.int()
	case PathEnd:
		r.Name = d.text()
		r.Dir = d.byte()&1 > 0
	default:
		r.Size = d.int()
		if r.Kind > Broken {
			break
		}
		if r.Hashed = d.byte()&1 > 0; r.Hashed {
			copy(r.Hash[:], d.take(len(r.Hash)))
		}
		r.decodeMessage(&d)
	}
	if r.Kind >= kinds || d.bad || len(d.s) > 0 {
		return errRow
	}
	return nil
}

func (r *Row) decodeMessage(d *decoder) {
	r.Name, r.Path, r.Folder, r.Reason, r.Skipped = d.text(), d.text(), d.text(), d.text(), d.text()
	r.Sender, r.Domain, r.Subject = d.text(), d.text(), d.text()
	r.Offset, r.Line, r.Octets, r.Unix, r.Recipients, r.AttachmentOctets = d.int(), d.int(), d.int(), d.int(), d.int(), d.int()
	r.Outcome, r.OtherOutcome = d.byte(), d.byte()
	bits := d.byte()
	r.Uncertain, r.Compared, r.WhatIf = bits&1 > 0, bits&2 > 0, bits&4 > 0
	r.Body = d.fixed()
	for range d.count() {
		r.Domains = append(r.Domains, d.text())
	}
	hashes := d.take(4 * d.count())
	for i := 0; i+4 <= len(hashes); i += 4 {
		r.Hashes = append(r.Hashes, uint32(hashes[i])|uint32(hashes[i+1])<<8|uint32(hashes[i+2])<<16|uint32(hashes[i+3])<<24)
	}
	for range d.count() {
		r.Attachments = append(r.Attachments, Attachment{d.text(), d.text(), d.int(), d.int()})
	}
	for range d.count() {
		r.Notes = append(r.Notes, Note{d.text(), d.text()})
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

package audit

import (
	"fmt"
	"testing"
)

// usualRow is a row of a message of text with n findings.
func usualRow(n int) Row {
	r := Row{
		Place: Place{0, 17, 123456789}, Size: 2811, Name: "/var/mail/archive.mbox@123456789", Path: "/var/mail/archive.mbox", Folder: "/var/mail/archive.mbox", Offset: 123456789, Line: 4711,
		Skipped: Usual, Octets: 2870, Unix: 1_600_000_000, Sender: "ada.lovelace@example.com", Domain: "example.com", Subject: "the figures of the third quarter", Recipients: 5,
		Domains: []string{"example.com", "example.org", "mail.example.net"}, Hashes: []uint32{1, 2, 3, 4, 5},
	}
	for i := range n {
		r.Findings = append(r.Findings, Finding{Rule: "recipients.dummy", Severity: 1, Line: 4, Message: fmt.Sprintf(`The recipient "bob%d@example.org" is under a domain that is reserved for examples`, i)})
	}
	return r
}

// BenchmarkRow is what an audit does with a row: a worker makes its octets, and they are added up.
func BenchmarkRow(b *testing.B) {
	for _, n := range []int{0, 5} {
		row := usualRow(n)
		var buf []byte
		b.Run(fmt.Sprint("append/", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf = row.Append(buf[:0])
			}
		})
		b.Run(fmt.Sprint("add/", n), func(b *testing.B) {
			rows := [16][]byte{}
			for i := range rows {
				r := row
				r.Sender = fmt.Sprint(i, r.Sender)
				rows[i] = r.Append(nil)
			}
			r, err := Start(&Head{Skipped: "x", Rules: []RuleInfo{{ID: "recipients.dummy"}}}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Done(false)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := r.Add(rows[i%16], nil); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"mime"
	"strings"
	"time"
)

// domains are those of archives. None of them is one of those that RFC 2606 reserves, which rules ask about.
var domains = strings.Fields("acme-mail.net neighbour-mail.net other-mail.org mail.other-mail.org partner-mail.net lists.acme-mail.net")

// small makes a message of an archive of text.
func small(w *writer, i int) {
	w.line("Message-ID: <%d.%d.%x@%s>", i, w.rnd.IntN(1e9), w.rnd.Uint64(), domains[0])
	w.line("Date: %s", w.date(i))
	w.line("From: %s.%s@%s", w.word(), w.word(), domains[0])
	w.addresses("To", w.many())
	w.line("Subject: %s", w.title(2+w.rnd.IntN(7)))
	if w.rnd.IntN(3) == 0 {
		w.addresses("Cc", 1+w.rnd.IntN(4))
	}
	w.line("Mime-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit")
	w.line("X-From: %s\nX-To: %s\nX-Folder: \\%s_%d\\Sent Items\nX-Origin: %s\n", w.title(2), w.title(2), w.word(), i%500, w.word())
	w.b.WriteString(w.text(w.size(1100, 1.2, 120_000), false))
}

// mix makes a message of an archive of all kinds of mail, as it was received.
func mix(w *writer, i int) {
	w.received(i)
	html := w.size(6000, 1, 400_000)
	switch n := w.rnd.IntN(100); {
	case n < 50:
		w.textPart(w.size(800, 0.9, 200_000))
	case n < 83:
		w.alternative("a", html/4, html*3/4)
	case n < 88:
		w.line("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n")
		w.base64([]byte(w.page(html)))
	default:
		w.line("Content-Type: multipart/mixed; boundary=\"%s\"\n\n--%[1]s", w.boundary+"m")
		w.alternative("a", html/6, html/2)
		for range 1 + w.rnd.IntN(10)/7 {
			w.attachment(w.boundary+"m", w.size(75_000, 1.6, 25<<20))
		}
		w.line("\n--%s--", w.boundary+"m")
	}
}

// big makes a message of 42.5 MB.
func big(w *writer, i int) {
	w.received(i)
	w.line("Content-Type: multipart/mixed; boundary=\"%s\"\n\n--%[1]s", w.boundary)
	w.textPart(1500)
	w.attachment(w.boundary, 42_500_000)
	w.line("\n--%s--", w.boundary)
}

// received writes the header of a message up to the fields that tell its type.
func (w *writer) received(i int) {
	from := w.word() + "@" + domains[w.rnd.IntN(len(domains))]
	w.line("Return-Path: <%s>\nDelivered-To: %s", from, w.address())
	for range 1 + w.rnd.IntN(7) {
		d := domains[w.rnd.IntN(len(domains))]
		w.line(
			"Received: from %s (%[1]s [192.0.2.%[2]d])\n\tby mx%[3]d.%[1]s (Postfix) with ESMTPS id %08[4]X\n\tfor <%[5]s>; %[6]s",
			d, w.rnd.IntN(250), w.rnd.IntN(9), w.rnd.Uint32(), w.address(), w.date(i))
	}
	if w.rnd.IntN(3) > 0 {
		w.line("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s1;\n\th=from:to:subject:date:message-id;\n\tbh=%s=;\n\tb=%s", domains[0],
			w.letters(43), strings.Join([]string{w.letters(68), w.letters(68), w.letters(68), w.letters(68), w.letters(68)}, "\n\t "))
	}
	w.line("Message-ID: <%d.%x@%s>\nDate: %s\nFrom: %s <%s>", i, w.rnd.Uint64(), domains[0], w.date(i), w.title(2), from)
	w.addresses("To", w.many())
	if w.rnd.IntN(3) == 0 {
		w.addresses("Cc", 1+w.rnd.IntN(6))
	}
	subject := w.title(2 + w.rnd.IntN(7))
	if w.rnd.IntN(8) == 0 {
		subject = mime.QEncoding.Encode("utf-8", subject+" Gr\u00fc\u00dfe")
	}
	w.line("Subject: %s", subject)
	if w.rnd.IntN(2) == 0 {
		w.line("In-Reply-To: <%x@%s>\nReferences: <%x@%[2]s>", w.rnd.Uint64(), domains[1], w.rnd.Uint64())
	}
	for range w.rnd.IntN(12) {
		w.line("X-%s: %s %x", w.title(1), w.word(), w.rnd.Uint64())
	}
	if w.rnd.IntN(6) == 0 {
		w.line("List-Unsubscribe: <https://%s/u/%x>,\n <mailto:unsubscribe@%[1]s>\nPrecedence: bulk", domains[5], w.rnd.Uint64())
	}
	w.line("MIME-Version: 1.0")
}

// attachment writes a part of about that many octets of base64.
func (w *writer) attachment(boundary string, size int) {
	name := w.word() + "." + []string{"pdf", "docx", "png", "zip"}[w.rnd.IntN(4)]
	w.line("\n--%s\nContent-Type: application/octet-stream; name=\"%s\"\nContent-Disposition: attachment; filename=\"%[2]s\"\nContent-Transfer-Encoding: base64\n", boundary, name)
	const line, lines = 77, 1 << 14
	if w.pool == nil {
		rnd := rand.New(rand.NewPCG(1, 2))
		raw := make([]byte, 57*lines)
		for i := range raw {
			raw[i] = byte(rnd.Uint32())
		}
		var pool writer
		pool.base64(raw)
		w.pool = pool.b.Bytes()
	}
	for n := size/line + 1; n > 0; {
		k := min(n, 2000)
		at := w.rnd.IntN(lines-k) * line
		w.b.Write(w.pool[at : at+k*line])
		n -= k
	}
}

func (w *writer) base64(raw []byte) {
	var b [76]byte
	for ; len(raw) > 0; raw = raw[min(57, len(raw)):] {
		part := raw[:min(57, len(raw))]
		base64.StdEncoding.Encode(b[:], part)
		w.b.Write(append(b[:base64.StdEncoding.EncodedLen(len(part))], '\n'))
	}
}

// size draws a size with that median: its logarithm is normally distributed.
func (w *writer) size(median, sigma float64, most int) int {
	return min(int(median*math.Exp(w.rnd.NormFloat64()*sigma)), most)
}

// many draws a number of recipients: mostly one, with a long tail.
func (w *writer) many() int {
	switch n := w.rnd.IntN(1000); {
	case n < 600:
		return 1
	case n < 850:
		return 2 + w.rnd.IntN(4)
	case n < 990:
		return 6 + w.rnd.IntN(15)
	}
	return 20 + w.rnd.IntN(100)
}

func (w *writer) address() string {
	return fmt.Sprintf("%s.%s%d@%s", w.word(), w.word(), w.rnd.IntN(1000), domains[w.rnd.IntN(len(domains))])
}

func (w *writer) addresses(field string, n int) {
	w.b.WriteString(field + ": ")
	column := len(field) + 2
	for i := range n {
		a := w.address()
		switch w.rnd.IntN(8) {
		case 0:
			a = fmt.Sprintf("\"%s, %s\" <%s>", w.title(1), w.title(1), a)
		case 1, 2, 3:
			a = w.title(2) + " <" + a + ">"
		}
		if i > 0 {
			w.b.WriteByte(',')
			if column += 2; column+len(a) > 74 {
				w.b.WriteString("\n\t")
				column = 8
			} else {
				w.b.WriteByte(' ')
			}
		}
		w.b.WriteString(a)
		column += len(a)
	}
	w.b.WriteByte('\n')
}

func (w *writer) date(i int) string {
	return time.Unix(1_750_000_000+int64(i)*61, 0).UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700")
}

func (w *writer) letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + w.rnd.IntN(26))
	}
	return string(b)
}

package receivers_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// variedMessage makes message number n of a series that is the same in every run: 0.1 KB to 300 KB, stored with LF, CRLF or
// both, with and without a last line end, of every structure and with most oddities that mail has. The variant says which.
func variedMessage(n uint64) (message []byte, variant string) {
	rnd := rand.New(rand.NewPCG(n, 1870))
	structure := n % 8
	eol := (n / 8) % 3
	terminated := (n/24)%2 == 0
	size := 100 << (n * 7 % 12) // 100 octets to 200 KiB
	size += rnd.IntN(size / 2)

	var lines []string
	add := func(l ...string) { lines = append(lines, l...) }
	add("From: Alice <alice@example.com>", "To: bob@example.net",
		fmt.Sprintf("Subject: message %d", n), "Date: Mon, 23 Nov 2026 09:30:00 +0000",
		fmt.Sprintf("Message-ID: <%d@example.com>", n))
	switch structure {
	case 0:
		add("")
		add(textLines(rnd, size)...)
	case 1: // header only, not even a separator
		for i := range size/60 + 1 {
			add(fmt.Sprintf("X-Field-%d: %s", i, strings.Repeat("v", rnd.IntN(70))), " folded")
		}
	case 2:
		add("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "")
		for got := 0; got < size; got += 60 {
			add(strings.Repeat("Grüße ", rnd.IntN(14)))
		}
	case 3:
		add("MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b1"`, "", "preamble", "--b1", "")
		add(textLines(rnd, size/8)...)
		add("--b1", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "")
		add(base64Lines(rnd, size/2)...)
		add("--b1--", "epilogue")
	case 4: // nested, an embedded message, never closed
		add("MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=outer", "", "--outer",
			"Content-Type: multipart/alternative; boundary=outer-inner", "", "--outer-inner", "")
		add(textLines(rnd, size/2)...)
		add("--outer-inner", "Content-Type: text/html", "", "<p>x</p>", "--outer-inner--", "--outer", "Content-Type: message/rfc822", "",
			"Subject: inner", "")
		add(textLines(rnd, size/2)...)
	case 5: // lines up to what Postfix reads in one piece
		add("")
		for got := 0; got < size; {
			l := 1 + rnd.IntN(min(size, 2047))
			add(strings.Repeat("l", l))
			got += l
		}
	case 6: // raw octets, a CR inside lines, NUL
		add("")
		for got := 0; got < size; got += 80 {
			raw := make([]byte, rnd.IntN(120))
			for i := range raw {
				if raw[i] = byte(rnd.Uint32()); raw[i] == '\n' || raw[i] == '\r' {
					raw[i] = 0
				}
			}
			add(string(raw), "a\rb \rc")
		}
	default: // dots and empty lines
		add("", ".", "..", "", "", ".x", "....", "")
		for got := 0; got < size; got += 10 {
			add(strings.Repeat(".", rnd.IntN(4)), strings.Repeat("d", rnd.IntN(20)))
		}
	}
	var b bytes.Buffer
	for i, l := range lines {
		b.WriteString(l)
		if i == len(lines)-1 && !terminated {
			break
		}
		if eol == 1 || eol == 2 && rnd.IntN(2) == 0 {
			b.WriteByte('\r')
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), fmt.Sprint(structure, eol, terminated)
}

func textLines(rnd *rand.Rand, size int) (lines []string) {
	for got := 0; got < size; {
		l := rnd.IntN(100)
		if rnd.IntN(20) == 0 {
			l = rnd.IntN(998)
		}
		line := strings.Repeat("word ", l/5)
		if rnd.IntN(10) == 0 {
			line = "." + line
		}
		lines = append(lines, line)
		got += l + 2
	}
	return lines
}

func base64Lines(rnd *rand.Rand, size int) (lines []string) {
	raw := make([]byte, size)
	for i := range raw {
		raw[i] = byte(rnd.Uint32())
	}
	for enc := base64.StdEncoding.EncodeToString(raw); enc != ""; {
		n := min(76, len(enc))
		lines = append(lines, enc[:n])
		enc = enc[n:]
	}
	return lines
}

// Command gen writes a directory of mail for benchmarks: the same for the same numbers, on every machine.
//
// It prints one line: messages, octets and lines written. The mix is that of an office's outgoing mail: most of it short
// text, some newsletters, one message in fifty with a large attachment.
package main

import (
	"bufio"
	"encoding/base64"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	count := flag.Int("n", 5000, "number of messages")
	seed := flag.Uint64("seed", 1, "seed of the generator")
	dir := flag.String("dir", "", "directory to write, which must not exist")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		log.Fatal("usage: gen -dir DIRECTORY [-n MESSAGES] [-seed NUMBER]")
	}
	if err := os.Mkdir(*dir, 0o755); err != nil {
		log.Fatal(err)
	}
	total, err := generate(*dir, *count, *seed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*count, total.octets, total.lines)
}

// tally counts what was written.
type tally struct{ octets, lines int64 }

func generate(dir string, count int, seed uint64) (total tally, err error) {
	for i := range count {
		if i%1000 == 0 {
			if err := os.Mkdir(filepath.Join(dir, fmt.Sprint(i/1000)), 0o755); err != nil {
				return total, err
			}
		}
		text := message(rand.New(rand.NewPCG(seed, uint64(i))), i)
		total.octets += int64(len(text))
		total.lines += int64(strings.Count(text, "\n"))
		name := filepath.Join(dir, fmt.Sprint(i/1000), fmt.Sprintf("%06d.eml", i))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return total, err
		}
	}
	return total, nil
}

// message makes message number i, stored with LF; every fourth is stored with CRLF.
func message(rnd *rand.Rand, i int) string {
	w := &writer{rnd: rnd, boundary: fmt.Sprintf("=_%08x_", rnd.Uint32())}
	w.header(i)
	switch n := rnd.IntN(100); {
	case n < 55:
		w.textPart(300 + rnd.IntN(3000))
	case n < 80:
		w.alternative("a", 500+rnd.IntN(2000), 2000+rnd.IntN(20_000))
	case n < 98:
		w.mixed(10_000 + rnd.IntN(100_000))
	default:
		w.mixed(500_000 + rnd.IntN(1_500_000))
	}
	if i%4 == 3 {
		return strings.ReplaceAll(w.b.String(), "\n", "\r\n")
	}
	return w.b.String()
}

type writer struct {
	b        strings.Builder
	rnd      *rand.Rand
	boundary string
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format+"\n", args...)
}

func (w *writer) header(i int) {
	date := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 97 * time.Second)
	w.line("Received: from client%d.example.com (client%d.example.com [192.0.2.%d])", i%90, i%90, 1+i%250)
	w.line("\tby mx.example.com (Postfix) with ESMTPSA id %X", w.rnd.Uint64())
	w.line("\tfor <user%d@example.net>; %s", i%400, date.Format(time.RFC1123Z))
	w.line("From: %s <%s@example.com>", w.title(2), w.word())
	for j := range 1 + w.rnd.IntN(3) {
		field := "To"
		if j > 0 {
			field = "Cc"
		}
		if j < 2 {
			w.line("%s: %s <user%d@example.net>,\n user%d@example.org", field, w.title(2), i%400, w.rnd.IntN(400))
		}
	}
	if w.rnd.IntN(5) == 0 {
		w.line("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= %s", w.title(3))
	} else {
		w.line("Subject: %s", w.title(5))
	}
	w.line("Date: %s", date.Format(time.RFC1123Z))
	w.line("Message-ID: <%d.%x@example.com>", i, w.rnd.Uint64())
	w.line("X-Bench: %d", i)
	w.line("MIME-Version: 1.0")
}

// textPart writes the fields, the separator and the body of a part of plain text.
func (w *writer) textPart(size int) {
	if w.rnd.IntN(3) > 0 {
		w.line("Content-Type: text/plain; charset=us-ascii\n")
		w.b.WriteString(w.text(size, false))
		return
	}
	w.line("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n")
	w.quotedPrintable(w.text(size, true))
}

func (w *writer) quotedPrintable(text string) {
	q := quotedprintable.NewWriter(lfWriter{&w.b})
	q.Write([]byte(text))
	q.Close()
}

// lfWriter leaves out CR.
type lfWriter struct{ b *strings.Builder }

func (w lfWriter) Write(p []byte) (int, error) {
	w.b.WriteString(strings.ReplaceAll(string(p), "\r", ""))
	return len(p), nil
}

func (w *writer) alternative(suffix string, text, html int) {
	boundary := w.boundary + suffix
	w.line("Content-Type: multipart/alternative; boundary=\"%s\"\n", boundary)
	w.line("--%s", boundary)
	w.textPart(text)
	w.line("\n--%s\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n", boundary)
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><title>" + w.title(3) + "</title></head><body>\n")
	for page.Len() < html {
		fmt.Fprintf(&page, "<p style=\"font: 14px sans-serif\">%s</p>\n<a href=\"https://www.example.com/%s?id=%d\">%s</a>\n<img src=\"cid:%s@example.com\" alt=\"\">\n",
			strings.TrimSpace(w.text(200+w.rnd.IntN(400), true)), w.word(), w.rnd.Uint32(), w.title(2), w.word())
	}
	page.WriteString("</body></html>\n")
	w.quotedPrintable(page.String())
	w.line("\n--%s--", boundary)
}

func (w *writer) mixed(attachment int) {
	boundary := w.boundary + "m"
	w.line("Content-Type: multipart/mixed; boundary=\"%s\"\n", boundary)
	w.line("--%s", boundary)
	w.alternative("a", 500+w.rnd.IntN(1000), 1000+w.rnd.IntN(3000))
	name := w.word() + ".pdf"
	w.line("\n--%s\nContent-Type: application/pdf; name=\"%s\"\nContent-Transfer-Encoding: base64", boundary, name)
	w.line("Content-Disposition: attachment; filename=\"%s\"\n", name)
	raw := make([]byte, attachment)
	copy(raw, "%PDF-1.7\n")
	for i := 9; i < len(raw); i++ {
		raw[i] = byte(w.rnd.Uint32())
	}
	out := bufio.NewWriter(&w.b)
	for ; len(raw) > 0; raw = raw[min(57, len(raw)):] {
		out.WriteString(base64.StdEncoding.EncodeToString(raw[:min(57, len(raw))]) + "\n")
	}
	out.Flush()
	w.line("--%s--", boundary)
}

// text makes lines of words of about size octets together.
func (w *writer) text(size int, umlauts bool) string {
	var b strings.Builder
	for column := 0; b.Len() < size; {
		word := w.word()
		if umlauts && w.rnd.IntN(12) == 0 {
			word = "Grüße"
		}
		b.WriteString(word)
		if column += len(word) + 1; column > 66 {
			b.WriteByte('\n')
			column = 0
		} else {
			b.WriteByte(' ')
		}
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

func (w *writer) title(n int) string {
	words := make([]string, n)
	for i := range words {
		word := w.word()
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

var words = strings.Fields(`about after again answer before between bring build carry change close copy country cover
	draft early earth every family father figure final first follow garden great group happen house invoice large later
	learn letter light little meeting minute month morning mother mountain never number office often order other paper
	place plant please point press print question quick reach ready report result right river round school second
	sentence should small sound spell spring stand state still study summer table thank their these thing think three
	today together under until update usual value water weekend where which while white winter without world would write`)

func (w *writer) word() string { return words[w.rnd.IntN(len(words))] }

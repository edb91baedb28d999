// Command gen writes mail for benchmarks: the same for the same numbers, on every machine. It prints one line: messages, octets and
// lines written.
//
// The kind office is an office's outgoing mail: most of it short text, some newsletters, one message in fifty with a large attachment.
// The others are those of archives: small is text of 2.8 KB on average without MIME parts, mix has a median of 5 KB and a long tail, up
// to attachments of 25 MB, and big is one message of 42.5 MB. An mbox has mail as it was received, with LF.
package main

import (
	"bufio"
	"bytes"
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
	kind := flag.String("kind", "office", "office, small, mix, or big")
	dir := flag.String("dir", "", "directory to write, which must not exist")
	mbox := flag.String("mbox", "", "mbox to write")
	eml := flag.String("eml", "", "message to write, the first of the kind")
	flag.Parse()
	makers := map[string]func(*writer, int){"office": office, "small": small, "mix": mix, "big": big}
	make, ok := makers[*kind]
	if !ok || *dir == "" && *mbox == "" && *eml == "" || flag.NArg() > 0 {
		log.Fatal("usage: gen [-kind office|small|mix|big] [-dir DIRECTORY] [-mbox FILE] [-eml FILE] [-n MESSAGES] [-seed NUMBER]")
	}
	g := &generator{make: make, seed: *seed, dir: *dir}
	var err error
	if *eml != "" {
		err = os.WriteFile(*eml, g.message(0), 0o644)
	}
	if err == nil && (*dir != "" || *mbox != "") {
		err = g.all(*mbox, *count)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*count, g.octets, g.lines)
}

// generator makes messages, and counts what it writes.
type generator struct {
	make          func(*writer, int)
	seed          uint64
	dir           string
	octets, lines int64
	w             writer
}

// message makes message number i. It is valid until the next.
func (g *generator) message(i int) []byte {
	rnd := rand.New(rand.NewPCG(g.seed, uint64(i)))
	g.w.b.Reset()
	g.w.rnd, g.w.boundary = rnd, fmt.Sprintf("=_%08x_", rnd.Uint32())
	g.make(&g.w, i)
	return g.w.b.Bytes()
}

func (g *generator) all(mbox string, count int) error {
	var out *bufio.Writer
	if mbox != "" {
		f, err := os.Create(mbox)
		if err != nil {
			return err
		}
		defer f.Close()
		out = bufio.NewWriterSize(f, 1<<20)
	}
	if g.dir != "" {
		if err := os.Mkdir(g.dir, 0o755); err != nil {
			return err
		}
	}
	for i := range count {
		text := g.message(i)
		if g.dir != "" {
			if err := g.file(i, text); err != nil {
				return err
			}
		}
		if out != nil {
			fmt.Fprintf(out, "From sender@%s %s\n", domains[0], time.Unix(1_750_000_000+int64(i)*61, 0).UTC().Format(time.ANSIC))
			out.Write(text)
			out.WriteByte('\n')
		}
		g.octets += int64(len(text))
		g.lines += int64(bytes.Count(text, []byte("\n")))
	}
	if out == nil {
		return nil
	}
	return out.Flush()
}

func (g *generator) file(i int, text []byte) error {
	dir := filepath.Join(g.dir, fmt.Sprint(i/1000))
	if i%1000 == 0 {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.eml", i)), text, 0o644)
}

// office makes a message of an office, stored with LF; every fourth is stored with CRLF.
func office(w *writer, i int) {
	rnd := w.rnd
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
		text := bytes.ReplaceAll(w.b.Bytes(), []byte("\n"), []byte("\r\n"))
		w.b.Reset()
		w.b.Write(text)
	}
}

type writer struct {
	b        bytes.Buffer
	rnd      *rand.Rand
	boundary string
	pool     []byte // lines of base64
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
type lfWriter struct{ b *bytes.Buffer }

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
	w.quotedPrintable(w.page(html))
	w.line("\n--%s--", boundary)
}

// page makes a page of HTML of about that many octets.
func (w *writer) page(html int) string {
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><title>" + w.title(3) + "</title></head><body>\n")
	for page.Len() < html {
		fmt.Fprintf(&page, "<p style=\"font: 14px sans-serif\">%s</p>\n<a href=\"https://www.example.com/%s?id=%d\">%s</a>\n<img src=\"cid:%s@example.com\" alt=\"\">\n",
			strings.TrimSpace(w.text(200+w.rnd.IntN(400), true)), w.word(), w.rnd.Uint32(), w.title(2), w.word())
	}
	page.WriteString("</body></html>\n")
	return page.String()
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

package facts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"postern/mimesize"
)

var memoryNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// memorySets are what callers leave out of facts, by a number.
var memorySets = [...]Set{0, Damage | Names | Fingerprint, Damage | Names | Inside | Reading, Reading, Names, ^Set(0)}

// spoiling has memory made useless before it is used again, also without the race detector, or not even with it.
func spoiling(t testing.TB, yes bool) {
	memory, maker := spoil, spoilMaker
	if spoil, spoilMaker = nil, nil; yes {
		spoil, spoilMaker = spoilMemory, spoilReading
	}
	t.Cleanup(func() { spoil, spoilMaker = memory, maker })
}

// asRead is everything that anybody can read of facts, and what their recipients are.
func asRead(f *Facts, recipients []string) string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return fmt.Sprint(string(b), f.Header.Lines, recipients)
}

// readWith makes facts, with a memory or without. How is a number for what of them is wanted, and when.
func readWith(t testing.TB, s *mimesize.Scanner, in []byte, how int, memory *Memory) string {
	t.Helper()
	res, err := s.Scan(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var recipients []string
	o := Options{
		Now: memoryNow, Without: memorySets[how%len(memorySets)], Later: how/len(memorySets)%2 == 1, Memory: memory,
		Recipient: func(a string) { recipients = append(recipients, a) },
	}
	if memory != nil {
		o.Recipient = func(a string) { recipients = append(recipients, strings.Clone(a)) }
	}
	var env *Envelope
	switch how / len(memorySets) / 2 % 4 {
	case 1:
		from := "Ann@EXAMPLE.org"
		env = &Envelope{From: &from, To: []string{"bob@example.net", "b b@example.net", "Bob@Example.net"}}
	case 2:
		o.Origin = OriginTemplate
	case 3:
		o.Opaque, o.Variables = true, []Variable{{Name: "user.name"}}
	}
	f := Make(bytes.NewReader(in), int64(len(in)), res, env, o)
	before := asRead(f, recipients)
	if how%3 == 0 {
		f.Forget() // else the memory does so
	} else if how%3 == 1 {
		f.Complete()
	}
	return before + asRead(f, recipients)
}

// checkMemory makes facts out of the memory of others, and out of none, and compares them with those of a time when nothing is used
// again.
func checkMemory(t testing.TB, in []byte, how int, memory *Memory) {
	t.Helper()
	var s mimesize.Scanner
	spoil, spoilMaker = nil, nil
	want := readWith(t, &s, in, how, nil)
	spoil, spoilMaker = spoilMemory, spoilReading
	for _, m := range []*Memory{nil, memory} {
		if got := readWith(t, &s, in, how, m); got != want {
			t.Fatalf("way %d: with memory of others, %v, the facts are\n%s\nwant\n%s", how, m != nil, got, want)
		}
	}
}

// TestMemory makes the facts of one message after the other, each as somebody else wants it, out of the memory of those before.
func TestMemory(t *testing.T) {
	spoiling(t, true)
	var list [][]byte
	dirs := []string{"../../testdata/messages", "testdata"}
	if _, err := os.Stat(oracleDir); err == nil {
		dirs = append(dirs, filepath.Join(oracleDir, "cpython-test-email"), filepath.Join(oracleDir, "stalwart-mail-parser"))
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if len(b) < 256<<10 {
				list = append(list, b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, many := range []int{3, 15, 17, 300, 2000} {
		var b strings.Builder
		for i := range many {
			fmt.Fprintf(&b, "X-%d: y\nTo: A%d <a%d@mail%d.example.com>, info@d%d.example\n", i, i, i/2, i%70, i)
		}
		list = append(list, []byte(b.String()+"\ntext\n"))
	}
	if len(list) < 25 {
		t.Fatalf("only %d messages", len(list))
	}
	var memory Memory
	for round := range 3 {
		for i, in := range list {
			checkMemory(t, in, 7*i+11*round, &memory)
			checkReleased(t, in, memory.reading)
		}
	}
}

// checkReleased: nothing of a message is left in what it was read with but memory to be used again.
func checkReleased(t *testing.T, in []byte, left *contents) {
	t.Helper()
	c := *left
	for _, n := range []int{len(c.parts), len(c.texts), len(c.phrases), len(c.passed.digits), len(c.passed.links), len(c.rows), c.links.total, len(c.links.seen.list), len(c.links.hosts.list), len(c.page.cids.list)} {
		if n > 0 {
			t.Fatalf("a list of %d is left of\n%.1000s", n, in)
		}
	}
	c.maker, c.later, c.parts, c.texts, c.phrases, c.wordSets, c.passed.digits, c.passed.links = nil, nil, nil, nil, nil, nil, nil, nil
	c.body, c.encoded, c.visible, c.folded, c.line, c.rows = nil, nil, nil, nil, nil, nil
	c.links, c.page = linkSet{}, htmlReader{}
	if !reflect.DeepEqual(c, contents{}) {
		t.Fatalf("%+v is left of\n%.1000s", c, in)
	}
	l := left.reader
	for _, r := range []*listReader{l.within, l.trial} {
		if r != nil && (r.s != nil || r.comment != nil || !reflect.DeepEqual(r.mb, mailbox{})) {
			t.Fatalf("%+v is left of\n%.1000s", r, in)
		}
	}
	l.tokens, l.phrase, l.scratch, l.within, l.trial = nil, nil, nil, nil, nil
	if !reflect.DeepEqual(l, listReader{}) {
		t.Fatalf("%+v is left of\n%.1000s", l, in)
	}
}

// FuzzMemory: whatever message came before, facts are those that they would be by themselves.
func FuzzMemory(f *testing.F) {
	messages := []string{
		good + "\nHello\n", "", "\n", ":\n: x\n\n", "To: " + strings.Repeat("a@b.example, ", 40) + "c@d.example\n\n",
		good + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=\"utf-8\"; name=a.txt\n\nx\n" +
			"--b\nContent-Disposition: attachment; filename*0=\"a\"; filename*1=\".exe\"\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n",
		"To: (x) A@b.example, \"a b\"@c.example\nContent-Type: text/plain; charset=iso-8859-15; name=a.txt; x=" + strings.Repeat("y", 70) + "\n\nx\n",
		"From: \"=?utf-8?q?J=C3=BCrgen?=\" <J.B@EXAMPLE.com>\nList-Unsubscribe: <https://a.example/>, <mailto:b@c.example>\nPrecedence: Bulk\n\nx\n",
		"Received: a\nreceived: b\nX-A: 1\nx-a: 2\nDate: Mon, 2 Mar 2026 10:00:00 +0000 (UTC)\nX-Mailer: phplist\n\nx\n",
	}
	for i, a := range messages {
		for k, b := range messages {
			f.Add([]byte(a), []byte(b), 3*i+k)
		}
	}
	spoiling(f, true)
	var memory Memory
	f.Fuzz(func(t *testing.T, a, b []byte, how int) {
		if len(a)+len(b) > 64<<10 {
			return
		}
		how &= 0xffff
		var s mimesize.Scanner
		readWith(t, &s, a, how/7, &memory)
		checkMemory(t, b, how, &memory)
	})
}

// TestMemoryLeft: facts that somebody keeps, or that were not made to the end, are left alone.
func TestMemoryLeft(t *testing.T) {
	spoiling(t, true)
	var s mimesize.Scanner
	var memory Memory
	make := func(in string, o Options) *Facts {
		res, err := s.Scan(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		o.Memory = &memory
		return Make(strings.NewReader(in), int64(len(in)), res, nil, o)
	}
	one, other := good+"X-One: 1\n\nHello\n", "From: Carl <Carl@example.com>\nX-Other: 2\nTo: d@example.com, e@example.com\n\nBye\n"
	kept := make(one, Options{})
	want := asRead(kept, nil)
	kept.Keep()
	for range 3 {
		make(other, Options{})
	}
	if asRead(kept, nil) != want {
		t.Error("facts that were kept have changed")
	}

	func() {
		defer func() { _ = recover() }()
		make(one, Options{Recipient: func(string) { panic("a fault") }})
		t.Error("there was no fault")
	}()
	make(one, Options{Later: true}) // and nobody says whether it is wanted
	f := make(other, Options{})
	if got, want := f.Recipients.Total, 2; got != want || f.Sender.From[0].Address != "Carl@example.com" {
		t.Errorf("%d recipients, want %d, of %+v", got, want, f.Sender.From)
	}
	res, err := s.Scan(strings.NewReader(other))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := asRead(f, nil), asRead(Make(strings.NewReader(other), int64(len(other)), res, nil, Options{}), nil); got != want {
		t.Errorf("after a fault\n%s\nwant\n%s", got, want)
	}
	if again := make(one, Options{}); again != f {
		t.Error("the memory of facts that are gone was not used again")
	}
}

// TestMemoryCosts: an ordinary message costs no memory when others came before.
func TestMemoryCosts(t *testing.T) {
	if spoil != nil {
		t.Skip("skip: the race detector takes memory for itself")
	}
	const in = "Received: from a\nReceived: from b\nMessage-ID: <1@mail.example.net>\nDate: Mon, 02 Mar 2026 10:00:00 +0000 (UTC)\nFrom: Anna Other <Anna@Example.net>\n" +
		"To: \"Bert, B.\" <bert@example.org>, carl@example.org,\n\tInfo@example.net\nSubject: Re: Hello\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n" +
		"X-Mailer: Mailman 2\nX-From: a\nX-Folder: b\nList-ID: <l.example.net>\nPrecedence: list\n\nHello\n"
	res, err := mimesize.Scan(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var memory Memory
	r, n := strings.NewReader(in), 0
	o := Options{Now: memoryNow, Without: Damage | Names | Fingerprint | Inside, Later: true, Memory: &memory, Recipient: func(string) { n++ }}
	if got := testing.AllocsPerRun(100, func() { Make(r, int64(len(in)), res, nil, o).Forget() }); got > 0 {
		t.Errorf("%v allocations", got)
	}
	if n == 0 {
		t.Error("no recipients")
	}
}

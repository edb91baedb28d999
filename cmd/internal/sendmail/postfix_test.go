//go:build linux

package sendmail_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"postern/cmd/internal/sendmail"
	"postern/cmd/internal/testpostfix"
)

// call is a generated call of sendmail. Its argv holds SENDER where the sender's address belongs.
type call struct {
	argv    []string
	message string
	refuse  bool // generated so that it must be refused
}

// generate makes call number n of a series that is the same in every run.
func generate(n int) call {
	r := rand.New(rand.NewPCG(uint64(n), 822))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var c call
	serial := 0
	spec := func() string {
		serial++
		at := fmt.Sprintf("%d.%d", n, serial)
		return pick("bob"+at+"@example.net", "Bob.O'Neil"+at+"@Example.NET", "b+x="+at+"@sub.example.net", `"b o b`+at+`"@example.net`,
			"root"+at+"@[192.0.2.1]", `"a,b`+at+`"@example.net`, "müller"+at+"@example.net", `"x\"y`+at+`"@example.net`, "{b}"+at+"@example.net")
	}
	mailbox := func() string {
		a := spec()
		return pick(a, a, "Bob <"+a+">", `"Smith, Bob" <`+a+`>`, "<"+a+">", a+" (Bob)", "=?utf-8?q?B=C3=B6b?= <"+a+">", "Bob Q. Public <"+a+">",
			`"a@b, c" <`+a+`>`, "Bob (the, \"one\") <"+a+">")
	}
	list := func() string {
		var items []string
		for range 1 + r.IntN(4) {
			items = append(items, mailbox())
		}
		text := strings.Join(items, pick(", ", ",", ",\n ", ",\n\t", " ,\n  "))
		switch r.IntN(12) {
		case 0:
			text = "friends: " + text + ";"
		case 1:
			text = "nobody:;"
		}
		return text
	}
	field := func(name string) string {
		switch r.IntN(4) {
		case 0:
			name = strings.ToUpper(name)
		case 1:
			name = strings.ToLower(name)
		}
		return name + pick(":", ": ", ":  ", ":\n ") + list() + "\n"
	}
	header := []string{"From: Alice <alice@example.com>\n", "Subject: " + strconv.Itoa(n) + "\n"}
	for _, name := range []string{"To", "Cc", "Bcc"} {
		for range r.IntN(3) {
			header = append(header, field(name))
		}
	}
	if r.IntN(5) == 0 {
		header = append(header, pick("Resent-From: alice@example.com\n", "Resent-Date: x\n", "resent-message-id: <1@example.com>\n"))
		for _, name := range []string{"Resent-To", "Resent-Cc", "Resent-Bcc"} {
			for range r.IntN(2) {
				header = append(header, field(name))
			}
		}
	}
	r.Shuffle(len(header), func(i, j int) { header[i], header[j] = header[j], header[i] })
	c.message = strings.Join(header, "") + "\n" + pick("Hello\n", "To: eve@example.net\n", ".\nTo: eve@example.net\n", "Hello", "")
	if r.IntN(6) == 0 {
		c.message = strings.ReplaceAll(c.message, "\n", "\r\n")
	}

	fromHeader := r.IntN(3) > 0
	flags := []string{}
	if fromHeader {
		flags = append(flags, "t")
	}
	for _, f := range []string{"i", "m", "U", "G", "c", "x"} {
		if r.IntN(4) == 0 {
			flags = append(flags, f)
		}
	}
	r.Shuffle(len(flags), func(i, j int) { flags[i], flags[j] = flags[j], flags[i] })
	var options [][]string
	for len(flags) > 0 {
		k := 1 + r.IntN(len(flags))
		options = append(options, []string{"-" + strings.Join(flags[:k], "")})
		flags = flags[k:]
	}
	valued := func(name, value string) {
		switch {
		case r.IntN(2) == 0:
			options = append(options, []string{name + value})
		default:
			options = append(options, []string{name, value})
		}
	}
	valued(pick("-f", "-r"), "SENDER")
	for _, o := range [][2]string{{"-F", "Alice A."}, {"-o", pick("i", "em", "ee", "m", "7", "db")}, {"-e", pick("m", "p", "w")}, {"-B", pick("8BITMIME", "7BIT")},
		{"-N", pick("never", "failure,delay", "success")}, {"-R", pick("full", "hdrs")}, {"-b", "m"}, {"-L", "tag"}, {"-h", "3"}, {"-p", "smtp:host"}} {
		if r.IntN(6) == 0 {
			valued(o[0], o[1])
		}
	}
	if r.IntN(6) == 0 { // Postfix has a meaning of its own for "-V" that stands alone
		options = append(options, []string{"-VENVID" + strconv.Itoa(n)})
	}
	r.Shuffle(len(options), func(i, j int) { options[i], options[j] = options[j], options[i] })
	for _, o := range options {
		c.argv = append(c.argv, o...)
	}
	if r.IntN(2) == 0 {
		c.argv = append(c.argv, "--")
	}
	count := r.IntN(4)
	if !fromHeader && count == 0 {
		count = 1
	}
	for range count {
		a := spec()
		c.argv = append(c.argv, pick(a, a, "<"+a+">"))
	}
	if r.IntN(15) == 0 {
		c.refuse = true
		c.argv = append(c.argv, pick("a b@example.net", "a@example.net,b@example.net", "Bob <b@example.net>", "-x@example.net", "b@", "@example.net",
			"b@example.net (x)", "", "a@b@example.net", "b@example.net\nc@example.net", `"b@example.net`, "<a@example.net> <b@example.net>", "|/bin/sh", "x:;"))
	}
	return c
}

// Postfix's own sendmail, given what the caller gave, and given what we make of it, queues the message for exactly the
// recipients that we judge.
func TestPostfixTakesTheSameRecipients(t *testing.T) {
	count, batch := 200, 100
	if os.Getenv("POSTERN_LONG") != "" {
		count = 5000
	}
	q := testpostfix.New(t)
	refused, compared, all := 0, 0, 0
	for from := 0; from < count; from += batch {
		want := map[string][]string{}
		calls := map[string]call{}
		var group errgroup.Group
		group.SetLimit(4)
		for n := from; n < from+batch; n++ {
			c := generate(n)
			prepared := func(sender string) []string {
				argv := slices.Clone(c.argv)
				for i := range argv {
					argv[i] = strings.ReplaceAll(argv[i], "SENDER", sender)
				}
				return argv
			}
			ours, theirs := fmt.Sprintf("ours%d@example.com", n), fmt.Sprintf("theirs%d@example.com", n)
			command, stored, env, err := prepare(t, prepared(ours), c.message)
			if c.refuse != (err != nil) && !(err != nil && strings.Contains(err.Error(), "no recipients")) {
				t.Errorf("%d: refused: %v\n%q\n%s", n, err, c.argv, c.message)
			}
			if err != nil {
				refused++
				continue
			}
			compared++
			all += len(env.Recipients)
			want[ours], want[theirs] = env.Recipients, env.Recipients
			calls[ours], calls[theirs] = c, c
			group.Go(func() error { return q.Run(command[1:], stored) })
			group.Go(func() error { return q.Run(prepared(theirs), []byte(c.message)) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		got := q.Queue()
		for sender, list := range want {
			if g, w := unique(got[sender]), unique(list); !slices.Equal(g, w) {
				t.Errorf("%s: Postfix has %q, we %q\n%q\n%s", sender, g, w, calls[sender].argv, calls[sender].message)
			}
			delete(got, sender)
		}
		for sender, list := range got {
			t.Errorf("Postfix has mail from %s to %q that we know nothing of", sender, list)
		}
		q.Empty()
		if t.Failed() {
			break
		}
	}
	if compared < count/2 || refused < count/50 || all < compared {
		t.Errorf("%d calls compared, %d refused, %d recipients", compared, refused, all)
	}
	t.Logf("%d calls compared, %d refused, %d recipients", compared, refused, all)
}

// prepare does what the program does with a call, up to the real sendmail's arguments and what it would read.
func prepare(t *testing.T, argv []string, message string) (command []string, stored []byte, env sendmail.Envelope, err error) {
	t.Helper()
	a, bad := sendmail.Parse(argv, nil)
	if bad != nil {
		return nil, nil, env, bad
	}
	m, bad := sendmail.Read(strings.NewReader(message), sendmail.Options{IgnoreDots: a.IgnoreDots, MaxOctets: 1 << 20})
	if bad != nil {
		return nil, nil, env, bad
	}
	defer m.Close()
	if env, bad = a.Resolve(m, sendmail.Defaults{}); bad != nil {
		return nil, nil, env, bad
	}
	stored = make([]byte, m.Octets)
	if _, err := m.File.ReadAt(stored, 0); err != nil {
		t.Fatal(err)
	}
	return a.Command("sendmail", nil, env), stored, env, nil
}

func unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

package sendmail

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"postern/cmd/internal/gate"
)

func TestCalled(t *testing.T) {
	for _, tt := range []struct {
		argv      []string
		args      []string
		named, ok bool
	}{
		{[]string{"/usr/sbin/sendmail", "-t"}, []string{"-t"}, false, true},
		{[]string{"postern-sendmail"}, []string{}, true, true},
		{[]string{"postern", "sendmail", "-t"}, []string{"-t"}, true, true},
		{[]string{"postern", "check", "sendmail"}, nil, false, false},
		{[]string{"postern"}, nil, false, false},
		{nil, nil, false, false},
	} {
		args, named, ok := Called(tt.argv)
		if !slices.Equal(args, tt.args) || named != tt.named || ok != tt.ok {
			t.Errorf("%q: %q, %v, %v", tt.argv, args, named, ok)
		}
	}
}

// The options are read as getopt reads them: joined, apart, and mixed.
func TestParse(t *testing.T) {
	type result struct {
		sender     string
		t, i       bool
		recipients string
		others     string
	}
	for args, want := range map[string]result{
		"-t -i":                         {t: true, i: true},
		"-ti":                           {t: true, i: true},
		"-tifbob@example.com":           {t: true, i: true, sender: "bob@example.com"},
		"-f bob@example.com -oi -- a b": {i: true, sender: "bob@example.com", recipients: "a b"},
		"-ra@example.com -fb@x a":       {sender: "b@x", recipients: "a"},
		"-oem -oi -odb -bm -v x":        {i: true, recipients: "x"},
		"-FAlice -h 3 -p smtp:x a":      {recipients: "a"},
		"-N SUCCESS,delay -RHDRS -Vid":  {others: "success,delay hdrs id "},
		"-B8bitmime -N never":           {others: "never   8BITMIME"},
		"-- -t":                         {recipients: "-t"},
		"-":                             {recipients: "-"},
	} {
		a, err := Parse(strings.Fields(args), nil)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		got := result{t: a.FromHeader, i: a.IgnoreDots, recipients: strings.Join(a.Recipients, " ")}
		if a.Sender != nil {
			got.sender = *a.Sender
		}
		if got.others = strings.Join([]string{a.Notify, a.Return, a.EnvelopeID, a.Body}, " "); strings.TrimSpace(got.others) == "" {
			got.others = ""
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", args, got, want)
		}
	}
	for _, args := range []string{"-C/x", "-C /x", "-X/x", "-Ox=y", "-q", "-q30m", "-bd", "-be", "-bp", "-bs", "-bS", "-ba", "-bz", "-bmm", "-I", "-oQ/x", "-o",
		"-f", "-Z", "-Nsometimes", "-Rx", "-V", "-B9", "-d5", "-D/x", "-Mx", "-Ac", "a -t", "a -- b", "-tqi", "--help", "-iC/x"} {
		if a, err := Parse(strings.Fields(args), nil); err == nil {
			t.Errorf("%s: %+v", args, a)
		}
	}
	// What is allowed is handed on; a dialogue never is.
	allow := []string{"-C", "-bp", "-o", "-bs"}
	if a, err := Parse([]string{"-tC", "/x", "-oQ/y"}, allow); err != nil || !slices.Equal(a.Pass, []string{"-C/x", "-oQ/y"}) {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := Parse([]string{"-bp"}, allow); err != nil || a.Mode != "-bp" {
		t.Errorf("%+v, %v", a, err)
	}
	// Postfix and Sendmail take a message with any of these, because the last mode counts.
	for _, argv := range []string{"-bp -bm bob@example.com", "-bm -bp", "-bp -ti -bm", "-bp -b m -- bob@example.com", "-q -bm bob@example.com"} {
		if _, err := Parse(strings.Fields(argv), []string{"-bp", "-q"}); err == nil || err.Live != gate.BadUsage {
			t.Errorf("%q: %v, want a refusal", argv, err)
		}
	}
	if a, err := Parse([]string{"-C", "", "bob@example.com"}, allow); err == nil {
		t.Errorf("%+v: the real sendmail would take the next option for the value of -C", a)
	}
	if _, err := Parse([]string{"-bs"}, allow); err == nil {
		t.Error("-bs was taken")
	}
}

func stored(t *testing.T, m *Message) string {
	t.Helper()
	b := make([]byte, m.Octets)
	if _, err := m.File.ReadAt(b, 0); err != nil && m.Octets > 0 {
		t.Fatal(err)
	}
	return string(b)
}

// What is stored is the input with LF line ends, up to the lone dot, without the blind copies; and it does not depend on how the
// input comes in, nor on where it is kept.
func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, in, want    string
		ignore, normalize bool
	}{
		{"LF", "A: b\n\nx\n", "A: b\n\nx\n", false, false},
		{"CRLF", "A: b\r\n\r\nx\r\n", "A: b\n\nx\n", false, false},
		{"mixed", "A: b\r\n\nx\r\ny", "A: b\n\nx\ny", false, false},
		{"dot", "A: b\n\nx\n.\ny\n", "A: b\n\nx\n", false, false},
		{"dot with CRLF", "A: b\n\nx\n.\r\ny\n", "A: b\n\nx\n", false, false},
		{"dot at the end", "A: b\n\nx\n.", "A: b\n\nx\n", false, false},
		{"dots", "A: b\n\n..\n.x\n. \n", "A: b\n\n..\n.x\n. \n", false, false},
		{"dot ignored", "A: b\n\nx\n.\ny\n", "A: b\n\nx\n.\ny\n", true, false},
		{"dot in the header", "A: b\n.\nC: d\n", "A: b\n", false, false},
		{"bare CR", "A: b\n\nx\ry\r", "A: b\n\nx\ny\n", false, true},
		{"dot and bare CR", "A: b\n\n.\rx\n", "A: b\n\n.\nx\n", false, true},
		{"CR CR LF", "A: b\n\nx\r\r\ny\n", "A: b\n\nx\n\ny\n", false, true},
		{"Bcc", "To: a\nBcc: b,\n c\nBCC : d\nResent-Bcc:e\nbcc2: f\n\nBcc: g\n", "To: a\nbcc2: f\n\nBcc: g\n", false, false},
		{"only Bcc", "Bcc: a\n", "\n", false, false},
		{"Bcc with its colon below", "To: a\nBcc\n : b\n\nx\n", "To: a\n\nx\n", false, false},
		{"no body", "A: b", "A: b", false, false},
		{"no header", "\nx\n", "\nx\n", false, false},
	} {
		for _, threshold := range []int64{0, 3} {
			for _, step := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
				m, err := Read(step(strings.NewReader(tt.in)), Options{IgnoreDots: tt.ignore, Normalize: tt.normalize, MaxOctets: 1000, Threshold: threshold, Dir: t.TempDir()})
				if err != nil {
					t.Errorf("%s: %v", tt.name, err)
					continue
				}
				if got := stored(t, m); got != tt.want {
					t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
				}
				if _, err := m.File.WriteAt([]byte("!"), 0); err == nil && m.Sealed {
					t.Errorf("%s: a sealed message was changed", tt.name)
				}
				m.Close()
			}
		}
	}
	m, bad := Read(strings.NewReader("A: b\n\n.\nx\ny"), Options{CRLF: true, IgnoreDots: true, MaxOctets: 1000})
	if bad != nil || stored(t, m) != "A: b\r\n\r\n.\r\nx\r\ny\r\n" {
		t.Errorf("CRLF: %v", bad)
	}
	for name, tt := range map[string]struct {
		in   io.Reader
		live gate.Live
	}{
		"empty":     {strings.NewReader(""), gate.Failed},
		"a dot":     {strings.NewReader(".\nA: b\n"), gate.Failed},
		"bare CR":   {strings.NewReader("A: b\n\nx\ry\n"), gate.LineEnds},
		"last CR":   {strings.NewReader("A: b\n\nx\r"), gate.LineEnds},
		"too large": {strings.NewReader("A: b\n\n" + strings.Repeat("x\n", 500)), gate.Oversize},
		"header":    {strings.NewReader(strings.Repeat("A: b\n", 300_000)), gate.Oversize},
		"broken":    {io.MultiReader(strings.NewReader("A: b\n\nx\n"), iotest.ErrReader(errors.New("gone"))), gate.Failed},
	} {
		limit := int64(1000)
		if name == "header" {
			limit = 1 << 30
		}
		if _, err := Read(tt.in, Options{MaxOctets: limit}); err == nil || err.Live != tt.live {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A place that is not there, or that is full, is a reason to try again.
	if _, err := Read(strings.NewReader("A: b\n\nx\n"), Options{MaxOctets: 1000, Threshold: 1, Dir: "/nonexistent"}); err == nil || err.Live != gate.NoSpace {
		t.Errorf("nowhere to store: %v", err)
	}
}

// The real sendmail gets none of what its caller can choose.
func TestClean(t *testing.T) {
	got := Program{Environment: []string{"MAIL_CONFIG"}}.Clean([]string{"PATH=/evil", "LD_PRELOAD=/x", "HOME=/home/a", "HOME=/other", "MAIL_CONFIG=/m", "IFS=x", "TZ=UTC", "POSTERN_SENDMAIL_CALLED=0"})
	want := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "POSTERN_SENDMAIL_CALLED=1", "HOME=/home/a", "MAIL_CONFIG=/m", "TZ=UTC"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// FuzzParse: whatever the arguments are, what the real sendmail is given holds the options that it is meant to, then --, then
// nothing that is not exactly one address.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"-t\x00-i", "-fa@b.c\x00--\x00x@y.z", "-oi\x00-N\x00never\x00a@b.c", "-C/x", "a b@c.d", "-be\x00${run{x}}", "\"a b\"@c.d"} {
		f.Add(s, "To: a@b.c\n\nx\n")
	}
	f.Add("-t", "To: a@b.c, \"x, y\" <d@e.f>\nBcc: g@h.i\n .\n\nBcc: x\n")
	f.Fuzz(func(t *testing.T, joined, message string) {
		a, bad := Parse(strings.Split(joined, "\x00"), nil)
		if bad != nil {
			if bad.Live.Answer().Exit == 0 || bad.Error() == "" {
				t.Fatalf("%+v", bad)
			}
			return
		}
		if a.Mode != "" || len(a.Pass) > 0 {
			t.Fatalf("handed on without leave: %+v", a)
		}
		m, bad := Read(strings.NewReader(message), Options{IgnoreDots: a.IgnoreDots, MaxOctets: 1 << 20})
		if bad != nil {
			return
		}
		defer m.Close()
		text := stored(t, m)
		again, bad := Read(strings.NewReader(text), Options{IgnoreDots: true, MaxOctets: 1 << 20})
		if bad != nil {
			t.Fatalf("%q cannot be read again: %v", text, bad)
		}
		defer again.Close()
		if got := stored(t, again); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		env, bad := a.Resolve(m, Defaults{Sender: "s@example.com", Domain: "example.com"})
		if bad != nil {
			return
		}
		argv := a.Command("sendmail", nil, env)
		end := slices.Index(argv, "--")
		if end < 0 || argv[1] != "-i" || len(argv) != end+1+len(env.Recipients) {
			t.Fatalf("%q", argv)
		}
		for _, r := range argv[end+1:] {
			if one, ok := single(r); !ok || one != r || r[0] == '-' || strings.ContainsAny(r, "\n\r\x00") || !strings.Contains(r, "@") {
				t.Fatalf("recipient %q", r)
			}
		}
	})
}

func TestWrite(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("line\n", 5000)
	done := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		done <- string(b)
	}()
	Write(w, text)
	w.Close()
	if got := <-done; got != text {
		t.Errorf("%d octets of %d", len(got), len(text))
	}
	var b bytes.Buffer
	if Write(&b, "x"); b.String() != "x" {
		t.Error("nothing was written")
	}
}

func TestWebScript(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{nil, false},
		{[]string{"PATH=/bin", "HOME=/root"}, false},
		{[]string{"GATEWAY_INTERFACE=CGI/1.1"}, true},
		{[]string{"GATEWAY_INTERFACE="}, false},
		{[]string{"REQUEST_METHOD=POST"}, false}, // a shell of somebody who tries things out
		{[]string{"REQUEST_METHOD=POST", "REQUEST_URI=/form.php"}, true},
	} {
		if got := WebScript("", c.env); got != c.want {
			t.Errorf("%q: %v", c.env, got)
		}
	}
}

// What a message lacks is written before its first field, and nothing else of it changes.
func TestMissing(t *testing.T) {
	const date, id = "Date: Thu, 26 Nov 2026 12:00:00 +0100\r\n", "Message-ID: <X@example.com>\r\n"
	own := regexp.MustCompile(`<[A-Z2-7]{26}@example\.com>`)
	for in, want := range map[string]string{
		"From: a@b.c\n\nx\n":                           date + id + "From: a@b.c\r\n\r\nx\r\n",
		"From: a@b.c":                                  date + id + "From: a@b.c\r\n",
		"date:\nFrom: a@b.c\n\nDate: x\n":              id + "date:\r\nFrom: a@b.c\r\n\r\nDate: x\r\n",
		"Bcc: d@e.f\n g@h.i\nMESSAGE-ID : <1>\n\n":     date + "MESSAGE-ID : <1>\r\n\r\n",
		"From a@b.c Thu Nov 26 12:00:00 2026\nTo: d\n": "From a@b.c Thu Nov 26 12:00:00 2026\r\n" + date + id + "To: d\r\n",
		"Date: x\nMessage-ID: y\n\nz\n":                "Date: x\r\nMessage-ID: y\r\n\r\nz\r\n",
	} {
		at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.FixedZone("", 3600))
		m, bad := Read(strings.NewReader(in), Options{CRLF: true, Missing: &Missing{Date: at, Domain: "example.com"}})
		if bad != nil {
			t.Fatalf("%q: %v", in, bad)
		}
		got, err := io.ReadAll(m.File)
		if err != nil {
			t.Fatal(err)
		}
		m.Close()
		if text := own.ReplaceAllString(string(got), "<X@example.com>"); text != want || m.Octets != int64(len(got)) {
			t.Errorf("%q\n%q, not\n%q", in, text, want)
		}
		if n := strings.Count(want, date) + strings.Count(want, id); len(m.Added) != n {
			t.Errorf("%q: added %q", in, m.Added)
		}
	}
	m, bad := Read(strings.NewReader("no field\n"), Options{Missing: &Missing{Date: time.Now()}})
	if bad != nil {
		t.Fatal(bad)
	}
	defer m.Close()
	if len(m.Added) > 1 || len(m.Fields) == 0 && len(m.Added) > 0 {
		t.Errorf("to what has no header: %q", m.Added)
	}
}

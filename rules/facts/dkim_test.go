package facts

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/mimesize"
)

// The hashes of empty bodies stand in RFC 6376 sections 3.4.3 and 3.4.4, the others were made by hand with sha256sum.
func TestBodyHash(t *testing.T) {
	all := func(relaxed, sha1 bool) bodyHashKind { return bodyHashKind{relaxed: relaxed, sha1: sha1, limit: -1} }
	for name, c := range map[string]struct {
		kind bodyHashKind
		body string
		want string
	}{
		"simple, empty":                {all(false, false), "", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="},
		"simple, empty, SHA-1":         {all(false, true), "", "uoq1oCgLlTqpdDX/iUbLy7J1Wic="},
		"simple, only empty lines":     {all(false, false), "\n\n\n", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="},
		"relaxed, empty":               {all(true, false), "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
		"relaxed, empty, SHA-1":        {all(true, true), "", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
		"relaxed, only blanks":         {all(true, false), " \t\n\t \n ", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
		"simple, a line":               {all(false, false), "a  b \n", hashOf("a  b \r\n")},
		"simple, no last line end":     {all(false, false), "a  b ", hashOf("a  b \r\n")},
		"simple, empty lines within":   {all(false, false), "a\n\n\nb\n\n", hashOf("a\r\n\r\n\r\nb\r\n")},
		"simple, CRLF":                 {all(false, false), "a\r\n\r\nb\r\n\r\n", hashOf("a\r\n\r\nb\r\n")},
		"simple, a bare CR":            {all(false, false), "a\rb\r\r\n", hashOf("a\rb\r\r\n")},
		"simple, CR at the end":        {all(false, false), "a\r", hashOf("a\r\r\n")},
		"relaxed, blanks":              {all(true, false), " a \t b\t\n\n c  \n \n", hashOf(" a b\r\n\r\n c\r\n")},
		"relaxed, no last line end":    {all(true, false), "a  b ", hashOf("a b\r\n")},
		"relaxed, limit":               {bodyHashKind{relaxed: true, limit: 3}, "a\nb\nc\n", hashOf("a\r\n")},
		"simple, limit of none":        {bodyHashKind{limit: 0}, "a\n", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
		"simple, limit at the end":     {bodyHashKind{limit: 3}, "a", hashOf("a\r\n")},
		"simple, limit beyond the end": {bodyHashKind{limit: 4}, "a\n", ""},
		"simple, longer than a buffer": {all(false, false), strings.Repeat("x", 100000) + strings.Repeat("\n", 100000) + "y", hashOf(strings.Repeat("x", 100000) + strings.Repeat("\r\n", 100000) + "y\r\n")},
	} {
		for _, step := range []int{1, 7, 1 << 20} {
			h := bodyHashing(c.kind)
			for b := []byte(c.body); len(b) > 0; {
				n := min(step, len(b))
				h.write(b[:n])
				b = b[n:]
			}
			if got := base64.StdEncoding.EncodeToString(sumOf(h)); got != c.want {
				t.Errorf("%s, in steps of %d: got %s, want %s", name, step, got, c.want)
			}
		}
	}
}

func bodyHashing(kind bodyHashKind) *bodyHash {
	b := &bodyHash{}
	b.begin(kind)
	return b
}

// sumOf gives the hash, nil if the limit is beyond the end of the body.
func sumOf(b *bodyHash) []byte {
	sum := b.sum(nil)
	if b.beyond() {
		return nil
	}
	return sum
}

// slowly is bodyHash.write octet by octet.
func (b *bodyHash) slowly(c byte) {
	switch {
	case c == '\n':
		b.cr, b.blank = false, false
		b.empty++
		return
	case b.cr:
		b.cr = false
		b.text('\r') // no part of a line end
	}
	switch {
	case c == '\r':
		b.cr = true
	case b.relaxed && (c == ' ' || c == '\t'):
		b.blank = true
	default:
		b.text(c)
	}
}

// FuzzBodyHash: what is hashed line by line is what is hashed octet by octet, whatever the pieces it comes in.
func FuzzBodyHash(f *testing.F) {
	for _, s := range []string{"a\r\r\n", "a \r\n", " a\t\r \n\n", "\r", "\r\n\r", "a  b c\n", "a\n\n \n\tb ", strings.Repeat("ab ", 3000)} {
		f.Add(s, 3, 10)
	}
	lines := strings.Repeat(strings.Repeat("QUJD", 19)+"\n", 120)
	for _, s := range []string{lines, lines + "\n\n\n" + lines + "\n", "\n" + lines + "a b  c\r\n" + lines + "QUJD", lines + strings.Repeat("QUJD", 3000) + "\n" + lines} {
		f.Add(s, 1<<20, 10_000)
		f.Add(s, 4000, 10)
		f.Add(s, 77*3, 5)
	}
	f.Fuzz(func(t *testing.T, s string, step, limit int) {
		step = max(step, 1)
		for _, kind := range []bodyHashKind{{limit: -1}, {relaxed: true, limit: -1}, {relaxed: true, limit: int64(max(limit, 0))}} {
			fast, slow := bodyHashing(kind), bodyHashing(kind)
			for i := 0; i < len(s); i += step {
				fast.write([]byte(s[i:min(i+step, len(s))]))
				if step > len(s) {
					break
				}
			}
			for i := range len(s) {
				slow.slowly(s[i])
			}
			if got, want := sumOf(fast), sumOf(slow); !bytes.Equal(got, want) {
				t.Fatalf("%+v of %q in steps of %d: %x, octet by octet %x", kind, s, step, got, want)
			}
		}
	})
}

// hashOf is the SHA-256 of octets that need no canonical form.
func hashOf(s string) string {
	h := bodyHashing(bodyHashKind{limit: -1}).h
	h.Write([]byte(s))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestStaleSignatures(t *testing.T) {
	sign := func(tags string) string { return "DKIM-Signature: v=1; d=example.net; s=x; b=AAAA; " + tags + "\n" }
	right := "bh=" + hashOf("Hello\r\n")
	for name, c := range map[string]struct {
		header string
		stale  int64
	}{
		"none":                    {"", 0},
		"right":                   {sign("a=rsa-sha256; " + right), 0},
		"right, folded":           {sign("a=rsa-sha256;\n bh=" + right[3:20] + "\n " + right[20:]), 0},
		"right, relaxed":          {sign("a=ed25519-sha256; c=relaxed/relaxed; " + right), 0},
		"wrong":                   {sign("a=rsa-sha256; bh=" + hashOf("Hallo\r\n")), 1},
		"wrong algorithm's hash":  {sign("a=rsa-sha1; " + right), 1},
		"one of two":              {sign("a=rsa-sha256; "+right) + sign("a=rsa-sha256; bh="+hashOf("Hallo\r\n")), 1},
		"both":                    {sign("a=rsa-sha256; bh="+hashOf("x")) + sign("a=rsa-sha256; bh="+hashOf("y")), 2},
		"unknown algorithm":       {sign("a=rsa-md5; bh=" + hashOf("x")), 0},
		"unknown canonical form":  {sign("a=rsa-sha256; c=simple/nowsp; bh=" + hashOf("x")), 0},
		"no hash":                 {sign("a=rsa-sha256"), 0},
		"no base64":               {sign("a=rsa-sha256; bh=***"), 0},
		"negative limit":          {sign("a=rsa-sha256; l=-1; bh=" + hashOf("x")), 0},
		"limit within":            {sign("a=rsa-sha256; l=2; bh=" + hashOf("He")), 0},
		"limit beyond":            {sign("a=rsa-sha256; l=9; " + right), 1},
		"more ways than are read": {sign("a=rsa-sha256; l=0; bh=eA==") + sign("a=rsa-sha256; l=1; bh=eA==") + sign("a=rsa-sha256; l=2; bh=eA==") + sign("a=rsa-sha256; l=3; bh=eA==") + sign("a=rsa-sha256; l=4; bh=eA=="), 4},
	} {
		message := c.header + good + "\nHello\n\n"
		for _, form := range []string{message, strings.ReplaceAll(message, "\n", "\r\n")} {
			res, err := mimesize.Scan(strings.NewReader(form))
			if err != nil {
				t.Fatal(err)
			}
			f := Make(strings.NewReader(form), int64(len(form)), res, nil, Options{})
			if got := countOf(f, "rfc.dkim_stale"); got != c.stale {
				t.Errorf("%s: got %d stale signatures, want %d", name, got, c.stale)
			}
		}
	}
}

func countOf(f *Facts, id string) (n int64) {
	for _, p := range f.Problems {
		if p.ID == id {
			n += p.Count
		}
	}
	return n
}

// What a DKIM verifier found valid is not stale.
func TestValidSignatures(t *testing.T) {
	const dir = "../../../shared/corpora/chasquid-dkim/internal/dkim/testdata"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.result"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		var verdict struct{ Found, Valid int }
		data, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(data, &verdict) != nil {
			t.Fatalf("%s cannot be read", file)
		}
		message, err := os.ReadFile(strings.TrimSuffix(file, ".result") + ".msg")
		if err != nil || verdict.Valid == 0 || verdict.Valid != verdict.Found {
			continue
		}
		res, err := mimesize.Scan(bytes.NewReader(message))
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if n := countOf(Make(bytes.NewReader(message), int64(len(message)), res, nil, Options{}), "rfc.dkim_stale"); n > 0 {
			t.Errorf("%s: %d valid signatures are called stale", file, n)
		}
	}
	if seen == 0 {
		t.Fatal("no message with valid signatures")
	}
}

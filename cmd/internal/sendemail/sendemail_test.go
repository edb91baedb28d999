package sendemail

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMake(t *testing.T) {
	const header = "From: a@example.com\nTo: B <b@example.com>, c@example.com\nCc: d@example.com\n"
	for name, tt := range map[string]struct {
		file, header, want string
		lines              map[int64]int64 // of the message: of the file
		to                 []string
	}{
		"a patch": {"From 0123 Mon Sep 17 00:00:00 2001\nFrom: x\nSubject: y\n\nbody\n", header, header + "\nbody\n",
			map[int64]int64{0: 0, 1: 0, 4: 0, 5: 5}, []string{"b@example.com", "c@example.com", "d@example.com"}},
		"no body":        {"Subject: y\n", header, header + "\n", nil, []string{"b@example.com", "c@example.com", "d@example.com"}},
		"CRLF":           {"Subject: y\r\n\r\nbody\r\n", "To: b@example.com\n", "To: b@example.com\n\nbody\r\n", map[int64]int64{3: 3}, []string{"b@example.com"}},
		"no list":        {"\nbody\n", "To: b c d\n", "To: b c d\n\nbody\n", nil, nil},
		"encoded by git": {"\nna\u00efve\n", "Content-Transfer-Encoding: quoted-printable\n", "Content-Transfer-Encoding: quoted-printable\n\nna=C3=AFve\n", nil, nil},
		"decoded by git": {"Content-Transfer-Encoding: base64\n\nYm9keQo=\n", "Subject: x\n", "Subject: x\n\nbody\n", nil, nil},
		"not base64":     {"Content-Transfer-Encoding: base64\n\n!!!\n", "Subject: x\n", "Subject: x\n\n!!!\n", nil, nil},
		"empty":          {"", "", "\n\n", nil, nil},
	} {
		m := Make([]byte(tt.file), []byte(tt.header))
		if diff := cmp.Diff(tt.want, string(m.Octets)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.to, m.Recipients); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		for of, want := range tt.lines {
			if got := m.Line(of); got != want {
				t.Errorf("%s: line %d is %d of the file, want %d", name, of, got, want)
			}
		}
	}
	m := Make([]byte("From x\nSubject: y\n\nbody\n"), nil)
	if string(m.Octets) != "Subject: y\n\nbody\n" || m.Line(1) != 2 || m.Line(0) != 0 {
		t.Errorf("%q, line 1 is %d, 0 is %d", m.Octets, m.Line(1), m.Line(0))
	}
}

func FuzzMake(f *testing.F) {
	f.Add("From x\nSubject: y\n\nbody\n", "To: b@example.com\nContent-Transfer-Encoding: base64\n")
	f.Add("\n", "\n\n")
	f.Fuzz(func(t *testing.T, file, header string) {
		m := Make([]byte(file), []byte(header))
		if !strings.HasPrefix(string(m.Octets), strings.TrimRight(header, "\r\n")) {
			t.Errorf("%q", m.Octets)
		}
		for n := range int64(20) {
			if m.Line(n) < 0 {
				t.Errorf("line %d is %d", n, m.Line(n))
			}
		}
	})
}

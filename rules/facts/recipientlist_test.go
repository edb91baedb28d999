package facts_test

import (
	"slices"
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

func TestRecipientList(t *testing.T) {
	for value, want := range map[string][]string{
		" a@b.c": {"a@b.c"},
		` "Smith, A" <a@b.c>, d@e.f (y),` + "\n <g@h.i>": {"a@b.c", "d@e.f", "g@h.i"},
		` "a b"@b.c`:                  {`"a b"@b.c`},
		" list: a@b.c, d@e.f;, g@h.i": {"a@b.c", "d@e.f", "g@h.i"},
		" nobody:;":                   nil,
		"":                            nil,
		" root, a@b.c":                {"root", "a@b.c"},
		" A@B.C, a@b.c":               {"A@B.C", "a@b.c"},
		" a@[192.0.2.1]":              {"a@[192.0.2.1]"},
	} {
		list, sure := facts.RecipientList([]byte(value))
		if !sure || !slices.Equal(list, want) {
			t.Errorf("%q: %q, %v", value, list, sure)
		}
	}
	for _, value := range []string{
		" a b@c.d", " a@b.c d@e.f", " a@b.c; d@e.f", " <a@b.c", ` "a@b.c`, " a@b@c.d", " <@r.s:a@b.c>", " a@", " @b.c", " <>", " a@b.c, <>", " a @ b.c",
		" 'a@b.c'", " a@b.c (", " x <a@b.c> y", " a@b..c", " .a@b.c", " a@-b.c",
	} {
		if list, sure := facts.RecipientList([]byte(value)); sure {
			t.Errorf("%q is %q for sure", value, list)
		}
	}
}

// Sendmail and qmail, which have no envelope but by -t, deliver to Apparently-To. With an envelope nobody does.
func TestApparentlyTo(t *testing.T) {
	mail := "From: a@example.com\nTo: b@example.com\nApparently-To: c@example.com, d@example.com\nApparently-To: e@example.com\n\nx\n"
	if f := measure(t, mail); f.Recipients.Total != 4 || f.Recipients.Unique != 4 || f.Recipients.Visible != 1 {
		t.Errorf("%+v", f.Recipients)
	}
	r, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	env := &facts.Envelope{To: []string{"b@example.com"}}
	if f := facts.Make(strings.NewReader(mail), int64(len(mail)), r, env, facts.Options{}); f.Recipients.Unique != 1 {
		t.Errorf("with an envelope: %+v", f.Recipients)
	}
}

package facts

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"postern/mimesize"
)

// TestTextSet holds a set equal to a map, at every size and when it is used again.
func TestTextSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var s textSet
	for _, size := range []int{0, 1, 15, 16, 17, 64, 65, 1000, 3, 20_000, 16, 17} {
		known := map[string]uint8{}
		for range 3 * size {
			text := fmt.Sprint(rng.IntN(2*size + 1))
			at, bits := s.find(text), uint8(rng.IntN(4))
			if have, ok := known[text]; ok != (at >= 0) || ok && (s.list[at].text != text || s.list[at].bits != have) {
				t.Fatalf("of %d texts %q is at %d, and is known: %v", len(known), text, at, ok)
			}
			if at < 0 {
				s.add(text, bits)
				known[text] = bits
			}
		}
		if len(s.list) != len(known) {
			t.Fatalf("%d texts, want %d", len(s.list), len(known))
		}
		for i := range s.list {
			if at := s.find(s.list[i].text); at != i {
				t.Fatalf("text %d is found at %d", i, at)
			}
		}
		s.reset()
	}
}

// TestFieldNamesRemembered holds the names of many messages, which are remembered, against those of each message alone.
func TestFieldNamesRemembered(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	pieces := []string{"x-", "X-", "Received", "to", "TO", "Subject", "-", "list", "id", "content-transfer-encoding", "abcdefghi", "ABCDEFGHI", "q"}
	var s fieldsByName
	forgotten := false
	for round := range 400 {
		var block []byte
		var fields []mimesize.Field
		for i := range 1 + rng.IntN(40) {
			name := ""
			for range rng.IntN(5) {
				name += pieces[rng.IntN(len(pieces))]
			}
			if round%4 == 0 {
				name += fmt.Sprint(rng.IntN(1000))
			}
			if round%50 == 0 {
				name += strings.Repeat("z", rng.IntN(2000))
			}
			fields = append(fields, mimesize.Field{Span: mimesize.Span{Offset: int64(len(block)), Line: int64(i + 1)}, Name: len(name)})
			block = append(block, name...)
			if rng.IntN(2) == 0 {
				block = append(block, ": y\n"...)
			}
		}
		written := func(f mimesize.Field) []byte { return block[f.Offset:][:f.Name] }
		before := len(s.names)
		lines := s.sort(fields, block, 0, written, nil)
		forgotten = forgotten || len(s.names) < before
		want := map[string][]mimesize.Field{}
		var first []FieldLine
		for _, f := range fields {
			b := bytes.Clone(written(f))
			lower(b)
			if want[string(b)] == nil {
				first = append(first, FieldLine{string(b), f.Line})
			}
			want[string(b)] = append(want[string(b)], f)
		}
		if !slices.Equal(lines, first) {
			t.Fatalf("%v, want %v", lines, first)
		}
		for name, all := range want {
			if got := s.all(name); !slices.Equal(got, all) {
				t.Fatalf("%q: %v, want %v", name, got, all)
			}
		}
		for id, name := range fieldNames {
			if got := s.byField(fieldID(id)); !slices.Equal(got, want[name]) || s.has(fieldID(id)) != (len(got) > 0) {
				t.Fatalf("%q: %v, want %v", name, got, want[name])
			}
		}
		s.end()
	}
	if !forgotten {
		t.Error("no name was ever forgotten")
	}
}

// TestFieldNames: each name that has an id is found however it is written, and nothing else is taken for one.
func TestFieldNames(t *testing.T) {
	for id, name := range fieldNames {
		for _, written := range []string{name, strings.ToUpper(name)} {
			// Where two names have one hash, another multiplier has to be searched for.
			if got := idOf([]byte(written)); got != fieldID(id) {
				t.Errorf("%q has the id %d, want %d", written, got, id)
			}
		}
		if len(name) > 32 {
			t.Errorf("%q is longer than a name that has an id", name)
		}
	}
	var s fieldsByName
	for range 2 {
		written := []string{"To", "X-To", "TO", "", "tp", "x-tO", "Subject", "to", "T\u00f6", "SUBJECT", "Subject\x7f", strings.Repeat("a", 300)}
		fields := make([]mimesize.Field, len(written))
		for i := range fields {
			fields[i].Part = i
		}
		lines := s.sort(fields, nil, 1, func(f mimesize.Field) []byte { return []byte(written[f.Part]) }, nil)
		if len(lines) != len(s.different) {
			t.Errorf("%d lines of %d names", len(lines), len(s.different))
		}
		var got []string
		for _, n := range s.different {
			var at []int
			for _, f := range s.of(&s.names[n]) {
				at = append(at, f.Part)
			}
			if all := s.all(s.names[n].text); len(all) != len(at) {
				t.Errorf("%q: %d fields, want %d", s.names[n].text, len(all), len(at))
			}
			got = append(got, fmt.Sprint(s.names[n].text, at))
		}
		want := []string{
			"to[0 2 7]", "x-to[1 5]", "[3]", "tp[4]", "subject[6 9]", "t\u00f6[8]", "subject\x7f[10]", strings.Repeat("a", 300) + "[11]",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if len(s.byField(fieldTo)) != 3 || len(s.byField(fieldFrom)) != 0 || s.all("cc") != nil || s.all("x-a") != nil {
			t.Error("fields are found that are not there, or not all")
		}
		s.end()
		if s.fields != nil {
			t.Error("the fields are held")
		}
	}
}

// number gives the number of a name in lower case, if it has one.
func (t *fieldsByName) number(name string) (number int32, ok bool) {
	if id := idOf(octetsOf(name)); id < noField && fieldNames[id] == name {
		return int32(id), true
	}
	number, ok = t.byName[name]
	return number, ok
}

// all gives the fields of a name.
func (t *fieldsByName) all(name string) []mimesize.Field {
	if number, ok := t.number(name); ok && t.names != nil {
		return t.of(&t.names[number])
	}
	return nil
}

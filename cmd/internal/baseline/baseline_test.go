package baseline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	aa = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	bb = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	cc = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
)

func print(t *testing.T, s string) string {
	t.Helper()
	f, err := Fingerprint(strings.NewReader(s), int64(len(s)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFingerprint(t *testing.T) {
	lf := strings.Repeat("line\n", 50_000)
	if print(t, lf) != print(t, strings.ReplaceAll(lf, "\n", "\r\n")) {
		t.Error("LF and CRLF differ")
	}
	seen := map[string]string{}
	for _, s := range []string{"", "\n", "\r", "\r\r\n", "\n\n", "a\rb", "a\nb", "a\r\r", "a\r"} {
		f := print(t, s)
		if other, ok := seen[f]; ok {
			t.Errorf("%q and %q have one fingerprint", s, other)
		}
		seen[f] = s
	}
	if print(t, "x\r\n") != print(t, "x\n") {
		t.Error("only CR LF counts as LF")
	}
	if _, err := Fingerprint(strings.NewReader("short"), 10); err == nil {
		t.Error("a file that shrank has a fingerprint")
	}
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), FileName)
	list := []Entry{
		{Rule: "rfc.from_missing", Path: "b.eml", Fingerprint: bb, Count: 2},
		{Rule: "spam.phrase", Path: "a.eml", Fingerprint: aa, Count: 1},
		{Rule: "rfc.from_missing", Path: "a \u2028<&>\"\n.eml", Fingerprint: aa, Count: 1},
		{Rule: "rfc.2047_length", Path: Escape("caf\xe9\\.eml"), Fingerprint: aa, Count: 1},
	}
	if err := Write(name, list); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	less := cmpopts.SortSlices(func(a, b Entry) bool { return fmt.Sprint(a.key()) < fmt.Sprint(b.key()) })
	if diff := cmp.Diff(list, got, cmpopts.IgnoreFields(Entry{}, "Line"), less); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for i, e := range got {
		if e.Line != i+4 {
			t.Errorf("entry %d is on line %d", i, e.Line)
		}
	}
	list[0], list[3] = list[3], list[0]
	if err := Write(name, list); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(name); string(first) != string(second) {
		t.Errorf("the order of the entries shows:\n%s\n%s", first, second)
	}
	if err := Write(name, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(name); err != nil || len(got) != 0 {
		t.Errorf("empty: %v, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".postern-*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

// Whatever is wrong with a baseline is told with its line, and nothing is then taken as known.
func TestBadFiles(t *testing.T) {
	entry := `{"path": "a.eml", "rule": "spam.phrase", "count": 1, "fingerprint": "` + aa + `"}`
	file := func(entries string) string {
		return "{\n\"postern_baseline\": 1,\n\"entries\": [\n" + entries + "\n]\n}\n"
	}
	good := file(entry)
	tests := map[string]struct {
		text string
		line int
		want string
	}{
		"empty":             {"", 1, "is empty"},
		"blank":             {"\n\n", 1, "is empty"},
		"no JSON":           {"rules: []\n", 1, "is not JSON"},
		"a list":            {"[]", 1, "an object was expected"},
		"null":              {"null", 1, "an object was expected"},
		"no version":        {"{\"entries\": []}", 1, "has to stand first"},
		"only a version":    {"{\"postern_baseline\": 1}", 1, "is no baseline"},
		"other version":     {strings.Replace(good, ": 1,", ": 2,", 1), 2, "version 2"},
		"version in text":   {strings.Replace(good, ": 1,", ": \"1\",", 1), 2, "whole number"},
		"unknown key":       {strings.Replace(good, "entries", "entry", 1), 3, `"entry" is not known`},
		"unknown entry key": {file(strings.Replace(entry, "count", "line", 1)), 4, `"line" is not known`},
		"key twice":         {file(strings.Replace(entry, `"count": 1`, `"count": 1, "count": 9`, 1)), 4, "twice"},
		"entries twice":     {strings.Replace(good, "]\n}", "],\n\"entries\": []\n}", 1), 6, "twice"},
		"entry twice":       {file(entry + ",\n" + entry), 5, "twice, first on line 4"},
		"key missing":       {file(strings.Replace(entry, `"count": 1, `, "", 1)), 4, "an entry has"},
		"count 0":           {file(strings.Replace(entry, ": 1", ": 0", 1)), 4, "is none"},
		"count 1.5":         {file(strings.Replace(entry, ": 1", ": 1.5", 1)), 4, "whole number"},
		"count huge":        {file(strings.Replace(entry, ": 1", ": 1e300", 1)), 4, "whole number"},
		"rule":              {file(strings.Replace(entry, "spam.phrase", "*", 1)), 4, "no rule id"},
		"path":              {file(strings.Replace(entry, "a.eml", "", 1)), 4, "path is empty"},
		"fingerprint":       {file(strings.Replace(entry, "aaa\"", "aa\"", 1)), 4, "no fingerprint"},
		"entry no object":   {file(`"x"`), 4, "an object was expected"},
		"entries no list":   {"{\n\"postern_baseline\": 1,\n\"entries\": {}\n}", 3, "a list was expected"},
		"more":              {good + "{}", 7, "something follows"},
		"conflict":          {file("<<<<<<< HEAD\n" + entry + "\n=======\n>>>>>>> x"), 4, "merge conflict"},
		"comma missing":     {file(entry + "\n" + strings.Replace(entry, "a.eml", "b.eml", 1)), 5, "not JSON"},
	}
	for i := 1; i < len(good)-3; i += 7 {
		tests[fmt.Sprintf("cut at %d", i)] = struct {
			text string
			line int
			want string
		}{good[:i], 1 + strings.Count(strings.TrimRight(good[:i], "\n"), "\n"), ""}
	}
	dir := t.TempDir()
	for name, tt := range tests {
		file := filepath.Join(dir, "b.json")
		if err := os.WriteFile(file, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := Read(file)
		var own *Error
		if !errors.As(err, &own) || list != nil {
			t.Errorf("%s: %d entries, %v", name, len(list), err)
			continue
		}
		if own.Line != tt.line || !strings.Contains(own.Message, tt.want) || own.Hint == "" {
			t.Errorf("%s: %v (%s), want line %d with %q", name, own, own.Hint, tt.line, tt.want)
		}
	}
	for _, name := range []string{filepath.Join(dir, "none.json"), dir} {
		var own *Error
		if _, err := Read(name); !errors.As(err, &own) || own.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMatch(t *testing.T) {
	entries := []Entry{
		{Rule: "a.x", Path: "one.eml", Fingerprint: aa, Count: 2},
		{Rule: "a.y", Path: "one.eml", Fingerprint: aa, Count: 1},
		{Rule: "a.x", Path: "two.eml", Fingerprint: bb, Count: 1},
	}
	x := func(n int) []string { return strings.Split(strings.TrimSuffix(strings.Repeat("a.x ", n), " "), " ") }
	tests := map[string]struct {
		messages []Message
		want     [][]bool
		stale    int
	}{
		"as it was": {[]Message{{Path: "one.eml", Fingerprint: aa, Rules: []string{"a.x", "a.x", "a.y"}}, {Path: "two.eml", Fingerprint: bb, Rules: x(1)}},
			[][]bool{{true, true, true}, {true}}, 0},
		"one more": {[]Message{{Path: "one.eml", Fingerprint: cc, Rules: x(3)}}, [][]bool{{true, true, false}}, 2},
		"renamed":  {[]Message{{Path: "new.eml", Fingerprint: aa, Rules: []string{"a.x", "a.x", "a.y"}}}, [][]bool{{true, true, true}}, 1},
		"edited":   {[]Message{{Path: "two.eml", Fingerprint: cc, Rules: []string{"a.x", "a.y"}}}, [][]bool{{true, false}}, 2},
		"copied":   {[]Message{{Path: "copy.eml", Fingerprint: bb, Rules: x(1)}, {Path: "two.eml", Fingerprint: bb, Rules: x(1)}}, [][]bool{{false}, {true}}, 2},
		"renamed, and another in its place": {[]Message{{Path: "one.eml", Fingerprint: cc, Rules: x(1)}, {Path: "zzz.eml", Fingerprint: aa, Rules: x(2)}},
			[][]bool{{false}, {true, true}}, 2},
		"fixed":                {[]Message{{Path: "one.eml", Fingerprint: cc}}, [][]bool{{}}, 3},
		"another rule":         {[]Message{{Path: "one.eml", Fingerprint: aa, Rules: []string{"a.z"}}}, [][]bool{{false}}, 3},
		"another message":      {[]Message{{Path: "new.eml", Fingerprint: cc, Rules: x(1)}}, [][]bool{{false}}, 3},
		"a rule was skipped":   {[]Message{{Path: "one.eml", Fingerprint: cc, Skipped: []string{"a.x"}}}, [][]bool{{}}, 2},
		"skipped, and renamed": {[]Message{{Path: "new.eml", Fingerprint: aa, Skipped: []string{"a.x", "a.y"}}}, [][]bool{{}}, 1},
	}
	for name, tt := range tests {
		for i := range tt.messages {
			tt.messages[i].Judged = true
		}
		s := New(entries)
		if diff := cmp.Diff(tt.want, s.Match(tt.messages)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		yes := func(string) bool { return true }
		if got := s.Stale(yes, yes); len(got) != tt.stale {
			t.Errorf("%s: stale are %v, want %d", name, got, tt.stale)
		}
		no := func(string) bool { return false }
		if got := s.Stale(yes, no); len(got) != 0 {
			t.Errorf("%s: stale of rules that were not applied: %v", name, got)
		}
	}
	// What was not judged, and what the run did not look at, is not stale.
	s := New(entries)
	s.Match([]Message{{Path: "one.eml"}})
	yes, no := func(string) bool { return true }, func(string) bool { return false }
	if got := s.Stale(no, yes); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := s.Stale(yes, yes); len(got) != 1 || got[0].Path != "two.eml" {
		t.Errorf("%v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("{\n\"postern_baseline\": 1,\n\"entries\": [\n{\"path\": \"a.eml\", \"rule\": \"spam.phrase\", \"count\": 1, \"fingerprint\": \"" + aa + "\"}\n]\n}\n"))
	f.Add([]byte(`{"postern_baseline": 1, "entries": [{"path": "`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, line, err := parse(data)
		if err != nil && (list != nil || line < 1 || line > 1+strings.Count(string(data), "\n")) {
			t.Errorf("line %d, %d entries, %v", line, len(list), err)
		}
		for _, e := range list {
			if e.Count < 1 || e.Path == "" || e.Line < 1 {
				t.Errorf("%+v", e)
			}
		}
	})
}

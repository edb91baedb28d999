package template

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// line is a line of a file.
func line(t *testing.T, file string, n int64) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	if n < 1 || n > int64(len(lines)) {
		t.Fatalf("%s has no line %d", file, n)
	}
	return strings.TrimSpace(lines[n-1])
}

var anyTag = regexp.MustCompile(`\{\{\{?.*?\}?\}\}|\{%.*?%\}|<%.*?%>`)

// sameButTags tells whether a rendered line can come from a line of a template: the literal text of that line, or of the
// part of it before or after a block tag, stands in it in order.
func sameButTags(src, out string) bool {
	var form strings.Builder
	pos := 0
	for _, m := range anyTag.FindAllStringIndex(src, -1) {
		form.WriteString(regexp.QuoteMeta(src[pos:m[0]]) + ".*")
		pos = m[1]
	}
	form.WriteString(regexp.QuoteMeta(src[pos:]))
	return regexp.MustCompile("^" + form.String() + "$").MatchString(out)
}

func TestSpread(t *testing.T) {
	at := func(line int, n int64) anchor { return anchor{line, ref{file: "f", line: n}} }
	// Template lines 10 to 16; the rendered text has 7 lines as well, of which one came twice and one is missing.
	refs := spread([]byte("a\nb\nb\nc\n\ne\nf"), []anchor{at(0, 10), at(1, 11), at(2, 11), at(3, 13), at(5, 15)}, "f", 10, 7)
	want := []ref{{"f", 10, true}, {"f", 11, true}, {"f", 11, true}, {"f", 13, true}, {"f", 14, true}, {"f", 15, true}, {"f", 16, true}}
	for i := range want {
		if refs[i] != want[i] {
			t.Errorf("line %d: %+v, want %+v", i, refs[i], want[i])
		}
	}
	// A value of several lines: what lies behind it up to the next anchor is not known.
	refs = spread([]byte("a\nx\ny\nb"), []anchor{at(0, 1), at(3, 2)}, "f", 1, 2)
	if refs[1].exact || refs[2].exact || !refs[3].exact || refs[1].line != 1 {
		t.Errorf("%+v", refs)
	}
}

func TestMatchLines(t *testing.T) {
	src := "<p>This is one line</p>\n<td></td>\n<p>This is twice</p>\n<p>This is twice</p>\n<%= erb %>\n"
	out := "<p>This is one line</p>\n<td></td>\n<p>This is twice</p>\nvalue of the tag\n"
	refs := matchLines([]byte(out), src, "f", 5)
	for i, want := range []bool{true, false, false, false, false} {
		if refs[i].exact != want || want && refs[i].line != 5 {
			t.Errorf("line %d: %+v", i, refs[i])
		}
	}
}

// TestMarksDropped: a filter that counts or cuts the text must not see the marks, and lines are then known by their text.
func TestMarksDropped(t *testing.T) {
	text := "{% capture c %}\n<p>This is captured text</p>\n{% endcapture %}\n<p>{{ c | size }} characters are in it</p>\n<p>A line that is unique</p>\n"
	dir := repository(t, map[string]string{"t.html": text})
	r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: engineLiquid})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(r.Message), "<p>30 characters") {
		t.Errorf("%s", r.Message)
	}
	if file, n, exact := sourceOf(t, r, "A line that is unique"); file != "t.html" || n != 5 || !exact {
		t.Errorf("%s:%d %v", file, n, exact)
	}
	if _, _, exact := sourceOf(t, r, "characters are"); exact {
		t.Error("a line with a value is claimed to be known by its text")
	}
}

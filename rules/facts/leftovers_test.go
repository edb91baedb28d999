package facts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
	"postern/rules/facts"
)

// template measures a message as one that was rendered from a template.
func template(t testing.TB, mail string) *facts.Facts {
	t.Helper()
	r, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Make(strings.NewReader(mail), int64(len(mail)), r, nil, facts.Options{Origin: facts.OriginTemplate})
}

// texts gives the samples as one text.
func sampleTexts(s facts.Spots) string {
	all := []string{}
	for _, p := range s.Sample {
		all = append(all, p.Text)
	}
	return strings.Join(all, "|")
}

func TestLeftoversInText(t *testing.T) {
	for _, c := range []struct{ body, kind, want string }{
		{"Hello ,\n\nyour order.", "greetings", "Hello ,"},
		{"Dear Mr. ,\n", "greetings", "Dear Mr. ,"},
		{"Hi !\n", "greetings", "Hi !"},
		{"Hello,\nHi there,\nDear Bob ,\nhello world , again", "greetings", ""},
		{"> Hello ,\nquoted", "greetings", ""},
		{"We say: hello , world", "greetings", ""},
		{"Due: Invalid Date", "literals", "Invalid Date"},
		{"Total: $NaN", "literals", "$NaN"},
		{"That is null € for you", "literals", "null"},
		{"Name: undefined\n", "literals", ""}, // programs' output looks the same
		{"Since 1970-01-01 you owe us", "literals", "1970-01-01"},
		{"file-1970-01-01.log and 11970-01-01", "literals", ""},
		{"a null pointer is undefined, NaN", "literals", ""},
		{"Lorem ipsum dolor sit", "filler", "Lorem ipsum dolor sit"},
		{"LOREM IPSUM", "filler", "LOREM IPSUM"},
		{"TODO: write this\nprice TBD", "todo", "TODO: write this|TBD"},
		{"todo, mastodon, XXXL, AXXX, XXX-large", "todo", ""},
		{"Dear {{ name", "unbalanced", "{{ name"},
		{"Dear {{ name }} and {{{ b }}} {% if x %}", "unbalanced", ""},
		{"Dear name }}, welcome", "unbalanced", "Dear name }}"},
		{"{{ a {{ b }}", "unbalanced", "{{ a {{ b }}"},
		{"*|NAME| and *|X|*", "unbalanced", "*|NAME| and *|X|*"},
		{"Write to Sales@Example.com, please, or a@b.", "addresses", "Sales@Example.com"},
		{"Your mail program does not support HTML. View this email in your browser:", "stub", "view this email in your browser|does not support html"},
	} {
		l := template(t, textMail(c.body)).Leftovers
		got := sampleTexts(map[string]facts.Spots{
			"greetings": l.Greetings, "literals": l.Literals, "filler": l.Filler, "todo": l.Todo, "unbalanced": l.Unbalanced, "addresses": l.Addresses, "stub": l.Stub,
		}[c.kind])
		if got != c.want {
			t.Errorf("%q: %s are %q, want %q", c.body, c.kind, got, c.want)
		}
	}
}

func TestLeftoversInHTML(t *testing.T) {
	l := template(t, htmlMail("<p>Hello <b></b>,</p>\n<table><tr><td>Name</td>\n<td>undefined</td></tr></table><p>Phone: null</p><p>null and void</p><style>a{b:{{}</style>"+
		`<a href="https://shop.example/users/undefined?x=1">you</a><a href="https://shop.example/null-island">b</a><a href="ftp://shop.example/beta/null/">c</a>`)).Leftovers
	if got := sampleTexts(l.Greetings); got != "Hello ," {
		t.Errorf("greetings %q", got)
	}
	if got := sampleTexts(l.Literals); got != "https://shop.example/users/undefined?x=1|undefined|Phone: null" {
		t.Errorf("literals %q", got)
	}
	if l.Unbalanced.Count != 0 {
		t.Errorf("a style sheet has unbalanced braces: %v", l.Unbalanced)
	}
}

// Places are lines of the message: what is found can be looked up, whatever the transfer encoding does to lines.
func TestSpotLines(t *testing.T) {
	body := "<p>one</p>\n<p>Hello ,</p>\n<p>\n\nTODO: x</p>\n<img src=http://pics.example/a.png>\n<a href=\"#\">nowhere</a>\n"
	for _, c := range []struct {
		encoding, body string
		lines          []int64 // of greeting, todo, image, link
	}{
		{"8bit", body, []int64{11, 14, 15, 16}},
		{"quoted-printable", strings.ReplaceAll(strings.ReplaceAll(body, "=", "=3D"), "<p>one", "<p>=\no=\nne"), []int64{13, 16, 17, 18}},
		{"base64", "PHA+SGVsbG8gLDwvcD4KVE9ETyB4PGltZyBzcmM9eD48YSBo\ncmVmPSIjIj5nbzwvYT4K\n", []int64{1, 1, 1, 1}},
	} {
		mail := top + "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: " + c.encoding + "\n\n" + c.body
		for _, m := range []string{mail, strings.ReplaceAll(mail, "\n", "\r\n")} {
			f := template(t, m)
			got := []int64{
				f.Leftovers.Greetings.Sample[0].Line, f.Leftovers.Todo.Sample[0].Line, f.HTML.ImagesWithoutAlt.Sample[0].Line,
				f.Links.Empty.Sample[0].Line,
			}
			if !slices.Equal(got, c.lines) {
				t.Errorf("%s: lines %v, want %v", c.encoding, got, c.lines)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	page := `<!DOCTYPE html><html lang="en-GB"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title> Your
 order </title></head><body><span style="display:none">Sent today &zwnj;&zwnj;</span><div><p>Hello</p></div></body></html>`
	f := measure(t, htmlMail(page))
	want := []facts.Document{{Path: "0", Line: 9, Page: true, Lang: "en-GB", Charset: "utf-8", Title: "Your order", Preheader: "Sent today", PreheaderChars: 10}}
	if d := cmp.Diff(want, f.HTML.Documents); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	f = measure(t, htmlMail(`<meta charset="utf-8"><div>View online</div><p>more</p>`))
	if d := f.HTML.Documents[0]; d.Page || d.Lang != "" || d.Charset != "utf-8" || d.Preheader != "View online" {
		t.Errorf("a fragment: %+v", d)
	}
}

func TestLinkSpots(t *testing.T) {
	f := measure(t, htmlMail(`<a href="">a</a><a href=" # ">b</a><a name=x>c</a><a href="mailto:">d</a><a href="#top">e</a><a href="http://a.example/">f</a>`+
		`<a href="http://a.example/2">g</a><img src="http://localhost:3000/a.png" alt="" width=1 height=20><td background="https://cdn.example/b.png"><img src="file:///c/x.png" style="width:5px" alt=x>`))
	if got := sampleTexts(f.Links.Empty); got != "a|b|d" || f.Links.Empty.Count != 3 {
		t.Errorf("empty links %q of %d", got, f.Links.Empty.Count)
	}
	if got := sampleTexts(f.Links.Insecure); got != "a.example" || f.Links.Insecure.Count != 2 {
		t.Errorf("http links %q of %d", got, f.Links.Insecure.Count)
	}
	if got := sampleTexts(facts.Spots{Sample: f.Links.Resources}); got != "localhost|cdn.example|file" {
		t.Errorf("resources %q", got)
	}
	if f.HTML.ImagesWithoutSize.Count != 0 || f.HTML.ImagesWithoutAlt.Count != 0 {
		t.Errorf("images %+v", f.HTML)
	}
}

func TestFeatures(t *testing.T) {
	page := `<style>
@import url(a.css);
@media (prefers-color-scheme: dark) { .a:hover > b[x]::before { color: red } }
.c:after { display: flex; width: calc(100% - 2vw) }
@font-face { font-family: x }
p { --x: 1; margin: var(--x) }
</style><p style="position:absolute; background:url(data:image/png;base64,AAA=)">x</p>
<video src=x></video><img srcset="a 2x" src=a alt=""><input type=TEXT><meta name=color-scheme content=dark>`
	got := map[string]int64{}
	for _, s := range template(t, htmlMail(page)).HTML.Features {
		got[s.Text] = s.Line
	}
	for name, line := range map[string]int64{
		"@import": 10, "@media": 11, "@media (prefers-color-scheme)": 11, ":hover": 11, "> selector": 11, "[attribute] selector": 11, "::before": 11,
		"color": 11, "::after": 12, "display": 12, "display: flex": 12, "calc()": 12, "vw unit": 12, "@font-face": 13, "font-family": 13, "var()": 14,
		"position": 15, "position: absolute": 15, "<video>": 16, "[srcset]": 16, "<input type=text>": 16, "<meta name=color-scheme>": 16,
	} {
		if got[name] != line {
			t.Errorf("%s: line %d, want %d", name, got[name], line)
		}
	}
	if _, ok := got["--x"]; ok {
		t.Error("a custom property is a feature of its own")
	}
	if f := measure(t, htmlMail(page)); len(f.HTML.Features) != 0 {
		t.Errorf("features of a message that is no template: %v", f.HTML.Features)
	}
}

// However much there is, what is kept has an end.
func TestSpotsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "<p>TODO number %d {{ x</p><a href=http://h%d.example/></a><img src=http://i%[1]d.example/a style='p%[1]d:1'>\n", i, i)
	}
	f := template(t, htmlMail(b.String()))
	if n := len(f.Leftovers.Todo.Sample); n != 20 || f.Leftovers.Todo.Count <= 20 {
		t.Errorf("%d of %d notes", n, f.Leftovers.Todo.Count)
	}
	if n := len(f.Links.Resources); n != 100 {
		t.Errorf("%d resources", n)
	}
	if n := len(f.HTML.Features); n != 400 {
		t.Errorf("%d features", n)
	}
}

// An address that a placeholder is part of is not taken for the sender of a template.
func TestOpaqueSenders(t *testing.T) {
	mail := "From: Shop <info@{{domain}}>, a@example.org, {{user}}@example.com\nReply-To: __REPLY__@example.com\nSubject: x\n\nx\n"
	r, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	f := facts.Make(strings.NewReader(mail), int64(len(mail)), r, nil, facts.Options{Opaque: true})
	if len(f.Sender.From) != 1 || f.Sender.From[0].Address != "a@example.org" || len(f.Sender.ReplyTo) != 0 {
		t.Errorf("senders %+v", f.Sender)
	}
	if !f.Opaque || f.Origin != facts.OriginTemplate {
		t.Errorf("origin %q, opaque %v", f.Origin, f.Opaque)
	}
}

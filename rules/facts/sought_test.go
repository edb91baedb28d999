package facts_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

// inMemory is a message that can be had as a whole.
type inMemory struct {
	*bytes.Reader
	b []byte
}

func (m inMemory) InMemory() []byte { return m.b }

const everySought = facts.Targets | facts.Placeholders | facts.Hidden

// checkSought makes facts of which only some are wanted, and compares these with what they are where everything is read. It gives of how
// many parts no word was read.
func checkSought(t testing.TB, name string, in []byte) (passed int) {
	t.Helper()
	r, err := mimesize.Scan(bytes.NewReader(in))
	if err != nil {
		return 0
	}
	all := facts.Make(bytes.NewReader(in), int64(len(in)), r, nil, facts.Options{})
	for _, without := range []facts.Set{
		facts.Placeholders | facts.Hidden, facts.Targets | facts.Hidden, facts.Targets | facts.Placeholders, facts.Hidden, facts.Placeholders, facts.Targets, 0, everySought,
	} {
		o := facts.Options{Without: without | facts.Prose | facts.Damage | facts.Fingerprint, Later: true}
		if without == everySought { // what is wrong with the text takes reading it
			o.Without = facts.Prose | facts.Fingerprint
		}
		var from io.ReaderAt = bytes.NewReader(in)
		if len(in)%2 == 0 {
			from = inMemory{bytes.NewReader(in), in}
		}
		some := facts.Make(from, int64(len(in)), r, nil, o)
		some.Complete()
		same := func(what string, got, want any) {
			t.Helper()
			g, _ := json.Marshal(got)
			w, _ := json.Marshal(want)
			if !bytes.Equal(g, w) {
				t.Errorf("%s: without %b: %s: %.1000s, want %.1000s", name, without, what, g, w)
			}
		}
		x, y := &some.Text, &all.Text
		same("octets", []int64{int64(x.PlainParts), int64(x.HTMLParts), x.PlainBytes, x.HTMLBytes}, []int64{int64(y.PlainParts), int64(y.HTMLParts), y.PlainBytes, y.HTMLBytes})
		if without == everySought {
			same("problems", some.Problems, all.Problems)
		}
		if o.Without&facts.Targets == 0 {
			same("links", some.Links, all.Links)
		}
		if o.Without&facts.Placeholders == 0 {
			same("placeholders", []any{x.PlaceholderCount, x.Placeholders}, []any{y.PlaceholderCount, y.Placeholders})
		}
		if o.Without&facts.Hidden == 0 {
			same("hidden text", []any{x.HiddenText, x.HiddenSample}, []any{y.HiddenText, y.HiddenSample})
		}
		if x.PlainWords < y.PlainWords {
			passed++
		}
	}
	return passed
}

// soughtHeads are the fields of parts by a number.
var soughtHeads = func() (l []string) {
	for _, kind := range []string{"text/plain", "text/html"} {
		for _, charset := range []string{"", "; charset=utf-8", "; charset=windows-1252", "; charset=utf-7", "; charset=utf-16", "; charset=iso-2022-jp", "; charset=x"} {
			for _, encoding := range []string{"7bit", "quoted-printable", "base64"} {
				l = append(l, "Content-Type: "+kind+charset+"\r\nContent-Transfer-Encoding: "+encoding+"\r\n\r\n")
			}
		}
	}
	return l
}()

// soughtForms are texts, as they are or in quoted-printable, with something in them that is looked for, and others with nearly that.
var soughtForms = []string{
	"see http://a.example/", "see http:=2F/a.example/", "see http=3A//a.example/", "see http:/=2Fa.example", "see http:=\r\n//a.example/", "see http:/=\r\n/a.example", "see =68ttp://a.example",
	"ht=\r\ntp://a.example", "see www.a.example", "see w=\r\nww.a.example", "see ww=\nw.a.example", "www=\r\n.a.example", "www=2Ea.example", "=77ww.a.example", "=C3=A9www.a.example",
	"=20www.a.example", "=0Awww.a.example", "=3DWwW.a.example", "xwww.a.example", "http:= \t\r\n//a.example", "http:=\r//a.example", "a:b w: /w",
	"{{name}}", "{=\r\n{name}}", "=7B{name}}", "=7B=7Bname=7D=7D", "a =24{user.name}", "a $=\r\n{user.name}", "a $=7Buser.name}", "*|FNAME|*", "*=\r\n|FNAME|*", "*=7CFNAME|*", "#=\n#name##",
	"x -firstname-", "=C3=A9-firstname- x", "=3D-firstname- x", "=0A-firstname- x", "+AHsAew-name+AH0AfQ-", "h+AHQ-tp+ADo-+AC8ALw-a.example", "=\r\n-firstname- x", "a=\r\n-firstname- x", "-=\r\nfirstname- x", "-=66irstname- x", "__firstname__", "_=\r\n_firstname__", "_=5Ffirstname__",
	"@=40firstname@@", "@=\r\n@firstname@@", "<FIRSTNAME>", "<=\r\nFIRSTNAME>", "<=46IRSTNAME>", "< =\r\nFIRSTNAME>", "$=\r\nfirstname$", "%firstname%", "=25firstname%", "[firstname]",
	"Dear null,", "Dear nu=\r\nll,", "Dear n=\r\null,", "Dear =6Eull,", "Dear=20null,", "Dear=0Anull,", "Dear NIL.", "Dear unde=\r\n=\r\nfined!", "Hello Mr. n=\r\no=\r\nne:", "=A0Dear null,",
	"Dear null =\r\n,", "Dear Nancy,", "a- b -1 _ # @ $5 * a@b",
	`<p style="display:none">x y z</p>a`, `a<p st=\r\nyle=3D"display:none">x y z</p>`, `a<p =73tyle=3D"display:none">x y z</p>`, `a<p hidd=` + "\n" + `en>x y z</p>`, `a<p hidden>x y z</p>`,
	`<body bgcol=` + "\r\n" + `or=3Dwhite>a<font COLOR=3Dwhite>x y z`, `<body bgcolor=white>a<font color=white>x y z`, "<p>a</p><p>b</p>", `<p align=3Dleft>a`,
}

// What is ruled out by a look at the octets is in no message: there is the same to find as where all is decoded.
func TestSought(t *testing.T) {
	passed := 0
	for _, form := range soughtForms {
		for i, head := range soughtHeads {
			for _, text := range []string{form, strings.Repeat("é words =\r\n", 20) + form + "\r\n"} {
				if strings.Contains(head, "base64") {
					text = base64.StdEncoding.EncodeToString([]byte(text))
				}
				passed += checkSought(t, fmt.Sprintf("%q in %d", text, i), []byte(top+head+text))
			}
		}
	}
	for name, form := range hostileForms {
		passed += checkSought(t, name, []byte(form(5_000)))
	}
	files, err := filepath.Glob("../../testdata/messages/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal("no messages", err)
	}
	for _, p := range files {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		passed += checkSought(t, p, b)
	}
	if passed < 1000 {
		t.Errorf("only %d parts were not read", passed)
	}
}

func TestSoughtInCorpora(t *testing.T) {
	passed := 0
	for i, p := range messageFiles(t, facts.Corpora(t)) {
		if i%5 > 0 && os.Getenv("POSTERN_LONG") == "" {
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		passed += checkSought(t, p, b)
	}
	if passed == 0 {
		t.Error("every part was read")
	}
}

func FuzzSought(f *testing.F) {
	for i, form := range soughtForms {
		f.Add([]byte(form), uint8(1+i%len(soughtHeads)))
	}
	f.Add([]byte(top+"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\n=C3=9F w=\nww.a.example\n--b\nContent-Type: text/html\n\n<p style=x>\n--b--\n"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, how uint8) {
		if how > 0 {
			b = append([]byte(top+soughtHeads[int(how-1)%len(soughtHeads)]), b...)
		}
		checkSought(t, "", b)
	})
}

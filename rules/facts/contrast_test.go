package facts

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"postern/mimesize"
)

func TestContrastRatio(t *testing.T) {
	for _, c := range []struct {
		a, b int
		want int64
	}{
		{0, 0xffffff, 2100}, {0xffffff, 0, 2100}, {0x123456, 0x123456, 100}, {0x767676, 0xffffff, 454}, {0x777777, 0xffffff, 447},
		{0x949494, 0xffffff, 303}, {0x959595, 0xffffff, 299},
	} {
		if got := contrastRatio(c.a, c.b); got != c.want {
			t.Errorf("%06x on %06x: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestContrasts: only colours that inline styles state are compared.
func TestContrasts(t *testing.T) {
	const low = `background:#fff`
	for _, c := range []struct{ name, html, want string }{
		{"one element", `<p style="color:#777;background-color:white">a</p>`, "#777777 #ffffff 447"},
		{"rgb", `<p style="color:rgb(119,119,119);background:rgb(255 255 255)">a</p>`, "#777777 #ffffff 447"},
		{"inherited", `<div style="` + low + `"><b><p style="color:#777">a</p></b></div>`, "#777777 #ffffff 447"},
		{"bgcolor", `<table bgcolor="#ffffff"><tr><td style="color:#777">a</td></tr></table>`, "#777777 #ffffff 447"},
		{"enough", `<p style="color:#595959;background:#fff">a</p>`, ""},
		{"large", `<p style="color:#777;background:#fff;font-size:24px">a</p><p style="color:#777;background:#fff;font-size:18.66px;font-weight:700">a</p>`, "#777777 #ffffff 447 large"},
		{"nearly large", `<p style="color:#777;background:#fff;font-size:23px">a</p>`, "#777777 #ffffff 447"},
		{"points", `<p style="color:#777;background:#fff;font-size:18pt">a</p>`, "#777777 #ffffff 447 large"},
		{"unknown size", `<p style="color:#777;background:#fff;font-size:2em">a</p>`, "#777777 #ffffff 447 large"},
		{"heading", `<h1 style="color:#777;background:#fff">a</h1>`, "#777777 #ffffff 447 large"},
		{"no ground", `<p style="color:#777">a</p>`, ""},
		{"no colour", `<p style="background:#777">a</p>`, ""},
		{"a picture", `<p style="color:#777;background:#fff url(a.png)">a</p>`, ""},
		{"a picture by attribute", `<table background="a.png" style="` + low + `"><tr><td style="color:#777">a</td></tr></table>`, ""},
		{"transparent in part", `<div style="` + low + `"><p style="color:#777;background:rgba(0,0,0,.5)">a</p></div>`, ""},
		{"transparent", `<div style="` + low + `"><p style="color:#777;background:transparent">a</p></div>`, "#777777 #ffffff 447"},
		{"a colour that is not known", `<div style="color:#777;` + low + `"><p style="color:var(--x)">a</p></div>`, ""},
		{"a link has a colour of its own", `<p style="color:#777;` + low + `"><a href="https://example.com">a</a></p>`, ""},
		{"a link that states one", `<p style="` + low + `"><a style="color:#777" href="https://example.com">a</a></p>`, "#777777 #ffffff 447"},
		{"a table inherits none", `<div style="color:#777;` + low + `"><table><tr><td>a</td></tr></table></div>`, ""},
		{"behind the element", `<div style="color:#777;` + low + `"></div><p>a</p>`, ""},
		{"no text", `<p style="color:#777;` + low + `"> &nbsp; * </p>`, ""},
		{"hidden", `<p style="color:#777;display:none;` + low + `">a</p>`, ""},
		{"a sheet without colours", `<style>p{margin:0}</style><div style="` + low + `"><p style="color:#777">a</p></div>`, "#777777 #ffffff 447"},
		{"a sheet with colours", `<div style="` + low + `"><p style="color:#777">a</p></div><style>p{background:#000}</style>`, ""},
		{"stated beside a sheet", `<style>p{background:#000}</style><p style="color:#777;` + low + `">a</p>`, "#777777 #ffffff 447"},
		{"once", strings.Repeat(`<p style="color:#777;background:#fff">a</p>`, 100), "#777777 #ffffff 447"},
	} {
		msg := "From: a@example.com\nContent-Type: text/html; charset=utf-8\nMIME-Version: 1.0\n\n" + c.html + "\n"
		for _, origin := range []string{OriginTemplate, OriginMessage} {
			res, err := mimesize.Scan(strings.NewReader(msg))
			if err != nil {
				t.Fatal(err)
			}
			f := Make(bytes.NewReader([]byte(msg)), int64(len(msg)), res, nil, Options{Origin: origin})
			var got []string
			for _, x := range f.HTML.Contrasts {
				s := fmt.Sprintf("%s %s %d", x.Colour, x.Ground, x.Ratio)
				if x.Large {
					s += " large"
				}
				got = append(got, s)
				if x.Line != 5 || x.Text != "a" {
					t.Errorf("%s: line %d, text %q", c.name, x.Line, x.Text)
				}
			}
			want := c.want
			if origin == OriginMessage {
				want = ""
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s, %s: %v, want %s", c.name, origin, got, want)
			}
		}
	}
}

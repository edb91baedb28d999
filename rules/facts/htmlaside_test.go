package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/rules/facts"
)

// disguised is a link that a rule stands against.
const disguised = `<a href="http://bank.example.com@evil.example.net/">here</a>`

func credentials(f *facts.Facts) (n int) {
	for _, l := range f.Links.Items {
		if l.Credentials && l.Host == "evil.example.net" {
			n++
		}
	}
	return n
}

// Some mail program shows each of these links, though not every reading of HTML has it.
func TestLinksOfOtherReaders(t *testing.T) {
	const target = `"http://bank.example.com@evil.example.net/"`
	for name, html := range map[string]string{
		"where no scripts run":               "<noscript>" + disguised + "</noscript>",
		"in place of an object":              "<object data=x>" + disguised + "</object>",
		"a list of choices that input ends":  "<select><input>" + disguised,
		"Outlook":                            "<!--[if mso]><p>" + disguised + "</p><![endif]-->",
		"a shape of Outlook":                 "<!--[if mso]><v:roundrect href=" + target + "></v:roundrect><![endif]-->",
		"a comment without end":              "<!--[if gte mso 9]>" + disguised,
		"SVG, style holds markup":            "<svg><style><p></p>" + disguised,
		"SVG, title is whole":                "<svg><title/></svg>" + disguised,
		"MathML, style holds markup":         "<math><style><p></p>" + disguised,
		"SVG, but HTML again":                "<svg><p></p><title><!--</title>" + disguised,
		"link of SVG":                        "<svg><a xlink:href=" + target + "><text>here</text></a></svg>",
		"link of SVG, href goes before":      `<svg><a xlink:href="https://example.com/" href=` + target + "><text>here</text></a></svg>",
		"button":                             "<form><button formaction=" + target + ">here</button></form>",
		"button that is an input":            "<form><input type=submit formaction=" + target + "></form>",
		"relative to base":                   "<base href=" + target + `><a href="/login">here</a>`,
		"relative to base, query":            `<base href="http://bank.example.com@evil.example.net?x=1"><a href="login">here</a>`,
		"relative to a later base":           `<a href="login">here</a><base href=` + target + ">",
		"form relative to base":              "<base href=" + target + `><form action="/login"></form>`,
		"after 6,000 other links":            manyLinks(6000) + disguised,
		"after 6,000 other links in a list":  "<ul>" + manyLinks(6000) + "</ul><!--[if mso]>" + disguised + "<![endif]-->",
		"after what is never closed in HTML": "<noscript><noscript>" + disguised,
	} {
		if n := credentials(measure(t, htmlMail("<p>Hello</p>"+html))); n == 0 {
			t.Errorf("%s: the link is not seen", name)
		}
		// Of a template the other reader of tokens reads.
		if n := credentials(template(t, htmlMail("<p>Hello</p>"+html))); n == 0 {
			t.Errorf("%s: the link of a template is not seen", name)
		}
	}
}

// Nobody leads there.
func TestLinksOfNobody(t *testing.T) {
	for name, html := range map[string]string{
		"a comment":                   "<!-- " + disguised + " -->",
		"a style sheet":               "<style>" + disguised + "</style>",
		"a style sheet before SVG":    "<style>" + disguised + "</style><svg></svg>",
		"an absolute link and a base": `<base href="http://bank.example.com@evil.example.net/"><a href="https://example.com/">x</a><a href="//example.com/">x</a><a href="#top">x</a>`,
	} {
		if n := credentials(measure(t, htmlMail("<p>Hello</p>"+html))); n != 0 {
			t.Errorf("%s: the link is seen", name)
		}
	}
}

// Text that is shown where no scripts run is text, and its markup none.
func TestTextOfNoscript(t *testing.T) {
	f := measure(t, htmlMail("<noscript><p class=greeting>two words</p></noscript>"))
	if f.Text.HTMLWords != 2 {
		t.Errorf("%d words, want 2", f.Text.HTMLWords)
	}
}

func manyLinks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<a href=//a.example/%d>x</a>", i)
	}
	return b.String()
}

// Browsers take wide digits and stops for those of ASCII.
func TestWideHosts(t *testing.T) {
	for _, href := range []string{"http://１９２．0．2．1/", "http://192。0。2。1/", "http://①92.0.2.1", "http://𝟏𝟗𝟐.0.2.1/", "http://３２２１２２５９８５/"} {
		f := measure(t, htmlMail(`<a href="`+href+`">here</a>`))
		if l := f.Links.Items; len(l) != 1 || !l[0].IPHost || l[0].Host != "192.0.2.1" {
			t.Errorf("%s: %+v, want an IP host", href, l)
		}
	}
	f := measure(t, htmlMail(`<a href="http://evil.example.net/">ｗww．example。org</a>`))
	if l := f.Links.Items; len(l) != 1 || !l[0].Mismatch || l[0].TextHost != "www.example.org" {
		t.Errorf("wide text: %+v, want another host than it leads to", l)
	}
}

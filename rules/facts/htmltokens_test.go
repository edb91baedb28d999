package facts

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// tokensOf lists the tokens of a text that matter, with their lines, and the line it ends on: those of htmlTokens and what it leaves
// to html.Tokenizer, or all as the latter has them.
func tokensOf(text string, fast bool) (all []string) {
	row := 0
	note := func(kind html.TokenType, s string, a *attributes) {
		if kind == html.SelfClosingTagToken {
			kind = html.StartTagToken
		}
		all = append(all, fmt.Sprintf("%d %v %q %+v", row, kind, s, *a))
	}
	if fast {
		t := new(htmlTokens)
		t.begin(text)
		for t.next() {
			switch t.kind {
			case html.StartTagToken:
				note(t.kind, tagOf(t.name).name, &t.attr)
			case html.EndTagToken:
				note(t.kind, tagOf(t.name).name, &attributes{})
			case html.TextToken:
				note(t.kind, t.data, &attributes{})
			}
			row += t.lines()
		}
		if text = t.rest(); text == "" {
			return append(all, fmt.Sprint(row))
		}
	}
	z := html.NewTokenizer(strings.NewReader(text))
	for lines := 0; ; {
		row += lines
		typ := z.Next()
		lines = bytes.Count(z.Raw(), newline)
		switch typ {
		case html.ErrorToken:
			return append(all, fmt.Sprint(row))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, has := z.TagName()
			tag, a := tagOf(name), attributes{}
			if has {
				a = readAttributes(z, false)
			}
			if tag.name == "noscript" {
				z.NextIsNotRawText()
			}
			note(typ, tag.name, &a)
		case html.EndTagToken:
			name, _ := z.TagName()
			note(typ, string(name), &attributes{})
		case html.TextToken:
			note(typ, string(z.Text()), &attributes{})
		}
	}
}

func checkTokens(t *testing.T, text string) {
	t.Helper()
	got, want := tokensOf(text, true), tokensOf(text, false)
	if !slices.Equal(got, want) {
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("%q: token %d is not %s, of %q", text, i, want[i], got)
			}
		}
		t.Fatalf("%q: %q, want %q", text, got, want)
	}
}

var htmlPieces = []string{
	"<", ">", "/", "</", "/>", "<a", "<A HREF", "<img src", "<p>", "</p>", "<br/>", "<td bgcolor=#fff text=x color=y>", " ", "\n", "\r\n", "\r", "\t", "\f", "=", "\"", "'", "=\"x\"", "='y\"'", "=z", " href=", " alt", " hidden", " style=\"a:b\"",
	"<!--", "-->", "--", "-", "--!>", "!", "<!", "<!DOCTYPE html>", "<!doctype", "<?xml ?>", "</>", "</ >", "</1>", "<style>", "</style>", "</STYLE >", "<title>", "</title", "</title>", "<textarea>", "</textarea/", "<script>", "</script>", "<noscript>", "</noscript>",
	"<xmp>", "<plaintext>", "&amp;", "&lt;", "&amp", "&", "&copy=", "&copy", "&copy;", "&notit;", "&#65;", "&#x41;", "&#", "&#;", "&#65", "&x=1", "& ", "&nbsp;", "&b=c&amp;d", "text", "\u00e9", "\x00", "x", "<x-very-long-name-of-an-element-that-nobody-knows>", " very-long-name-of-an-attribute=1", "<script ", "</script", "<script/", "&semi;", "&semi", "&AElig", "&AElig;", "&bne;", "&fjlig;", "&#x80", "&#0;", "&#x110000;", "<!-->", "<!--->", " http-equiv=a", " Charset=b", " href=1 HREF=2",
}

// TestHTMLTokens: the tokens of an HTML text are those of html.Tokenizer.
func TestHTMLTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	for range 30_000 {
		var b strings.Builder
		for range rng.IntN(24) {
			b.WriteString(htmlPieces[rng.IntN(len(htmlPieces))])
		}
		checkTokens(t, b.String())
	}
}

func FuzzHTMLTokens(f *testing.F) {
	for _, s := range htmlPieces {
		f.Add("<p a=b>" + s + "</p>\n" + s + ">")
		f.Add("<a href=\"" + s + "\">" + s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTokens(t, text) })
}

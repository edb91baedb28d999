package facts_test

import (
	"encoding/base64"
	"testing"
	"unicode/utf16"
)

func TestUTF7(t *testing.T) {
	for _, c := range []struct{ body, subject string }{
		{"+ADw-a href+AD0AIg-http://bank.example.com+AEA-evil.example.net/+ACIAPg-here+ADw-/a+AD4", "link"},
		{"<a href=\"http://bank.example.com+AEA-evil.example.net/\">1+-1</a>", "link, partly"},
	} {
		f := measure(t, top+"Content-Type: text/html; charset=utf-7\n\n"+c.body+"\n")
		if credentials(f) == 0 {
			t.Errorf("%s: links %+v", c.subject, f.Links.Items)
		}
	}
	// Whatever is encoded is read again.
	text := "Grüße, 𝟏 + 2 = ∞"
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u>>8), byte(u))
	}
	f := measure(t, top+"Content-Type: text/csv; name=\"=?utf-7?q?+"+base64.RawStdEncoding.EncodeToString(b)+"-.csv?=\"\nContent-Disposition: attachment\n\nx\n")
	if a := f.Attachments; len(a) != 1 || a[0].Filename != text+".csv" {
		t.Errorf("attachments %+v, want one called %q", a, text+".csv")
	}
}

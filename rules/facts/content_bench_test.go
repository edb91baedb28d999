package facts_test

import (
	"bytes"
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

// benchmarkMake measures Make, without the scan.
func benchmarkMake(b *testing.B, mail string) {
	r, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		b.Fatal(err)
	}
	in := bytes.NewReader([]byte(mail))
	b.SetBytes(int64(len(mail)))
	b.ReportAllocs()
	for b.Loop() {
		facts.Make(in, int64(len(mail)), r, nil, facts.Options{})
	}
}

func BenchmarkMakeText(b *testing.B) {
	benchmarkMake(b, textMail(strings.Repeat("Some ordinary words of a letter, and a link: https://example.com/a.\n", 30)))
}

func BenchmarkMakeNewsletter(b *testing.B) {
	row := `<tr><td style="padding:4px;font-family:Arial,sans-serif;font-size:14px;color:#333333"><a href="https://example.com/offer"><img src="https://example.com/i.png" alt="picture"></a><p>Some ordinary words of a newsletter.</p></td></tr>`
	benchmarkMake(b, htmlMail("<html><head><style>@media (max-width:600px){.m{width:100%}}</style></head><body bgcolor=#ffffff><table>"+strings.Repeat(row, 200)+"</table></body></html>"))
}

// BenchmarkMakeAttachment has 10 MB of base64, of which only the start is decoded.
func BenchmarkMakeAttachment(b *testing.B) {
	line := strings.Repeat("/9j/4AAQ", 9) + "SkZJ\n"
	benchmarkMake(b, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the picture.\n--b\nContent-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.jpg\n\n"+strings.Repeat(line, 10_000_000/len(line))+"--b--\n")
}

// ordinary is a letter as most are: plain text in ASCII, 2.8 KB, to three people.
var ordinary = "Message-ID: <49346204.877390738@mail.example.com>\r\nDate: Wed, 15 Feb 2023 19:28:34 +0000\r\nFrom: Ann Other <ann.other@example.com>\r\n" +
	"To: Dave May <dave.may@example.net>, gita@example.org,\r\n\tfrank.long@mail.example.org\r\nSubject: the meeting on Tuesday\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
	strings.Repeat("since the server was reset we have had no report of it, and what they said\r\nabout the budget is still to be confirmed before the quarterly forecast.\r\n> as you wrote before\r\n\r\n", 14)

// BenchmarkMakeOrdinary measures what the facts of an ordinary letter cost by what is wanted of them.
func BenchmarkMakeOrdinary(b *testing.B) {
	r, err := mimesize.Scan(strings.NewReader(ordinary))
	if err != nil {
		b.Fatal(err)
	}
	in := strings.NewReader(ordinary)
	for _, c := range []struct {
		name string
		o    facts.Options
	}{
		{"all", facts.Options{}},
		{"text when it is asked for", facts.Options{Without: facts.Damage | facts.Names, Later: true}},
		{"header only", facts.Options{Without: facts.Damage | facts.Names | facts.Reading | facts.Fingerprint}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(ordinary)))
			b.ReportAllocs()
			for b.Loop() {
				facts.Make(in, int64(len(ordinary)), r, nil, c.o).Forget()
			}
		})
	}
}

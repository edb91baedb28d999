package report

import (
	"io"
	"time"

	"postern/cmd/internal/quote"
)

// Sent is what one sender of one account has sent.
type Sent struct {
	Account     string `json:"account"`
	Sender      string `json:"sender"`
	Messages    int64  `json:"messages"`
	Recipients  int64  `json:"recipients"`
	Addresses   int64  `json:"addresses"`
	Octets      int64  `json:"octets"`
	Reserved    int64  `json:"reserved"`
	LastSeconds int64  `json:"last_seconds"`
}

// WriteSentJSON writes what was sent as one object.
func WriteSentJSON(w io.Writer, window time.Duration, list []Sent) error {
	b, err := EncodeIndent(map[string]any{"schema_version": SchemaVersion, "window_seconds": int64(window.Seconds()), "senders": list})
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// Sent writes what was sent for people. Both units are shown, because providers count in either.
func (p *Printer) Sent(window time.Duration, list []Sent) {
	over := "as far as it is kept"
	if window > 0 {
		over = "within " + Duration(window)
	}
	if len(list) == 0 {
		p.Line("nothing was sent " + over)
		return
	}
	p.Line("sent " + over)
	var t table
	t.add("account", "sender", "messages", "recipients", "addresses", "octets", "last", "")
	for _, s := range list {
		note := ""
		if s.Reserved > 0 {
			note = Comma(s.Reserved) + " under way"
		}
		t.add(quote.Short(s.Account, 40), quote.Short(s.Sender, 40), Comma(s.Messages), Comma(s.Recipients), Comma(s.Addresses), Comma(s.Octets),
			Duration(time.Duration(s.LastSeconds)*time.Second)+" ago", note)
	}
	p.table(&t, "lrrrrrl")
}

// Duration says a duration in at most two units.
func Duration(d time.Duration) string {
	n := int64(d / time.Second)
	two := func(first, second int64, one, many, one2, many2 string) string {
		s := Count(first, one, many)
		if second > 0 {
			s += " " + Count(second, one2, many2)
		}
		return s
	}
	switch {
	case n < 60:
		return Count(n, "second", "seconds")
	case n < 3600:
		return two(n/60, n%60, "minute", "minutes", "second", "seconds")
	case n < 86400:
		return two(n/3600, n%3600/60, "hour", "hours", "minute", "minutes")
	}
	return two(n/86400, n%86400/3600, "day", "days", "hour", "hours")
}

package auditor

import (
	"math"
	"strings"
	"testing"

	"postern/cmd/internal/audit"
)

func TestFilter(t *testing.T) {
	f := Filter{Since: math.MinInt64, Until: math.MaxInt64, Sample: 1, Senders: []string{"example.org", "ada@*.net"}}
	for sender, want := range map[string]bool{"x@example.org": true, "x@mail.example.org": true, "x@notexample.org": false, "ada@b.net": true, "bob@b.net": false, "": false} {
		_, domain, _ := strings.Cut(sender, "@")
		if got := f.kind(&audit.Row{Sender: sender, Domain: domain}) == audit.Judged; got != want {
			t.Errorf("%q is wanted: %v", sender, got)
		}
	}
	for name, want := range map[string]bool{"INBOX/Sent": true, "sent": true, "/home/x/Maildir/.Sent": true, "Sent/2025": false} {
		f := Filter{Folders: []string{"sent"}}
		if got := f.folder(name); got != want {
			t.Errorf("folder %q is wanted: %v", name, got)
		}
	}
	first, after := int64(1000), int64(2000)
	f = Filter{Since: first, Until: after, Dated: true, Sample: 1}
	for unix, want := range map[int64]audit.Kind{first - 1: audit.Filtered, first: audit.Judged, after - 1: audit.Judged, after: audit.Filtered, audit.NoDate: audit.Undated} {
		if got := f.kind(&audit.Row{Unix: unix}); got != want {
			t.Errorf("%d: kind %d, want %d", unix, got, want)
		}
	}
	f.Sample = 0.25
	n := 0
	for i := range uint64(10_000) {
		if f.drawn(i * 0x9e3779b97f4a7c15) {
			n++
		}
	}
	if n < 2300 || n > 2700 {
		t.Errorf("%d of 10,000 are drawn", n)
	}
}

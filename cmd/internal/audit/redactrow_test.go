package audit

import (
	"fmt"
	"testing"
)

// TestRedactRow: a row says what the functions for single texts say, whatever came before it, and its texts are not those of the row before.
func TestRedactRow(t *testing.T) {
	x, y := NewRedactor([]byte("key"), nil), NewRedactor([]byte("key"), nil)
	names := []string{"", "a.mbox@12", "a.mbox@345", "a.mbox", "b/a.mbox#3", "b#", "@5", "#", "7", "a@b", "a.mbox!c.eml", "x@1@2", "a.mbox@345", "ä#٣"}
	seen := map[string]bool{}
	for i := range 4 * len(names) * len(names) {
		name, path := names[i%len(names)], names[i/len(names)%len(names)]
		sender := []string{"", "a@b.example", "nobody", "c@d@e"}[i%4]
		r := Row{Name: name, Path: path, Folder: path, Subject: sender + name, Sender: sender, Reason: "of " + sender}
		want := fmt.Sprintf("%q", []string{y.Place(r.Name), y.Place(r.Path), y.Folder(r.Folder), y.Subject(r.Subject), y.Address(r.Sender), y.Reason(r.Reason)})
		x.Row(&r)
		got := fmt.Sprintf("%q", []string{r.Name, r.Path, r.Folder, r.Subject, r.Sender, r.Reason})
		if got != want {
			t.Fatalf("%q in %q: %s, want %s", name, path, got, want)
		}
		seen[got] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d different rows", len(seen))
	}
}

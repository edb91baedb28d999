package decisions

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// A line is what encoding/json makes of the entry, octet for octet.
func FuzzLine(f *testing.F) {
	var all strings.Builder
	for r := range rune(0x180) {
		all.WriteRune(r)
	}
	f.Add("a@example.com", "size.message", int64(1700000000123456789), int64(4000), 1)
	f.Add(all.String(), "\u2027\u2028\u2029\u202a\ufffd\U0001f600\ud7ff\uffff", int64(0), int64(-1), 3)
	f.Add("", "", int64(1700000000000000000), int64(0), 0)
	f.Add("\xff\xe2\x80", "a\xc0\xafb", int64(1), int64(1), 2)
	f.Fuzz(func(t *testing.T, a, b string, at, n int64, count int) {
		list := []string{}
		for range count & 3 {
			list = append(list, a, b)
		}
		e := Entry{Time: time.Unix(0, at).UTC(), Message: b, Octets: n, Added: list[len(list)/2:], Recipients: count, Sender: a, To: list, Verdict: a, Reason: b, Rules: list,
			Policy: b, Transport: a, Result: b, Status: a}
		want, err := json.Marshal(e)
		if err != nil {
			t.Skip()
		}
		got := string(e.appendLine(nil))
		if got != string(want)+"\n" {
			t.Errorf("%q\n%q", got, want)
		}
		var back Entry
		if err := json.Unmarshal([]byte(got), &back); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	})
}

package audit

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRowsPassAway gives a run rows whose memory is overwritten when they are added: nothing of them may be in its report.
func TestRowsPassAway(t *testing.T) {
	report := func(after func([]byte)) string {
		r, err := Start(&Head{Settings: Settings{Campaign: 2, Dedup: true, Pace: Pace{Batch: 1, Seconds: 3, Gap: 60}}}, Options{Rows: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Done(false)
		for i := range 200 {
			row := exampleRow()
			row.Place, row.Hash = Place{File: uint64(i)}, [16]byte{byte(i % 150)}
			row.Skipped, row.Reason, row.Outcome, row.OtherOutcome = fmt.Sprint("s", i%3), fmt.Sprint("r", i%5), uint8(i%3), uint8(i%2)
			row.Sender, row.Domain, row.Folder = fmt.Sprint(i%7, "@b"), fmt.Sprint("b", i%7), fmt.Sprint("f", i%6)
			row.Notes = []Note{{fmt.Sprint("n", i%4), "note"}}
			row.Findings[0].Rule = fmt.Sprint("rule.", i%9)
			switch i % 11 {
			case 0:
				row = Row{Place: row.Place, Kind: LeftOut, Reason: fmt.Sprint("left ", i%4)}
			case 1:
				row.Kind = Broken
			case 2:
				row = Row{Place: row.Place, Kind: PathEnd, Name: fmt.Sprint("path ", i), Dir: true}
			}
			b := row.Append(nil)
			if err := r.Add(b, nil); err != nil {
				t.Fatal(err)
			}
			after(b)
		}
		rep, err := r.End(true)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.MarshalIndent(rep, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := report(func([]byte) {})
	got := report(func(b []byte) {
		for i := range b {
			b[i] = '!'
		}
	})
	if d := cmp.Diff(want, got); d != "" || len(want) < 10_000 {
		t.Errorf("%d octets, %s", len(want), d)
	}
}

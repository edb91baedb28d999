package rules

import (
	"bytes"
	"io"
	"os"
	"testing"

	"postern/rules/facts"
)

// BenchmarkGuardsMail runs the guards over the first messages of an mbox file, POSTERN_MBOX: what they cost depends on what the
// messages are, and how many of them there are. Message by message it says how long the guards take and how long the findings of the
// rules do that they let through, without OPA.
func BenchmarkGuardsMail(b *testing.B) {
	file := os.Getenv("POSTERN_MBOX")
	if file == "" {
		b.Skip("skip: needs the mbox file that POSTERN_MBOX names")
	}
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 40<<20))
	if err != nil {
		b.Fatal(err)
	}
	var mails [][]byte
	for mail := range bytes.SplitSeq(raw, []byte("\n\nFrom ")) {
		if _, mail, ok := bytes.Cut(mail, []byte("\n")); ok && len(mails) < 3000 {
			mails = append(mails, append(mail, '\n'))
		}
	}
	some := policyRules(benchEngine(b))
	for name, only := range map[string][]string{"all rules": nil, "policy rules": some} {
		e := newEngine(b, Options{Only: only, Guards: GuardsOn})
		o := facts.Options{Now: fixtureNow}
		e.Spare(&o)
		var all []*facts.Facts
		for _, mail := range mails {
			f := corpusFacts(b, mail, nil, o)
			e.Judge(b.Context(), f)
			all = append(all, f)
		}
		var room []int
		var found []Finding
		set := &e.message
		b.Run(name+"/guards", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				room = set.plan().Run(all[i%len(all)], room[:0])
			}
		})
		b.Run(name+"/findings", func(b *testing.B) {
			fired := 0
			var may [][]int
			for _, f := range all {
				may = append(may, set.plan().Run(f, nil))
				fired += len(may[len(may)-1])
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				found, _ = e.find(set, may[i%len(all)], all[i%len(all)], found[:0])
			}
			b.ReportMetric(float64(fired)/float64(len(all)), "rules/op")
		})
	}
}

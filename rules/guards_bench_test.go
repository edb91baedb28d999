package rules

import (
	"testing"
	"time"

	"postern/rules/facts"
)

// cleanMail is a message that no rule says anything about.
const cleanMail = "From: Bob Brown <bob@example.com>\r\nTo: Carol Clark <carol@iana.org>\r\nSubject: Minutes of the meeting\r\n" +
	"Date: Mon, 23 Nov 2026 11:58:00 +0000\r\nMessage-ID: <1.2.3@example.com>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
	"Hello Carol,\r\n\r\nplease find below what we have agreed on this morning. The first draft goes\r\n" +
	"out on Thursday; I will call you about the second one.\r\n\r\nKind regards\r\nBob\r\n"

// policyRules are the rules that speak of what providers limit.
func policyRules(e *Engine) []string {
	var ids []string
	for _, r := range e.rules {
		switch r.Category() {
		case "size", "recipients", "sender", "bulk", "pair":
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// BenchmarkGuards judges a small clean message with guards; vs-opa is its time by that without guards.
func BenchmarkGuards(b *testing.B) {
	some := policyRules(benchEngine(b))
	for name, only := range map[string][]string{"all rules": nil, "policy rules": some} {
		b.Run(name, func(b *testing.B) {
			o := Options{Account: fixtureAccount(), Only: only, Guards: GuardsOn}
			guarded := newEngine(b, o)
			o.Guards = GuardsOff
			plain := newEngine(b, o)
			f := corpusFacts(b, []byte(cleanMail), nil, facts.Options{Now: fixtureNow})
			if v := plain.Judge(b.Context(), f); v.Outcome != Pass || len(v.Findings) > 0 {
				b.Fatalf("the message is not clean: %+v", v.Findings)
			}
			guarded.Judge(b.Context(), f)
			b.ReportAllocs()
			for b.Loop() {
				guarded.Judge(b.Context(), f)
			}
			b.StopTimer()
			reportRatio(b, guarded, plain, f, "vs-opa")
		})
	}
}

// BenchmarkGuardsFired judges a message with findings: OPA runs the rules that find them. vs-all is the time by that of all rules.
func BenchmarkGuardsFired(b *testing.B) {
	guarded := newEngine(b, Options{Account: fixtureAccount(), Guards: GuardsOn})
	plain := benchEngine(b)
	f := benchFacts()
	guarded.Judge(b.Context(), f)
	b.ReportAllocs()
	for b.Loop() {
		guarded.Judge(b.Context(), f)
	}
	b.StopTimer()
	reportRatio(b, guarded, plain, f, "vs-all")
}

// reportRatio judges by two engines in turn and reports the time of the first by that of the second.
func reportRatio(b *testing.B, guarded, plain *Engine, f *facts.Facts, unit string) {
	var ours, theirs time.Duration
	for range 200 {
		began := time.Now()
		guarded.Judge(b.Context(), f)
		half := time.Now()
		plain.Judge(b.Context(), f)
		ours, theirs = ours+half.Sub(began), theirs+time.Since(half)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), unit)
}

// BenchmarkMakeGuards is what the guards cost once; vs-new is that by the time of New.
func BenchmarkMakeGuards(b *testing.B) {
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		e := newEngine(b, Options{Account: fixtureAccount(), Guards: GuardsOn})
		half := time.Now()
		e.guards.make()
		ours, theirs = ours+time.Since(half), theirs+half.Sub(began)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "vs-new")
}

// dummyMail is a message in which one rule finds something of each recipient, as in archives of examples.
const dummyMail = "From: Bob Brown <bob@example.com>\r\nTo: Carol <carol@example.net>, Dave <dave@example.org>, erin@mail.example.net,\r\n" +
	" frank@lists.example.org, Grace <grace@sub.example.com>\r\nSubject: Minutes of the meeting\r\n" +
	"Date: Mon, 23 Nov 2026 11:58:00 +0000\r\nMessage-ID: <1.2.3@example.com>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHello,\r\n\r\nsee you.\r\n"

// BenchmarkGuardsFindings judges a message with five findings of one rule, which need no OPA.
func BenchmarkGuardsFindings(b *testing.B) {
	e := newEngine(b, Options{Account: fixtureAccount(), Only: policyRules(benchEngine(b)), Guards: GuardsOn})
	f := corpusFacts(b, []byte(dummyMail), nil, facts.Options{Now: fixtureNow})
	if v := e.Judge(b.Context(), f); len(v.Findings) != 5 {
		b.Fatalf("the findings are %+v", v.Findings)
	}
	b.ReportAllocs()
	var room []Finding
	for b.Loop() {
		room = e.JudgeInto(b.Context(), f, room).Findings
	}
}

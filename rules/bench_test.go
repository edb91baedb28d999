package rules

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/rules/facts"
)

// benchFacts gives facts of an ordinary message: some recipients, parts, links and problems.
func benchFacts() *facts.Facts {
	f := facts.New(facts.KindMessage)
	f.Size = facts.Size{WireBytes: 48_211, DataBytes: 48_211, StoredBytes: 47_000, HeaderBytes: 2_100, SeparatorBytes: 2, BodyBytes: 46_109}
	f.Header.Names = []string{"content-type", "date", "from", "message-id", "mime-version", "subject", "to"}
	f.Header.Subject = facts.Subject{Count: 1, Text: "Minutes of the meeting", Length: 22, Letters: 19, Capitals: 1}
	from := facts.Address{Field: "from", Address: "bob@example.com", Local: "bob", Domain: "example.com", DomainUnicode: "example.com",
		RegistrableDomain: "example.com", DisplayName: "Bob", Valid: true, Line: 3}
	f.Sender.From, f.Sender.FromFields, f.Sender.Envelope = []facts.Address{from}, 1, &from
	f.Recipients.Total, f.Recipients.Unique, f.Recipients.Visible, f.Recipients.To = 3, 3, 3, 3
	f.Recipients.Domains, f.Recipients.DomainCount = []string{"example.net", "example.org"}, 2
	for i := range 4 {
		n := int64(1000 * i)
		f.Parts = append(f.Parts, facts.Part{Path: "1", MediaType: "text/plain", EncodedBytes: n, DecodedBytes: &n, Line: n})
	}
	f.Text.PlainParts, f.Text.HTMLParts, f.Text.PlainWords, f.Text.HTMLWords = 1, 1, 250, 260
	for range 12 {
		f.Links.Items = append(f.Links.Items, facts.Link{Target: "https://www.example.com/a", Scheme: "https", Host: "www.example.com", Text: "here"})
	}
	f.Links.Total, f.Links.Hosts = 12, []string{"www.example.com"}
	f.Problems = []facts.Problem{{ID: "rfc.body_line78", Path: "1", Line: 40, Count: 6}}
	return f
}

// BenchmarkInput compares the input built by hand with OPA's own way from Go values.
func BenchmarkInput(b *testing.B) {
	f := benchFacts()
	b.Run("hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			inputOf(f)
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ast.InterfaceToValue(mapOf(b, f)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func mapOf(b *testing.B, f *facts.Facts) any {
	raw, err := json.Marshal(f)
	if err != nil {
		b.Fatal(err)
	}
	var m any
	if err := json.Unmarshal(raw, &m); err != nil {
		b.Fatal(err)
	}
	return m
}

func benchEngine(b *testing.B) *Engine {
	return newEngine(b, Options{Account: fixtureAccount(), Guards: GuardsOff})
}

// BenchmarkEvaluate is the evaluation of all built-in rules with an input that is there already.
func BenchmarkEvaluate(b *testing.B) {
	e := benchEngine(b)
	input := inputOf(benchFacts())
	b.ReportAllocs()
	for b.Loop() {
		if a := e.evaluate(&e.message, e.message.all, input, topdown.NewCancel()); a.err != nil {
			b.Fatal(a.err)
		}
	}
}

// BenchmarkJudge is everything from facts to verdict. The metric vs-map is its time by that of rego.EvalInput with a map.
func BenchmarkJudge(b *testing.B) {
	e := benchEngine(b)
	f := benchFacts()
	query, err := rego.New(rego.Compiler(e.compiler), rego.Store(e.store), rego.ParsedQuery(e.message.query(e.message.all)),
		rego.StrictBuiltinErrors(true)).PrepareForEval(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	naive := func(b *testing.B) {
		found, err := query.Eval(b.Context(), rego.EvalInput(mapOf(b, f)))
		if err != nil || len(found) != 1 {
			b.Fatal(err)
		}
	}
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			naive(b)
		}
	})
	b.Run("hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v := e.Judge(b.Context(), f); v.Outcome == Unjudged {
				b.Fatal(v.Reason)
			}
		}
		b.StopTimer()
		// In turns, so that whatever else the machine does weighs on both alike.
		var ours, theirs time.Duration
		for range 200 {
			began := time.Now()
			e.Judge(b.Context(), f)
			half := time.Now()
			naive(b)
			ours, theirs = ours+half.Sub(began), theirs+time.Since(half)
		}
		b.ReportMetric(ours.Seconds()/theirs.Seconds(), "vs-map")
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if v := e.Judge(b.Context(), f); v.Outcome == Unjudged {
					b.Error(v.Reason)
				}
			}
		})
	})
}

// BenchmarkNew is what each start of the program pays.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		benchEngine(b)
	}
}

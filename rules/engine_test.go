package rules

import (
	"testing"

	"postern/rules/facts"
)

// message gives facts that no rule speaks about.
func message() *facts.Facts {
	f := &facts.Facts{SchemaVersion: facts.SchemaVersion, Kind: facts.KindMessage}
	f.Size.StoredBytes, f.Size.WireBytes, f.Size.DataBytes = 100, 104, 104
	return f
}

func newEngine(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJudge(t *testing.T) {
	e := newEngine(t, Options{Only: []string{"pair.size.limit"}})
	f := message()
	if v := e.Judge(t.Context(), f); v.Outcome != Pass || len(v.Findings) != 0 {
		t.Errorf("a small message: %+v", v)
	}
	f.Size.DataBytes = 41943041
	v := e.Judge(t.Context(), f)
	if v.Outcome != Fail || len(v.Findings) != 1 {
		t.Fatalf("one octet over: %+v", v)
	}
	t.Logf("%+v", v.Findings[0])
}

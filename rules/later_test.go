package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/rules/facts"
)

// TestLater: facts whose text is read only when a rule asks for it lead to the verdicts of complete ones, and a message whose
// rules need no text is judged without it.
func TestLater(t *testing.T) {
	alone(t)
	ids := func(packs ...string) (all []string) {
		e := newEngine(t, Options{Account: fixtureAccount()})
		for _, r := range e.Rules() {
			for _, p := range packs {
				if len(r.ID) > len(p) && r.ID[:len(p)] == p {
					all = append(all, r.ID)
				}
			}
		}
		return all
	}
	messages := corpusMessages(t, 50)
	messages["bulk, to one"] = []byte("From: a@example.com\r\nTo: b@example.net\r\nList-Id: <x.example.com>\r\nPrecedence: bulk\r\n\r\nWords of a mailing.\r\n")
	for name, c := range map[string]struct {
		only []string
		use  Guards
	}{
		"policy": {ids("size.", "recipients.", "sender.", "bulk.", "pair."), GuardsOn}, "policy, later": {ids("bulk."), GuardsLater},
		"text": {ids("spam.", "bulk."), GuardsOn}, "all": {nil, GuardsOn}, "all, checked": {nil, GuardsVerify}, "no guards": {ids("bulk.", "spam."), GuardsOff},
	} {
		e := newEngine(t, Options{Account: fixtureAccount(), Only: c.only, Guards: c.use})
		untouched := 0
		for file, raw := range messages {
			if len(raw) == 0 {
				continue
			}
			o := facts.Options{Now: fixtureNow}
			want := e.Judge(t.Context(), corpusFacts(t, raw, nil, o))
			e.Spare(&o)
			f := corpusFacts(t, raw, nil, o)
			if diff := cmp.Diff(want, e.Judge(t.Context(), f)); diff != "" {
				t.Errorf("%s: %s: %s", name, file, diff)
			}
			if f.Later != nil {
				untouched++
			}
		}
		if name == "policy" && untouched == 0 {
			t.Errorf("the text of all %d messages was read", len(messages))
		}
	}
}

// TestLaterLists: each rule by itself finds what stands in a list that only the text fills. Another rule that asks for the text
// first would hide that it does not.
func TestLaterLists(t *testing.T) {
	alone(t)
	raw := []byte("From: bob@example.com\r\nTo: carol@iana.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
		"Dear {{name}}, see http://10.1.2.3/login, http://bit.ly/x and http://a:b@staging.example.com/ lorem ipsum dolor sit amet\r\n" +
		strings.Repeat("Words that are enough of them to be compared with those of others. ", 9) + "\r\n")
	o := facts.Options{Now: fixtureNow}
	all := newEngine(t, Options{Account: fixtureAccount(), Guards: GuardsOn})
	complete := corpusFacts(t, raw, nil, o)
	ids, put := map[string]int{}, 0
	for _, f := range all.Judge(t.Context(), complete).Findings {
		ids[f.Rule]++
	}
	for id, want := range ids {
		r := all.byID[id]
		if r.ref == "" {
			continue // a row of the problem table
		}
		e := newEngine(t, Options{Account: fixtureAccount(), Only: []string{id}, Guards: GuardsOn})
		o := o
		e.Spare(&o)
		f := corpusFacts(t, raw, nil, o)
		if f.Later != nil {
			put++
		}
		if got := len(e.Judge(t.Context(), f).Findings); got != want {
			t.Errorf("%s: %d findings, not %d", id, got, want)
		}
	}
	if put < 3 {
		t.Errorf("only %d of %v put the text off", put, ids)
	}
}

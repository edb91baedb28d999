package rules

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/rules/facts"
)

// factsToTry is how many facts are made at random: POSTERN_GUARD_FACTS, or few.
func factsToTry() int {
	if n, err := strconv.Atoi(os.Getenv("POSTERN_GUARD_FACTS")); err == nil {
		return n
	}
	if long() {
		return 10_000_000
	}
	if raceDetector {
		return 500
	}
	return 10_000
}

// fixtureFacts gives the facts of the fixtures of all rules: of messages, and of settings.
func fixtureFacts(t testing.TB, windows []time.Duration) (messages, settings []*facts.Facts) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "testdata", "rules", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		switch filepath.Ext(name) {
		case ".json":
			f, err := fixtureSettings(name)
			if err != nil {
				t.Fatal(err)
			}
			settings = append(settings, f)
		case ".eml":
			var doc fixtureDoc
			raw, err := os.ReadFile(strings.TrimSuffix(name, ".eml") + ".yaml")
			if err == nil {
				err = decodeYAML(raw, &doc)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			f, err := fixtureMessage(name, doc)
			if err != nil {
				t.Fatal(err)
			}
			if f.History, err = fixtureHistory(doc.History, windows); err != nil {
				t.Fatal(err)
			}
			messages = append(messages, f)
		}
	}
	if len(messages) < 300 || len(settings) < 20 {
		t.Fatalf("only %d messages and %d settings", len(messages), len(settings))
	}
	return messages, settings
}

// largeFacts are those of a message of so many octets, nearly all of which are a file.
func largeFacts(octets int64) *facts.Facts {
	f := benchFacts()
	decoded := octets / 4 * 3
	f.Size.DataBytes, f.Size.WireBytes, f.Size.StoredBytes, f.Size.BodyBytes = octets, octets, octets, octets
	f.Recipients.Domains = []string{"gmail.com"}
	f.Attachments = []facts.Attachment{{Path: "2", Filename: "x.bin", EncodedBytes: octets, DecodedBytes: &decoded}}
	return f
}

// everyProblem are those of a message with all the problems that there are.
func everyProblem(e *Engine) *facts.Facts {
	f := benchFacts()
	f.Problems = []facts.Problem{}
	for _, r := range e.rules {
		if r.ref == "" {
			f.Problems = append(f.Problems, facts.Problem{ID: r.ID, Count: 1, Line: 1})
		}
	}
	return f
}

// TestGuardsOnFuzzedFacts compares guards with OPA on facts that are changed step by step, near the limits of the rules. It makes
// POSTERN_GUARD_FACTS of them, from the seed POSTERN_GUARD_SEED on; with -v it tells how far it is, and a run that was stopped goes on
// from the seed that it told last. Every rule must have found something and nothing, under one of the options at least.
func TestGuardsOnFuzzedFacts(t *testing.T) {
	alone(t)
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // the engines are large, and what a step leaves behind is small
	total := factsToTry()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("POSTERN_GUARD_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("%d facts, POSTERN_GUARD_SEED=%d", total, seed)
	var walks []*walk
	for _, name := range slices.Sorted(maps.Keys(guardOptions)) {
		o := guardOptions[name].o
		o.Guards = GuardsOn
		e := newEngine(t, o)
		messages, settings := fixtureFacts(t, e.Windows())
		for _, set := range []*ruleSet{&e.message, &e.opaque, &e.settings} {
			special := []*facts.Facts{largeFacts(8950), largeFacts(39_900_000), largeFacts(41_000_000), largeFacts(300_000_000), everyProblem(e)}
			donors := append(special, messages...)
			if set == &e.settings {
				special, donors = nil, settings
			}
			w := newWalk(t, e, set, donors)
			w.make = newFactMaker(seed, w.p)
			if (o.History || o.Provider == "none") && set != &e.opaque { // one or the other has each rule
				special = donors
			}
			for i, f := range special {
				w.from(t, seed+uint64(i), f)
			}
			walks = append(walks, w)
		}
	}
	began, told, facts := time.Now(), time.Now(), 0
	for n := uint64(0); facts < total; n++ {
		random := rand.New(rand.NewPCG(seed+n, 1))
		w := walks[3*random.IntN(len(walks)/3)+[]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2}[random.IntN(20)]]
		w.from(t, seed+n, w.donors[random.IntN(len(w.donors))])
		for range walkLength - 1 {
			w.step(t)
		}
		if facts += walkLength; time.Since(told) > time.Minute {
			told = time.Now()
			t.Logf("%d facts after %s; POSTERN_GUARD_SEED=%d goes on from here", facts, told.Sub(began).Round(time.Second), seed+n+1)
		}
	}
	reportWalks(t, walks, facts >= 100_000)
}

// reportWalks tells how often each rule found something, found nothing, had an error, and how often its guard gave up, and wants the
// first two of every rule.
func reportWalks(t *testing.T, walks []*walk, each bool) {
	sum, spoken := map[string]census{}, map[string]int{}
	asked, compared, facts := 0, 0, 0
	rows := map[string]bool{}
	for _, w := range walks {
		asked, compared, facts = asked+w.asked, compared+w.facts*len(w.set.rules), facts+w.facts
		for i, r := range w.set.rules {
			c, d := sum[r.ID], w.census[i]
			sum[r.ID] = census{c.fired + d.fired, c.clean + d.clean, c.failed + d.failed, c.gaveUp + d.gaveUp}
		}
		for id, n := range w.spoken {
			spoken[id] += n
		}
		for _, r := range w.e.rules {
			if r.ref == "" && r.Enabled {
				rows[r.ID] = true
			}
		}
	}
	t.Logf("%d facts: what guards say of a rule was compared %d times; OPA was asked %d times", facts, compared, asked)
	least := asked
	for _, id := range slices.Sorted(maps.Keys(sum)) {
		c := sum[id]
		if least = min(least, c.fired+c.clean+c.failed); each {
			t.Logf("%-36s fired %8d, clean %8d, error %6d, gave up %6d", id, c.fired, c.clean, c.failed, c.gaveUp)
		}
		if c.fired == 0 || c.clean == 0 {
			t.Errorf("%s found something %d times and nothing %d times", id, c.fired, c.clean)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if spoken[id] == 0 {
			t.Errorf("%s never found anything", id)
		}
	}
	t.Logf("%d rules, each asked of OPA %d times or more; %d kinds of problems, each found", len(sum), least, len(rows))
}

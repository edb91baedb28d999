package report

import (
	"io"
	"strconv"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// tap writes the Test Anything Protocol, version 13, which readers of version 14 read too: a test for each message, with its
// findings as a YAML block. The plan comes last. A run that was interrupted or found nothing bails out, because a plan of no
// tests would mean that all were skipped on purpose.
type tap struct {
	out     sink
	o       Options
	started bool
	n       int
}

func newTAP(w io.Writer, o Options) *tap { return &tap{out: sink{w: w}, o: o} }

func (t *tap) start() {
	if !t.started {
		t.started = true
		t.out.string("TAP version 13\n")
	}
}

// Item writes the test of one message.
func (t *tap) Item(it *Item) error {
	t.start()
	t.n++
	word := "ok"
	if it.Verdict.Outcome != rules.Pass {
		word = "not ok"
	}
	t.out.string(word + " " + strconv.Itoa(t.n) + " - " + tapText(it.Name) + "\n")
	all := it.All()
	if it.Verdict.Outcome != rules.Unjudged && len(all) == 0 {
		return t.out.err
	}
	t.out.string("  ---\n")
	t.pair("  ", "verdict", string(it.Verdict.Outcome))
	if it.Verdict.Outcome == rules.Unjudged {
		t.pair("  ", "reason", why(it))
	}
	if len(all) > 0 {
		t.out.string("  findings:\n")
	}
	for i := range all {
		f := &all[i]
		p := t.o.place(it, f)
		t.pair("    - ", "rule", f.Rule)
		t.pair("      ", "severity", string(f.Severity))
		t.pair("      ", "message", sentence(f))
		t.pair("      ", "file", p.file)
		if p.sure {
			t.out.string("      line: " + strconv.FormatInt(p.line, 10) + "\n")
		}
		t.pair("      ", "remedy", f.Remedy)
		t.pair("      ", "accepted", strings.TrimPrefix(accepted(f), "accepted: "))
		t.pair("      ", "baseline", f.BaselineState)
	}
	t.out.string("  ...\n")
	return t.out.err
}

// pair writes a key with text, if there is any, as a quoted YAML string on one line.
func (t *tap) pair(lead, key, text string) {
	if text == "" {
		return
	}
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(quote.Text(text))
	text = strings.ReplaceAll(text, "##", `#\x23`) // see inert
	t.out.string(lead + key + `: "` + text + "\"\n")
}

// Close writes the plan.
func (t *tap) Close(s *Summary) error {
	t.start()
	for i := range s.Notes {
		t.out.string("# note: " + noHashes(quote.Text(s.Notes[i].place()+": "+s.Notes[i].Text)) + "\n")
	}
	if text := incomplete(s, t.o.noun()); text != "" {
		t.out.string("Bail out! " + text + "\n")
		return t.out.err
	}
	t.out.string("1.." + strconv.Itoa(t.n) + "\n")
	return t.out.err
}

// tapText is the description of a test: an unescaped "#" would begin a directive such as SKIP, which makes a failure pass.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(quote.Text(s))
}

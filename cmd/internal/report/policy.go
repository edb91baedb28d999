package report

import (
	"fmt"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// PolicyTest writes what testing policies has shown: each test that failed with its reason, then counts and coverage.
func (p *Printer) PolicyTest(r *rules.TestReport) {
	skipped := 0
	for _, t := range r.Results {
		switch {
		case t.Skipped:
			skipped++
		case !t.Passed:
			place := t.File
			if t.Line > 0 {
				place = fmt.Sprintf("%s:%d", place, t.Line)
			}
			p.raw(p.paint(red, "FAIL") + "  " + quote.Text(place) + "  " + quote.Text(t.Name))
			for line := range strings.SplitSeq(strings.TrimRight(t.Detail, "\n"), "\n") {
				if line != "" {
					p.Wrap("      ", 6, 6, line)
				}
			}
		}
	}
	failed := r.Failed()
	for _, u := range r.Uncovered {
		p.Line("not reached by a test: " + u)
	}
	for _, u := range r.Unformatted {
		p.Line("not formatted (opa fmt): " + u)
	}
	line := fmt.Sprintf("%s: %d pass, %d fail", Count(len(r.Results), "test", "tests"), len(r.Results)-failed-skipped, failed)
	if skipped > 0 {
		line += fmt.Sprintf(", %d skipped", skipped)
	}
	p.raw(fmt.Sprintf("%s; coverage %.1f %%", line, r.Coverage))
}

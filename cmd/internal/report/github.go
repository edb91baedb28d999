package report

import (
	"fmt"
	"io"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// github writes workflow commands, which GitHub Actions shows beside the lines of a change: one for each finding that counts
// and for each message that could not be judged. With Options.StepSummary a Markdown report goes there.
type github struct {
	out     sink
	o       Options
	summary *markdown
}

// maxStepSummary is how much GitHub takes as the summary of one step; it drops the whole of a larger one.
const maxStepSummary = 1024 << 10

func newGitHub(w io.Writer, o Options) *github {
	g := &github{out: sink{w: w}, o: o}
	if o.StepSummary != nil {
		g.summary = newMarkdown(o.StepSummary, o)
		g.summary.max = maxStepSummary - 64<<10
	}
	return g
}

// Item writes the commands of one message.
func (g *github) Item(it *Item) error {
	all := it.All()
	for i := range all {
		if f := &all[i]; f.Live() {
			p := g.o.place(it, f)
			word := "notice"
			switch f.Severity {
			case rules.SeverityError:
				word = "error"
			case rules.SeverityWarning:
				word = "warning"
			}
			g.command(word, p, f.Rule, sentence(f)+remedy(f))
		}
	}
	if it.Verdict.Outcome == rules.Unjudged {
		g.command("error", g.o.place(it, nil), "could not be judged", it.Name+": "+why(it))
	}
	if g.summary != nil {
		if err := g.summary.Item(it); err != nil && g.out.err == nil {
			g.out.err = err
		}
	}
	return g.out.err
}

// Close writes the counts as a plain line of the log.
func (g *github) Close(s *Summary) error {
	if text := incomplete(s, g.o.noun()); text != "" {
		g.out.string("::error title=postern::" + commandData(text) + "\n")
	}
	for i := range s.Notes {
		n := &s.Notes[i]
		g.command("notice", place{file: g.o.relative(n.File), line: max(n.Line, 1)}, "note", n.Text)
	}
	g.out.string(counts(s, g.o.noun()) + "\n")
	if g.summary != nil {
		if err := g.summary.Close(s); err != nil && g.out.err == nil {
			g.out.err = err
		}
	}
	return g.out.err
}

func (g *github) command(word string, p place, title, text string) {
	where := ""
	if p.file != "" {
		where = "file=" + commandProperty(p.file) + fmt.Sprintf(",line=%d,", p.line)
	}
	g.out.string("::" + word + " " + where + "title=" + commandProperty(title) + "::" + commandData(text) + "\n")
}

// commandData escapes the text of a workflow command as GitHub's toolkit does.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(quote.Text(s))
}

// commandProperty escapes the value of a property.
func commandProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(s))
}

// counts gives the numbers of a run on one line.
func counts(s *Summary, n Noun) string {
	return fmt.Sprintf("%s: %d pass, %d fail, %d unjudged; %s, %s, %s", Count(s.Total, n.One, n.Many), s.Pass, s.Fail, s.Unjudged,
		Count(s.Errors, "error", "errors"), Count(s.Warnings, "warning", "warnings"), Count(s.Infos, "info", "infos"))
}

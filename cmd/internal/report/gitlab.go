package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// gitlab writes GitLab's Code Quality report: an array with an object for each finding that counts. A message that could not
// be judged is a blocker, because the report has no other way to say so.
type gitlab struct {
	out     sink
	o       Options
	started bool
}

func newGitLab(w io.Writer, o Options) *gitlab { return &gitlab{out: sink{w: w}, o: o} }

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int64 `json:"begin"`
}

// Item writes the findings of one message.
func (g *gitlab) Item(it *Item) error {
	all := it.All()
	for i := range all {
		f := &all[i]
		if !f.Live() {
			continue
		}
		p := g.o.place(it, f)
		g.issue(gitlabIssue{
			Description: quote.Text(sentence(f) + remedy(f)), CheckName: quote.Text(f.Rule), Fingerprint: f.Fingerprint,
			Severity: map[rules.Severity]string{rules.SeverityError: "critical", rules.SeverityWarning: "minor", rules.SeverityInfo: "info"}[f.Severity],
			Location: gitlabLocation{Path: quote.Text(p.file), Lines: gitlabLines{p.line}},
		})
	}
	if it.Verdict.Outcome == rules.Unjudged {
		g.unjudged(g.o.place(it, nil).file, it.identity(), quote.Text("could not be judged: "+why(it)))
	}
	return g.out.err
}

// Close ends the array.
func (g *gitlab) Close(s *Summary) error {
	if text := incomplete(s, g.o.noun()); text != "" {
		g.unjudged("postern.yaml", "", text)
	}
	if !g.started {
		g.out.string("[")
	}
	g.out.string("\n]\n")
	return g.out.err
}

func (g *gitlab) unjudged(file, identity, text string) {
	sum := sha256.Sum256([]byte("unjudged\x00" + identity))
	if file == "" {
		file = "unknown"
	}
	g.issue(gitlabIssue{
		Description: text, CheckName: "postern.unjudged", Fingerprint: hex.EncodeToString(sum[:16]), Severity: "blocker",
		Location: gitlabLocation{Path: quote.Text(file), Lines: gitlabLines{1}},
	})
}

func (g *gitlab) issue(x gitlabIssue) {
	sep := ",\n"
	if !g.started {
		sep, g.started = "[\n", true
	}
	g.out.string(sep)
	g.out.json(x)
}

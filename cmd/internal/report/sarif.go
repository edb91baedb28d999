package report

import (
	"io"
	"path"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// sarif writes SARIF 2.1.0 (OASIS standard of 27 March 2020). The log is written as it becomes known: the rules first, then
// results, one a line, at the end the invocation with a notification for each message that could not be judged, which is all
// that is kept in memory.
type sarif struct {
	out      sink
	o        Options
	index    map[string]int
	started  bool
	wrote    bool
	unjudged []sarifNotification
}

func newSARIF(w io.Writer, o Options) *sarif { return &sarif{out: sink{w: w}, o: o} }

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	srcRoot     = "%SRCROOT%"
	// fingerprintKey names the way Fingerprints computes. A change of the way needs another number.
	fingerprintKey = "posternFinding/v1"
)

func (s *sarif) start() {
	if s.started {
		return
	}
	s.started = true
	driver := sarifDriver{
		Name: "postern", FullName: "postern, a linter for outbound mail", Version: s.o.Version, Rules: []sarifRule{},
		ShortDescription: &sarifText{Text: "Says before a message is sent whether the provider's rules let it pass."},
	}
	s.index = make(map[string]int, len(s.o.Rules))
	for i := range s.o.Rules {
		r := &s.o.Rules[i]
		if r.Enabled {
			s.index[r.ID] = len(driver.Rules)
			driver.Rules = append(driver.Rules, sarifRuleOf(r))
		}
	}
	s.out.string(`{"$schema": "` + sarifSchema + `", "version": "2.1.0", "runs": [{` + "\n\"tool\": {\"driver\": ")
	s.out.json(driver)
	s.out.string("},\n\"columnKind\": \"unicodeCodePoints\",\n\"originalUriBaseIds\": ")
	s.out.json(map[string]any{srcRoot: map[string]any{"description": sarifText{Text: "the directory that postern ran in"}}})
	s.out.string(",\n\"results\": [")
}

// Item writes the findings of one message.
func (s *sarif) Item(it *Item) error {
	s.start()
	all := it.All()
	for i := range all {
		sep := ",\n"
		if !s.wrote {
			sep, s.wrote = "\n", true
		}
		s.out.string(sep)
		s.out.json(s.result(it, &all[i]))
	}
	if it.Verdict.Outcome == rules.Unjudged {
		n := sarifNotification{
			Level: "error", Message: sarifText{Text: sarifPlain(it.Name + " could not be judged: " + why(it))},
		}
		if it.Path != "" {
			n.Locations = []sarifLocation{s.location(it, nil)}
		}
		s.unjudged = append(s.unjudged, n)
	}
	return s.out.err
}

// Close writes the invocation and ends the log.
func (s *sarif) Close(sum *Summary) error {
	s.start()
	if !sum.Complete {
		s.unjudged = append(s.unjudged, sarifNotification{
			Level: "error", Message: sarifText{Text: "The run was interrupted: the " + s.o.noun().Many + " that follow were not looked at."},
		})
	}
	if sum.Total == 0 {
		s.unjudged = append(s.unjudged, sarifNotification{
			Level: "error", Message: sarifText{Text: "No " + s.o.noun().One + " was found."},
		})
	}
	judged := len(s.unjudged) == 0
	for i := range sum.Notes {
		n := &sum.Notes[i]
		at := s.location(&Item{Path: n.File}, nil)
		at.Physical.Region.StartLine = max(n.Line, 1)
		s.unjudged = append(s.unjudged, sarifNotification{
			Level: "note", Message: sarifText{Text: sarifPlain(n.Text)}, Locations: []sarifLocation{at},
		})
	}
	s.out.string("\n],\n\"invocations\": ")
	s.out.json([]sarifInvocation{{Successful: judged, Notifications: s.unjudged}})
	s.out.string("}]}\n")
	return s.out.err
}

func (s *sarif) result(it *Item, f *Finding) sarifResult {
	r := sarifResult{
		RuleID: quote.Text(f.Rule), Level: sarifLevel(f.Severity), Message: sarifText{Text: sarifPlain(f.Message)},
		Locations: []sarifLocation{s.location(it, f)}, PartialFingerprints: map[string]string{fingerprintKey: f.Fingerprint},
		BaselineState: f.BaselineState, Properties: map[string]any{"remedy": f.Remedy, "messageName": it.Name},
	}
	if i, ok := s.index[f.Rule]; ok {
		r.RuleIndex = &i
	}
	if f.Value != nil {
		r.Properties["value"] = f.Value
	}
	if f.Limit != nil {
		r.Properties["limit"] = f.Limit
	}
	if x := f.Suppressed; x != nil {
		sup := sarifSuppression{Kind: x.Kind, Status: "accepted", Justification: quote.Text(x.Reason)}
		if x.Until != "" {
			sup.Properties = map[string]any{"until": x.Until}
		}
		r.Suppressions = []sarifSuppression{sup}
	}
	return r
}

// location gives the place of a finding, or of the whole message if f is nil.
func (s *sarif) location(it *Item, f *Finding) sarifLocation {
	p := s.o.place(it, f)
	uri, base := artifactURI(p.file)
	var l sarifLocation
	l.Physical.Artifact = sarifArtifact{URI: uri, Base: base}
	l.Physical.Region.StartLine = p.line
	if f != nil && f.Path != "" {
		l.Logical = []sarifLogical{{Name: quote.Text(f.Path), FullName: quote.Text(it.Name + "/part " + f.Path), Kind: "element"}}
	}
	return l
}

// artifactURI gives a path as a URI reference, and the base it is relative to. A path that leads out of the root has no base.
func artifactURI(name string) (uri, base string) {
	if name == "" {
		name = "unknown"
	}
	if path.IsAbs(name) {
		return "file://" + escapePath(name), ""
	}
	if len(name) > 1 && name[1] == ':' { // a drive of Windows
		return "file:///" + name[:2] + escapePath(name[2:]), ""
	}
	if name == ".." || strings.HasPrefix(name, "../") {
		return escapePath(name), ""
	}
	return escapePath(name), srcRoot
}

// escapePath writes every octet that RFC 3986 section 2.3 does not leave unreserved by its number, but for slashes. File names
// need not be UTF-8, and a colon in the first segment would be a scheme.
func escapePath(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// sarifPlain is quoted text for a message string, in which "[text](address)" would be a link (section 3.11.6). Brackets are
// escaped only where there is one, because few readers take the escapes away.
func sarifPlain(s string) string {
	s = quote.Text(s)
	if strings.Contains(s, "](") {
		s = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(s)
	}
	return s
}

func sarifLevel(s rules.Severity) string {
	switch s {
	case rules.SeverityError:
		return "error"
	case rules.SeverityWarning:
		return "warning"
	}
	return "note"
}

func sarifRuleOf(r *rules.Rule) sarifRule {
	out := sarifRule{
		ID: quote.Text(r.ID), Name: pascal(r.ID), Short: sarifText{Text: stop(quote.Text(r.Title))},
		Full: sarifText{Text: stop(quote.Text(r.Description))}, HelpURI: r.Clause.Source,
		Default: sarifConfiguration{Level: sarifLevel(r.Severity)},
		Properties: map[string]any{
			"category": r.Category(), "severity": r.Severity, "tags": []string{"mail", r.Category()},
			"problem.severity": map[rules.Severity]string{rules.SeverityError: "error", rules.SeverityWarning: "warning"}[r.Severity],
		},
	}
	if r.Severity == rules.SeverityInfo {
		out.Properties["problem.severity"] = "recommendation"
	}
	if r.Description == "" {
		out.Full = out.Short
	}
	if !strings.HasPrefix(out.HelpURI, "https://") && !strings.HasPrefix(out.HelpURI, "http://") {
		out.HelpURI = ""
		for _, ref := range r.References {
			if strings.HasPrefix(ref, "https://") {
				out.HelpURI = ref
				break
			}
		}
	}
	text, mark := quote.Text(r.Description), escapeMarkdown(r.Description)
	if c := clause(r.Clause, true); c != "" {
		text += "\nClause: " + quote.Text(c)
		mark += "\n\n**Clause:** " + escapeMarkdown(c)
	}
	text += "\nRemedy: " + quote.Text(r.Remedy)
	mark += "\n\n**Remedy:** " + escapeMarkdown(r.Remedy)
	out.Help = sarifText{Text: strings.TrimSpace(text), Markdown: strings.TrimSpace(mark)}
	return out
}

// stop ends a sentence with a full stop.
func stop(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

// pascal gives an id as one word: PairSizeLimit for pair.size_limit.
func pascal(id string) string {
	var b strings.Builder
	upper := true
	for i := 0; i < len(id); i++ {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z' && upper:
			b.WriteByte(c - 'a' + 'A')
			upper = false
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			b.WriteByte(c)
			upper = false
		default:
			upper = true
		}
	}
	return b.String()
}

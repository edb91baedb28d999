package rules

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"postern/rules/pattern"
)

// problemRule is the one rule over input.problems. Its findings name the row of the table, which is a rule of its own to
// everybody outside; the rule itself is left with the problems that the table does not know.
const problemRule = "rfc.problems"

const problemTable = "rfc/problems/table.yaml"

// problemRow is a row of the table, as written.
type problemRow struct {
	Severity    Severity `yaml:"severity"`
	Enveloped   Severity `yaml:"severity_with_envelope"` // when the envelope is known: the message is then the wire form
	Opaque      bool     `yaml:"opaque"`                 // true of a template for any value of its placeholders
	Title       string   `yaml:"title"`
	Says        string   `yaml:"says"` // the finding's message
	Description string   `yaml:"description"`
	Clause      string   `yaml:"clause"`
	Source      string   `yaml:"source"` // when the clause is no RFC
	Remedy      string   `yaml:"remedy"`
}

var problemID = pattern.Of(`^(rfc|mime|limit)\.[a-z0-9_]+$`)

// readProblems reads the table: the rules that its rows are, in order of id, and what Rego needs of them.
func readProblems(fsys fs.FS) ([]*Rule, map[string]any, error) {
	var all []*Rule
	data := map[string]any{}
	err := eachFile(fsys, problemTable, func(_ string, raw []byte) error {
		var rows map[string]problemRow
		if err := decodeYAML(raw, &rows); err != nil {
			return err
		}
		for id, row := range rows {
			references := []string{}
			if row.Source != "" {
				references = append(references, row.Source)
			}
			clause, err := resolveClause(row.Clause, references, nil)
			switch {
			case err != nil:
			case !problemID().MatchString(id):
				err = fmt.Errorf("not an id of a problem")
			case severityRank(row.Severity) == 0 || row.Enveloped != "" && severityRank(row.Enveloped) <= severityRank(row.Severity):
				err = fmt.Errorf("severity %q, with envelope %q", row.Severity, row.Enveloped)
			case row.Title == "" || row.Says == "" || row.Description == "" || row.Clause == "" || row.Remedy == "" || clause.Source == "":
				err = fmt.Errorf("title, says, description, clause (an RFC, or with source) and remedy are needed")
			}
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			if row.Source != "" {
				clause.Source = row.Source
			}
			all = append(all, &Rule{
				ID: id, Title: row.Title, Description: strings.TrimSpace(row.Description), Severity: row.Severity,
				DefaultSeverity: row.Severity, Opaque: row.Opaque, Elevated: row.Enveloped, Clause: clause, Remedy: strings.TrimSpace(row.Remedy),
				References: []string{clause.Source}, Requires: []string{}, Input: InputMessage, Limits: []Limit{}, Origin: "built-in",
			})
			d := map[string]any{"says": row.Says}
			if row.Enveloped != "" {
				d["severity_with_envelope"] = string(row.Enveloped)
			}
			data[id] = d
		}
		return nil
	})
	slices.SortFunc(all, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return all, data, err
}

package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"postern/rules/pattern"

	"go.yaml.in/yaml/v3"
)

// Suppression is a finding that the user accepts.
type Suppression struct {
	// Path is a pattern for files, relative to Config.Dir.
	Path string
	// Rule is a rule's id, or "category.*".
	Rule string
	// Reason is never empty.
	Reason string
	// Until is what stands in the file, "" if nothing does. It need not be a date: what is none counts as expired, because
	// a mistyped date that were an error would stop every run, and one that held for ever would defeat its purpose.
	Until string
	// Line is the line of the entry in Config.File.
	Line int
}

// maxSuppressions bounds what has to be compared with each finding.
const maxSuppressions = 10_000

// RulePattern is the form of what a suppression names: an id as in severities, or a category with ".*".
var RulePattern = pattern.Of(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\.([a-z0-9_]+|\*)$`)

// suppressions reads the list of that name.
func (d *decoder) suppressions(list string, n *yaml.Node) {
	known := []string{"path", "reason", "rule", "until"}
	for i, item := range n.Content {
		key := fmt.Sprintf("%s[%d]", list, i)
		if i >= maxSuppressions {
			d.fail(d.at(item), list, fmt.Sprintf("has more than %d entries", maxSuppressions), "use patterns, or a baseline")
			return
		}
		if item.Kind != yaml.MappingNode {
			d.fail(d.at(item), key, "is "+kindOf(item)+", not a group of keys", `write "- path: emails/*.eml", and rule and reason below it`)
			continue
		}
		before := len(d.errs)
		s := Suppression{Line: max(item.Line, 1)}
		d.c.origins[key] = d.at(item)
		d.pairs(key, item, func(key, name string, k, v *yaml.Node) {
			if !slices.Contains(known, name) {
				d.unknown(key, name, k, known)
				return
			}
			if v.Kind != yaml.ScalarNode || v.Tag != "!!str" && name != "until" {
				d.fail(d.at(k), key, "is "+kindOf(v)+", not text", "put it in quotes if it is meant so")
				return
			}
			d.c.origins[key] = d.at(v)
			switch name {
			case "path":
				s.Path = v.Value
				if strings.HasPrefix(v.Value, "/") || strings.Contains(v.Value, `\`) {
					d.fail(d.at(v), key, quoted(v.Value)+" is no pattern for files below "+FileName, "write it relative to this file, with /")
				} else if _, err := path.Match(v.Value, ""); err != nil {
					d.fail(d.at(v), key, quoted(v.Value)+" is no pattern", "a [ needs its ]")
				}
			case "rule":
				s.Rule = v.Value
				if v.Value != "" && (len(v.Value) > 128 || !RulePattern().MatchString(v.Value)) {
					d.fail(d.at(v), key, quoted(v.Value)+" is no rule id", "write an id such as spam.phrase, or spam.* for a category; postern rules lists them")
				}
			case "reason":
				s.Reason = strings.TrimSpace(v.Value)
			case "until":
				if s.Until = v.Value; v.Value == "" {
					s.Until = "(empty)"
				}
			}
		})
		for _, missing := range []struct{ name, value, remedy string }{
			{"path", s.Path, `write which files it is for; "**" is all`},
			{"rule", s.Rule, "write an id such as spam.phrase, or spam.* for a category"},
			{"reason", s.Reason, "write why the finding is accepted"},
		} {
			if missing.value == "" && len(d.errs) == before {
				d.fail(d.at(item), key, "has no "+missing.name, missing.remedy)
			}
		}
		if len(d.errs) == before {
			d.c.Suppressions = append(d.c.Suppressions, s)
		}
	}
}

// CheckSuppressions finds suppressions of rules that do not exist. ids are those of all rules. An error is of type
// Errors.
func (c *Config) CheckSuppressions(ids []string) error {
	var errs Errors
	for i, s := range c.Suppressions {
		if KnownRule(s.Rule, ids) {
			continue
		}
		key := fmt.Sprintf("suppressions[%d].rule", i)
		file, line := c.Pos(key)
		remedy := "postern rules lists them"
		if near := Nearest(s.Rule, ids); near != "" {
			remedy = "did you mean " + near + "?"
		}
		errs = append(errs, &Error{File: file, Line: line, Key: key, Message: "there is no rule " + quoted(s.Rule), Remedy: remedy})
	}
	return errs.err()
}

// KnownRule tells whether a pattern of RulePattern's form stands for at least one of ids.
func KnownRule(pattern string, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return MatchRule(pattern, id) })
}

// MatchRule tells whether a pattern of RulePattern's form stands for the rule id.
func MatchRule(pattern, id string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(id, prefix)
	}
	return canonical(pattern) == id
}

package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/internal/locate"
	"postern/cmd/internal/quote"
	"postern/rules"
)

// RuleOptions gives what the rules need, with the policies read in. Names in policies are relative to the file that holds
// them; a directory stands for every .rego file under it, in order of name, except tests (_test.rego) and what lies in hidden
// directories. Links inside a directory are not followed. An error is of type Errors; the Options are then of no use.
func (c *Config) RuleOptions() (rules.Options, error) {
	o := rules.Options{
		Provider:   c.Provider,
		ServerSize: c.ServerSize,
		Limits:     c.Limits,
		Severities: c.Severities,
		Disabled:   c.Disabled,
		FailOn:     c.FailOn,
	}
	if c.VerifyGuards {
		o.Guards = rules.GuardsVerify
	}
	if c.Account != nil {
		a := *c.Account
		// Rego tells an empty list from null.
		a.Domains, a.Addresses = append([]string{}, a.Domains...), append([]string{}, a.Addresses...)
		o.Account = &a
	}
	for id, limits := range c.Limits {
		for name := range limits {
			if o.LimitPlaces == nil {
				o.LimitPlaces = map[string]map[string]string{}
			}
			if o.LimitPlaces[id] == nil {
				o.LimitPlaces[id] = map[string]string{}
			}
			file, line := c.Pos("limits." + id + "." + name)
			o.LimitPlaces[id][name] = (&Error{File: file, Line: line}).Place()
		}
	}
	var errs Errors
	seen := map[string]bool{}
	for i, name := range c.Policies {
		key := fmt.Sprintf("policies[%d]", i)
		fail := func(message, remedy string) {
			file, line := c.Pos(key)
			errs = append(errs, &Error{File: file, Line: line, Key: key, Message: message, Remedy: remedy})
		}
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.Dir(), path)
		}
		files, message, remedy := locate.Policies(path)
		if message != "" {
			fail(quoted(name)+" "+message, remedy)
			continue
		}
		for _, f := range files {
			if seen[f] {
				continue
			}
			seen[f] = true
			if len(seen) > locate.MaxPolicies {
				fail(fmt.Sprintf("there are more than %d policy files", locate.MaxPolicies), "name the directory that holds the policies")
				return rules.Options{}, errs.err()
			}
			data, bad := locate.ReadFile(f)
			if bad != nil {
				fail(quote.Text(f)+" "+bad.Message, bad.Remedy)
				continue
			}
			o.Policies = append(o.Policies, rules.Module{Name: f, Source: string(data)})
		}
	}
	if err := errs.err(); err != nil {
		return rules.Options{}, err
	}
	return o, nil
}

// CheckRules finds ids under limits, severities and disabled that no rule has, and limits that the rule of that id does not
// have. known maps each rule's id to the names of its limits; pair.size.limit stands for pair.size_limit, as in package rules.
// An error is of type Errors.
func (c *Config) CheckRules(known map[string][]string) error {
	var errs Errors
	ids := slices.Sorted(maps.Keys(known))
	fail := func(key, message, name string, names []string, remedy string) {
		file, line := c.Pos(key)
		if near := Nearest(name, names); near != "" {
			remedy = "did you mean " + near + "?"
		}
		errs = append(errs, &Error{File: file, Line: line, Key: key, Message: message, Remedy: remedy})
	}
	rule := func(key, id string) bool {
		_, ok := known[canonical(id)]
		if !ok {
			fail(key, "there is no rule "+quoted(id), id, ids, "postern rules lists them")
		}
		return ok
	}
	for _, id := range slices.Sorted(maps.Keys(c.Limits)) {
		if !rule("limits."+id, id) {
			continue
		}
		names := slices.Sorted(slices.Values(known[canonical(id)]))
		remedy := "it has " + strings.Join(names, ", ")
		if len(names) == 0 {
			remedy = "it has none"
		}
		for _, name := range slices.Sorted(maps.Keys(c.Limits[id])) {
			if !slices.Contains(names, name) {
				fail("limits."+id+"."+name, "the rule has no limit "+quoted(name), name, names, remedy)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Severities)) {
		rule("severities."+id, id)
	}
	for _, id := range c.Disabled {
		rule(c.disabledKey(id), id)
	}
	return errs.err()
}

// canonical joins the parts of an id after the first dot.
func canonical(id string) string {
	category, name, _ := strings.Cut(id, ".")
	return category + "." + strings.ReplaceAll(name, ".", "_")
}

// disabledKey is the key that switches a rule off: its item under disabled, or its severity.
func (c *Config) disabledKey(id string) string {
	for i, d := range c.listed {
		if d == id {
			return fmt.Sprintf("disabled[%d]", i)
		}
	}
	return "severities." + id
}

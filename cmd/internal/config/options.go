package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// Bounds on the user's policies: a directory that was named by mistake ends in an error, not in a read of the whole disk.
const (
	maxPolicies = 1000
	maxEntries  = 20_000
	maxDirs     = 16 // levels
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
		files, message, remedy := policyFiles(path)
		if message != "" {
			fail(quoted(name)+" "+message, remedy)
			continue
		}
		for _, f := range files {
			if seen[f] {
				continue
			}
			seen[f] = true
			if len(seen) > maxPolicies {
				fail(fmt.Sprintf("there are more than %d policy files", maxPolicies), "name the directory that holds the policies")
				return rules.Options{}, errs.err()
			}
			data, bad := readFile(f)
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

func policyFiles(path string) (files []string, message, remedy string) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "does not exist", "names are relative to the directory of " + FileName
	case err != nil:
		return nil, unreadable(path, err).Message, "check its permissions"
	case st.Mode().IsRegular():
		if filepath.Ext(path) != ".rego" {
			return nil, "is no Rego file", "name a file that ends in .rego, or a directory"
		}
		return []string{path}, "", ""
	case !st.IsDir():
		return nil, "is neither a file nor a directory", "name a file that ends in .rego, or a directory"
	}
	entries, base := 0, strings.Count(filepath.Clean(path), string(filepath.Separator))
	tooMany := errors.New("too many")
	// The final separator makes WalkDir enter a directory that is named by a link.
	err = filepath.WalkDir(path+string(filepath.Separator), func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entries++; entries > maxEntries {
			return tooMany
		}
		if e.IsDir() {
			passed := entries > 1 && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), "."))
			if passed || strings.Count(filepath.Clean(p), string(filepath.Separator))-base > maxDirs {
				return filepath.SkipDir
			}
			return nil
		}
		// What has the name of a policy is one, a link too: a rule that cannot be read is an error, never left out.
		if filepath.Ext(p) == ".rego" && !strings.HasSuffix(p, "_test.rego") {
			files = append(files, filepath.Clean(p))
		}
		return nil
	})
	switch {
	case errors.Is(err, tooMany):
		return nil, fmt.Sprintf("holds more than %d files", maxEntries), "name the directory that holds the policies"
	case err != nil:
		return nil, "cannot be read: " + quote.Text(err.Error()), "check its permissions"
	case len(files) == 0:
		return nil, "holds no policy", "a policy is a file that ends in .rego"
	}
	return files, "", ""
}

// CheckRules finds ids under limits, severities and disabled that no rule has, and limits that the rule of that id does not
// have. known maps each rule's id to the names of its limits; pair.size.limit stands for pair.size_limit, as in package rules.
// An error is of type Errors.
func (c *Config) CheckRules(known map[string][]string) error {
	var errs Errors
	ids := slices.Sorted(maps.Keys(known))
	fail := func(key, message, name string, names []string, remedy string) {
		file, line := c.Pos(key)
		if near := nearest(name, names); near != "" {
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

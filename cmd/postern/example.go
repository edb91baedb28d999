package main

import (
	"path"
	"strings"

	"postern/testdata"
)

// example gives a message that breaks a rule, and its name; both are "" when there is none.
func example(rule string) (name, text string) {
	if strings.ContainsAny(rule, "/\\") {
		return "", ""
	}
	dir := path.Join("rules", rule)
	list, err := testdata.Rules.ReadDir(dir)
	if err != nil {
		return "", "" // a rule of the user's, or one without an example
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name(), "fail-") {
			b, err := testdata.Rules.ReadFile(path.Join(dir, e.Name()))
			if err != nil {
				return "", ""
			}
			return path.Join("testdata", dir, e.Name()), string(b)
		}
	}
	return "", ""
}

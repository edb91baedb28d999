package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst lets the flags of postern plan stand behind its paths: the library reads none there. The commands that are a gate keep
// the strict order: a file called --no-config that a pattern of a shell comes upon is an error there, and no setting.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 3 || args[1] != "plan" {
		return args
	}
	takes := map[string]bool{} // whether a flag takes a value
	for _, f := range app.Command(args[1]).Flags {
		doc, ok := f.(cli.DocGenerationFlag)
		for _, n := range f.Names() {
			takes[n] = ok && doc.TakesValue()
		}
	}
	flags, paths := slices.Clone(args[:2]), []string{}
	for rest := args[2:]; len(rest) > 0; rest = rest[1:] {
		a := rest[0]
		if a == "--" {
			paths = append(paths, rest[1:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			paths = append(paths, a)
			continue
		}
		flags = append(flags, a)
		name := strings.TrimLeft(a, "-")
		switch {
		case name == "help" || name == "h":
			return append(args[:2:2], a) // of a path it would be asked as a topic
		case takes[name] && len(rest) == 1:
			return flags // the library says what is missing
		case takes[name]:
			rest = rest[1:]
			flags = append(flags, rest[0])
		}
	}
	return append(append(flags, "--"), paths...)
}

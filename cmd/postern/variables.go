package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/quote"
)

// otherVariables are read by neither a flag nor a key of postern.yaml.
var otherVariables = []string{"POSTERN_CONFIG", "POSTERN_CACHE", "POSTERN_DEBUG", "POSTERN_FRONT", "POSTERN_S3_ANONYMOUS", "POSTERN_S3_ADDRESSING"}

// misspelt tells of variables that nothing reads and that are nearly one that something does: whoever sets POSTERN_FAILON believes
// that warnings fail. Others are somebody else's.
func misspelt(app *cli.App, environ []string, stderr io.Writer) {
	const prefix = "POSTERN_"
	var known []string // without prefix; most runs need none
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		short, ours := strings.CutPrefix(name, prefix)
		if !ours || value == "" {
			continue
		}
		if known == nil {
			for _, v := range append(config.Variables(), append(flagVariables(app.Commands), otherVariables...)...) {
				known = append(known, strings.TrimPrefix(v, prefix))
			}
		}
		if slices.Contains(known, short) {
			continue
		}
		if near := config.Nearest(short, known); near != "" {
			fmt.Fprintf(stderr, "postern: nothing reads the variable %s\npostern: hint: did you mean %s%s?\n", quote.Text(name), prefix, near)
		}
	}
}

// flagVariables are those that flags take their values from.
func flagVariables(list []*cli.Command) (names []string) {
	for _, c := range list {
		for _, f := range c.Flags {
			if d, ok := f.(cli.DocGenerationFlag); ok {
				names = append(names, d.GetEnvVars()...)
			}
		}
		names = append(names, flagVariables(c.Subcommands)...)
	}
	return names
}

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
	known := append(config.Variables(), otherVariables...)
	var add func(list []*cli.Command)
	add = func(list []*cli.Command) {
		for _, c := range list {
			for _, f := range c.Flags {
				if d, ok := f.(cli.DocGenerationFlag); ok {
					known = append(known, d.GetEnvVars()...)
				}
			}
			add(c.Subcommands)
		}
	}
	add(app.Commands)
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		short, ours := strings.CutPrefix(name, "POSTERN_")
		if !ours || value == "" || slices.Contains(known, name) {
			continue
		}
		var names []string
		for _, k := range known {
			names = append(names, strings.TrimPrefix(k, "POSTERN_"))
		}
		if near := config.Nearest(short, names); near != "" {
			fmt.Fprintf(stderr, "postern: nothing reads the variable %s\npostern: hint: did you mean POSTERN_%s?\n", quote.Text(name), near)
		}
	}
}

package main

import (
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/rules/pattern"
)

// What the library says of flags, which it writes with one dash and in words of the Go package flag.
var (
	notDefined  = pattern.Of(`^flag provided but not defined: -(.*)$`)
	noValue     = pattern.Of(`^flag needs an argument: -(.*)$`)
	badValue    = pattern.Of(`(?s)^invalid (?:boolean )?value ("(?:[^"\\]|\\.)*") for (?:flag )?-(\S+): `)
	badVariable = pattern.Of(`(?s)^could not parse ("(?:[^"\\]|\\.)*") as \S+ value from environment variable "([^"]*)" for flag ([^:]+): `)
)

// onUsageError says what is wrong with the flags of a command, and how they are written.
func onUsageError(c *cli.Context, err error, _ bool) error {
	hint := "postern --help lists the commands"
	var flags []cli.Flag
	if c != nil && c.Command != nil && c.Command.HelpName != "" && c.Command.Name != c.App.Name {
		hint = c.Command.HelpName + " --help lists the flags"
		flags = c.Command.Flags
	}
	text := err.Error()
	if m := notDefined().FindStringSubmatch(text); m != nil {
		if near := nearestFlag(flags, m[1]); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return gate.Usagef(hint, "there is no flag --%s", m[1])
	}
	if m := noValue().FindStringSubmatch(text); m != nil {
		return gate.Usagef(hint, "--%s needs a value", m[1])
	}
	if m := badValue().FindStringSubmatch(text); m != nil {
		return gate.Usagef(form(flags, m[2], hint), "--%s cannot be %s", m[2], m[1])
	}
	if m := badVariable().FindStringSubmatch(text); m != nil {
		return gate.Usagef(form(flags, m[3], hint), "%s cannot be %s", m[2], m[1])
	}
	return &gate.Error{Cause: gate.Usage, Err: err, Hint: hint}
}

// form says how the value of a flag is written.
func form(flags []cli.Flag, name, otherwise string) string {
	for _, f := range flags {
		if !slices.Contains(f.Names(), name) {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			return "write true or false"
		case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag:
			return "write a whole number"
		case *cli.Float64Flag:
			return "write a number"
		case *cli.DurationFlag:
			return "write it with its unit, as 5s, 10m or 24h"
		}
	}
	return otherwise
}

// nearestFlag gives the flag that was most likely meant, with its dashes, "" if none is close. The name of a format is the value
// of --format where there is such a flag.
func nearestFlag(flags []cli.Flag, name string) string {
	var names []string
	for _, f := range append(slices.Clone(flags), cli.HelpFlag) {
		for _, n := range f.Names() {
			if len(n) > 1 {
				names = append(names, n)
			}
		}
	}
	if slices.Contains(names, "format") && slices.Contains([]string{"json", "ndjson", "sarif", "junit", "html", "csv", "markdown"}, name) {
		return "--format " + name
	}
	if near := config.Nearest(name, names); near != "" {
		return "--" + near
	}
	return ""
}

// nearestCommand gives the command that was most likely meant, "" if none is close.
func nearestCommand(list []*cli.Command, name string) string {
	var names []string
	for _, c := range list {
		names = append(names, c.Name)
	}
	return config.Nearest(name, names)
}

// setBy is what gave the flag its value, the flag itself or a variable of the environment.
func setBy(c *cli.Context, flag, value string) string {
	if c != nil && c.Command != nil {
		for _, f := range c.Command.Flags {
			d, ok := f.(cli.DocGenerationFlag)
			if !ok || !slices.Contains(f.Names(), flag) {
				continue
			}
			for _, v := range d.GetEnvVars() {
				if os.Getenv(v) == value {
					return v
				}
			}
		}
	}
	return "--" + flag
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "show the commands, or all about one",
		ArgsUsage: "[COMMAND]...",
		BashComplete: func(c *cli.Context) {
			list := c.App.Commands
			for _, name := range c.Args().Slice() {
				at := commandAt(list, name)
				if at < 0 {
					return
				}
				list = list[at].Subcommands
			}
			for _, s := range list {
				c.App.Writer.Write([]byte(s.Name + "\n"))
			}
		},
		Action: func(*cli.Context) error { return nil }, // helpTopic has answered
	}
}

// commandAt gives the place of a command, -1 if there is none of that name.
func commandAt(list []*cli.Command, name string) int {
	return slices.IndexFunc(list, func(c *cli.Command) bool { return c.HasName(name) })
}

// helpTopic writes "help COMMAND" as "COMMAND --help", which shows all of it: the library's own help leaves out the flags of a
// command that has commands, and knows none of those. It gives nil where no help command is asked for.
func helpTopic(app *cli.App, args []string) ([]string, error) {
	if len(args) < 2 || args[1] != "help" && args[1] != "h" {
		return nil, nil
	}
	out, list, named := args[:1:1], app.Commands, app.Name
	for _, name := range args[2:] {
		if len(name) > 0 && name[0] == '-' {
			continue
		}
		at := commandAt(list, name)
		if at < 0 {
			hint := named + " --help lists the commands"
			if near := nearestCommand(list, name); near != "" {
				hint = "did you mean " + near + "? " + hint
			} else if len(list) == 0 {
				hint = named + " --help tells all about it"
			}
			return nil, gate.Usagef(hint, "there is no command %s %s", named, name)
		}
		if name == "help" || name == "h" {
			continue
		}
		out, list, named = append(out, name), list[at].Subcommands, named+" "+name
	}
	return append(out, "--help"), nil
}

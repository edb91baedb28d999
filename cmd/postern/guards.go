package main

import (
	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/quote"
	"postern/rules"
)

func guardFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-guards", Usage: "have OPA evaluate every rule on every message; the verdicts are the same", EnvVars: []string{"POSTERN_NO_GUARDS"}},
		&cli.BoolFlag{Name: "verify-guards", Usage: "judge with guards and without, and stop where the two differ, also by verify_guards or $POSTERN_VERIFY_GUARDS"},
	}
}

// readGuards tells how the flags change what the configuration says of guards.
func readGuards(c *cli.Context) (func(*rules.Options), error) {
	use := func(g rules.Guards) func(*rules.Options) { return func(o *rules.Options) { o.Guards = g } }
	switch {
	case c.Bool("no-guards") && c.Bool("verify-guards"):
		return nil, gate.Usagef("leave out one of them", "--no-guards contradicts --verify-guards")
	case c.Bool("no-guards"):
		return use(rules.GuardsOff), nil
	case c.Bool("verify-guards"):
		return use(rules.GuardsVerify), nil
	case c.IsSet("verify-guards"):
		return use(rules.GuardsLater), nil
	}
	return func(*rules.Options) {}, nil
}

// guardsDiffer is the error of a run in which the guards and OPA did not agree about the message of that name; nil if they did.
func guardsDiffer(name string, difference error) error {
	if difference == nil {
		return nil
	}
	return gate.Errorf(gate.Internal, "this is a fault of postern, please report it; --no-guards of check and audit judges without guards",
		"%s: %s", quote.Text(name), quote.Text(difference.Error()))
}

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
		&cli.BoolFlag{Name: "verify-guards", Usage: "judge with guards and without, and stop where the two differ", EnvVars: []string{"POSTERN_VERIFY_GUARDS"}},
	}
}

func readGuards(c *cli.Context) (rules.Guards, error) {
	switch {
	case c.Bool("no-guards") && c.Bool("verify-guards"):
		return 0, gate.Usagef("leave out one of them", "--no-guards contradicts --verify-guards")
	case c.Bool("no-guards"):
		return rules.GuardsOff, nil
	case c.Bool("verify-guards"):
		return rules.GuardsVerify, nil
	}
	return rules.GuardsLater, nil
}

// guardsDiffer is the error of a run in which the guards and OPA did not agree about the message of that name.
func guardsDiffer(name string, difference error) error {
	return gate.Errorf(gate.Internal, "this is a fault of postern, please report it; --no-guards judges without guards", "%s: %s",
		quote.Text(name), quote.Text(difference.Error()))
}

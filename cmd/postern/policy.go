package main

import (
	"bufio"
	"errors"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/report"
	"postern/rules"
)

func policyCommand() *cli.Command {
	return &cli.Command{
		Name:  "policy",
		Usage: "test and check rules of your own",
		Subcommands: []*cli.Command{
			{
				Name:      "test",
				Usage:     "run the Rego tests and the example messages of a directory of rules",
				ArgsUsage: "DIR",
				Description: "A test is a Rego rule test_... in a file *_test.rego whose package ends in _test. Examples are messages under\n" +
					"DIR/testdata/RULE: the rule has to find something in fail-*.eml and nothing in pass-*.eml. They are judged on\n" +
					"2026-11-23 at noon UTC for an account with the domains example.com and example.org.",
				Flags: []cli.Flag{
					formatFlag(), colorFlag(),
					&cli.Float64Flag{Name: "min-coverage", Usage: "fail if the tests reach less than `PERCENT` of the rules' lines",
						Action: func(_ *cli.Context, v float64) error {
							if !(v >= 0 && v <= 100) {
								return gate.Usagef("it is a number from 0 to 100", "--min-coverage cannot be %v", v)
							}
							return nil
						}},
				},
				Action: policyTest,
			},
			{
				Name:      "check",
				Usage:     "load the rules of a directory beside the built-in ones, and judge nothing",
				ArgsUsage: "DIR",
				Flags:     []cli.Flag{colorFlag()},
				Action:    policyCheck,
			},
			policyCacheCommand(),
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return gate.Usagef("there is postern policy test, postern policy check and postern policy cache", "there is no command policy %s", name)
			}
			return gate.Usagef("there is postern policy test, postern policy check and postern policy cache", "policy does nothing by itself")
		},
	}
}

// oneDir gives the one argument of a command.
func oneDir(c *cli.Context) (string, error) {
	list, err := paths(c)
	if err != nil {
		return "", err
	}
	if len(list) != 1 || list[0] == "-" {
		return "", gate.Usagef(c.Command.HelpName+" --help tells more", "%s takes one directory", c.Command.HelpName)
	}
	return list[0], nil
}

func policyTest(c *cli.Context) error {
	dir, err := oneDir(c)
	if err != nil {
		return err
	}
	r, err := rules.Test(c.Context, dir)
	if err != nil {
		return policyError(err, "")
	}
	out := bufio.NewWriter(c.App.Writer)
	if c.String("format") == "json" {
		var b []byte
		if b, err = report.EncodeIndent(r); err == nil {
			_, err = out.Write(append(b, '\n'))
		}
	} else {
		p := printer(out, c.App.Writer, c.String("color"))
		p.PolicyTest(r)
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	ran := 0
	for _, t := range r.Results {
		if !t.Skipped {
			ran++
		}
	}
	switch least := c.Float64("min-coverage"); {
	case r.Failed() > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	case ran == 0:
		return gate.Errorf(gate.Unjudged, "tests are rules named test_... in files *_test.rego", "%s: no test was run", dir)
	case r.Coverage < least:
		return gate.Errorf(gate.Fail, "the report names the lines that no test reaches", "the tests reach %.1f %% of the lines, less than %v %%", r.Coverage, least)
	}
	return nil
}

func policyCheck(c *cli.Context) error {
	dir, err := oneDir(c)
	if err != nil {
		return err
	}
	list, err := rules.Check(c.Context, []string{dir})
	if err != nil {
		return policyError(err, "")
	}
	out := bufio.NewWriter(c.App.Writer)
	p := printer(out, c.App.Writer, c.String("color"))
	p.Rules(list)
	if err := errors.Join(p.Err(), out.Flush()); err != nil {
		return cannotWrite(err)
	}
	return nil
}

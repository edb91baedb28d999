package main

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/report"
	"postern/rules"
)

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "list the rules, or tell all about one",
		ArgsUsage: "[ID]...",
		Flags: append(configFlags(), formatFlag(), colorFlag(),
			&cli.BoolFlag{Name: "guards", Usage: "show how well each rule can be told to find nothing without OPA, and why not"}),
		Action: listRules,
	}
}

func listRules(c *cli.Context) error {
	ids, err := paths(c)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(c, ".")
	if err != nil {
		return err
	}
	engine, err := newEngine(c.Context, cfg, nil)
	if err != nil {
		return err
	}
	all := engine.Rules()
	chosen, err := pick(all, ids)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(c.App.Writer)
	switch {
	case c.Bool("guards"):
		err = listGuards(c, engine, chosen, out)
	case c.String("format") == "json":
		var b []byte
		if b, err = report.EncodeIndent(map[string]any{"schema_version": report.SchemaVersion, "rules": chosen}); err == nil {
			_, err = out.Write(append(b, '\n'))
		}
	case len(ids) == 0:
		p := printer(out, c.App.Writer, c.String("color"))
		p.Rules(chosen)
		err = p.Err()
	default:
		p := printer(out, c.App.Writer, c.String("color"))
		for i := range chosen {
			if i > 0 {
				p.Line("")
			}
			name, text := example(chosen[i].ID)
			p.Rule(&chosen[i], name, text)
		}
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	return nil
}

// listGuards shows what has become of the rules' guards. Rules that are not evaluated have none.
func listGuards(c *cli.Context, engine *rules.Engine, chosen []rules.Rule, out *bufio.Writer) error {
	list := []rules.GuardReport{}
	for _, r := range chosen {
		g, ok, err := engine.Guard(r.ID)
		if err != nil {
			return &gate.Error{Cause: gate.Internal, Err: err, Hint: "messages are judged without guards"}
		}
		if ok {
			list = append(list, g)
		}
	}
	if c.String("format") == "json" {
		b, err := report.EncodeIndent(map[string]any{"schema_version": report.SchemaVersion, "guards": list})
		if err != nil {
			return err
		}
		_, err = out.Write(append(b, '\n'))
		return err
	}
	p := printer(out, c.App.Writer, c.String("color"))
	p.Guards(list)
	return p.Err()
}

// pick gives the rules of those ids, all for none.
func pick(all []rules.Rule, ids []string) ([]rules.Rule, error) {
	if len(ids) == 0 {
		return all, nil
	}
	var out []rules.Rule
	for _, id := range ids {
		canonical := rules.CanonicalID(id)
		i := slices.IndexFunc(all, func(r rules.Rule) bool { return r.ID == canonical })
		if i < 0 {
			return nil, gate.Usagef(nearRules(all, id), "there is no rule %s", id)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// nearRules is a hint with the rules that the user may have meant.
func nearRules(all []rules.Rule, id string) string {
	_, name, ok := strings.Cut(id, ".")
	if !ok {
		name = id
	}
	var near []string
	for _, r := range all {
		if name != "" && (strings.Contains(r.ID, name) || r.Category() == id) && len(near) < 5 {
			near = append(near, r.ID)
		}
	}
	if len(near) > 0 {
		return fmt.Sprintf("there is %s", strings.Join(near, ", "))
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	if one := config.Nearest(id, ids); one != "" {
		return "did you mean " + one + "?"
	}
	return "postern rules lists the ids"
}

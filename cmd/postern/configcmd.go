package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/report"
)

func configCommand() *cli.Command {
	return &cli.Command{
		Name:  "config",
		Usage: "show the configuration in force, or the JSON Schema of postern.yaml",
		Subcommands: []*cli.Command{
			{
				Name:      "show",
				Usage:     "show each setting that is in force for PATH, and where it comes from",
				ArgsUsage: "[PATH]",
				Flags:     append(configFlags(), formatFlag()),
				Action:    configShow,
			},
			{
				Name:  "schema",
				Usage: "print the JSON Schema of postern.yaml, for editors",
				Description: "An editor with the YAML language server checks and completes postern.yaml when its first line is\n" +
					"# yaml-language-server: $schema=postern.schema.json and this command's output is in that file.",
				Action: configSchema,
			},
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return gate.Usagef("there is postern config show and postern config schema", "there is no command config %s", name)
			}
			return gate.Usagef("there is postern config show and postern config schema", "config does nothing by itself")
		},
	}
}

func configSchema(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	if _, err := c.App.Writer.Write(config.Schema); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func configShow(c *cli.Context) error {
	list, err := paths(c)
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return gate.Usagef("the configuration is that of one path", "%s takes one path", c.Command.HelpName)
	}
	start := "."
	if len(list) == 1 {
		start = list[0]
	}
	cfg, err := loadConfig(c, start)
	if err != nil {
		return err
	}
	values := cfg.Effective()
	if c.String("format") == "json" {
		var file *string
		if cfg.File != "" {
			file = &cfg.File
		}
		b, err := report.EncodeIndent(map[string]any{"schema_version": report.SchemaVersion, "file": file, "values": values})
		if err == nil {
			_, err = c.App.Writer.Write(append(b, '\n'))
		}
		if err != nil {
			return cannotWrite(err)
		}
		return nil
	}
	p := printer(c.App.Writer, c.App.Writer, "never")
	if cfg.File == "" {
		p.Line("no postern.yaml is read")
	} else {
		p.Line("read " + cfg.File)
	}
	wide := 0
	shown := make([]string, len(values))
	for i, v := range values {
		wide = max(wide, len(v.Key))
		b, err := json.Marshal(v.Value)
		if err != nil {
			return err
		}
		if shown[i] = string(b); slices.Contains([]string{`"`}, shown[i][:1]) {
			shown[i], _ = v.Value.(string)
		}
	}
	for i, v := range values {
		p.Line(fmt.Sprintf("  %-*s  %s  (%s)", wide, v.Key, shown[i], v.Origin))
	}
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/initfile"
	"postern/cmd/internal/report"
)

func initCommand() *cli.Command {
	return &cli.Command{
		Name:  "init",
		Usage: "write a commented postern.yaml from flags, or from answers to questions",
		Description: "On a terminal it asks for what the flags do not say; elsewhere it asks only with --ask. It never overwrites a file\n" +
			"without --force, and needs no password.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: config.FileName, Usage: "write `FILE`; - is standard output"},
			&cli.BoolFlag{Name: "force", Usage: "replace the file if it exists"},
			&cli.BoolFlag{Name: "ask", Usage: "ask for what the flags do not say, also when standard input is no terminal"},
			&cli.BoolFlag{Name: "no-ask", Usage: "ask nothing"},
			&cli.StringFlag{Name: "provider", Usage: "`WHOSE` rules apply: pair or none", Action: oneOf("provider", "pair", "none")},
			&cli.StringFlag{Name: "username", Usage: "`NAME` of the account, as you log in to the ACC"},
			&cli.StringFlag{Name: "created", Usage: "`DAY` on which the account was created, as 2015-03-01"},
			&cli.StringFlag{Name: "plan", Usage: "`NAME` of your plan"},
			&cli.IntFlag{Name: "server-number", Usage: "`NNN` in mailNNN.pair.com, for accounts from before June 1, 2011"},
			&cli.StringSliceFlag{Name: "domain", Usage: "a `DOMAIN` of yours (repeat the flag for more)"},
			&cli.StringSliceFlag{Name: "address", Usage: "an `ADDRESS` of yours at another domain (repeat the flag for more)"},
			&cli.StringFlag{Name: "host", Usage: "`HOST` that mail is submitted to, if it is not the account's own"},
			&cli.IntFlag{Name: "port", Usage: "`PORT` that mail is submitted to"},
			&cli.StringFlag{Name: "tls", Usage: "`KIND` of encryption: implicit or starttls", Action: oneOf("tls", "implicit", "starttls")},
			&cli.Int64Flag{Name: "server-size", Usage: "`OCTETS` that the server's EHLO shows as SIZE"},
		},
		Action: initialize,
	}
}

// initOptions is the command line of init.
type initOptions struct {
	output     string
	force, ask bool
	answers    initfile.Answers
}

func readInitOptions(c *cli.Context) (o initOptions, err error) {
	if err := noArgs(c); err != nil {
		return o, err
	}
	o.output, o.force = c.String("output"), c.Bool("force")
	if o.output == "" {
		return o, gate.Usagef("a variable of a script may be unset", "--output is empty")
	}
	if c.Bool("ask") && c.Bool("no-ask") {
		return o, gate.Usagef("leave out one of them", "--ask contradicts --no-ask")
	}
	o.answers = initfile.Answers{
		Provider: c.String("provider"), Username: c.String("username"), Created: c.String("created"), Plan: c.String("plan"),
		ServerNumber: c.Int("server-number"), Domains: c.StringSlice("domain"), Addresses: c.StringSlice("address"),
		Host: c.String("host"), Port: c.Int("port"), TLS: c.String("tls"), ServerSize: c.Int64("server-size"),
	}
	told := false
	for _, f := range []string{"provider", "username", "created", "plan", "server-number", "domain", "address", "host", "port", "tls", "server-size"} {
		told = told || c.IsSet(f)
	}
	o.ask = !c.Bool("no-ask") && (c.Bool("ask") || report.IsTerminal(c.App.Reader))
	if !o.ask && !told && !c.Bool("no-ask") {
		return o, gate.Usagef("say it with flags, as in: postern init --username alice --created 2015-03-01 --domain example.com\n"+
			"or with --ask, which reads the answers from standard input; --no-ask writes a file without an account", "nothing was told of the account")
	}
	return o, nil
}

func initialize(c *cli.Context) error {
	o, err := readInitOptions(c)
	if err != nil {
		return err
	}
	if o.output != "-" {
		// Before the questions: nobody wants to answer them for nothing.
		if err := mayWrite(o.output, o.force); err != nil {
			return err
		}
	}
	if o.ask {
		if err := initfile.Ask(c.App.Reader, c.App.ErrWriter, &o.answers); err != nil {
			return &gate.Error{Cause: gate.Usage, Err: err, Hint: "no file was written"}
		}
	}
	var b bytes.Buffer
	if err := initfile.Write(&b, o.answers); err != nil {
		return &gate.Error{Cause: gate.Usage, Err: err, Hint: "no file was written"}
	}
	if o.output == "-" {
		if _, err := c.App.Writer.Write(b.Bytes()); err != nil {
			return cannotWrite(err)
		}
		return nil
	}
	if err := writeFile(o.output, b.Bytes(), o.force); err != nil {
		return err
	}
	p := printer(c.App.Writer, c.App.Writer, "never")
	p.Line("wrote " + o.output)
	if filepath.Base(o.output) == config.FileName {
		p.Line("postern check uses it for all files below its directory")
	} else {
		p.Line("postern check --config " + o.output + " uses it")
	}
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func mayWrite(name string, force bool) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return gate.Errorf(gate.Config, "", "%w", err)
	case info.IsDir():
		return gate.Usagef("name a file in it", "%s is a directory", name)
	case !force:
		return exists(name)
	}
	return nil
}

func exists(name string) error {
	return gate.Errorf(gate.Config, "--force replaces it, --output FILE writes another", "%s exists already", name)
}

// writeFile writes a file so that it is there whole or not at all, and does not replace one without force.
func writeFile(name string, data []byte, force bool) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".postern-*")
	if err != nil {
		return gate.Errorf(gate.Config, "check the directory and its permissions", "%w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, bytes.NewReader(data))
	// There is no secret in it, and other users' programs may have to read it.
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return gate.Errorf(gate.Config, "no file was left behind", "write %s: %w", name, err)
	}
	if !force {
		// A link fails if the name exists, also when somebody has just made it; where there are no links, look again.
		switch err := os.Link(tmp.Name(), name); {
		case err == nil:
			return nil
		case errors.Is(err, fs.ErrExist):
			return exists(name)
		}
		if err := mayWrite(name, false); err != nil {
			return err
		}
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return gate.Errorf(gate.Config, "", "%w", err)
	}
	return nil
}

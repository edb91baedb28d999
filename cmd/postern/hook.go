package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/git"
	"postern/cmd/internal/hook"
)

func hookCommand() *cli.Command {
	which := []cli.Flag{
		&cli.BoolFlag{Name: "pre-commit", Usage: "the hook of git commit, which judges what is staged (the default)"},
		&cli.BoolFlag{Name: "sendemail-validate", Usage: "the hook of git send-email, which judges each mail before any is sent"},
	}
	return &cli.Command{
		Name:  "hook",
		Usage: "let git judge what is committed, or sent with git send-email",
		Subcommands: []*cli.Command{
			{
				Name:  "install",
				Usage: "write a hook into the repository of the working directory",
				Flags: append(which, &cli.BoolFlag{Name: "force", Usage: "where another hook is, keep it as NAME.local and run it first"}),
				Description: "The hook is written where git looks for it (core.hooksPath). The one of git commit accepts the findings that\n" +
					".postern-baseline.json in the top directory lists, if it is there.",
				Action: hookInstall,
			},
			{
				Name:   "uninstall",
				Usage:  "remove the hook, and bring back the one that it had replaced",
				Flags:  which,
				Action: hookUninstall,
			},
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return gate.Usagef("there is postern hook install and postern hook uninstall", "there is no command hook %s", name)
			}
			return gate.Usagef("there is postern hook install and postern hook uninstall", "hook does nothing by itself")
		},
	}
}

// hooks gives the hooks that the command line names and the directory that they are in.
func hooks(c *cli.Context) (names []string, dir string, err error) {
	if err := noArgs(c); err != nil {
		return nil, "", err
	}
	if c.Bool("sendemail-validate") {
		names = append(names, hook.SendemailValidate)
	}
	if c.Bool("pre-commit") || len(names) == 0 {
		names = append(names, hook.PreCommit)
	}
	repo, err := git.Open(c.Context)
	if err == nil {
		dir, err = repo.HooksDir(c.Context)
	}
	if err != nil {
		hint := ""
		var own *git.Error
		if errors.As(err, &own) {
			hint = own.Hint
		}
		return nil, "", &gate.Error{Cause: gate.Usage, Err: err, Hint: hint}
	}
	return names, dir, nil
}

func hookInstall(c *cli.Context) error {
	names, dir, err := hooks(c)
	if err != nil {
		return err
	}
	program, err := executable()
	if err != nil {
		return &gate.Error{Cause: gate.Internal, Err: err}
	}
	p := printer(c.App.Writer, c.App.Writer, "never")
	for _, name := range names {
		path := filepath.Join(dir, name)
		saved, err := hook.Install(dir, name, program, c.Bool("force"))
		switch {
		case errors.Is(err, hook.ErrForeign):
			return gate.Errorf(gate.Config, "--force keeps it as "+name+".local and runs it first; or call postern check --staged from it", "%s: %w", path, err)
		case err != nil:
			return gate.Errorf(gate.Config, "nothing was changed", "write %s: %w", path, err)
		}
		p.Line("wrote " + path)
		if saved != "" {
			p.Line("the hook that was there is " + saved + " now and runs first")
		}
	}
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func hookUninstall(c *cli.Context) error {
	names, dir, err := hooks(c)
	if err != nil {
		return err
	}
	p := printer(c.App.Writer, c.App.Writer, "never")
	for _, name := range names {
		path := filepath.Join(dir, name)
		removed, restored, err := hook.Uninstall(dir, name)
		switch {
		case errors.Is(err, hook.ErrForeign):
			return gate.Errorf(gate.Config, "it was left as it is", "%s is not a hook of postern's", path)
		case err != nil:
			return gate.Errorf(gate.Config, "", "remove %s: %w", path, err)
		case restored:
			p.Line("removed postern from " + path + "; the hook that it had replaced is back")
		case removed:
			p.Line("removed " + path)
		default:
			p.Line("there is no " + path)
		}
	}
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

// executable is the path of this program as a hook should know it: the name in PATH if that leads here, because it stays the
// same when a package is updated.
func executable() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if found, err := exec.LookPath("postern"); err == nil && filepath.IsAbs(found) {
		a, errA := os.Stat(self)
		b, errB := os.Stat(found)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return found, nil
		}
	}
	return self, nil
}

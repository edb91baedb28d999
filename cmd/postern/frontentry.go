package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/config"
	"postern/cmd/internal/front"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/quote"
	"postern/rules"
	"postern/rules/facts"
)

// leaveEntry leaves for the front what it lacks, if it has asked for it. That it could not be left is no concern of the message's.
func (h *handover) leaveEntry(read front.Policies) {
	if slices.Contains(h.environ, front.Wish+"=write") {
		writeEntry(h.cfg, h.rules, read, h.environ, h.now)
	}
}

// writeEntry writes the entry of the front for a configuration with the rules that were made of it, and gives its path. read are the
// policies that the rules were made of: should a file be another by now, what is written must not say that it was judged by.
func writeEntry(cfg *config.Config, e *rules.Engine, read front.Policies, environ []string, now time.Time) (path string, entry *front.Entry, err error) {
	if front.Build() == "" {
		return "", nil, errors.New("it is not known what this program was built from")
	}
	if !filepath.IsAbs(cfg.File) {
		return "", nil, fmt.Errorf("the configuration %q is no absolute path", cfg.File)
	}
	o, err := cfg.RuleOptions()
	if err != nil {
		return "", nil, err
	}
	mode, gid, err := readers(cfg.File, o.Policies)
	if err != nil {
		return "", nil, err
	}
	path, err = front.Save(environ, cfg.File, mode, gid, func() (*front.Entry, error) {
		entry, err = makeEntry(cfg, e, read, o, now)
		return entry, err
	})
	return path, entry, err
}

func makeEntry(cfg *config.Config, e *rules.Engine, read front.Policies, o rules.Options, now time.Time) (*front.Entry, error) {
	var again front.Policies
	for _, m := range o.Policies {
		again.Add(m.Name, m.Source)
	}
	if again.Sum() != read.Sum() {
		return nil, errors.New("a policy has just changed")
	}
	full, err := cache.Self()
	if err != nil {
		return nil, err
	}
	entry := &front.Entry{
		Build: front.Build(), Full: full, Config: cfg.File, ConfigSum: cfg.SHA256, Policies: cfg.Policies, PoliciesSum: read.Sum(), Written: now,
	}
	set := cfg.Sendmail
	switch {
	case cfg.Account == nil || set == nil:
		entry.Unfit = "the configuration does not say how mail is sent, and whose"
	case set.Transport == "smtp":
		entry.Unfit = "mail goes out by SMTP"
	case cfg.Ledger != nil && cfg.Ledger.OnServer():
		entry.Unfit = "a ledger on a server counts what is sent"
	case cfg.VerifyGuards:
		entry.Unfit = "guards are verified"
	}
	if entry.Unfit != "" {
		return entry, nil
	}
	q, err := e.Quiet()
	if err != nil {
		entry.Unfit = err.Error()
		return entry, nil
	}
	if entry.Digest, err = inForceBy(o); err != nil {
		return nil, err
	}
	entry.Settings = front.Settings{
		Path: set.Path, Args: set.Args, Environment: set.Environment, Allow: set.Allow, LineEnds: set.LineEnds, Sender: set.Sender,
		Domain: set.Domain, MaxOctets: set.MaxOctets, WebScript: set.WebScript, Log: set.Log, LogKey: set.LogKey, LogAddresses: set.LogAddresses,
	}
	entry.Rules, entry.Problems, entry.Ignored, entry.Guards = q.Rules, q.Problems, q.Ignored, *q.Program
	entry.Without = q.Facts.Without
	if l := cfg.LedgerAt(); l != nil {
		entry.History = q.History
		entry.Without &^= facts.Fingerprint // it is counted by
		entry.Ledger = front.Ledger{File: l.URL, KeyFile: l.KeyFile, Account: cfg.Account.Username}
		for _, w := range e.Windows() {
			entry.Ledger.Windows = append(entry.Ledger.Windows, int32(w/time.Second))
		}
	}
	return entry, nil
}

// readers tells who may read all of the files that an entry is made of: the permissions that they share.
func readers(file string, policies []rules.Module) (mode fs.FileMode, gid int, err error) {
	st, err := os.Stat(file)
	if err != nil {
		return 0, 0, err
	}
	mode, gid = st.Mode().Perm(), cache.Group(st)
	for _, p := range policies {
		st, err := os.Stat(p.Name)
		if err != nil {
			return 0, 0, err
		}
		if mode &= st.Mode().Perm(); cache.Group(st) != gid {
			mode &^= 0o040
		}
	}
	return mode, gid, nil
}

func policyCacheCommand() *cli.Command {
	return &cli.Command{
		Name:  "cache",
		Usage: "write what postern-sendmail judges clean mail by, for all users if root does it",
		Description: "postern-sendmail has the whole program write it when it is missing or no longer valid, for the user who sends. Run as root,\n" +
			"this command writes it for everybody, also for programs that run without a home directory.",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "config", Usage: "the `FILE` that postern-sendmail will find, instead of looking for postern.yaml"}},
		Action: policyCache,
	}
}

func policyCache(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	now := time.Now()
	named := c.String("config")
	if named != "" {
		var err error
		if named, err = filepath.Abs(named); err != nil {
			return &gate.Error{Cause: gate.Config, Err: err}
		}
	}
	// What the front will find: it goes by no variable that changes a setting.
	cfg, err := config.LoadAt(".", named, withoutOverrides(os.Environ()), now)
	if err != nil {
		return &gate.Error{Cause: gate.Config, Err: err}
	}
	if cfg.File == "" {
		return gate.Errorf(gate.Config, "postern init writes one", "there is no postern.yaml")
	}
	var read front.Policies
	e, err := newEngine(c.Context, cfg, func(o *rules.Options) {
		o.History = cfg.Ledger != nil
		for _, m := range o.Policies {
			read.Add(m.Name, m.Source)
		}
	})
	if err != nil {
		return err
	}
	path, entry, err := writeEntry(cfg, e, read, os.Environ(), now)
	if err != nil {
		hint := ""
		if front.Build() == "" {
			hint = `build both programs in one go: go build -ldflags "-X postern/cmd/internal/front.Stamp=$(date +%s)" -o bin/ ./cmd/postern ./cmd/postern-sendmail`
		}
		return &gate.Error{Cause: gate.Config, Err: err, Hint: hint}
	}
	text := fmt.Sprintf("%s: %d rules judge the mail of %s\n", quote.Text(path), len(entry.Rules)+len(entry.History), quote.Text(cfg.File))
	if entry.Unfit != "" {
		text = fmt.Sprintf("%s: postern judges all mail of %s itself: %s\n", quote.Text(path), quote.Text(cfg.File), quote.Text(entry.Unfit))
	}
	if entry.Ledger.File != "" {
		text += "A ledger counts it, so a postern-sendmail that was built without -tags ledger leaves all of it to postern.\n"
	}
	if _, err := fmt.Fprint(c.App.Writer, text); err != nil {
		return cannotWrite(err)
	}
	return nil
}

// withoutOverrides takes out the variables that change settings.
func withoutOverrides(environ []string) []string {
	for _, name := range config.Variables() {
		environ = slices.DeleteFunc(environ, func(v string) bool { return len(v) > len(name) && v[:len(name)] == name && v[len(name)] == '=' })
	}
	return environ
}

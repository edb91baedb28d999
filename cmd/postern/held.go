package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/held"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
	"postern/cmd/internal/sendmail"
	"postern/rules"
)

func heldCommand() *cli.Command {
	flags := func(more ...cli.Flag) []cli.Flag {
		return append(append(more, &cli.StringFlag{Name: "dir", Usage: "the `DIRECTORY` of held mail, instead of sendmail.held in postern.yaml"}), configFlags()...)
	}
	return &cli.Command{
		Name:  "held",
		Usage: "look at mail that was refused and kept, send it after all, or drop it",
		Description: "postern sendmail keeps what it refuses in the directory that sendmail.held in postern.yaml names. An ID may be\n" +
			"shortened to its beginning, or to what follows .R in it.",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list held mail, oldest first", Flags: flags(formatFlag(), &cli.BoolFlag{Name: "all", Usage: "released mail too"}), Action: heldList},
			{Name: "show", Usage: "show why a message was refused, or the message itself", ArgsUsage: "ID",
				Flags: flags(formatFlag(), &cli.BoolFlag{Name: "raw", Usage: "write the message to standard output as it is"}), Action: heldShow},
			{Name: "release", Usage: "judge a held message again, and send it once if it passes", ArgsUsage: "ID",
				Flags: flags(&cli.BoolFlag{Name: "force", Usage: "send it without judging it"}), Action: heldRelease},
			{Name: "drop", Usage: "remove a held message and its record for ever", ArgsUsage: "ID", Flags: flags(), Action: heldDrop},
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return gate.Usagef("there are list, show, release and drop", "there is no command held %s", name)
			}
			return gate.Usagef("there are list, show, release and drop", "held does nothing by itself")
		},
	}
}

// errNoneHeld means that no message was ever held where the configuration says.
var errNoneHeld = errors.New("no mail is held yet")

// openHeld opens the directory of held mail that the command line or the configuration names.
func openHeld(c *cli.Context) (*held.Store, *config.Config, error) {
	cfg, err := loadConfig(c, ".")
	if err != nil {
		return nil, nil, err
	}
	dir := c.String("dir")
	if c.IsSet("dir") && dir == "" {
		return nil, nil, gate.Usagef("a variable of a script may be unset", "--dir is empty")
	}
	if dir == "" && cfg.Sendmail != nil && cfg.Sendmail.Held != "" {
		dir = cfg.Path(cfg.Sendmail.Held)
	}
	if dir == "" {
		return nil, nil, gate.Errorf(gate.Config, "set sendmail.held in postern.yaml, or name it with --dir", "no directory of held mail is named")
	}
	if _, err := os.Lstat(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) && !c.IsSet("dir") {
			return nil, nil, gate.Errorf(gate.Usage, "sendmail.held names the directory, which is made when the first message is held", "%w, %s does not exist", errNoneHeld, dir)
		}
		return nil, nil, gate.Errorf(gate.Config, "it is made when the first message is held", "%w", err)
	}
	store, err := held.Open(dir)
	if err != nil {
		return nil, nil, gate.Errorf(gate.Config, "nothing was touched", "%w", err)
	}
	return store, cfg, nil
}

func heldList(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	store, _, err := openHeld(c)
	var all []held.Entry
	var bad []error
	switch {
	case errors.Is(err, errNoneHeld): // a list of nothing, with the directory in case its name is wrong
		fmt.Fprintf(c.App.ErrWriter, "postern: %s\n", quote.Text(err.Error()))
	case err != nil:
		return err
	default:
		defer store.Close()
		if all, bad, err = store.List(); err != nil {
			return &gate.Error{Cause: gate.Internal, Err: err}
		}
	}
	list := []held.Entry{}
	for _, e := range all {
		if e.State == "held" || c.Bool("all") {
			list = append(list, e)
		}
	}
	err = nil
	if c.String("format") == "json" {
		err = printJSON(c.App.Writer, map[string]any{"held": list})
	} else {
		for _, e := range list {
			what := quote.Text(e.Rule)
			if e.State == "released" {
				what += ", released: " + releaseResult(&e)
			}
			_, err = fmt.Fprintf(c.App.Writer, "%s  %s  %d octets, %s  from %s  %s\n", quote.Text(e.ID), e.Time.Local().Format(time.DateTime), e.Octets,
				report.Count(len(e.Recipients), "recipient", "recipients"), quote.Short(orNull(e.Sender), 60), what)
		}
		if err == nil && len(list) == 0 {
			_, err = fmt.Fprintln(c.App.Writer, "no mail is held")
		}
	}
	if err != nil {
		return cannotWrite(err)
	}
	if len(bad) > 0 {
		return gate.Errorf(gate.Unjudged, "look at them by hand", "not everything can be listed: %w", errors.Join(bad...))
	}
	return nil
}

func orNull(sender string) string {
	if sender == "" {
		return "<>"
	}
	return sender
}

// releaseResult says what became of a released message. Without a result the program that released it was ended.
func releaseResult(e *held.Entry) string {
	if e.Released == nil {
		return "nobody knows whether it was sent"
	}
	return quote.Text(e.Released.Result) + " " + e.Released.Time.Local().Format(time.DateTime)
}

// oneHeld opens the store and finds the message that the argument names.
func oneHeld(c *cli.Context) (*held.Store, *config.Config, held.Entry, error) {
	if c.Args().Len() != 1 || strings.HasPrefix(c.Args().First(), "-") {
		return nil, nil, held.Entry{}, gate.Usagef("postern held list shows the ids; flags stand before it", "%s takes one ID", c.Command.HelpName)
	}
	store, cfg, err := openHeld(c)
	if err != nil {
		return nil, nil, held.Entry{}, err
	}
	e, err := store.Find(c.Args().First())
	if err != nil {
		store.Close()
		return nil, nil, e, gate.Errorf(gate.Usage, "postern held list --all shows the ids", "%s: %w", c.Args().First(), err)
	}
	return store, cfg, e, nil
}

func heldShow(c *cli.Context) error {
	store, _, e, err := oneHeld(c)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.Bool("raw") {
		m, err := store.Message(e)
		if err != nil {
			return &gate.Error{Cause: gate.Internal, Err: err}
		}
		defer m.Close()
		if _, err := io.Copy(c.App.Writer, m); err != nil {
			return cannotWrite(err)
		}
		return nil
	}
	if c.String("format") == "json" {
		if err := printJSON(c.App.Writer, e); err != nil {
			return cannotWrite(err)
		}
		return nil
	}
	p := printer(c.App.Writer, c.App.Writer, "auto")
	p.Line(quote.Text(e.ID))
	p.Line("  " + e.State + " since " + e.Time.Local().Format(time.DateTime))
	if e.State == "released" {
		p.Line("  " + releaseResult(&e))
	}
	p.Line(fmt.Sprintf("  %d octets, sha256 %s", e.Octets, quote.Text(e.SHA256)))
	p.Line("  sender " + quote.Text(orNull(e.Sender)))
	for _, r := range e.Recipients {
		p.Line("  recipient " + quote.Text(r))
	}
	for i := range e.Findings {
		f := &e.Findings[i]
		p.Wrap("  ", 2, 6, fmt.Sprintf("%s: %s [%s]", f.Severity, f.Message, f.Rule))
		if f.Clause.Text != "" {
			p.Wrap("    clause: ", 12, 12, f.Clause.Text)
		}
		p.Wrap("    remedy: ", 12, 12, f.Remedy)
	}
	p.Line("  policy sha256 " + quote.Text(e.Policy))
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func heldDrop(c *cli.Context) error {
	store, _, e, err := oneHeld(c)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Drop(e); err != nil {
		return &gate.Error{Cause: gate.Internal, Err: fmt.Errorf("%s: %w", e.ID, err)}
	}
	if _, err := fmt.Fprintf(c.App.Writer, "dropped %s\n", quote.Text(e.ID)); err != nil {
		return cannotWrite(err)
	}
	return nil
}

// heldRelease sends a held message. It is taken out of what is held before it is sent: should this program be ended in between, it is
// not sent again by itself, and is still there to be looked at.
func heldRelease(c *cli.Context) error {
	store, cfg, e, err := oneHeld(c)
	if err != nil {
		return err
	}
	defer store.Close()
	if e.State != "held" {
		return gate.Errorf(gate.Unjudged, "a message is released once; postern held show tells what became of it", "%s was released before", e.ID)
	}
	h, err := reopen(store, cfg, &e)
	if err != nil {
		return err
	}
	defer h.message.Close()
	defer h.end()
	h.force = c.Bool("force")
	h.load(c.Context)
	if bad := h.judge(c.Context); bad != nil {
		return &gate.Error{Cause: gate.Unjudged, Err: bad, Hint: bad.Hint}
	}
	if h.verdict.Outcome != rules.Pass {
		return h.still(c, &e)
	}
	if err := store.Claim(&e); err != nil {
		return gate.Errorf(gate.Internal, "postern held list --all tells where it is", "%s: %w", e.ID, err)
	}
	result, err := h.deliver(c.Context)
	var back *notSent
	if errors.As(err, &back) {
		if moved := store.Return(&e); moved != nil {
			err = errors.Join(err, fmt.Errorf("%s lies under released, though it was not sent: %w", e.ID, moved))
		}
		return &gate.Error{Cause: gate.Internal, Err: err, Hint: "it is held as before"}
	}
	if e := store.Finish(&e, held.Release{Time: time.Now().UTC().Truncate(time.Second), Forced: c.Bool("force"), Result: result}); e != nil {
		err = errors.Join(err, e)
	}
	if err != nil {
		return &gate.Error{Cause: gate.Internal, Err: fmt.Errorf("%s: %w", e.ID, err), Hint: "it is not sent again by itself; postern held show " + e.ID + " tells more"}
	}
	if _, err := fmt.Fprintf(c.App.Writer, "released %s: %s\n", quote.Text(e.ID), quote.Text(result)); err != nil {
		return cannotWrite(err)
	}
	return nil
}

// reopen takes a held message in as it was when it was held. One that is not the same any more is never sent.
func reopen(store *held.Store, cfg *config.Config, e *held.Entry) (*handover, error) {
	f, err := store.Message(*e)
	if err != nil {
		return nil, &gate.Error{Cause: gate.Internal, Err: fmt.Errorf("%s: %w", e.ID, err)}
	}
	defer f.Close()
	m, err := sendmail.Keep(f, e.Octets)
	if err == nil && hex.EncodeToString(m.SHA256[:]) != e.SHA256 {
		m.Close()
		err = errors.New("its hash is another")
	}
	if err != nil {
		return nil, gate.Errorf(gate.Unjudged, "nothing was sent; look at it with postern held show --raw", "%s is not the message that was held: %w", e.ID, err)
	}
	h := &handover{cfg: cfg, environ: os.Environ(), now: time.Now(),
		args: &sendmail.Args{Notify: e.Notify, Return: e.Return, EnvelopeID: e.EnvelopeID, Body: e.Body},
		env:  sendmail.Envelope{Sender: e.Sender, Recipients: e.Recipients}, webScript: e.WebScript}
	if cfg.Sendmail != nil {
		h.set = *cfg.Sendmail
	}
	if bad := h.again(m); bad != nil {
		return nil, &gate.Error{Cause: gate.Unjudged, Err: bad, Hint: bad.Hint}
	}
	for _, step := range []func() *sendmail.Error{h.ready, h.openLog} {
		if bad := step(); bad != nil {
			h.message.Close()
			return nil, &gate.Error{Cause: gate.Config, Err: bad, Hint: bad.Hint}
		}
	}
	return h, nil
}

// again takes a held message in by the transport of today, which may want other line ends than that of the day it was held. By the
// same transport it stays what it is, octet for octet.
func (h *handover) again(m *sendmail.Message) (bad *sendmail.Error) {
	defer m.Close()
	// A message of LF alone grows to twice its size at most, and its last line is given an end.
	o := sendmail.Options{CRLF: h.transport() == "smtp", Missing: h.missing(), IgnoreDots: true, MaxOctets: 2*m.Octets + 2}
	h.message, bad = sendmail.Read(io.NewSectionReader(m.File, 0, m.Octets), o)
	return bad
}

// still tells why a message stays held.
func (h *handover) still(c *cli.Context, e *held.Entry) error {
	o := checkOptions{text: textOptions{color: "auto"}, output: outputOptions{format: "text"}}
	w, err := o.reports(h.rules, c.App.Writer, report.Messages)
	it := &report.Item{Name: e.ID, Path: e.ID, Verdict: h.verdict}
	sum := report.Summary{Complete: true}
	sum.Add(it)
	if err == nil {
		err = w.Item(it)
	}
	if err == nil {
		err = w.Close(&sum)
	}
	if err != nil {
		return cannotWrite(err)
	}
	cause := gate.Fail
	if h.verdict.Outcome == rules.Unjudged {
		cause = gate.Unjudged
	}
	return gate.Errorf(cause, "change what stands against it, or release it with --force", "%s stays held", e.ID)
}

// notSent is the error of a message that certainly has not gone out.
type notSent struct{ err error }

func (e *notSent) Error() string { return e.err.Error() }

func (e *notSent) Unwrap() error { return e.err }

// deliver sends a message and waits for what becomes of it. A *notSent is an error after which nothing has gone out; any other
// means that nobody knows.
func (h *handover) deliver(ctx context.Context) (result string, err error) {
	if bad := h.commit(ctx); bad != nil {
		return "", &notSent{bad}
	}
	defer func() {
		var back *notSent
		if errors.As(err, &back) {
			h.release()
		}
	}()
	if h.transport() == "smtp" {
		reply, bad := h.submit(ctx)
		switch {
		case bad != nil && bad.Uncertain:
			return "uncertain: " + bad.Error(), bad
		case bad != nil:
			return "", &notSent{bad}
		}
		return reply, nil
	}
	p := h.program()
	if bad := h.note("released", gate.Taken); bad != nil {
		return "", &notSent{bad}
	}
	status, err := p.Run(h.args.Command(p.Path, p.Args, h.env), p.Clean(h.environ), h.message)
	switch {
	case err != nil:
		return "", &notSent{err}
	case status < 0:
		return "uncertain: the real sendmail was ended by a signal", errors.New("the real sendmail was ended by a signal; nobody knows what it did")
	case status > 0:
		return "", &notSent{fmt.Errorf("the real sendmail ended with status %d", status)}
	}
	return "sent", nil
}

func printJSON(w io.Writer, v any) error {
	b, err := report.EncodeIndent(v)
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", b)
	}
	return err
}

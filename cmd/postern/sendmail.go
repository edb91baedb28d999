package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/decisions"
	"postern/cmd/internal/front"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/locate"
	"postern/cmd/internal/sendmail"
	"postern/cmd/internal/submit"
	"postern/rules"
	"postern/rules/facts"
)

const sendmailUsage = `postern sendmail [--config FILE] [OPTION]... [RECIPIENT]...
sendmail [OPTION]... [RECIPIENT]...      (postern called by the name sendmail or postern-sendmail)

Takes a message from standard input, judges it, and hands it to the real sendmail or the server that postern.yaml names, or
refuses it. Bcc and Resent-Bcc are taken out. Nothing is added to the message, but for Date and Message-ID where there is none and the
configuration has transport: smtp, so that nobody else would add them.

  -t           take recipients from To, Cc and Bcc (or Resent-To ...) too
  -i, -oi      a line with a single dot is text
  -f ADDRESS   envelope sender; also -r; <> for none
  -N COND      delivery reports: never, or success,failure,delay
  -R full|hdrs -V ID -B 7BIT|8BITMIME    as in RFC 3461 and RFC 6152
  -F -L -e -h -p -o -m -n -v ...         accepted and not needed
  -C -O -X -A -D -M -d -bp -bd -q ...    refused unless sendmail.allow in postern.yaml has them; -bs is always refused

Exit status: that of the real sendmail, or 77 and 65 for a message that is refused, 64 for wrong arguments, 75 for everything that
may go well later. The first line of standard error and output then is: 5.7.1 [rule] text
`

// sendmailCommand is in the list of commands for people. Its arguments never come this far, see run.
func sendmailCommand() *cli.Command {
	return &cli.Command{
		Name: "sendmail", Usage: "stand in the place of sendmail: judge a message from standard input and hand it on",
		ArgsUsage: "[OPTION]... [RECIPIENT]...", SkipFlagParsing: true, HideHelp: true,
		Action: func(c *cli.Context) error {
			_, err := io.WriteString(c.App.Writer, sendmailUsage)
			return err
		},
	}
}

// handover is one message on its way through postern in the place of sendmail.
type handover struct {
	args    *sendmail.Args
	cfg     *config.Config
	set     config.Sendmail
	environ []string
	now     time.Time
	engine  chan engineOrError
	rules   *rules.Engine // once it is loaded
	message *sendmail.Message
	env     sendmail.Envelope
	verdict rules.Verdict
	// webScript tells that the caller answers a web request.
	webScript bool
	// force makes a message pass without being judged; it is counted all the same.
	force bool
	// server is where mail is submitted with transport: smtp.
	server submit.Options
	ledger ledger.Ledger // nil without one
	// reserved is what the ledger calls this message, "" if it does not count it.
	reserved string
	log      *decisions.Log // nil without one
	policy   string         // see inForce, once it is known
}

type engineOrError struct {
	engine   *rules.Engine
	err      error
	policies front.Policies // that were read for it
}

// runSendmail does what a sendmail does and gives the exit status for it. It returns only if nothing was handed to the real
// sendmail, whose process this one becomes.
func runSendmail(ctx context.Context, args []string, named bool, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	// A reader of our messages that has gone away is no reason to end by a signal, nor may the real sendmail inherit that it is
	// ignored; execve resets what is caught.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	say := &answerer{sendmail.Answerer{Stdout: stdout, Stderr: stderr}}
	defer func() {
		if r := recover(); r != nil {
			code = say.error(&sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("internal error: %v", r),
				Hint: "this is a bug in postern; nothing was sent"})
		}
	}()
	h := &handover{environ: os.Environ(), now: time.Now()}
	file := ""
	if named {
		var err *sendmail.Error
		if file, args, err = sendmail.OwnFlags(args); err != nil {
			return say.error(err)
		}
		if len(args) == 1 && args[0] == "--help" {
			io.WriteString(stdout, sendmailUsage)
			return 0
		}
	}
	if err := h.configure(ctx, file, args); err != nil {
		return say.error(err)
	}
	if h.args.Mode != "" {
		p := h.program()
		err := p.Check(h.environ)
		if err == nil {
			err = p.Pass(args, p.Clean(h.environ))
		}
		return say.error(err)
	}
	if err := h.openLog(); err != nil {
		return say.error(err)
	}
	if err := h.take(ctx, stdin); err != nil {
		return say.error(err)
	}
	defer h.message.Close()
	defer h.end()
	if err := h.judge(ctx); err != nil {
		return say.error(err)
	}
	if h.verdict.Outcome != rules.Pass {
		return say.refusal(h)
	}
	return h.send(ctx, say)
}

// configure reads the configuration and the arguments, and begins to load the rules.
func (h *handover) configure(ctx context.Context, file string, args []string) *sendmail.Error {
	cfg, err := config.LoadAt(".", file, h.environ, h.now)
	if err != nil {
		return misconfigured(err)
	}
	h.cfg = cfg
	if cfg.Sendmail != nil {
		h.set = *cfg.Sendmail
	}
	var bad *sendmail.Error
	if h.args, bad = sendmail.Parse(args, h.set.Allow); bad != nil {
		return bad
	}
	if h.args.Mode != "" {
		return nil
	}
	if bad := h.ready(); bad != nil {
		return bad
	}
	h.webScript = sendmail.WebScript(h.set.WebScript, h.environ)
	h.load(ctx)
	return nil
}

// configFlag is what other commands need to find the configuration that decided: nothing where they look for it themselves.
func (h *handover) configFlag() string {
	if !h.cfg.Named || h.cfg.File == locate.SystemFile {
		return ""
	}
	return "--config " + h.cfg.File + " "
}

// ready tells why mail cannot be sent by this configuration.
func (h *handover) ready() *sendmail.Error {
	if h.cfg.Account == nil {
		return &sendmail.Error{Live: gate.Misconfigured, Err: fmt.Errorf("there is no account to judge mail of"),
			Hint: "postern init writes a postern.yaml; say in it whose mail is sent, under account"}
	}
	if h.transport() == "smtp" {
		var err error
		if h.server, err = submit.FromConfig(h.cfg); err != nil {
			return submitError(err)
		}
		return nil
	}
	return h.program().Check(h.environ)
}

// load begins to load the rules.
func (h *handover) load(ctx context.Context) {
	h.engine = make(chan engineOrError, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				h.engine <- engineOrError{err: fmt.Errorf("internal error: %v", r)}
			}
		}()
		var read front.Policies
		e, err := newEngine(context.WithoutCancel(ctx), h.cfg, func(o *rules.Options) {
			o.History = h.cfg.Ledger != nil
			for _, m := range o.Policies {
				read.Add(m.Name, m.Source)
			}
		})
		h.engine <- engineOrError{e, err, read}
	}()
}

func misconfigured(err error) *sendmail.Error {
	text, hint := tell(flatten(err)[0])
	return &sendmail.Error{Live: gate.Misconfigured, Err: fmt.Errorf("%s", text), Hint: hint}
}

func (h *handover) program() sendmail.Program {
	return sendmail.Program{Path: h.set.Path, Args: h.set.Args, Environment: h.set.Environment}
}

// take reads the message and finds out who gets it.
func (h *handover) take(ctx context.Context, stdin io.Reader) (err *sendmail.Error) {
	o := sendmail.Options{CRLF: h.transport() == "smtp", Missing: h.missing(), IgnoreDots: h.args.IgnoreDots, Normalize: h.set.LineEnds == "normalize", MaxOctets: h.set.MaxOctets}
	if h.message, err = sendmail.Read(stdin, o); err != nil {
		return err
	}
	d := sendmail.Defaults{Sender: h.set.Sender, Domain: h.set.Domain}
	if d.Domain != "" {
		if u, err := user.Current(); err == nil {
			d.Login = u.Username
		}
	}
	if h.env, err = h.args.Resolve(h.message, d); err != nil {
		h.message.Close()
	}
	return err
}

// missing says what is written where a message has none: nothing where a real sendmail does it.
func (h *handover) missing() *sendmail.Missing {
	if h.transport() != "smtp" {
		return nil
	}
	return &sendmail.Missing{Date: h.now, Domain: h.ownDomain()}
}

// ownDomain is one of the account's domains, or that of the envelope sender where it has none; "" if that is not in ASCII. A caller has
// no part in it.
func (h *handover) ownDomain() string {
	_, domain, _ := strings.Cut(h.set.Sender, "@")
	if a := h.cfg.Account; a != nil && len(a.Domains) > 0 {
		domain = a.Domains[0]
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return ""
	}
	return domain
}

// judge measures the message and judges it. An error means that it could not be judged at all.
func (h *handover) judge(ctx context.Context) *sendmail.Error {
	loaded := <-h.engine
	if loaded.err != nil {
		return misconfigured(loaded.err)
	}
	h.rules = loaded.engine
	defer h.leaveEntry(loaded.policies)
	f, err := h.facts()
	if err != nil {
		return err
	}
	place := h.cfg.LedgerAt()
	if place == nil {
		h.verdict = h.answer(ctx, f)
		return nil
	}
	return h.withLedger(ctx, f, place)
}

// answer gives the verdict about the message by the history that f has.
func (h *handover) answer(ctx context.Context, f *facts.Facts) rules.Verdict {
	if h.force {
		return rules.Verdict{Outcome: rules.Pass, Findings: []rules.Finding{}, Skipped: []rules.Skipped{}}
	}
	v := h.rules.Judge(ctx, f)
	if h.transport() == "exec" {
		leaveOut(h.rules, &v, sendmail.Writes, "the real sendmail writes the field where it is missing", "have the program write it")
	}
	return v
}

// fails tells whether a finding of that severity stands against a message.
func (h *handover) fails(s rules.Severity) bool { return h.rules.Fails(s) }

// facts makes the facts of the message as it will be handed on.
func (h *handover) facts() (*facts.Facts, *sendmail.Error) {
	return h.message.Facts(h.env, h.webScript, facts.Options{Now: h.now})
}

// send hands the message on. With a real sendmail it returns only if that failed: what is written down is written before, because
// no code of ours runs afterwards.
func (h *handover) send(ctx context.Context, say *answerer) int {
	if err := h.commit(ctx); err != nil {
		return say.error(err)
	}
	if h.transport() == "smtp" {
		_, bad := h.submit(ctx)
		if bad == nil {
			return gate.Taken.Answer().Exit
		}
		if !bad.Uncertain {
			h.release()
		}
		return say.error(bad)
	}
	leavingOf(ctx).done() // no code of ours runs after the real sendmail has begun
	p := h.program()
	err := h.note("handed over", gate.Taken)
	if err == nil {
		err = p.Replace(h.args.Command(p.Path, p.Args, h.env), p.Clean(h.environ), h.message)
		h.note("not sent: "+err.Error(), err.Live)
	}
	h.release()
	return say.error(err)
}

// failing gives the findings that stand against a message, and the answer to it: an answer for ever if one of them is.
func failing(v *rules.Verdict, fails func(rules.Severity) bool) (first *rules.Finding, l gate.Live) {
	for i := range v.Findings {
		f := &v.Findings[i]
		if !fails(f.Severity) {
			continue
		}
		own := gate.LiveRule(f.Rule)
		if f.Temporary {
			own = gate.Limited
		}
		if first == nil || own.Permanent() && !l.Permanent() {
			first, l = f, own
		}
	}
	return first, l
}

package main

import (
	"bytes"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/cmd/internal/sendemail"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

func sendemailValidateCommand() *cli.Command {
	return &cli.Command{
		Name:      "sendemail-validate",
		Usage:     "judge a mail of git send-email, as its hook of this name (postern hook install --sendemail-validate)",
		ArgsUsage: "FILE [HEADERFILE]",
		Description: "git send-email calls it with the file of the mail, and from git 2.41 on with the header that it will send. Any\n" +
			"exit status but 0 keeps it from sending. Suppressions that the mail itself carries are not honoured.",
		Flags: append(configFlags(), colorFlag(),
			&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "`SEVERITY` that fails a mail: error, warning or info",
				EnvVars: []string{"POSTERN_FAIL_ON"}, Action: oneOf("fail-on", "error", "warning", "info")},
		),
		Action: sendemailValidate,
	}
}

func sendemailValidate(c *cli.Context) error {
	list, err := paths(c)
	if err != nil {
		return err
	}
	if len(list) < 1 || len(list) > 2 {
		return gate.Usagef("git calls it; postern hook install --sendemail-validate sets it up", "%s takes one or two files", c.Command.HelpName)
	}
	cfg, err := loadConfig(c, ".")
	if err != nil {
		return err
	}
	engine, err := newEngine(c.Context, cfg, func(ro *rules.Options) {
		if c.IsSet("fail-on") {
			ro.FailOn = rules.Severity(c.String("fail-on"))
		}
	})
	if err != nil {
		return err
	}
	// The mail is about to be sent: what it says about itself does not count.
	a, err := newAcceptance(engine, cfg, acceptOptions{})
	if err != nil {
		return err
	}
	var contents [2][]byte
	for i, name := range list {
		m, err := mailbox.Open(c.Context, name, c.App.Reader)
		if err != nil {
			return &gate.Error{Cause: gate.Unjudged, Err: err, Hint: "nothing is sent"}
		}
		contents[i], err = io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
		m.Close()
		if err != nil {
			return gate.Errorf(gate.Unjudged, "nothing is sent", "%s: %w", name, err)
		}
	}
	if len(list) == 2 && contents[1] == nil {
		contents[1] = []byte{}
	}
	mail := sendemail.Make(contents[0], contents[1])
	var env *facts.Envelope
	if len(mail.Recipients) > 0 {
		env = &facts.Envelope{To: mail.Recipients}
	}
	j := &judge{engine: engine, envelope: env}
	var scanner mimesize.Scanner
	it := j.one(c.Context, &scanner, &job{message: mailbox.Message{
		Name: list[0], Path: list[0], FirstLine: 1, Size: int64(len(mail.Octets)), Reader: bytes.NewReader(mail.Octets),
	}})
	if err := j.difference(); err != nil {
		return err
	}
	for i := range it.Verdict.Findings {
		if f := &it.Verdict.Findings[i]; f.File == "" {
			f.Line = mail.Line(f.Line)
		}
	}
	if len(list) == 1 {
		unknownHeader(engine, it)
	}
	o := checkOptions{text: textOptions{color: c.String("color")}, output: outputOptions{format: "text"}}
	sum := report.Summary{Complete: true}
	err = a.item(it, func(it *report.Item) error {
		sum.Add(it)
		// Of a mail that has nothing wrong git says enough.
		if sum.Pass == 1 && sum.Errors+sum.Warnings == 0 {
			return nil
		}
		w, err := o.reports(engine, c.App.Writer, report.Messages)
		if err == nil {
			err = w.Item(it)
		}
		if err == nil {
			sum.Notes, _ = a.notes(list[:1], false)
			err = w.Close(&sum)
		}
		return err
	})
	switch {
	case err != nil:
		return cannotWrite(err)
	case sum.Unjudged > 0:
		return &gate.Error{Cause: gate.Unjudged, Silent: true}
	case sum.Fail > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	}
	return nil
}

// gitWrites are the rules about fields that git send-email writes itself, whatever the file has.
var gitWrites = []string{
	"rfc.date_missing", "rfc.date_skew", "rfc.date_syntax", "rfc.mime_version", "rfc.msgid_missing", "rfc.recipients_none",
}

// unknownHeader skips the rules of gitWrites: git before 2.41 does not tell its hook the header that it will send.
func unknownHeader(engine *rules.Engine, it *report.Item) {
	leaveOut(engine, &it.Verdict, gitWrites, "git tells its hook the header that it will send from version 2.41 on", "update git")
}

// leaveOut takes rules out of a verdict, as if they had been skipped for that reason.
func leaveOut(engine *rules.Engine, v *rules.Verdict, ids []string, reason, remedy string) {
	known := ruleIDs(engine)
	for _, id := range ids {
		if slices.Contains(known, id) {
			v.Skipped = append(v.Skipped, rules.Skipped{Rule: id, Reason: reason, Remedy: remedy})
		}
	}
	v.Findings = slices.DeleteFunc(v.Findings, func(f rules.Finding) bool { return slices.Contains(ids, f.Rule) })
	if v.Outcome == rules.Fail && !slices.ContainsFunc(v.Findings, func(f rules.Finding) bool { return engine.Fails(f.Severity) }) {
		v.Outcome = rules.Pass
	}
}

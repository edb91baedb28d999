// Command postern says, before a message is sent, whether the provider's acceptable-use rules let it pass, and why not.
//
// It opens no network connection, but with settings --probe, to submit mail by SMTP, to a ledger on a server and to read paths that
// begin with s3://, and writes nothing outside the places named on its command line or in its configuration, but for what the next run
// starts from, in the user's own cache directory (package snapshot).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
	"postern/cmd/internal/s3"
	"postern/cmd/internal/sendmail"
	"postern/cmd/internal/template"
)

func init() { s3.Register() }

func main() {
	if template.Called(os.Args) {
		os.Exit(template.Serve(os.Stdin, os.Stdout))
	}
	collectEarly()
	if _, _, ok := sendmail.Called(os.Args); ok {
		// Signals do to a sendmail what they always do: nothing has been sent then.
		os.Exit(process(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(process(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program. Its result is an exit status of the table in package gate; nothing else ends the process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	// The arguments of a sendmail are not to be read by the command line library.
	if rest, named, ok := sendmail.Called(args); ok {
		return runSendmail(ctx, rest, named, stdin, stdout, stderr)
	}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "postern: internal error: %s\n", quote.Text(fmt.Sprint(r)))
			fmt.Fprintln(stderr, "postern: hint: this is a bug in postern; no verdict was reached")
			if os.Getenv("POSTERN_DEBUG") != "" {
				stderr.Write(debug.Stack())
			}
			code = gate.Internal.Code().Exit
		}
	}()
	args, completing := completion(args)
	app := newApp(stdin, stdout, stderr)
	if !completing {
		if topic, err := helpTopic(app, args); err != nil {
			return finish(stderr, err)
		} else if topic != nil {
			return run(ctx, topic, stdin, stdout, stderr)
		}
		misspelt(app, os.Environ(), stderr)
		args = flagsFirst(app, args)
	}
	err := app.RunContext(ctx, args)
	if completing {
		return 0
	}
	return finish(stderr, err)
}

// finish tells an error to the user and gives the exit status for it.
func finish(stderr io.Writer, err error) int {
	if err == nil {
		return gate.Pass.Code().Exit
	}
	cause := gate.Of(err)
	var own *gate.Error
	if !errors.As(err, &own) {
		// What the command line library says itself is about the command line.
		var coder cli.ExitCoder
		if errors.As(err, &coder) {
			cause = gate.Usage
		}
		own = &gate.Error{Cause: cause, Err: err}
	}
	if !own.Silent {
		for _, e := range flatten(own.Err) {
			text, hint := tell(e)
			if cause == gate.Policy {
				// OPA's errors come several at once, a line each.
				for line := range strings.SplitSeq(text, "\n") {
					complain(stderr, "", strings.TrimSpace(line))
				}
			} else {
				complain(stderr, "", text)
			}
			complain(stderr, "hint: ", hint)
		}
		complain(stderr, "hint: ", own.Hint)
	}
	return cause.Code().Exit
}

// tell gives the sentence and the hint of an error.
func tell(err error) (text, hint string) {
	var m *mailbox.Error
	var c *config.Error
	var l *ledger.Error
	switch {
	case errors.As(err, &l):
		return err.Error(), l.Hint
	case errors.As(err, &m):
		return err.Error(), m.Hint
	case errors.As(err, &c):
		return c.Problem(), c.Remedy
	}
	return err.Error(), ""
}

// complain writes a line to the user. Whatever the text holds, it stays one line.
func complain(stderr io.Writer, kind, text string) {
	if text != "" {
		fmt.Fprintf(stderr, "postern: %s%s\n", kind, quote.Text(text))
	}
}

// flatten takes joined errors apart, so that each gets a line of its own.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:      "postern",
		Usage:     "check mail against a provider's sending rules before it is sent",
		UsageText: "postern COMMAND [FLAGS] [PATH...]",
		Description: "postern check FILE says whether a message passes, and for each rule that it breaks the clause, the measured\n" +
			"value and the remedy. Exit status: 0 pass, 1 fail, 2 wrong usage, configuration or policy, 3 unjudged.",
		Reader:                    stdin,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		HideVersion:               true, // our own flag has no -v
		HideHelpCommand:           true, // our own shows all of a command, its flags and its commands
		EnableBashCompletion:      true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {}, // only main exits
		OnUsageError:              onUsageError,
		Flags:                     []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version and exit", DisableDefaultText: true}, cli.HelpFlag},
		Action:                    rootAction,
		Commands: []*cli.Command{
			checkCommand(), sizeCommand(), factsCommand(), rulesCommand(), policyCommand(),
			renderCommand(), previewCommand(), settingsCommand(), initCommand(), baselineCommand(), configCommand(),
			planCommand(), ledgerCommand(), sendmailCommand(), heldCommand(), logCommand(), hookCommand(), sendemailValidateCommand(), auditCommand(), completionCommand(), versionCommand(), helpCommand(),
		},
	}
	for _, c := range app.Commands {
		prepare(c)
	}
	return app
}

// prepare gives a command what urfave/cli does not let it inherit.
func prepare(c *cli.Command) {
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true // a file may be called help
	for _, f := range c.Flags {
		if b, ok := f.(*cli.BoolFlag); ok {
			b.DisableDefaultText = true // every one of them is off until it is given
		}
	}
	for _, s := range c.Subcommands {
		prepare(s)
	}
}

// rootAction is what runs when no command was named.
func rootAction(c *cli.Context) error {
	if c.Bool("version") {
		return printVersion(c.App.Writer, false)
	}
	if c.Args().Len() == 0 {
		return gate.Usagef("postern check FILE judges a message, postern --help lists the commands", "no command given")
	}
	name := c.Args().First()
	hint := "postern --help lists the commands"
	if _, err := os.Stat(name); err == nil || name == "-" {
		hint = "to judge it: postern check " + name
	} else if near := nearestCommand(c.App.Commands, name); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return gate.Usagef(hint, "there is no command %s", name)
}

// paths gives the arguments of a command that takes paths. A flag after the first path is refused, because the library would
// take it for a path and drop what it asks for.
func paths(c *cli.Context) ([]string, error) {
	list := c.Args().Slice()
	for _, p := range list {
		if p == "" {
			return nil, gate.Usagef("a variable of a script may be unset", "an argument is empty")
		}
		if strings.HasPrefix(p, s3.Scheme+"://") {
			if _, _, err := s3.Split(p); err != nil { // which is not shown: it may hold a secret
				return nil, gate.Usagef("credentials are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or where other tools for S3 find them", "%w", err)
			}
		}
		if p != "-" && strings.HasPrefix(p, "-") {
			return nil, gate.Usagef("flags stand before the first path; a file of that name is written ./"+p, "%s stands after a path", p)
		}
	}
	return list, nil
}

// tellTyped tells whoever names standard input at a terminal that it is read.
func tellTyped(c *cli.Context, list []string) {
	if slices.Contains(list, mailbox.Stdin) && report.IsTerminal(c.App.Reader) {
		fmt.Fprintln(c.App.ErrWriter, "postern: reads what is typed; Ctrl-D on a line of its own ends it")
	}
}

// somePaths is paths for commands that read at least one.
func somePaths(c *cli.Context) ([]string, error) {
	list, err := paths(c)
	if err == nil && len(list) == 0 {
		what := "a file or a directory"
		if strings.HasPrefix(c.Command.ArgsUsage, "FILE") {
			what = "a file"
		}
		err = gate.Usagef("name "+what+", or - for standard input", "%s: nothing to read", c.Command.HelpName)
	}
	tellTyped(c, list)
	return list, err
}

// noArgs refuses arguments of a command that takes none.
func noArgs(c *cli.Context) error {
	if c.Args().Len() > 0 {
		return gate.Usagef(c.Command.HelpName+" --help lists the flags", "%s takes no argument, but got %s", c.Command.HelpName, c.Args().First())
	}
	return nil
}

// oneOf makes the check of a flag that takes one of a few words.
func oneOf(flag string, words ...string) func(*cli.Context, string) error {
	return func(c *cli.Context, v string) error {
		for _, w := range words {
			if v == w {
				return nil
			}
		}
		return gate.Usagef("it is one of "+strings.Join(words, ", "), "%s cannot be %q", setBy(c, flag, v), v)
	}
}

// formatFlag is for commands that report no findings. POSTERN_FORMAT, which can name formats for findings, is not for them.
func formatFlag() *cli.StringFlag {
	return &cli.StringFlag{
		Name: "format", Value: "text", Usage: "`FORMAT` of the report: text or json", Action: oneOf("format", "text", "json"),
	}
}

func colorFlag() *cli.StringFlag {
	return &cli.StringFlag{
		Name: "color", Value: "auto", Usage: "`WHEN` to colour: auto, always or never (NO_COLOR and FORCE_COLOR are honoured)",
		EnvVars: []string{"POSTERN_COLOR"}, Action: oneOf("color", "auto", "always", "never"),
	}
}

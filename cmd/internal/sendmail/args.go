package sendmail

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/internal/gate"
)

// Args is what a caller asks of sendmail.
type Args struct {
	// Mode is an option, such as "-bp", with which the real sendmail takes no message and gets the caller's arguments as they are.
	// "" is the usual mode: a message on standard input.
	Mode string
	// Sender is the envelope sender (-f, -r) as it was given, nil without one.
	Sender *string
	// FromHeader tells that the header names recipients too (-t). IgnoreDots tells that a line with a single dot is text (-i, -oi).
	FromHeader, IgnoreDots bool
	// Notify, Return and EnvelopeID ask for delivery reports (RFC 3461: NOTIFY, RET, ENVID); Body is the BODY of RFC 6152. They
	// are in the form that SMTP has, "" when they are not given.
	Notify, Return, EnvelopeID, Body string
	// Pass are allowed options to be handed on as they are.
	Pass []string
	// Recipients are the arguments after the options, unchecked.
	Recipients []string

	delivers bool // -bm was given
}

// Called tells whether a command line calls postern as a sendmail, by its own name or by the command "sendmail", and gives the
// arguments of that sendmail. named is true for the command and for the name postern-sendmail: only whoever writes these into a
// configuration, as PHP's sendmail_path, can choose what comes first after them.
func Called(argv []string) (args []string, named, ok bool) {
	if len(argv) == 0 {
		return nil, false, false
	}
	switch filepath.Base(argv[0]) {
	case "sendmail":
		return argv[1:], false, true
	case "postern-sendmail":
		return argv[1:], true, true
	}
	if len(argv) > 1 && argv[1] == "sendmail" {
		return argv[2:], true, true
	}
	return nil, false, false
}

// OwnFlags takes --config from the beginning of the arguments where named is true, see Called. There only who wrote the command
// stands; what programs add comes after it.
func OwnFlags(args []string) (file string, rest []string, err *Error) {
	if len(args) == 0 || !strings.HasPrefix(args[0], "--config") {
		return "", args, nil
	}
	file, ok := strings.CutPrefix(args[0], "--config=")
	rest = args[1:]
	if !ok && args[0] == "--config" && len(rest) > 0 {
		file, rest = rest[0], rest[1:]
	}
	if file == "" {
		return "", nil, &Error{Live: gate.BadUsage, Err: fmt.Errorf("--config names no file")}
	}
	return file, rest, nil
}

// Error is a reason not to send, with what the caller is told.
type Error struct {
	Live gate.Live
	Err  error
	// Status takes the place of that of Live, if it is not "".
	Status string
	// Uncertain tells that the message may have gone out all the same (RFC 1047).
	Uncertain bool
	// Rule is the id of a rule that stands for the reason, "" if there is none.
	Rule string
	Hint string
}

// Answer is what the caller is told.
func (e *Error) Answer() gate.Answer {
	a := e.Live.Answer()
	if e.Status != "" {
		a.Status = e.Status
	}
	return a
}

// Error gives the text without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error inside.
func (e *Error) Unwrap() error { return e.Err }

func refuse(l gate.Live, hint, format string, args ...any) *Error {
	return &Error{Live: l, Err: fmt.Errorf(format, args...), Hint: hint}
}

const (
	// flags are options without a value that Postfix, Sendmail, qmail, Exim and msmtp take and that do not matter here.
	flags = "EGJUcmnsvx"
	// valued are options whose value is the rest of the argument, or the next argument.
	valued = "ABCDFLMNORVXbefhopr"
	// optional are options whose value, if any, is the rest of the argument.
	optional = "IQdq"
)

// Parse reads the arguments of a sendmail by the union of what Postfix, Sendmail and qmail take: options can be joined (-ti),
// their values too (-fuser@example.com), they end at the first other argument or at --. What chooses files, configurations or
// modes of the real sendmail is refused unless it is in allow.
func Parse(args []string, allow []string) (*Args, *Error) {
	a, err := parse(args, allow)
	if err == nil && a.Mode != "" && a.delivers {
		// Of several modes the last counts for most, so that -bp -bm would send a message that nobody has judged.
		return nil, refuse(gate.BadUsage, "have the program call sendmail once for each", "-bm, which takes a message, does not go with %s, which takes none", a.Mode)
	}
	return a, err
}

func parse(args []string, allow []string) (*Args, *Error) {
	a := &Args{}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if strings.ContainsRune(arg, 0) {
			return nil, refuse(gate.BadUsage, "", "an argument holds a NUL character")
		}
		switch {
		case arg == "--":
			a.Recipients = args[i+1:]
			return a, nil
		case len(arg) < 2 || arg[0] != '-':
			a.Recipients = args[i:]
			for _, r := range a.Recipients {
				if r == "--" || len(r) > 1 && r[0] == '-' {
					return nil, refuse(gate.BadUsage, "options stand before the first recipient", "the option %s stands after a recipient", r)
				}
			}
			return a, nil
		}
		for rest := arg[1:]; rest != ""; {
			c := rest[0]
			rest = rest[1:]
			switch {
			case c == 'i':
				a.IgnoreDots = true
				continue
			case c == 't':
				a.FromHeader = true
				continue
			case strings.IndexByte(flags, c) >= 0:
				continue
			}
			value, given := rest, true
			switch {
			case strings.IndexByte(optional, c) >= 0:
			case strings.IndexByte(valued, c) < 0:
				return nil, refuse(gate.BadUsage, "postern sendmail --help lists the options", "there is no option -%c", c)
			case value == "":
				if i++; i == len(args) {
					given = false
				} else {
					value = args[i]
				}
			}
			if !given || strings.ContainsRune(value, 0) {
				return nil, refuse(gate.BadUsage, "", "the option -%c has no value", c)
			}
			rest = ""
			if err := a.option(c, value, allow); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// option takes an option with its value.
func (a *Args) option(c byte, value string, allow []string) *Error {
	name := "-" + string(c)
	switch c {
	case 'f', 'r':
		a.Sender = &value
	case 'F', 'L', 'e', 'h', 'p': // names and marks that nothing depends on, because no header field is added
	case 'N':
		a.Notify = notify(value)
		if a.Notify == "" {
			return refuse(gate.BadUsage, "it is never, or a list of success, failure and delay", "-N cannot be %q", value)
		}
	case 'R':
		if a.Return = strings.ToLower(value); a.Return != "full" && a.Return != "hdrs" {
			return refuse(gate.BadUsage, "it is full or hdrs", "-R cannot be %q", value)
		}
	case 'V':
		a.EnvelopeID = value
		if value == "" || len(value) > 100 || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return refuse(gate.BadUsage, "it is 1 to 100 visible characters (RFC 3461 section 4.4)", "-V cannot be %q", value)
		}
	case 'B':
		if a.Body = strings.ToUpper(value); a.Body != "7BIT" && a.Body != "8BITMIME" {
			return refuse(gate.BadUsage, "it is 7BIT or 8BITMIME", "-B cannot be %q", value)
		}
	case 'o':
		return a.old(value, allow)
	case 'b':
		switch {
		case value == "m":
			a.delivers = true
		case len(value) != 1:
			return refuse(gate.BadUsage, "the mode that takes a message, and the standard, is -bm", "there is no mode -b%s", value)
		case value == "s" || value == "S" || value == "a":
			return refuse(gate.BadUsage, "have the program give the message to sendmail -t, or speak SMTP with the server itself",
				"-b%s, an SMTP dialogue on standard input, is not taken, because its mail would go out unjudged", value)
		default:
			return a.mode(name+value, allow)
		}
	case 'q', 'I':
		return a.mode(name, allow)
	default:
		if !slices.Contains(allow, name) {
			return notAllowed(name)
		}
		if value == "" && strings.IndexByte(valued, c) >= 0 { // the real sendmail would take the next option for it
			return refuse(gate.BadUsage, "", "the option %s has an empty value", name)
		}
		a.Pass = append(a.Pass, name+value)
	}
	return nil
}

// old takes the options that Sendmail 5 had as -o.
func (a *Args) old(value string, allow []string) *Error {
	switch {
	case value == "i":
		a.IgnoreDots = true
	case value == "":
		return refuse(gate.BadUsage, "", "the option -o has no value")
	case len(value) <= 2 && strings.IndexByte("ed", value[0]) >= 0: // how errors are reported, how it is delivered
	case value == "m" || value == "7" || value == "8" || value == "s" || value == "o" || value == "U" || value == "T": // flags of little meaning
	case slices.Contains(allow, "-o"):
		a.Pass = append(a.Pass, "-o"+value)
	default:
		return notAllowed("-o" + value)
	}
	return nil
}

func (a *Args) mode(name string, allow []string) *Error {
	if !slices.Contains(allow, name) {
		return notAllowed(name)
	}
	if a.Mode == "" {
		a.Mode = name
	}
	return nil
}

func notAllowed(name string) *Error {
	listed := name
	if strings.HasPrefix(name, "-o") {
		listed = "-o"
	}
	return refuse(gate.BadUsage, "if callers may do that, put "+listed+" into sendmail.allow in postern.yaml", "the option %s is not taken from callers", name)
}

// notify reads a list of conditions of RFC 3461 section 4.1, "" if it is none.
func notify(value string) string {
	value = strings.ToLower(value)
	if value == "never" {
		return value
	}
	for c := range strings.SplitSeq(value, ",") {
		if c != "success" && c != "failure" && c != "delay" {
			return ""
		}
	}
	return value
}

// Command gives the arguments for the real sendmail: those that postern.yaml has first, then what the caller asked for, then
// the envelope. With -i and after -- nothing in the message or among the recipients means anything else than itself.
func (a *Args) Command(path string, first []string, env Envelope) []string {
	argv := append([]string{path}, first...)
	argv = append(argv, a.Pass...)
	argv = append(argv, "-i")
	for _, o := range [...]struct{ name, value string }{{"-N", a.Notify}, {"-R", a.Return}, {"-V", a.EnvelopeID}, {"-B", a.Body}} {
		if o.value != "" {
			argv = append(argv, o.name+o.value)
		}
	}
	sender := env.Sender
	if sender == "" {
		sender = "<>"
	}
	return append(append(argv, "-f", sender, "--"), env.Recipients...)
}

package settings

import (
	"strings"

	"postern/rules/facts"
)

// msmtpAccount is an account as far as it is read; tls and starttls decide together.
type msmtpAccount struct {
	facts.Setting
	tls, immediate     bool // immediate: TLS begins at once (tls_starttls off)
	tlsLine, startLine int64
	own                bool // has a command of its own, so that it is more than another name for an account
}

// msmtp reads an msmtprc as msmtp(1) describes it. Its defaults count as stated: without tls there is none, without auth
// nobody logs in, and a certificate is checked unless tls_certcheck is off.
func msmtp(f *file) {
	defaults := msmtpAccount{}
	accounts := map[string]msmtpAccount{}
	var order []string
	current := "" // name of the account; defaults when inDefaults
	inDefaults, started := false, false
	numberedLines(f.text, func(n int, line string) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			return
		}
		command, arg := line, ""
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			command, arg = line[:i], strings.TrimSpace(line[i:])
		}
		command = strings.ToLower(command)
		if len(arg) > 1 && arg[0] == '"' && arg[len(arg)-1] == '"' {
			arg = arg[1 : len(arg)-1]
		}
		switch command {
		case "defaults":
			inDefaults, started = true, true
			return
		case "account":
			name, parents, _ := strings.Cut(arg, ":")
			name = strings.TrimSpace(name)
			if name == "" {
				f.fail(n, "an account without a name")
				return
			}
			a := defaults
			for _, p := range strings.Split(parents, ",") {
				if p = strings.TrimSpace(p); p == "" {
					continue
				}
				parent, ok := accounts[p]
				if !ok {
					f.fail(n, "inherits from an account that is not defined above")
					continue
				}
				a.take(parent)
			}
			a.File, a.Format, a.Name, a.Line, a.own = f.path, "msmtp", name, int64(n), strings.TrimSpace(parents) == ""
			if _, twice := accounts[name]; twice {
				f.fail(n, "an account of this name is defined above")
			} else {
				order = append(order, name)
			}
			accounts[name] = a
			current, inDefaults, started = name, false, true
			return
		}
		if !started {
			f.fail(n, "stands before the first account")
			return
		}
		a := defaults
		if !inDefaults {
			a = accounts[current]
		}
		a.command(f, n, command, arg)
		if inDefaults {
			defaults = a
		} else {
			a.own = true
			accounts[current] = a
		}
	})
	for _, name := range order {
		a := accounts[name]
		if !a.own {
			continue // "account default : work" is another name for work
		}
		a.finish()
		f.settings = append(f.settings, a.Setting)
	}
}

// take lets everything that parent states override a.
func (a *msmtpAccount) take(parent msmtpAccount) {
	if parent.HostLine > 0 {
		a.Host, a.HostLine = parent.Host, parent.HostLine
	}
	if parent.PortLine > 0 {
		a.Port, a.PortLine = parent.Port, parent.PortLine
	}
	if parent.tlsLine > 0 {
		a.tls, a.tlsLine = parent.tls, parent.tlsLine
	}
	if parent.startLine > 0 {
		a.immediate, a.startLine = parent.immediate, parent.startLine
	}
	if parent.VerifyLine > 0 {
		a.Verify, a.VerifyLine = parent.Verify, parent.VerifyLine
	}
	if parent.AuthLine > 0 {
		a.Auth, a.AuthLine = parent.Auth, parent.AuthLine
	}
	if parent.User != "" {
		a.User = parent.User
	}
	if parent.PasswordLine > 0 {
		a.PasswordInFile, a.PasswordLine = parent.PasswordInFile, parent.PasswordLine
	}
	if parent.FromLine > 0 {
		a.From, a.FromLine = parent.From, parent.FromLine
	}
}

func (a *msmtpAccount) command(f *file, n int, command, arg string) {
	line := int64(n)
	flag := func() bool {
		v, known := truth(arg)
		if !known && arg != "" {
			f.fail(n, command+" is neither on nor off")
		}
		return v || arg == ""
	}
	switch command {
	case "host":
		a.Host, a.HostLine = hostOf(arg), line
	case "port":
		if a.Port, a.PortLine = portOf(arg), line; a.Port == 0 {
			f.fail(n, "no port")
		}
	case "tls":
		a.tls, a.tlsLine = flag(), line
	case "tls_starttls":
		a.immediate, a.startLine = !flag(), line
	case "tls_certcheck":
		a.Verify, a.VerifyLine = on, line
		if !flag() {
			a.Verify = off
		}
	case "auth":
		a.Auth, a.AuthLine = on, line
		if v, known := truth(arg); known && !v {
			a.Auth = off
		}
	case "user":
		a.User = arg
	case "password":
		a.PasswordInFile, a.PasswordLine = isSecret(arg), line
	case "passwordeval":
		a.PasswordInFile, a.PasswordLine = false, line
	case "from":
		a.From, a.FromLine = arg, line
	}
}

func (a *msmtpAccount) finish() {
	switch {
	case !a.tls:
		a.TLS, a.TLSLine = none, a.tlsLine
	case a.immediate:
		a.TLS, a.TLSLine = implicit, a.startLine
	default:
		a.TLS, a.TLSLine = starttls, a.tlsLine
	}
	if a.Verify == "" {
		a.Verify = on
	}
	if a.Auth == "" {
		a.Auth = off
	}
}

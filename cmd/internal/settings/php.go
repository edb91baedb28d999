package settings

import (
	"path/filepath"
	"strings"

	"postern/rules/facts"
)

// phpINI reads how PHP's mail() sends: SMTP and smtp_port, which only Windows uses and which know neither TLS nor a login, and
// sendmail_path, whose options are read when the program is msmtp or has them.
func phpINI(f *file) {
	values := map[string]gitValue{}
	numberedLines(f.text, func(n int, line string) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' || line[0] == '#' || line[0] == '[' {
			return
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return
		}
		values[strings.ToLower(strings.TrimSpace(key))] = gitValue{unquoteINI(value), n}
	})
	from := func(s *facts.Setting, v gitValue) {
		if v.value != "" && s.From == "" {
			s.From, s.FromLine = v.value, int64(v.line)
		}
	}
	forced := gitValue{}
	if extra, ok := values["mail.force_extra_parameters"]; ok {
		forced = gitValue{senderOption(shellWords(extra.value)), extra.line}
	}
	if v, ok := values["smtp"]; ok && v.value != "" {
		s := f.start("php", v.line)
		s.Name, s.HostLine = "SMTP", int64(v.line)
		s.TLS, s.TLSLine, s.Auth, s.AuthLine = none, int64(v.line), off, int64(v.line)
		if s.Host, s.Port = splitHost(v.value); s.Port > 0 {
			s.PortLine = int64(v.line)
		}
		if p, ok := values["smtp_port"]; ok {
			if s.Port, s.PortLine = portOf(p.value), int64(p.line); s.Port == 0 {
				f.fail(p.line, "no port")
			}
		}
		from(&s, values["sendmail_from"])
		f.settings = append(f.settings, s)
	}
	if v, ok := values["sendmail_path"]; ok && v.value != "" {
		s := f.start("php", v.line)
		s.Name = "sendmail_path"
		words := shellWords(v.value)
		msmtpOptions(f, &s, words, int64(v.line))
		from(&s, forced)
		if s.LoneDot = loneDot(words); s.LoneDot != "" {
			s.LoneDotLine = int64(v.line)
		}
		if s.Host != "" || s.From != "" || s.PasswordInFile || s.LoneDot == dotEnds {
			f.settings = append(f.settings, s)
		}
	}
}

// What a line with a single dot does to a message.
const (
	dotEnds = "ends"
	dotKept = "kept"
)

// loneDot tells what a line with a single dot does to a message that is piped to a command: sendmail, and what stands in for it,
// ends the message there unless -i or -oi says otherwise, and drops the rest. Programs that are not known give "".
func loneDot(words []string) string {
	if len(words) == 0 {
		return ""
	}
	name, options := filepath.Base(words[0]), words[1:]
	if name == "postern" && len(options) > 0 && options[0] == "sendmail" {
		name, options = options[0], options[1:]
	}
	switch name {
	case "sendmail", "sendmail.postfix", "sendmail.sendmail", "postern-sendmail", "exim", "exim4":
	default:
		return ""
	}
	for _, w := range options {
		if w == "--" {
			break
		}
		// -ti is -t and -i; what follows an option that takes a value is the value.
		if w == "-oi" || strings.HasPrefix(w, "-") && strings.Trim(w[1:], "tivGn") == "" && strings.Contains(w, "i") {
			return dotKept
		}
	}
	return dotEnds
}

// unquoteINI takes the quotes and the comment off a value.
func unquoteINI(s string) string {
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if i := strings.IndexByte(s[1:], s[0]); i >= 0 {
			return s[1 : i+1]
		}
	}
	s, _, _ = strings.Cut(s, ";")
	return strings.TrimSpace(s)
}

// senderOption gives the address of sendmail's -f, -r or --from.
func senderOption(words []string) string {
	for i, w := range words {
		switch {
		case (w == "-f" || w == "-r") && i+1 < len(words):
			return words[i+1]
		case strings.HasPrefix(w, "--from="):
			return w[len("--from="):]
		case strings.HasPrefix(w, "-f"), strings.HasPrefix(w, "-r"):
			return w[2:]
		}
	}
	return ""
}

// msmtpOptions reads what a command line says of the server. What it leaves out stands in an msmtprc and is unknown here.
func msmtpOptions(f *file, s *facts.Setting, words []string, line int64) {
	if len(words) == 0 {
		return
	}
	if s.From = senderOption(words[1:]); s.From != "" {
		s.FromLine = line
	}
	if !strings.Contains(filepath.Base(words[0]), "msmtp") {
		return
	}
	var a msmtpAccount
	stated := map[string]bool{}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		name = strings.ReplaceAll(name, "-", "_")
		switch name {
		case "host", "port", "tls", "tls_starttls", "tls_certcheck", "auth", "user", "passwordeval":
			stated[name] = true
			a.command(f, int(line), name, value)
		}
	}
	a.finish()
	s.Host, s.HostLine, s.Port, s.PortLine, s.User = a.Host, a.HostLine, a.Port, a.PortLine, a.User
	if stated["tls"] {
		s.TLS, s.TLSLine = a.TLS, line
	}
	if stated["tls_certcheck"] {
		s.Verify, s.VerifyLine = a.Verify, line
	}
	if stated["auth"] {
		s.Auth, s.AuthLine = a.Auth, line
	}
}

package settings

import (
	"net/url"
	"slices"
	"strings"

	"postern/rules/facts"
	"postern/rules/pattern"
)

// variable is one of the environment: its name in capitals, its value as written, its line.
type variable struct {
	name, value string
	line        int
}

// suffixes are the ends of names that say something of a mail server, with what they say. The part before the end names the
// server: SMTP_HOST and SMTP_PORT are one, APP_MAIL_HOST is another.
var suffixes = map[string]string{
	"HOST": "host", "HOSTNAME": "host", "SERVER": "host", "HOST_NAME": "host", "ADDRESS": "host", "ADDR": "host",
	"PORT": "port",
	"URL":  "url", "URI": "url", "DSN": "url",
	"ENCRYPTION": "encryption", "SECURITY": "encryption", "PROTOCOL": "encryption", "SCHEME": "encryption", "SECURE": "secure",
	"TLS": "tls", "USE_TLS": "tls", "ENABLE_TLS": "tls", "REQUIRE_TLS": "tls", "TLS_ENABLED": "tls", "STARTTLS": "tls",
	"USE_STARTTLS": "tls", "ENABLE_STARTTLS": "tls", "STARTTLS_ENABLE": "tls", "ENABLE_STARTTLS_AUTO": "auto",
	"SSL": "ssl", "USE_SSL": "ssl", "ENABLE_SSL": "ssl", "SSL_ENABLED": "ssl",
	"TLS_VERIFY": "verify", "VERIFY_TLS": "verify", "SSL_VERIFY": "verify", "VERIFY_SSL": "verify", "VERIFY_PEER": "verify",
	"VERIFY_CERT": "verify", "VERIFY": "verify", "TLS_REJECT_UNAUTHORIZED": "verify", "REJECT_UNAUTHORIZED": "verify",
	"VALIDATE_CERTS": "verify", "OPENSSL_VERIFY_MODE": "verify",
	"TLS_SKIP_VERIFY": "insecure", "SKIP_VERIFY": "insecure", "INSECURE": "insecure", "TLS_INSECURE": "insecure",
	"ALLOW_INVALID_CERTS": "insecure", "SKIP_SSL_VALIDATION": "insecure",
	"AUTH": "auth", "USE_AUTH": "auth", "AUTHENTICATION": "auth", "AUTH_TYPE": "auth", "AUTH_METHOD": "auth", "AUTH_ENABLED": "auth",
	"USERNAME": "user", "USER": "user", "USER_NAME": "user", "LOGIN": "user", "HOST_USER": "user", "AUTH_USER": "user", "AUTH_USERNAME": "user",
	"PASSWORD": "password", "PASS": "password", "PASSWD": "password", "PWD": "password", "HOST_PASSWORD": "password",
	"AUTH_PASSWORD": "password", "AUTH_PASS": "password", "PASSPHRASE": "password",
	"FROM_ADDRESS": "from", "FROM": "from", "FROM_EMAIL": "from", "FROM_ADDR": "from", "DEFAULT_FROM": "from", "SENDER": "from",
}

// meaning takes a name apart: APP_SMTP_HOST is the host of APP_SMTP. A name that has nothing to do with sending mail gives
// "". The longest known end counts, if what stands before it names mail.
func meaning(name string) (group, field string) {
	for i := 0; i < len(name); i++ {
		if name[i] != '_' {
			continue
		}
		if field := suffixes[name[i+1:]]; field != "" && mailWord(name[:i]) {
			if end := name[i+1:]; (end == "ADDRESS" || end == "ADDR") && !strings.HasSuffix(name[:i], "SMTP") {
				return "", "" // ADMIN_EMAIL_ADDRESS is a mailbox
			}
			return name[:i], field
		}
	}
	return "", ""
}

// mailWord tells whether the name of a group ends in a word for sending mail.
func mailWord(group string) bool {
	words := strings.Split(group, "_")
	for _, w := range words {
		switch w {
		case "IMAP", "POP", "POP3", "SIEVE", "HELO", "EHLO", "LISTEN", "BIND", "INBOUND", "INCOMING":
			return false
		}
	}
	last := len(words) - 1
	if slices.Contains([]string{"RELAY", "SERVER", "CLIENT", "OUT", "OUTGOING", "OUTBOUND"}, words[last]) && last > 0 {
		last--
	}
	return slices.Contains([]string{"SMTP", "SMTPS", "MAIL", "MAILER", "EMAIL"}, words[last])
}

// server is a group while it is put together.
type server struct {
	facts.Setting
	said map[string]variable // by field; the first of several names counts
}

// variables makes a setting of each group of variables that names a server or holds a password. name is the section that the
// variables stand in, "".
func (f *file) variables(format, name string, vars []variable) {
	values := map[string]string{}
	for _, v := range vars {
		values[v.name] = v.value
	}
	groups := map[string]*server{}
	var order []*server
	for _, v := range vars {
		group, field := meaning(v.name)
		if field == "" {
			continue
		}
		g := groups[group]
		if g == nil {
			g = &server{Setting: f.start(format, v.line), said: map[string]variable{}}
			g.Name = group
			if name != "" {
				g.Name = name + " " + group
			}
			groups[group] = g
			order = append(order, g)
		}
		g.Line = min(g.Line, int64(v.line))
		v.value = strings.TrimSpace(resolve(v.value, values))
		if _, twice := g.said[field]; !twice {
			g.said[field] = v
		}
	}
	for _, g := range order {
		g.finish(f)
		if g.Host != "" || g.PasswordInFile {
			f.settings = append(f.settings, g.Setting)
		}
	}
}

var variableReference = pattern.Of(`\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))`)

// resolve puts the values of the same file in for ${NAME}, ${NAME:-default} and $NAME, once: what they hold is not looked
// into again. A name that the file does not have becomes its default or empty, because its value is not in the file.
func resolve(s string, values map[string]string) string {
	if len(s) > maxExpanded || !strings.Contains(s, "$") {
		return s
	}
	return variableReference().ReplaceAllStringFunc(s, func(m string) string {
		if m == "$$" {
			return "$"
		}
		p := variableReference().FindStringSubmatch(m)
		value := values[strings.ToUpper(p[1]+p[4])]
		if strings.Contains(value, "$") || len(value) > maxExpanded {
			value = ""
		}
		if value == "" && strings.HasSuffix(p[2], "-") {
			value = p[3]
		}
		return value
	})
}

func (g *server) text(field string) (string, int64) {
	v, ok := g.said[field]
	if !ok {
		return "", 0
	}
	return v.value, int64(v.line)
}

func (g *server) finish(f *file) {
	if v, line := g.text("url"); v != "" {
		g.url(v, line)
	}
	if v, line := g.text("host"); v != "" {
		g.host(v, line)
	}
	if v, line := g.text("port"); v != "" {
		if g.Port, g.PortLine = portOf(v), line; g.Port == 0 {
			f.fail(int(line), g.said["port"].name+" is no port")
		}
	}
	g.encryption()
	if v, line := g.text("verify"); line > 0 && v != "" {
		g.Verify, g.VerifyLine = switchOf(v), line
		if strings.EqualFold(v, "peer") || strings.Contains(strings.ToLower(v), "verify_peer") {
			g.Verify = on
		}
	}
	if v, line := g.text("insecure"); line > 0 {
		if yes, known := truth(v); known && yes {
			g.Verify, g.VerifyLine = off, line
		}
	}
	if v, line := g.text("password"); v != "" {
		g.PasswordInFile, g.PasswordLine = isSecret(v), line
		g.Auth, g.AuthLine = on, line
	}
	if v, line := g.text("user"); v != "" && !strings.EqualFold(v, "null") {
		g.User, g.Auth, g.AuthLine = v, on, line
	}
	if v, line := g.text("auth"); v != "" {
		g.Auth, g.AuthLine = on, line
		if yes, known := truth(v); known && !yes || strings.EqualFold(v, "null") {
			g.Auth = off
		}
	}
	if v, line := g.text("from"); v != "" {
		g.From, g.FromLine = v, line
	}
}

// host reads host, host:port and the ssl:// and tls:// that some mailers put before it.
func (g *server) host(v string, line int64) {
	if scheme, rest, ok := strings.Cut(v, "://"); ok {
		v, _, _ = strings.Cut(rest, "/")
		switch strings.ToLower(scheme) {
		case "ssl", "smtps":
			g.TLS, g.TLSLine = implicit, line
		case "tls":
			g.TLS, g.TLSLine = starttls, line
		}
	}
	if strings.Contains(v, "@") {
		return // a mailbox
	}
	g.HostLine = line
	if g.Host, g.Port = splitHost(v); g.Port > 0 {
		g.PortLine = line
	}
}

// url reads smtp://user:password@host:port?verify_peer=0, as Symfony, Meteor and Django take it.
func (g *server) url(v string, line int64) {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || !strings.Contains(u.Scheme, "smtp") && u.Scheme != "submission" {
		return
	}
	g.Host, g.HostLine = hostOf(u.Hostname()), line
	if p := u.Port(); p != "" {
		g.Port, g.PortLine = portOf(p), line
	}
	scheme := strings.ToLower(u.Scheme)
	g.TLS, g.TLSLine = optional, line
	switch {
	case strings.HasPrefix(scheme, "smtps"), strings.HasSuffix(scheme, "+ssl"), g.Port == 465:
		g.TLS = implicit
	case strings.HasSuffix(scheme, "+tls"), scheme == "submission":
		g.TLS = starttls
	}
	if u.User != nil {
		g.User, g.Auth, g.AuthLine = u.User.Username(), on, line
		if p, ok := u.User.Password(); ok {
			g.PasswordInFile, g.PasswordLine = isSecret(p), line
		}
	}
	if p := u.Query().Get("verify_peer"); p != "" {
		g.Verify, g.VerifyLine = switchOf(p), line
	}
}

// encryption reads the words that programs have for TLS. "tls" means STARTTLS to most, and TLS from the start on port 465.
func (g *server) encryption() {
	byPort := func() string {
		if g.Port == 465 {
			return implicit
		}
		return starttls
	}
	if v, line := g.text("ssl"); line > 0 {
		if yes, known := truth(v); known && yes {
			g.TLS, g.TLSLine = implicit, line
			return
		}
	}
	for _, field := range []string{"encryption", "secure", "tls", "auto"} {
		v, line := g.text(field)
		v = strings.ToLower(v)
		yes, isTruth := truth(v)
		switch {
		case line == 0 || v == "":
			continue
		case v == "ssl" || v == "smtps" || v == "implicit" || v == "ssl/tls" || v == "force_tls":
			g.TLS = implicit
		case v == "starttls":
			g.TLS = starttls
		case v == "tls":
			g.TLS = byPort()
		case v == "smtp" || v == "auto" || v == "opportunistic":
			if g.TLS != "" {
				continue
			}
			g.TLS = optional
		case v == "null" || v == "plain":
			g.TLS = none
		case !isTruth:
			continue
		case field == "auto" && yes:
			g.TLS = optional
		case field == "secure" && !yes:
			g.TLS = optional // Nodemailer: no TLS from the start, STARTTLS when it is offered
		case field == "secure" && g.Port != 587:
			g.TLS = implicit
		case yes:
			g.TLS = byPort()
		default:
			g.TLS = none
		}
		g.TLSLine = line
		return
	}
}

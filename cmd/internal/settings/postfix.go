package settings

import (
	"path/filepath"
	"strings"

	"postern/cmd/internal/config"
	"postern/rules/facts"
	"postern/rules/pattern"
)

// parameter is one of main.cf with the line that it begins on.
type parameter struct {
	value string
	line  int
}

// Bounds on the expansion of $name, which can name itself.
const (
	maxExpansions = 100
	maxExpanded   = 4096
)

// mainCF reads Postfix's main.cf (postconf(5)), with the password map and the map of relay hosts by sender when files of
// their names lie beside it. Maps elsewhere belong to the machine that Postfix runs on, which need not be this one. Without
// a relay host Postfix submits to nobody, and there is no setting. A value that is read and cannot be resolved is an error, and
// counts as empty.
func mainCF(f *file) {
	p := parameters(f)
	failed := map[string]bool{}
	get := func(name string) (string, int64) {
		v, ok := p[name]
		if !ok {
			return "", 0
		}
		text, ok := expand(v.value, p)
		if !ok && !failed[name] {
			failed[name] = true
			f.fail(v.line, name+" cannot be resolved: the $names in it go in a circle or grow too long")
		}
		return strings.TrimSpace(text), int64(v.line)
	}
	base := f.start("postfix", 0)
	base.TLS, base.TLSLine, base.Verify, base.VerifyLine = postfixTLS(get)
	sasl, saslLine := get("smtp_sasl_auth_enable")
	base.Auth, base.AuthLine = off, saslLine
	if v, _ := truth(sasl); v {
		base.Auth = on
	}
	maps, mapsLine := get("smtp_sasl_password_maps")
	if table, secret, ok := strings.Cut(maps, ":"); ok && (table == "static" || table == "inline") {
		_, password, _ := strings.Cut(secret, ":")
		base.PasswordInFile, base.PasswordLine = isSecret(strings.TrimRight(password, " }")), mapsLine
	}
	relay, relayLine := get("relayhost")
	if strings.Contains(relay, "$") {
		f.fail(int(relayLine), "relayhost cannot be resolved: only $name, ${name} and $(name) are")
		relay = ""
	}
	for _, hop := range strings.FieldsFunc(relay, isListSpace) {
		s := base
		s.Line, s.HostLine = relayLine, relayLine
		if s.Host, s.Port = splitHost(hop); s.Port > 0 {
			s.PortLine = relayLine
		}
		f.settings = append(f.settings, s)
	}
	byMap := false
	for _, name := range []string{"sender_dependent_relayhost_maps", "smtp_sasl_password_maps"} {
		value, line := get(name)
		for _, table := range strings.FieldsFunc(value, isListSpace) {
			path := beside(f.path, table)
			if path == "" {
				continue
			}
			text, err := config.ReadFile(path)
			if err != nil {
				f.fail(int(line), name+" names "+filepath.Base(path)+", which cannot be read")
				continue
			}
			f.also = append(f.also, path)
			if name == "smtp_sasl_password_maps" {
				f.passwords(path, string(text))
				continue
			}
			byMap = true
			f.relays(path, string(text), base)
		}
	}
	if relay == "" && !byMap {
		f.settings = nil
	}
}

func isListSpace(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }

// beside gives the source of a lookup table such as hash:/etc/postfix/sasl_passwd if a file of that name lies in the
// directory of main.cf.
func beside(mainCF, table string) string {
	kind, path, ok := strings.Cut(table, ":")
	switch kind {
	case "hash", "btree", "lmdb", "cdb", "dbm", "texthash":
	default:
		return ""
	}
	if !ok || path == "" || strings.HasSuffix(path, "/") {
		return ""
	}
	if p := filepath.Join(filepath.Dir(mainCF), filepath.Base(path)); regular(p) {
		return p
	}
	return ""
}

// postfixTLS reads smtp_tls_security_level and what came before it. Only the levels from fingerprint on check who answers:
// encrypt takes any certificate.
func postfixTLS(get func(string) (string, int64)) (tls string, line int64, verify string, verifyLine int64) {
	level, line := get("smtp_tls_security_level")
	switch strings.ToLower(level) {
	case "":
		tls = none
		if v, l := get("smtp_use_tls"); l > 0 {
			line = l
			if yes, _ := truth(v); yes {
				tls = optional
			}
		}
		if v, l := get("smtp_enforce_tls"); l > 0 {
			if yes, _ := truth(v); yes {
				tls, line = starttls, l
			}
		}
	case "none":
		tls = none
	case "may", "dane":
		tls = optional
	default:
		tls = starttls
	}
	if v, l := get("smtp_tls_wrappermode"); l > 0 && tls != none {
		if yes, _ := truth(v); yes {
			tls, line = implicit, l
		}
	}
	verify, verifyLine = off, line
	switch strings.ToLower(level) {
	case "fingerprint", "verify", "secure", "dane-only":
		verify = on
	case "":
		verify = unknown
	}
	if _, l := get("smtp_tls_security_level"); l > 0 {
		verifyLine = l
	}
	if tls == none {
		verify = unknown
	}
	return tls, line, verify, verifyLine
}

// parameters joins continued lines; the last of several definitions counts, as in Postfix.
func parameters(f *file) map[string]parameter {
	p := map[string]parameter{}
	name := ""
	var value strings.Builder
	start := 0
	end := func() {
		if name != "" {
			p[name] = parameter{value: strings.TrimSpace(value.String()), line: start}
		}
		name = ""
		value.Reset()
	}
	numberedLines(f.text, func(n int, line string) {
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			return // within a continued value too (postconf(5))
		}
		if line[0] == ' ' || line[0] == '\t' {
			if start == 0 {
				f.fail(n, "continues a line that is not there")
				return
			}
			value.WriteString("\n" + text)
			return
		}
		end()
		key, v, ok := strings.Cut(text, "=")
		start = n
		if !ok {
			f.fail(n, "is neither a parameter nor a comment")
			return
		}
		name = strings.TrimSpace(key)
		value.WriteString(strings.TrimSpace(v))
	})
	end()
	return p
}

var reference = pattern.Of(`\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\}|\(([A-Za-z0-9_]+)\))`)

// expand puts values in for $name, ${name} and $(name). What is not defined in the file becomes empty; conditional forms stay as
// they are. It gives "" and false when references are left after maxExpansions, or the text grows beyond maxExpanded.
func expand(s string, p map[string]parameter) (string, bool) {
	budget := maxExpansions
	for again := true; again; {
		again = false
		size := len(s)
		s = reference().ReplaceAllStringFunc(s, func(m string) string {
			if m == "$$" {
				return ""
			}
			again = true
			value := p[strings.Trim(m, "${}()")].value
			budget--
			if size += len(value); budget < 0 || size > maxExpanded {
				return ""
			}
			return value
		})
		if again && (budget < 0 || size > maxExpanded) {
			return "", false
		}
	}
	return s, true
}

// relays reads a map of senders to relay hosts.
func (f *file) relays(path, text string, base facts.Setting) {
	numberedLines(text, func(n int, line string) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' || strings.EqualFold(fields[len(fields)-1], "DUNNO") {
			return
		}
		if len(fields) < 2 {
			f.failIn(path, n, "a sender without a relay host")
			return
		}
		s := base
		s.File, s.Line, s.HostLine, s.Name = path, int64(n), int64(n), fields[0]
		// These are stated in main.cf, not in the map.
		s.TLSLine, s.VerifyLine, s.AuthLine, s.PasswordLine, s.PasswordInFile = 0, 0, 0, 0, false
		if s.Host, s.Port = splitHost(fields[1]); s.Port > 0 {
			s.PortLine = int64(n)
		}
		f.settings = append(f.settings, s)
	})
}

// saslMap reads a password map that was named by itself.
func saslMap(f *file) { f.passwords(f.path, f.text) }

// passwords reads the keys of a password map, and whether a password stands beside them. A key with @ is a sender.
func (f *file) passwords(path, text string) {
	numberedLines(text, func(n int, line string) {
		key, secret, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.IndexByte(key, '\t'); i >= 0 {
			key, secret = key[:i], key[i:]+" "+secret
		}
		if key == "" || key[0] == '#' {
			return
		}
		_, password, ok := strings.Cut(secret, ":")
		if !ok {
			f.failIn(path, n, "no user:password after the first word")
			return
		}
		s := facts.Setting{File: path, Line: int64(n), Format: "postfix", Name: "password map", Auth: on, AuthLine: int64(n),
			PasswordInFile: isSecret(password), PasswordLine: int64(n)}
		if !strings.Contains(key, "@") {
			if s.Host, s.Port = splitHost(key); s.Port > 0 {
				s.PortLine = int64(n)
			}
			s.HostLine = int64(n)
		}
		f.settings = append(f.settings, s)
	})
}

package settings

import (
	"slices"
	"strings"

	"postern/rules/facts"
	"postern/rules/pattern"
)

type gitValue struct {
	value string
	line  int
}

var gitSection = pattern.Of(`^\[\s*([A-Za-z0-9.\-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]`)

// gitConfig reads the sendemail sections of a git configuration (git-config(1), git-send-email(1)): the plain one, and each
// identity, which overrides it. Includes are not followed. A server that is a program is no server.
func gitConfig(f *file) {
	sections := map[string]map[string]gitValue{}
	lines := map[string]int{}
	var order []string
	var section map[string]gitValue
	pending, pendingLine := "", 0
	numberedLines(f.text, func(n int, line string) {
		if pending != "" {
			line, n = pending+line, pendingLine
			pending = ""
		}
		// A backslash at the end joins the next line, except in a comment.
		if strings.HasSuffix(line, `\`) && !strings.HasSuffix(line, `\\`) && len(line) < maxExpanded {
			pending, pendingLine = line[:len(line)-1], n
			return
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			return
		}
		if line[0] == '[' {
			m := gitSection().FindStringSubmatch(line)
			if m == nil {
				section = nil
				f.fail(n, "is no section")
				return
			}
			name, identity, dotted := strings.Cut(m[1], ".")
			if !dotted {
				identity = m[2]
			}
			if section = nil; strings.EqualFold(name, "sendemail") {
				if section = sections[identity]; section == nil {
					section = map[string]gitValue{}
					sections[identity], lines[identity] = section, n
					order = append(order, identity)
				}
			}
			if line = strings.TrimSpace(line[len(m[0]):]); line == "" || line[0] == '#' || line[0] == ';' {
				return
			}
		}
		if section == nil {
			return
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			value = "true" // a key alone
		}
		key = strings.ToLower(strings.TrimSpace(key))
		section[key] = gitValue{unquoteGit(value), n}
	})
	base := sections[""]
	for _, identity := range order {
		own := sections[identity]
		get := func(keys ...string) (string, int64) {
			for _, k := range keys {
				if v, ok := own[k]; ok {
					return v.value, int64(v.line)
				}
			}
			for _, k := range keys {
				if v, ok := base[k]; ok {
					return v.value, int64(v.line)
				}
			}
			return "", 0
		}
		s := f.start("git", lines[identity])
		s.Name = identity
		if gitServer(f, &s, get) {
			f.settings = append(f.settings, s)
		}
	}
	slices.SortStableFunc(f.settings, func(a, b facts.Setting) int { return int(a.Line - b.Line) })
}

// gitServer fills s; false means that it says nothing of a server.
func gitServer(f *file, s *facts.Setting, get func(...string) (string, int64)) bool {
	host, line := get("smtpserver")
	if !strings.ContainsAny(host, "/ \t") {
		s.Host, s.HostLine = hostOf(host), line
	}
	if port, l := get("smtpserverport"); l > 0 {
		if s.Port, s.PortLine = portOf(port), l; s.Port == 0 {
			f.fail(int(l), "no port")
		}
	}
	encryption, l := get("smtpencryption")
	s.TLS, s.TLSLine = none, l
	switch strings.ToLower(encryption) {
	case "ssl":
		s.TLS = implicit
	case "tls":
		s.TLS = starttls
	case "":
		if v, l := get("smtpssl"); l > 0 { // of former times
			if yes, _ := truth(v); yes {
				s.TLS, s.TLSLine = implicit, l
			}
		}
	}
	// An empty path turns the check of the certificate off; without the key it is on.
	s.Verify = on
	if v, l := get("smtpsslcertpath"); l > 0 {
		s.VerifyLine = l
		if v == "" {
			s.Verify = off
		}
	}
	s.User, s.AuthLine = get("smtpuser")
	s.Auth = off
	if s.User != "" {
		s.Auth = on
	}
	if v, l := get("smtpauth"); strings.EqualFold(v, "none") {
		s.Auth, s.AuthLine = off, l
	}
	if v, l := get("smtppass"); l > 0 {
		s.PasswordInFile, s.PasswordLine = isSecret(v), l
	}
	s.From, s.FromLine = get("envelopesender")
	if s.FromLine == 0 || strings.EqualFold(s.From, "auto") {
		s.From, s.FromLine = get("from")
	}
	return s.Host != "" || s.PasswordLine > 0
}

// unquoteGit takes comments, quotes and escapes out of a value.
func unquoteGit(s string) string {
	var b strings.Builder
	quoted := false
	s = strings.TrimSpace(s)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(s[i])
			}
		case c == '"':
			quoted = !quoted
		case (c == '#' || c == ';') && !quoted:
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

package settings

import "strings"

// nullmailer reads its remotes: one server a line, with a protocol and options (nullmailer-send(8)). It uses no TLS unless
// told to, and checks the certificate unless told not to.
func nullmailer(f *file) {
	numberedLines(f.text, func(n int, line string) {
		words := shellWords(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") || len(words) > 1 && words[1] != "smtp" {
			return
		}
		s, at := f.start("nullmailer", n), int64(n)
		s.Host, s.HostLine = hostOf(words[0]), at
		s.TLS, s.Verify, s.Auth = none, on, off
		s.TLSLine, s.VerifyLine, s.AuthLine = at, at, at
		for _, w := range words[min(2, len(words)):] {
			name, value, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
			switch name {
			case "port":
				if s.Port, s.PortLine = portOf(value), at; s.Port == 0 {
					f.fail(n, "no port")
				}
			case "ssl", "tls":
				s.TLS = implicit
			case "starttls":
				s.TLS = starttls
			case "insecure":
				s.Verify = off
			case "user":
				s.User, s.Auth = value, on
			case "pass":
				s.PasswordInFile, s.PasswordLine = isSecret(value), at
			}
		}
		f.settings = append(f.settings, s)
	})
}

// shellWords splits a line at blanks; quotes keep blanks together, a backslash keeps the next character. Nothing is expanded.
func shellWords(line string) []string {
	var words []string
	var b strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == 0 && (c == ' ' || c == '\t'):
			if open {
				words = append(words, b.String())
				b.Reset()
				open = false
			}
			continue
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
			continue
		case quote != 0 && c == quote:
			quote = 0
			continue
		case c == '\\' && quote != '\'' && i+1 < len(line):
			i++
			c = line[i]
		}
		open = true
		b.WriteByte(c)
	}
	if open {
		words = append(words, b.String())
	}
	return words
}

package submit

import (
	"encoding/base64"
	"strings"
)

// secrets are the forms in which the password of a session was on the wire. A server that sends one back must not find it in
// our errors.
type secrets struct{ forms []string }

func (s *secrets) add(user, password string) {
	b64 := base64.StdEncoding.EncodeToString
	plain := b64([]byte("\x00" + user + "\x00" + password))
	// A part of the PLAIN answer is as good as all of it; the tail that begins on a group of three octets holds the password.
	tail := plain[(len(user)+2)/3*4:]
	for _, form := range []string{password, b64([]byte(password)), plain, tail} {
		if form = strings.TrimRight(form, "="); form != "" {
			s.forms = append(s.forms, form)
		}
	}
}

// in tells whether text holds a secret, also one that white space was put into.
func (s *secrets) in(text string) bool {
	if len(s.forms) == 0 {
		return false
	}
	strip := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, s)
	}
	bare := strip(text)
	for _, form := range s.forms {
		if form = strip(form); form != "" && strings.Contains(bare, form) {
			return true
		}
	}
	return false
}

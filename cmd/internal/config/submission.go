package config

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"postern/rules/pattern"
)

// Keys of where the password is.
var passwordKeys = []string{"password_file", "password_command", "password_credential", "password_env"}

const passwordRemedy = "put it into a file with mode 0600 and name that as password_file, or use password_command, password_credential or password_env; then change the password if others can read this file"

var (
	credentialForm = pattern.Of(`^[A-Za-z0-9_.@:-]+$`)
	variableForm   = pattern.Of(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// login finds what cannot be true together about logging in.
func (d *decoder) login(s *Submission) {
	first := ""
	for _, name := range passwordKeys {
		key := "submission." + name
		at, ok := d.c.origins[key]
		switch {
		case !ok:
		case first != "":
			d.fail(at, key, "there is "+first+" too, and the password can come from one place only", "remove one of the two")
		default:
			first = name
		}
	}
	if d.failedUnder("submission") {
		return
	}
	switch at, ok := d.c.origins["submission.user"]; {
	case ok && s.Auth != nil && !*s.Auth:
		d.fail(at, "submission.user", "there is a user, and auth is false", "remove the user, or write auth: true")
	case !ok && first != "":
		d.fail(d.c.origins["submission."+first], "submission."+first, "there is a password, and nobody whose it is", "add user, the name that the mail server knows")
	}
}

func checkUser(s string) (message, remedy string) {
	if s == "" || len(s) > 254 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return quoted(s) + " is no user", "write the name that the mail server knows, often the whole address of a mailbox"
	}
	return "", ""
}

func checkPath(s string) (message, remedy string) {
	if s == "" || strings.ContainsAny(s, "\x00\r\n") {
		return "is empty, or holds a control character", "write a path, or a word of a command"
	}
	return "", ""
}

func checkCredential(s string) (message, remedy string) {
	if s == "." || s == ".." || len(s) > 255 || !credentialForm().MatchString(s) {
		return quoted(s) + " is no name of a systemd credential", "write the name that stands before the colon in LoadCredential="
	}
	return "", ""
}

func checkVariable(s string) (message, remedy string) {
	if !variableForm().MatchString(s) {
		// It can be the password itself.
		return "this is no name of an environment variable", "write the variable's name such as SMTP_PASSWORD, not its value"
	}
	return "", ""
}

func checkTimeout(s string) (d time.Duration, message, remedy string) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 24*time.Hour {
		return 0, quoted(s) + " is no time from 1s to 24h", "write it as 90s or 5m"
	}
	return d, "", ""
}

// FormatPin writes the SHA-256 of a public key as submission.pin takes it.
func FormatPin(key [32]byte) string { return "sha256//" + base64.StdEncoding.EncodeToString(key[:]) }

// parsePin reads the SHA-256 of a public key (SubjectPublicKeyInfo): base64, as curl writes it, or 64 hexadecimal digits, with
// or without colons. A prefix sha256//, sha256/ or sha256: is allowed.
func parsePin(s string) (key [32]byte, message, remedy string) {
	text := s
	for _, prefix := range []string{"sha256//", "sha256/", "sha256:"} {
		if rest, found := strings.CutPrefix(s, prefix); found {
			text = rest
			break
		}
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(key) {
		if raw, err = hex.DecodeString(strings.ReplaceAll(text, ":", "")); err != nil || len(raw) != len(key) {
			return key, quoted(s) + " is not the SHA-256 of a key", "postern settings --probe shows the server's"
		}
	}
	return [32]byte(raw), "", ""
}

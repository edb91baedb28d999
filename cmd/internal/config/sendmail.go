package config

import (
	"path/filepath"
	"strings"

	"postern/rules/pattern"
)

// Sendmail is how postern stands in the place of a sendmail: what it hands mail to and what it keeps.
type Sendmail struct {
	// Transport is "exec" (also ""), the program of Path, or "smtp", the server of Submission.
	Transport string
	// Path is the real sendmail, "" if not told. Args stand before the arguments that postern gives it.
	Path string
	Args []string
	// Environment names the variables that the real sendmail gets besides those that it always gets.
	Environment []string
	// Allow are options that are refused otherwise, such as "-C".
	Allow []string
	// LineEnds is "refuse" (also ""), or "normalize": what becomes of a CR that is not part of a line end.
	LineEnds string
	// Sender is the envelope sender when the caller names none, Domain what completes an address without one; "" if not told.
	Sender, Domain string
	// MaxOctets bounds a message; 0 if not told.
	MaxOctets int64
	// WebScript is "auto" (also ""), "always" or "never": whether callers are web scripts.
	WebScript string
	// Held is the directory for refused mail, "" for none; HeldStatus is "refused" (also "") or "accepted".
	Held, HeldStatus string
	// RejectExit is the exit status of what a rule refuses for ever, 69 or 77; 0 is the rule's own.
	RejectExit int64
	// AuthFailure is "temporary" (also ""), or "permanent": what it is that the server refuses the login.
	AuthFailure string
	// Log is the decision log, "" for none; LogKey is the file of its key. LogAddresses leaves addresses readable.
	Log, LogKey  string
	LogAddresses bool
}

var (
	optionForm = pattern.Of(`^-[A-Za-z]$`)
	bModeForm  = pattern.Of(`^-b[a-zA-Z]$`)
)

// allowable are the options that can be allowed: those that choose another configuration, file or queue of the real sendmail,
// and modes in which it takes no message.
var allowable = []string{"-A", "-C", "-D", "-I", "-M", "-O", "-X", "-bD", "-bH", "-bd", "-be", "-bh", "-bi", "-bp", "-bt", "-bv", "-d", "-o", "-q"}

func (d *decoder) sendmail() *Sendmail {
	if d.c.Sendmail == nil {
		d.c.Sendmail = &Sendmail{}
	}
	return d.c.Sendmail
}

// sendmailKeys are the keys of the group of that name.
func sendmailKeys() map[string]spec {
	return map[string]spec{
		"sendmail": {kind: group},
		"sendmail.transport": {text, "exec", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.sendmail().Transport, s, "exec", "smtp")
		}},
		"sendmail.path": {text, "/usr/sbin/sendmail", func(d *decoder, s scalar) (string, string) {
			d.sendmail().Path = s.text
			if !filepath.IsAbs(s.text) || strings.ContainsRune(s.text, 0) {
				return quoted(s.text) + " is no absolute path", "write the whole path of the real sendmail, such as /usr/sbin/sendmail"
			}
			return "", ""
		}},
		"sendmail.args": {list, "-C/etc/postfix-out", func(d *decoder, s scalar) (string, string) {
			if strings.ContainsRune(s.text, 0) {
				return "holds a NUL character", "write an argument of the real sendmail"
			}
			d.sendmail().Args = append(d.sendmail().Args, s.text)
			return "", ""
		}},
		"sendmail.environment": {list, "MAIL_CONFIG", func(d *decoder, s scalar) (string, string) {
			m := d.sendmail()
			if !variableForm().MatchString(s.text) {
				return quoted(s.text) + " is no name of a variable", "write the name only, such as MAIL_CONFIG"
			}
			message, remedy := d.unique(m.Environment, s.text)
			m.Environment = append(m.Environment, s.text)
			return message, remedy
		}},
		"sendmail.allow": {list, "-C", func(d *decoder, s scalar) (string, string) {
			m := d.sendmail()
			if message, remedy := checkAllow(s.text); message != "" {
				return message, remedy
			}
			message, remedy := d.unique(m.Allow, s.text)
			m.Allow = append(m.Allow, s.text)
			return message, remedy
		}},
		"sendmail.line_ends": {text, "refuse", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.sendmail().LineEnds, s, "refuse", "normalize")
		}},
		"sendmail.sender": {text, "bounces@example.com", func(d *decoder, s scalar) (message, remedy string) {
			d.sendmail().Sender = s.text
			_, message, remedy = checkAddress(s.text)
			return message, remedy
		}},
		"sendmail.domain": {text, "example.com", func(d *decoder, s scalar) (message, remedy string) {
			d.sendmail().Domain, message, remedy = checkDomain(s.text)
			return message, remedy
		}},
		"sendmail.max_octets": {integer, "268435456", func(d *decoder, s scalar) (message, remedy string) {
			d.sendmail().MaxOctets, message, remedy = number(s.text, 65536, 1<<40, "it counts octets: 256 MiB is 268435456")
			return message, remedy
		}},
		"sendmail.web_script": {text, "auto", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.sendmail().WebScript, s, "auto", "always", "never")
		}},
		"sendmail.held": {text, "/var/lib/postern/held", func(d *decoder, s scalar) (string, string) {
			return fileName(&d.sendmail().Held, s)
		}},
		"sendmail.held_status": {text, "refused", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.sendmail().HeldStatus, s, "refused", "accepted")
		}},
		"sendmail.reject_exit": {integer, "69", func(d *decoder, s scalar) (message, remedy string) {
			const is = "write 69 (EX_UNAVAILABLE) or 77 (EX_NOPERM); without the key it depends on the rule"
			n, message, remedy := number(s.text, 69, 77, is)
			if message == "" && n != 69 && n != 77 {
				message, remedy = quoted(s.text)+" is not one of 69, 77", is
			}
			d.sendmail().RejectExit = n
			return message, remedy
		}},
		"sendmail.auth_failure": {text, "temporary", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.sendmail().AuthFailure, s, "temporary", "permanent")
		}},
		"sendmail.log": {text, "/var/log/postern/decisions.log", func(d *decoder, s scalar) (string, string) {
			return fileName(&d.sendmail().Log, s)
		}},
		"sendmail.log_key": {text, "/var/lib/postern/log.key", func(d *decoder, s scalar) (string, string) {
			return fileName(&d.sendmail().LogKey, s)
		}},
		"sendmail.log_addresses": {boolean, "false", func(d *decoder, s scalar) (string, string) {
			var v *bool
			message, remedy := truth(&v, s)
			if v != nil {
				d.sendmail().LogAddresses = *v
			}
			return message, remedy
		}},
	}
}

func checkAllow(option string) (message, remedy string) {
	for _, a := range allowable {
		if a == option {
			return "", ""
		}
	}
	switch {
	case option == "-bs" || option == "-bS":
		return option + " cannot be allowed", "mail in an SMTP dialogue would go out unjudged; have the program call sendmail -t"
	case optionForm().MatchString(option) || bModeForm().MatchString(option):
		return option + " is not refused, or cannot be allowed", "those that can be allowed are " + strings.Join(allowable, ", ")
	}
	return quoted(option) + " is no option", "write it as -C, without its value; those that can be allowed are " + strings.Join(allowable, ", ")
}

func fileName(dst *string, s scalar) (message, remedy string) {
	*dst = s.text
	if s.text == "" || strings.ContainsRune(s.text, 0) {
		return "is no path", "name a file or directory"
	}
	return "", ""
}

// effective calls set for each key, telling whether it has a value.
func (s *Sendmail) effective(set func(key string, v any, is bool)) {
	set("sendmail.transport", s.Transport, s.Transport != "")
	set("sendmail.path", s.Path, s.Path != "")
	set("sendmail.args", s.Args, len(s.Args) > 0)
	set("sendmail.environment", s.Environment, len(s.Environment) > 0)
	set("sendmail.allow", s.Allow, len(s.Allow) > 0)
	set("sendmail.line_ends", s.LineEnds, s.LineEnds != "")
	set("sendmail.sender", s.Sender, s.Sender != "")
	set("sendmail.domain", s.Domain, s.Domain != "")
	set("sendmail.max_octets", s.MaxOctets, s.MaxOctets != 0)
	set("sendmail.web_script", s.WebScript, s.WebScript != "")
	set("sendmail.held", s.Held, s.Held != "")
	set("sendmail.held_status", s.HeldStatus, s.HeldStatus != "")
	set("sendmail.reject_exit", s.RejectExit, s.RejectExit != 0)
	set("sendmail.auth_failure", s.AuthFailure, s.AuthFailure != "")
	set("sendmail.log", s.Log, s.Log != "")
	set("sendmail.log_key", s.LogKey, s.LogKey != "")
	set("sendmail.log_addresses", s.LogAddresses, s.LogAddresses)
}

package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"postern/rules"
)

// kind is what a key holds.
type kind int

const (
	text     kind = iota
	date          // YYYY-MM-DD
	integer       // decimal
	boolean       // true, false
	list          // of texts
	group         // of keys that this table names
	freeform      // of rule ids
	entries       // a list of groups; suppressions.go and templates.go read them
)

func (k kind) wants() string {
	return [...]string{"text", "a date", "a whole number", "true or false", "a list", "a group of keys", "a group of rule ids", "a list of groups"}[k]
}

// scalar is one value with its place. All values arrive as the text that was written, so that the file and the environment
// go through the same checks.
type scalar struct {
	text string
	at   Origin
}

// spec is one key. set checks a value and puts it into the Config; a message that is not "" says what is wrong with it.
type spec struct {
	kind    kind
	example string
	set     func(d *decoder, s scalar) (message, remedy string)
}

func (s spec) such() string {
	if s.example == "" {
		return ""
	}
	return ", such as " + s.example
}

// table is every key that is read. postern.schema.json says the same to editors; a test holds the two equal. It is filled by
// init because the setters look at it.
var table map[string]spec

// homes tells where the last part of each key belongs.
var homes map[string]string

func init() {
	table = map[string]spec{
		"provider": {text, "pair", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.c.Provider, s, "pair", "none")
		}},
		"account": {kind: group},
		"account.username": {text, "alice", func(d *decoder, s scalar) (string, string) {
			d.account().Username = s.text
			return checkUsername(s.text)
		}},
		"account.created": {date, "2015-03-01", func(d *decoder, s scalar) (string, string) {
			d.account().Created = s.text
			return checkDate(s.text, d.now)
		}},
		"account.plan": {text, "Advanced", func(d *decoder, s scalar) (string, string) {
			d.account().Plan = s.text
			return checkPlan(s.text)
		}},
		"account.server_number": {integer, "123", func(d *decoder, s scalar) (message, remedy string) {
			n, message, remedy := number(s.text, 1, 9999, "it is the number in mailNNN.pair.com, which the ACC shows")
			d.account().ServerNumber = int(n)
			return message, remedy
		}},
		"account.domains": {list, "example.com", func(d *decoder, s scalar) (string, string) {
			a := d.account()
			name, message, remedy := checkDomain(s.text)
			if message == "" {
				message, remedy = d.unique(a.Domains, name)
			}
			a.Domains = append(a.Domains, name)
			return message, remedy
		}},
		"account.addresses": {list, "alice@example.com", func(d *decoder, s scalar) (string, string) {
			a := d.account()
			addr, message, remedy := checkAddress(s.text)
			if message == "" {
				message, remedy = d.unique(a.Addresses, addr)
			}
			a.Addresses = append(a.Addresses, addr)
			return message, remedy
		}},
		"account.dmarc": {list, "example.com", func(d *decoder, s scalar) (string, string) {
			a := d.account()
			name, message, remedy := checkDomain(s.text)
			if message == "" {
				message, remedy = d.unique(a.DMARC, name)
			}
			a.DMARC = append(a.DMARC, name)
			return message, remedy
		}},
		"account.pairlist_subscribers": {integer, "800", func(d *decoder, s scalar) (message, remedy string) {
			n, message, remedy := number(s.text, 1, 10_000_000, "the subscribers of your largest pairList; leave the key out if you have none")
			d.account().PairlistSubscribers = int(n)
			return message, remedy
		}},
		"submission": {kind: group},
		"submission.host": {text, "alice.mail.pairserver.com", func(d *decoder, s scalar) (message, remedy string) {
			d.submission().Host, message, remedy = checkHost(s.text)
			return message, remedy
		}},
		"submission.port": {integer, "465", func(d *decoder, s scalar) (message, remedy string) {
			n, message, remedy := number(s.text, 1, 65535, "a TCP port; mail is submitted on 465 or 587")
			d.submission().Port = int(n)
			return message, remedy
		}},
		"submission.tls": {text, "implicit", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.submission().TLS, s, "implicit", "starttls", "none")
		}},
		"submission.auth": {boolean, "true", func(d *decoder, s scalar) (string, string) {
			return truth(&d.submission().Auth, s)
		}},
		"submission.verify": {boolean, "true", func(d *decoder, s scalar) (string, string) {
			return truth(&d.submission().Verify, s)
		}},
		"submission.user": {text, "alice@example.com", func(d *decoder, s scalar) (string, string) {
			d.submission().User = s.text
			return checkUser(s.text)
		}},
		"submission.password_file": {text, "~/.config/postern/password", func(d *decoder, s scalar) (string, string) {
			d.submission().PasswordFile = s.text
			return checkPath(s.text)
		}},
		"submission.password_command": {list, "pass", func(d *decoder, s scalar) (string, string) {
			sub := d.submission()
			sub.PasswordCommand = append(sub.PasswordCommand, s.text)
			return checkPath(s.text)
		}},
		"submission.password_credential": {text, "postern-password", func(d *decoder, s scalar) (string, string) {
			d.submission().PasswordCredential = s.text
			return checkCredential(s.text)
		}},
		"submission.password_env": {text, "SMTP_PASSWORD", func(d *decoder, s scalar) (string, string) {
			d.submission().PasswordEnv = s.text
			return checkVariable(s.text)
		}},
		"submission.pin": {list, "sha256//uZuUQj8VdjTQ1X5nBEkB7kcdTIeq+qDbqGbDbFxkcBI=", func(d *decoder, s scalar) (string, string) {
			key, message, remedy := parsePin(s.text)
			if message == "" {
				pin := FormatPin(key) // the same key can be written in several ways
				message, remedy = d.unique(d.pins, pin)
				d.pins = append(d.pins, pin)
			}
			d.submission().Pins = append(d.submission().Pins, key)
			return message, remedy
		}},
		"submission.timeout": {text, "2m", func(d *decoder, s scalar) (message, remedy string) {
			d.submission().Timeout, message, remedy = checkTimeout(s.text)
			return message, remedy
		}},
		"server_size": {integer, "41943040", func(d *decoder, s scalar) (message, remedy string) {
			// RFC 5321 section 4.5.3.1.7: every server takes 64K octets. The upper bound is one that no mail server comes near.
			d.c.ServerSize, message, remedy = number(s.text, 65536, 1<<40, "it counts octets: 40 MiB is 41943040; leave the key out if EHLO shows no SIZE or SIZE 0")
			return message, remedy
		}},
		"ledger": {kind: group},
		"ledger.url": {text, "/var/lib/postern/ledger.db", func(d *decoder, s scalar) (string, string) {
			d.ledger().URL = s.text
			return checkLedger(s.text)
		}},
		"ledger.key_file": {text, "/etc/postern/ledger.key", func(d *decoder, s scalar) (string, string) {
			d.ledger().KeyFile = s.text
			return checkFileName(s.text)
		}},
		"ledger.password_file": {text, "/etc/postern/ledger.password", func(d *decoder, s scalar) (string, string) {
			d.ledger().PasswordFile = s.text
			return checkFileName(s.text)
		}},
		"ledger.pace": {text, "wait", func(d *decoder, s scalar) (string, string) {
			return oneOf(&d.ledger().Pace, s, "refuse", "wait")
		}},
		"ledger.longest_wait": {integer, "60", func(d *decoder, s scalar) (message, remedy string) {
			n, message, remedy := number(s.text, 1, 86400, "it is how many seconds a program may be kept waiting for its message to be taken")
			d.ledger().LongestWait = time.Duration(n) * time.Second
			return message, remedy
		}},
		"limits":     {kind: freeform},
		"severities": {kind: freeform},
		"disabled": {list, "spam.subject_caps", func(d *decoder, s scalar) (string, string) {
			if message, remedy := checkRuleID(s.text); message != "" {
				return message, remedy
			}
			message, remedy := d.unique(d.c.listed, s.text)
			d.c.listed = append(d.c.listed, s.text)
			d.disable(s.text)
			return message, remedy
		}},
		"suppressions": {kind: entries},
		"templates":    {kind: entries},
		"policies": {list, "./policies", func(d *decoder, s scalar) (string, string) {
			if strings.Contains(s.text, "://") {
				return quoted(s.text) + " is an address, not a file", "policies are read from local files only"
			}
			if strings.ContainsRune(s.text, 0) {
				return "holds a NUL character", "name a file or directory"
			}
			message, remedy := d.unique(d.c.Policies, s.text)
			d.c.Policies = append(d.c.Policies, s.text)
			return message, remedy
		}},
		"fail_on": {text, "error", func(d *decoder, s scalar) (string, string) {
			var v string
			message, remedy := oneOf(&v, s, "error", "warning", "info")
			d.c.FailOn = rules.Severity(v)
			return message, remedy
		}},
		"verify_guards": {boolean, "true", func(d *decoder, s scalar) (string, string) {
			v := new(bool)
			message, remedy := truth(&v, s)
			d.c.VerifyGuards = *v
			return message, remedy
		}},
	}
	maps.Copy(table, sendmailKeys())
	homes = map[string]string{}
	for key := range table {
		if i := strings.LastIndexByte(key, '.'); i >= 0 {
			homes[key[i+1:]] = key
		}
	}
}

// children are the names of the keys directly under path, sorted.
func children(path string) []string {
	var out []string
	for key := range table {
		if parentKey(key) == path {
			out = append(out, key[strings.LastIndexByte(key, '.')+1:])
		}
	}
	slices.Sort(out)
	return out
}

func (d *decoder) account() *rules.Account {
	if d.c.Account == nil {
		d.c.Account = &rules.Account{}
	}
	return d.c.Account
}

func (d *decoder) submission() *Submission {
	if d.c.Submission == nil {
		d.c.Submission = &Submission{}
	}
	return d.c.Submission
}

func (d *decoder) disable(id string) {
	if !slices.Contains(d.c.Disabled, id) {
		d.c.Disabled = append(d.c.Disabled, id)
	}
}

// unique refuses the second of two equal items of a list.
func (d *decoder) unique(have []string, item string) (string, string) {
	if !slices.Contains(have, item) {
		return "", ""
	}
	return quoted(item) + " stands in the list twice", "remove one of the two"
}

package config

import (
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Ledger is where postern remembers what was sent.
type Ledger struct {
	// URL is the path of a file, or begins with sqlite:, redis://, rediss://, unix:// or postgres://. It holds no password.
	URL          string
	KeyFile      string // "" is the file with .key behind its name
	PasswordFile string // "" is no password
	// Pace is "wait" when a message that comes too early waits for its time, else "refuse" or "".
	Pace string
	// LongestWait is how long it may wait; 0 if not told.
	LongestWait time.Duration
}

// DefaultLongestWait is how long a message waits at most when nothing else is told: less than web servers and mail programs have patience.
const DefaultLongestWait = time.Minute

// OnServer tells whether the ledger is a server's; else it is a file.
func (l *Ledger) OnServer() bool {
	return strings.Contains(l.URL, "://") && !strings.HasPrefix(l.URL, "sqlite:")
}

// LedgerAt gives the ledger with its files relative to the configuration's, nil without one.
func (c *Config) LedgerAt() *Ledger {
	if c.Ledger == nil {
		return nil
	}
	l := *c.Ledger
	path := strings.TrimPrefix(strings.TrimPrefix(l.URL, "sqlite://"), "sqlite:")
	if !strings.Contains(path, "://") {
		l.URL = c.beside(path)
	}
	l.KeyFile, l.PasswordFile = c.beside(l.KeyFile), c.beside(l.PasswordFile)
	if l.LongestWait == 0 {
		l.LongestWait = DefaultLongestWait
	}
	return &l
}

// beside makes a path relative to the directory of the configuration, if it is relative.
func (c *Config) beside(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir(), path)
}

func (d *decoder) ledger() *Ledger {
	if d.c.Ledger == nil {
		d.c.Ledger = &Ledger{}
	}
	return d.c.Ledger
}

func checkFileName(s string) (message, remedy string) {
	switch {
	case strings.TrimSpace(s) == "":
		return "is empty", "name a file"
	case strings.ContainsRune(s, 0):
		return "holds a NUL character", "name a file"
	case strings.Contains(s, "://"):
		return quoted(s) + " is an address, not a file", "name a file"
	}
	return "", ""
}

// checkLedger looks at what can be wrong with the place of a ledger before it is opened. The value is shown only where it holds no
// password.
func checkLedger(s string) (message, remedy string) {
	scheme, _, isURL := strings.Cut(s, "://")
	if !isURL || scheme == "sqlite" {
		if strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "sqlite://"), "sqlite:")) == "" || strings.ContainsRune(s, 0) {
			return "names no file", "write the path of a file, such as /var/lib/postern/ledger.db"
		}
		return "", ""
	}
	switch scheme {
	case "redis", "rediss", "unix", "postgres", "postgresql":
	default:
		return quoted(scheme+"://") + " is no kind of ledger", "write the path of a file, or a URL that begins with redis://, rediss://, unix:// or postgres://"
	}
	u, err := url.Parse(s)
	if err != nil {
		return "cannot be read as a URL", "it looks like postgres://user@host/database or redis://host:6379/0"
	}
	if _, has := u.User.Password(); has || u.Query().Has("password") || u.Query().Has("sslpassword") {
		return "holds a password", "put it into a file of mode 0600 and name that as ledger.password_file"
	}
	return "", ""
}

// ledgerCheck finds a ledger that cannot be used as it is told.
func (d *decoder) ledgerCheck() {
	o := d.c.origins["ledger"]
	if d.c.Ledger == nil {
		if o.Line > 0 && !d.failedUnder("ledger") {
			d.fail(o, "ledger", "says nothing", "give it a url, or remove it")
		}
		return
	}
	l := d.c.Ledger
	at := func(key string) Origin {
		if own, ok := d.c.origins[key]; ok {
			return own
		}
		return o
	}
	switch server := l.OnServer(); {
	case d.failedUnder("ledger"):
	case l.URL == "":
		d.fail(at("ledger.key_file"), "ledger", "has no url", "add ledger.url, such as /var/lib/postern/ledger.db")
	case server && l.KeyFile == "":
		d.fail(at("ledger.url"), "ledger.url", "is a server's, and there is no ledger.key_file", "name a file for the key; every host that uses the ledger needs a copy of it")
	case !server && l.PasswordFile != "":
		d.fail(at("ledger.password_file"), "ledger.password_file", "is for a server, and the ledger is a file", "remove it")
	case l.LongestWait != 0 && l.Pace != "wait":
		d.fail(at("ledger.longest_wait"), "ledger.longest_wait", "has no effect without pace: wait", "add ledger.pace: wait, or remove it")
	}
}

package config

import (
	"crypto/sha256"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"postern/cmd/internal/locate"
	"postern/rules"
)

// FileName is the name of the file.
const FileName = locate.FileName

// Config is what the user has set. Its zero value is a run without a file: the Pair pack, no account, default limits.
type Config struct {
	// File is the file that was read, "" if there is none.
	File string
	// SHA256 is that of the octets of File that were read.
	SHA256 [sha256.Size]byte
	// Named tells that the caller named File; otherwise it was found.
	Named bool
	// Provider is "pair", "none", or "" when nothing says so, which means pair.
	Provider string
	// Account is nil when nothing is told of an account.
	Account *rules.Account
	// Submission is nil when nothing is told of how mail is submitted.
	Submission *Submission
	// Sendmail is nil when nothing is told of how postern stands in for sendmail.
	Sendmail *Sendmail
	// Ledger is nil when nothing is told of one; LedgerAt gives it with its files found.
	Ledger *Ledger
	// ServerSize is the number of octets that the server's EHLO shows as SIZE (RFC 1870), 0 if not told.
	ServerSize int64
	// Limits hold values of type int64, float64, string, bool, or []any of these, by rule id and name.
	Limits map[string]map[string]any
	// Severities holds no rule that is switched off; those are in Disabled.
	Severities map[string]rules.Severity
	// Disabled are rule ids, without duplicates.
	Disabled []string
	// Suppressions are the findings that the user accepts, in the order of the file.
	Suppressions []Suppression
	// Templates are the files that are made into messages, in the order of the file.
	Templates []Template
	// Policies are files and directories, as they stand in the file.
	Policies []string
	// FailOn is "" when nothing says so, which means error.
	FailOn rules.Severity
	// VerifyGuards has every message judged with guards and without; see rules.GuardsVerify.
	VerifyGuards bool

	origins map[string]Origin
	listed  []string // the rule ids under disabled, as against those that severities switches off
}

// Submission is how the user's programs hand mail to the provider.
type Submission struct {
	Host   string // lower case, A-labels
	Port   int    // 0 if not told
	TLS    string // "implicit", "starttls", "none", or "" if not told
	Auth   *bool  // nil if not told
	Verify *bool  // whether the server's certificate is checked; nil if not told
	User   string // "" if not told
	// At most one of these says where the password is. PasswordFile is as it stands in the file, see Path.
	PasswordFile       string
	PasswordCommand    []string
	PasswordCredential string
	PasswordEnv        string
	Pins               [][32]byte    // SHA-256 of the keys that the server may have, none if any
	Timeout            time.Duration // for one message, 0 if not told
}

// Origin is where a value came from.
type Origin struct {
	File     string // "" for a value from the environment
	Line     int    // 1-based, 0 for a value from the environment
	Variable string // name of the environment variable, ""
}

// String is "file:line" or the variable's name.
func (o Origin) String() string {
	if o.Variable != "" {
		return o.Variable
	}
	return o.File + ":" + strconv.Itoa(o.Line)
}

// Origin tells where the value of a key came from. Keys are dotted paths such as account.created; an item of a list is
// account.domains[0].
func (c *Config) Origin(key string) (Origin, bool) {
	o, ok := c.origins[key]
	return o, ok
}

// Pos is the file and line that a key's value stands on. For a key that the file does not hold it is the nearest enclosing
// key that it does hold; without one, or for a value from the environment, line is 0.
func (c *Config) Pos(key string) (file string, line int) {
	for k := key; k != ""; k = parentKey(k) {
		if o, ok := c.origins[k]; ok {
			return o.File, o.Line
		}
	}
	return c.File, 0
}

// Keys are all keys that have a value, sorted.
func (c *Config) Keys() []string { return slices.Sorted(maps.Keys(c.origins)) }

// Dir is the directory that relative policies start from: that of the file, "." without one.
func (c *Config) Dir() string {
	if c.File == "" {
		return "."
	}
	return filepath.Dir(c.File)
}

// Path gives a path that stands in the file as the system takes it: relative ones start from Dir, and ~/ is the home directory.
func (c *Config) Path(p string) string { return locate.Path(c.Dir(), p) }

func parentKey(k string) string {
	for i := len(k) - 1; i > 0; i-- {
		if k[i] == '.' || k[i] == '[' {
			return k[:i]
		}
	}
	return ""
}

// Load finds and reads the configuration for a run over startPath ("" or "-" is the working directory). A file that is
// named, by explicit or by POSTERN_CONFIG in env, must exist; otherwise none need exist. An error is always of type Errors
// and names every fault, not only the first; the Config is then nil.
func Load(startPath, explicit string, env []string) (*Config, error) {
	return LoadAt(startPath, explicit, env, time.Now())
}

// LoadAt is Load with a clock: an account cannot have been created later than now.
func LoadAt(startPath, explicit string, env []string, now time.Time) (*Config, error) {
	vars := locate.Variables(env)
	if locate.Privileged() {
		vars = nil
	}
	file, bad := locate.Find(startPath, explicit, vars)
	if bad != nil {
		return nil, Errors{problem(bad)}
	}
	named := file != "" && (file == explicit || file == vars["POSTERN_CONFIG"])
	d := &decoder{file: file, now: now, c: &Config{File: file, Named: named, origins: map[string]Origin{}}}
	if file != "" {
		data, bad := locate.ReadFile(file)
		if bad != nil {
			return nil, Errors{problem(bad)}
		}
		d.c.SHA256 = sha256.Sum256(data)
		d.document(data)
	}
	d.environment(vars)
	return d.finish()
}

// Parse reads data as the postern.yaml called name, without looking at the environment. An error is of type Errors, each
// with a line of at least 1.
func Parse(name string, data []byte, now time.Time) (*Config, error) {
	d := &decoder{file: name, now: now, c: &Config{File: name, origins: map[string]Origin{}}}
	d.document(data)
	return d.finish()
}

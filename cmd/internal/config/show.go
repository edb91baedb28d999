package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Value is one setting as it is in force.
type Value struct {
	Key string `json:"key"`
	// Value is text, number, truth value or a list of these.
	Value any `json:"value"`
	// Origin is "file:line", the name of a variable of the environment, or "default".
	Origin string `json:"origin"`
}

// DefaultOrigin is the origin of a value that nobody has set.
const DefaultOrigin = "default"

// Effective lists the settings in force in the order of their keys: all that were set, and provider and fail_on always. There
// are no secrets among them: postern.yaml has none, and of the command that prints a password only the program is shown.
func (c *Config) Effective() []Value {
	var out []Value
	add := func(key string, v any) {
		origin := DefaultOrigin
		if o, ok := c.origins[key]; ok {
			origin = o.String()
		}
		out = append(out, Value{key, v, origin})
	}
	set := func(key string, v any, is bool) {
		if is {
			add(key, v)
		}
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	add("provider", or(c.Provider, "pair"))
	add("fail_on", or(string(c.FailOn), "error"))
	set("verify_guards", c.VerifyGuards, c.VerifyGuards)
	if a := c.Account; a != nil {
		set("account.username", a.Username, a.Username != "")
		set("account.created", a.Created, a.Created != "")
		set("account.plan", a.Plan, a.Plan != "")
		set("account.server_number", a.ServerNumber, a.ServerNumber != 0)
		set("account.domains", a.Domains, len(a.Domains) > 0)
		set("account.addresses", a.Addresses, len(a.Addresses) > 0)
	}
	if s := c.Submission; s != nil {
		set("submission.host", s.Host, s.Host != "")
		set("submission.port", s.Port, s.Port != 0)
		set("submission.tls", s.TLS, s.TLS != "")
		if s.Auth != nil {
			add("submission.auth", *s.Auth)
		}
		if s.Verify != nil {
			add("submission.verify", *s.Verify)
		}
		set("submission.user", s.User, s.User != "")
		set("submission.password_file", s.PasswordFile, s.PasswordFile != "")
		if len(s.PasswordCommand) > 0 {
			// Only the program: an argument can be a secret.
			add("submission.password_command", s.PasswordCommand[:1])
		}
		set("submission.password_credential", s.PasswordCredential, s.PasswordCredential != "")
		set("submission.password_env", s.PasswordEnv, s.PasswordEnv != "")
		if len(s.Pins) > 0 {
			var pins []string
			for _, key := range s.Pins {
				pins = append(pins, FormatPin(key))
			}
			add("submission.pin", pins)
		}
		set("submission.timeout", s.Timeout.String(), s.Timeout != 0)
	}
	if c.Sendmail != nil {
		c.Sendmail.effective(set)
	}
	if l := c.Ledger; l != nil {
		set("ledger.url", l.URL, l.URL != "")
		set("ledger.key_file", l.KeyFile, l.KeyFile != "")
		set("ledger.password_file", l.PasswordFile, l.PasswordFile != "")
		set("ledger.pace", l.Pace, l.Pace != "")
		set("ledger.longest_wait", int64(l.LongestWait.Seconds()), l.LongestWait != 0)
	}
	set("server_size", c.ServerSize, c.ServerSize != 0)
	for _, id := range slices.Sorted(maps.Keys(c.Limits)) {
		for _, name := range slices.Sorted(maps.Keys(c.Limits[id])) {
			add("limits."+id+"."+name, c.Limits[id][name])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Severities)) {
		add("severities."+id, string(c.Severities[id]))
	}
	for _, id := range c.Disabled {
		if key := c.disabledKey(id); strings.HasPrefix(key, "severities.") {
			add(key, "off")
		}
	}
	set("disabled", c.listed, len(c.listed) > 0)
	for i, s := range c.Suppressions {
		text := s.Rule + " in " + s.Path + ": " + s.Reason
		if s.Until != "" {
			text += " (until " + s.Until + ")"
		}
		add(fmt.Sprintf("suppressions[%d]", i), text)
	}
	for i, t := range c.Templates {
		engine := t.Engine
		if len(t.Command) > 0 {
			engine = "command " + t.Command[0]
		}
		add(fmt.Sprintf("templates[%d]", i), strings.TrimSpace(strings.Join(t.Files, ", ")+" "+engine))
	}
	set("policies", c.Policies, len(c.Policies) > 0)
	slices.SortStableFunc(out, func(a, b Value) int { return strings.Compare(keyOrder(a.Key), keyOrder(b.Key)) })
	return out
}

// keyOrder makes the tenth item of a list follow the ninth.
func keyOrder(key string) string {
	name, index, ok := strings.Cut(key, "[")
	n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
	if !ok || err != nil {
		return key
	}
	return fmt.Sprintf("%s[%08d]", name, n)
}

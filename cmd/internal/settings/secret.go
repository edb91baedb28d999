package settings

import (
	"strings"

	"postern/rules/pattern"
)

var placeholder = pattern.Of(`(?i)^(?:` +
	`null|nil|none|~|todo|tbd|fixme|undefined|` +
	`(?:my|your|the|an?|some|smtp|mail|mailbox|email|user|app|real|insert|enter|put)?[-_ .]*(?:secret|password|passwd|pass|pwd)(?:[-_ .]*here)?|` +
	`(?:change|replace|fill)[-_ .]?(?:me|this|it|in|with).*|(?:your|insert|enter)[-_ .].*|placeholder|example|redacted|hidden|` +
	`[*x.\-_?#]+)$`)

// isSecret tells whether the value of a password key is a password, and not empty, a reference to a variable or a file, or
// text that stands where a password goes. The value itself goes nowhere.
func isSecret(value string) bool {
	v := strings.TrimSpace(value)
	switch {
	case v == "", placeholder().MatchString(v):
		return false
	case strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">"),
		strings.HasPrefix(v, "{{") && strings.HasSuffix(v, "}}"),
		strings.HasPrefix(v, "%") && strings.HasSuffix(v, "%") && len(v) > 1,
		strings.HasPrefix(v, "__") && strings.HasSuffix(v, "__") && len(v) > 3,
		strings.HasPrefix(v, "$(") && strings.HasSuffix(v, ")"),
		strings.HasPrefix(v, "`") && strings.HasSuffix(v, "`"):
		return false
	case strings.HasPrefix(v, "/run/secrets/"), strings.HasPrefix(v, "op://"), strings.HasPrefix(v, "vault:"), strings.HasPrefix(v, "ENC["):
		return false
	}
	return true
}

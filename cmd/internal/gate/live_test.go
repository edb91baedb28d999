package gate

import (
	"regexp"
	"testing"
)

// An answer's status and exit status say the same: what is temporary is 75 and 4.x.x, what is not is neither.
func TestAnswers(t *testing.T) {
	form := regexp.MustCompile(`^[245]\.\d\.\d$`)
	for l := range lives + 1 {
		a := l.Answer()
		if !form.MatchString(a.Status) || (a.Exit == 0) != (a.Status[0] == '2') || (a.Exit == 75) != (a.Status[0] == '4') || l.Permanent() != (a.Status[0] == '5') {
			t.Errorf("%d: %+v", l, a)
		}
	}
	for rule, want := range map[string]Answer{
		"pair.size_limit": {65, "5.3.4"}, "limit.depth": {65, "5.3.4"}, "mime.ambiguous_base64": {65, "5.6.0"}, "rfc.nul": {65, "5.5.2"},
		"pair.sender_unaffiliated": {77, "5.7.1"}, "custom.rule": {77, "5.7.1"}, "rfc.mime_unclosed": {65, "5.6.0"},
	} {
		if got := LiveRule(rule).Answer(); got != want {
			t.Errorf("%s: %+v", rule, got)
		}
	}
	for c := range causes {
		if l := c.Live(); (l == Taken) != (c == Pass) {
			t.Errorf("%d: %v", c, l)
		}
	}
}

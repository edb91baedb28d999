package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/rules/pattern"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

var (
	ruleID    = pattern.Of(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)
	limitName = pattern.Of(`^[a-z][a-z0-9_]{0,63}$`)
	// A username is a label of a host name (username.mail.pairserver.com) and the login name of a Unix account.
	usernameForm = pattern.Of(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	decimalForm  = pattern.Of(`^(0|[1-9][0-9]*)$`)
)

// domainProfile makes A-labels the way the domain of an address is looked up, and refuses what DNS or IDNA 2008 does.
var domainProfile = idna.New(idna.MapForLookup(), idna.ValidateLabels(true), idna.BidiRule(), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true), idna.Transitional(false))

// providerDomains belong to Pair itself. To list one would make every other customer of Pair affiliated.
var providerDomains = []string{"pair.com", "pairserver.com", "mail.pairserver.com"}

// Check tells what is wrong with the value of a single key that is not a list, such as account.created, or with one item of a
// list; nil if nothing is. It does what Load does for that key alone. A key that does not exist is an error.
func Check(key, value string, now time.Time) error {
	spec, ok := table[key]
	if !ok || spec.set == nil {
		return &Error{Key: key, Message: "unknown key"}
	}
	d := &decoder{now: now, c: &Config{}}
	if message, remedy := spec.set(d, scalar{text: value}); message != "" {
		return &Error{Key: key, Message: message, Remedy: remedy}
	}
	return nil
}

func checkRuleID(id string) (message, remedy string) {
	if len(id) > 128 || !ruleID().MatchString(id) {
		return quoted(id) + " is no rule id", "an id has the form pair.size_limit; postern rules lists them"
	}
	return "", ""
}

func oneOf(dst *string, s scalar, values ...string) (message, remedy string) {
	*dst = s.text
	if slices.Contains(values, s.text) {
		return "", ""
	}
	return quoted(s.text) + " is not one of " + strings.Join(values, ", "), enumRemedy(s.text, values...)
}

func enumRemedy(got string, values ...string) string {
	if near := Nearest(got, values); near != "" {
		return "did you mean " + near + "?"
	}
	return "write " + strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func truth(dst **bool, s scalar) (message, remedy string) {
	v := strings.EqualFold(s.text, "true")
	if !v && !strings.EqualFold(s.text, "false") {
		return quoted(s.text) + " is neither true nor false", "write true or false"
	}
	*dst = &v
	return "", ""
}

func number(s string, least, most int64, remedy string) (int64, string, string) {
	if !decimalForm().MatchString(s) {
		return 0, quoted(s) + " is no whole number in plain digits", remedy
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Sprintf("%s is not between %d and %d", quoted(s), least, most), remedy
	}
	return n, "", ""
}

func checkUsername(s string) (message, remedy string) {
	switch {
	case s == "username":
		return `"username" is the placeholder of Pair's page`, "write the account's own name, which the ACC shows"
	case strings.Contains(s, "@"):
		return quoted(s) + " is a mailbox, not the account's username", "write the name that you log in to the ACC with; mailboxes belong under account.addresses"
	case s != strings.ToLower(s) && usernameForm().MatchString(strings.ToLower(s)):
		return quoted(s) + " holds capitals", "write " + strings.ToLower(s)
	case len(s) > 32 || !usernameForm().MatchString(s):
		return quoted(s) + " cannot be a username", "it has at most 32 letters, digits and single hyphens, begins with a letter, and is the first label of username.mail.pairserver.com"
	}
	return "", ""
}

func checkPlan(s string) (message, remedy string) {
	if strings.TrimSpace(s) == "" || len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return quoted(s) + " is no name of a plan", "write at most 64 characters, or leave the key out"
	}
	return "", ""
}

// checkDate wants a day of the calendar that has begun somewhere on earth and on which the web was there to be hosted.
func checkDate(s string, now time.Time) (message, remedy string) {
	t, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil && len(s) == 10 && s[4] == '-' && s[7] == '-' && decimalDate().MatchString(s):
		return quoted(s) + " is no day of the calendar", "the form is year-month-day, such as 2015-03-01"
	case err != nil:
		return quoted(s) + " is no date", "write year-month-day, such as 2015-03-01"
	case t.Add(-14 * time.Hour).After(now):
		return quoted(s) + " is in the future", "write the day on which the account was created; the ACC shows it"
	case t.Year() < 1990:
		return quoted(s) + " is before there was web hosting", "write the day on which the account was created; the ACC shows it"
	}
	return "", ""
}

var decimalDate = pattern.Of(`^\d{4}-\d{2}-\d{2}$`)

// checkDomain gives a domain that somebody can own, in lower case and as A-labels.
func checkDomain(s string) (name, message, remedy string) {
	name, message, remedy = hostName(s)
	if message != "" {
		return "", message, remedy
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", quoted(s) + " is an IP address", "write the domain's name"
	}
	if slices.Contains(providerDomains, name) {
		return "", quoted(s) + " is Pair's own domain", "leave it out; username@pair.com counts as yours already, other addresses there belong under account.addresses"
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	switch {
	case suffix != name:
		return name, "", ""
	case !strings.Contains(name, "."):
		return "", quoted(s) + " is a single label, not a domain that can be registered", "write the whole name, such as " + name + ".example"
	case icann:
		return "", quoted(s) + " is a public suffix: everybody registers names under it", "write your own name under it, such as example." + name
	}
	return "", quoted(s) + " is a suffix under which a company gives names to its customers", "write your own name under it, such as example." + name
}

// checkHost gives a host name or IP address as programs connect to it.
func checkHost(s string) (name, message, remedy string) { return hostName(s) }

// hostName gives s in lower case, as A-labels and without its final dot.
func hostName(s string) (name, message, remedy string) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil && a.Zone() == "" {
		return a.String(), "", ""
	}
	switch {
	case strings.TrimSpace(s) == "":
		return "", "is empty", "write a name such as example.com"
	case strings.Contains(s, "://"):
		return "", quoted(s) + " is an address of a page or server", "write the name only, without scheme and path"
	case strings.Contains(s, "@"):
		return "", quoted(s) + " is a mail address", "write what stands after the @; single addresses belong under account.addresses"
	case strings.HasPrefix(s, "*."):
		return "", quoted(s) + " is a pattern", "write the name itself: " + quoted(s[2:])
	case strings.Contains(s, ":"):
		return "", quoted(s) + " holds a port", "write the name only; the port belongs under submission.port"
	}
	ascii, err := domainProfile.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil {
		return "", quoted(s) + " is no domain name", "labels have at most 63 letters, digits and inner hyphens, joined by single dots"
	}
	return ascii, "", ""
}

// checkAddress gives a mail address in lower case with its domain as A-labels. Quoted local parts are refused: no provider
// gives such mailboxes out, and they are easily mistaken.
func checkAddress(s string) (addr, message, remedy string) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", quoted(s) + " is no mail address", "write it as alice@example.com; whole domains belong under account.domains"
	}
	local := strings.ToLower(s[:at])
	domain, message, remedy := hostName(s[at+1:])
	switch {
	case message != "":
		return "", message, remedy
	case !strings.Contains(domain, "."):
		return "", quoted(s) + " has no full domain", "write it as alice@example.com"
	case local == "" || len(local) > 64:
		return "", quoted(s) + " needs 1 to 64 octets before the @", "RFC 5321 section 4.5.3.1.1"
	case local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") || strings.ContainsFunc(local, notAtom):
		return "", quoted(s) + " is no mail address", "write it as alice@example.com, without name, brackets or quotes"
	}
	return local + "@" + domain, "", ""
}

// notAtom tells whether r cannot stand in a dot-atom (RFC 5322 section 3.2.3, RFC 6531 section 3.3).
func notAtom(r rune) bool {
	return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || strings.ContainsRune(`()<>[]:;@\,"`, r) || r == '\ufffd'
}

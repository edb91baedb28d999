package config

import (
	"fmt"
	"strings"

	"postern/rules/pattern"
)

// newHostsFrom is the first day whose accounts submit to username.mail.pairserver.com; older ones have mailNNN.pair.com. It
// is the number that the policies have as pair.smtp_host_era, and a test holds the two equal.
const newHostsFrom = "2011-06-01"

var oldHost = pattern.Of(`^mail([1-9][0-9]*)\.pair\.com$`)

const newHostSuffix = ".mail.pairserver.com"

// crossCheck finds values that are right each by itself and cannot be true together.
func (d *decoder) crossCheck() {
	if a, o := d.c.Account, d.c.origins["account"]; a == nil && o.Line > 0 && !d.failedUnder("account") {
		d.fail(o, "account", "says nothing", "give it username, created and domains, or remove it")
	}
	if s, o := d.c.Submission, d.c.origins["submission"]; s == nil && o.Line > 0 && !d.failedUnder("submission") {
		d.fail(o, "submission", "says nothing", "give it host, port and tls, or remove it")
	}
	if m, o := d.c.Sendmail, d.c.origins["sendmail"]; m == nil && o.Line > 0 && !d.failedUnder("sendmail") {
		d.fail(o, "sendmail", "says nothing", "give it path, or remove it")
	}
	d.ledgerCheck()
	if d.c.Submission != nil {
		d.login(d.c.Submission)
	}
	for _, id := range d.c.listed {
		if s, ok := d.c.Severities[id]; ok {
			key := "severities." + id
			d.fail(d.c.origins[key], key, fmt.Sprintf("gives %s to a rule that is disabled", s), "remove the id here or under disabled")
		}
	}
	if d.c.Provider == "none" || d.c.Submission == nil || d.c.Submission.Host == "" || d.failedUnder("provider") {
		return
	}
	if message, remedy := d.impossibleHost(d.c.Submission.Host); message != "" {
		d.fail(d.c.origins["submission.host"], "submission.host", message, remedy)
	}
}

// failedUnder tells whether an error stands at the key or under it; what depends on it is then not worth a second error.
func (d *decoder) failedUnder(key string) bool {
	for _, e := range d.errs {
		if e.Key == key || strings.HasPrefix(e.Key, key+".") || strings.HasPrefix(e.Key, key+"[") {
			return true
		}
	}
	return false
}

// impossibleHost tells why a host of Pair's cannot be the one that the account submits to. What the account does not say is
// held against nothing. Hosts elsewhere are left to the rules.
func (d *decoder) impossibleHost(host string) (message, remedy string) {
	if host != "pair.com" && host != "pairserver.com" && !strings.HasSuffix(host, ".pair.com") && !strings.HasSuffix(host, ".pairserver.com") {
		return "", ""
	}
	var username, created string
	var serverNumber int
	if a := d.c.Account; a != nil {
		username, created, serverNumber = a.Username, a.Created, a.ServerNumber
	}
	if d.failedUnder("account.username") {
		username = ""
	}
	if d.failedUnder("account.created") {
		created = ""
	}
	own := "username.mail.pairserver.com, username being the account's"
	if username != "" {
		own = username + newHostSuffix
	}
	old := "mailNNN.pair.com, NNN being the mail server number that the ACC shows"
	if serverNumber != 0 {
		old = fmt.Sprintf("mail%d.pair.com", serverNumber)
	}
	right := own
	switch {
	case created == "":
		right = own + ", or, for an account from before 2011-06-01, " + old
	case created < newHostsFrom:
		right = old
	}
	remedy = "write " + right
	if m := oldHost().FindStringSubmatch(host); m != nil {
		switch {
		case created >= newHostsFrom:
			return fmt.Sprintf("%s is for accounts created before %s; this one was created on %s", host, newHostsFrom, created), remedy
		case serverNumber != 0 && m[1] != fmt.Sprint(serverNumber):
			return fmt.Sprintf("%s is not the account's mail server, which has the number %d", host, serverNumber), remedy
		}
		return "", ""
	}
	label, isNew := strings.CutSuffix(host, newHostSuffix)
	switch {
	case host == "relay.pair.com":
		return host + " is the relay of former times", remedy
	case !isNew || strings.Contains(label, "."):
		return host + " is no host that an account of Pair's submits mail to", remedy
	case label == "username":
		return host + " holds the placeholder of Pair's page", remedy
	case created != "" && created < newHostsFrom:
		return fmt.Sprintf("%s is for accounts created from %s on; this one was created on %s", host, newHostsFrom, created), remedy
	case username != "" && label != username:
		return fmt.Sprintf("%s is the host of the account %s; this one is %s", host, label, username), remedy
	}
	return "", ""
}

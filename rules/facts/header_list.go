package facts

import (
	"slices"
	"strings"
)

const maxURIs = 50 // of List.Unsubscribe

// list measures the fields of mailing lists and bulk mail.
func (m *maker) list() {
	l := &m.f.List
	l.IDFields = len(m.all("list-id"))
	if v := m.text("list-id"); v != "" {
		l.ID = v
		if i := strings.LastIndexByte(v, '<'); i >= 0 {
			l.ID, _, _ = strings.Cut(v[i+1:], ">")
		}
		l.ID = strings.TrimSpace(l.ID)
	}
	l.Post = len(m.all("list-post")) > 0
	l.Help = len(m.all("list-help")) > 0
	l.Owner = len(m.all("list-owner")) > 0
	l.Archive = len(m.all("list-archive")) > 0
	l.UnsubscribeFields = len(m.all("list-unsubscribe"))
	for _, f := range m.all("list-unsubscribe") {
		for _, uri := range bracketed(clean(m.bounded(f, 32<<10))) {
			if len(l.Unsubscribe) >= maxURIs {
				break
			}
			l.Unsubscribe = append(l.Unsubscribe, cut(uri, 2000))
			switch scheme, _, _ := strings.Cut(uri, ":"); strings.ToLower(scheme) {
			case "https":
				l.UnsubscribeHTTPS = true
			case "http":
				l.UnsubscribeHTTP = true
			case "mailto":
				l.UnsubscribeMailto = true
			}
		}
	}
	l.UnsubscribePost = m.text("list-unsubscribe-post")
	l.OneClick = len(m.all("list-unsubscribe-post")) == 1 && l.UnsubscribePost == "List-Unsubscribe=One-Click"
	l.Precedence = strings.ToLower(m.text("precedence"))
	l.FeedbackID = m.text("feedback-id")
	l.Software = m.listSoftware()
}

// bracketed gives what stands in angle brackets (RFC 2369 section 2). Blanks that folding left inside are no part of a URI.
func bracketed(s string) []string {
	var all []string
	for {
		_, rest, ok := strings.Cut(s, "<")
		if !ok {
			return all
		}
		uri, rest, ok := strings.Cut(rest, ">")
		if !ok {
			return all
		}
		if uri = strings.Join(strings.Fields(uri), ""); uri != "" {
			all = append(all, uri)
		}
		s = rest
	}
}

// listSoftware names the list or bulk mail program that the header gives away.
func (m *maker) listSoftware() string {
	for _, f := range [...]struct{ field, name string }{
		{"x-mailman-version", "Mailman"}, {"x-mailman-rule-misses", "Mailman"}, {"x-beenthere", "Mailman"},
		{"x-phplist-version", "phpList"}, {"x-listmember", "phpList"},
		{"x-majordomo-version", "Majordomo"}, {"x-mlmmj-version", "mlmmj"},
		{"x-sympa-to", "Sympa"}, {"x-listar-version", "Listar"}, {"x-ecartis-version", "Ecartis"},
		{"x-dada-list", "Dada Mail"}, {"x-mc-user", "Mailchimp"}, {"x-mailgun-sid", "Mailgun"}, {"x-sg-eid", "SendGrid"},
		{"x-listmonk-subscriber", "listmonk"}, {"x-mautic-id", "Mautic"}, {"x-sendy", "Sendy"}, {"x-acymailing", "AcyMailing"},
	} {
		if len(m.all(f.field)) > 0 {
			return f.name
		}
	}
	mailer := strings.ToLower(m.f.Header.Mailer)
	for _, p := range [...]struct{ text, name string }{
		{"mailman", "Mailman"}, {"phplist", "phpList"}, {"ezmlm", "ezmlm"}, {"majordomo", "Majordomo"}, {"listserv", "LISTSERV"},
		{"sympa", "Sympa"}, {"mailchimp", "Mailchimp"}, {"acymailing", "AcyMailing"}, {"mailpoet", "MailPoet"}, {"sendy", "Sendy"},
		{"dada mail", "Dada Mail"}, {"listmonk", "listmonk"}, {"oempro", "Octeth Oempro"},
	} {
		if strings.Contains(mailer, p.text) {
			return p.name
		}
	}
	if strings.HasPrefix(m.text("mailing-list"), "contact ") && strings.Contains(m.text("mailing-list"), "ezmlm") {
		return "ezmlm"
	}
	return ""
}

// automation measures what the message says about being sent by a program.
func (m *maker) automation() {
	a := &m.f.Automation
	v, _, _ := strings.Cut(m.text("auto-submitted"), ";")
	v, _, _ = strings.Cut(v, "(")
	a.AutoSubmitted = strings.ToLower(strings.TrimSpace(v))
	a.AutoResponseSuppress = len(m.all("x-auto-response-suppress")) > 0
	a.DeliveryReport = m.res.Parts[0].MediaType == "multipart/report"
}

const maxSignatures = 50

// authentication measures which authentication fields the message carries.
func (m *maker) authentication() {
	a := &m.f.Authentication
	a.DKIM = len(m.all("dkim-signature"))
	a.ARC = len(m.all("arc-seal"))
	a.AuthenticationResults = len(m.all("authentication-results"))
	a.ReceivedSPF = len(m.all("received-spf"))
	for _, f := range m.all("dkim-signature")[:min(a.DKIM, maxSignatures)] {
		tags := parseTags(m.bounded(f, 32<<10))
		if d := newDomain(tags["d"]).ascii; d != "" && !slices.Contains(a.DKIMDomains, d) {
			a.DKIMDomains = append(a.DKIMDomains, cut(d, maxDomainName))
		}
		covers := map[string]bool{}
		for name := range strings.SplitSeq(tags["h"], ":") {
			covers[strings.ToLower(strings.TrimSpace(name))] = true
		}
		if covers["list-unsubscribe"] && (covers["list-unsubscribe-post"] || len(m.all("list-unsubscribe-post")) == 0) {
			a.DKIMCoversUnsubscribe = true
		}
	}
	slices.Sort(a.DKIMDomains)
	m.staleSignatures()
}

// parseTags reads a tag list (RFC 6376 section 3.2). Of a tag that is repeated the first counts.
func parseTags(s string) map[string]string {
	tags := map[string]string{}
	for tag := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(tag, "=")
		name = strings.TrimSpace(name)
		if _, twice := tags[name]; ok && !twice {
			tags[name] = strings.TrimSpace(value)
		}
	}
	return tags
}

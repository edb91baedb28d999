package facts

import (
	"slices"
	"strings"
)

const maxURIs = 50 // of List.Unsubscribe

// list measures the fields of mailing lists and bulk mail.
func (m *maker) list() {
	l := &m.f.List
	if !m.head.hasAny(&ofLists) && m.f.Header.Mailer == "" {
		return // most messages
	}
	l.IDFields = len(m.each(fieldListID))
	if v := m.peek(fieldListID); v != "" {
		l.ID = v
		if i := strings.LastIndexByte(v, '<'); i >= 0 {
			l.ID, _, _ = strings.Cut(v[i+1:], ">")
		}
		l.ID = m.keep(strings.TrimSpace(l.ID))
	}
	l.Post = len(m.each(fieldListPost)) > 0
	l.Help = len(m.each(fieldListHelp)) > 0
	l.Owner = len(m.each(fieldListOwner)) > 0
	l.Archive = len(m.each(fieldListArchive)) > 0
	l.UnsubscribeFields = len(m.each(fieldListUnsubscribe))
	for _, f := range m.each(fieldListUnsubscribe) {
		for _, uri := range bracketed(clean(m.view(f, 32<<10))) {
			if len(l.Unsubscribe) >= maxURIs {
				break
			}
			l.Unsubscribe = append(l.Unsubscribe, m.keep(cut(uri, 2000)))
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
	l.UnsubscribePost = m.text(fieldListUnsubscribePost)
	l.OneClick = len(m.each(fieldListUnsubscribePost)) == 1 && l.UnsubscribePost == "List-Unsubscribe=One-Click"
	l.Precedence = m.keep(strings.ToLower(m.peek(fieldPrecedence)))
	l.FeedbackID = m.text(fieldFeedbackID)
	l.Software = m.listSoftware()
}

// ofLists are the fields that list reads.
var ofLists = func() fieldSet {
	s := ofSoftware
	for _, id := range [...]fieldID{
		fieldListID, fieldListPost, fieldListHelp, fieldListOwner, fieldListArchive, fieldListUnsubscribe, fieldListUnsubscribePost,
		fieldPrecedence, fieldFeedbackID, fieldMailingList,
	} {
		s.add(id)
	}
	return s
}()

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

// softwareFields are the fields that list and bulk mail programs add.
var softwareFields = [...]struct {
	field fieldID
	name  string
}{
	{fieldXMailmanVersion, "Mailman"}, {fieldXMailmanRuleMisses, "Mailman"}, {fieldXBeenThere, "Mailman"},
	{fieldXPHPListVersion, "phpList"}, {fieldXListmember, "phpList"},
	{fieldXMajordomoVersion, "Majordomo"}, {fieldXMlmmjVersion, "mlmmj"},
	{fieldXSympaTo, "Sympa"}, {fieldXListarVersion, "Listar"}, {fieldXEcartisVersion, "Ecartis"},
	{fieldXDadaList, "Dada Mail"}, {fieldXMCUser, "Mailchimp"}, {fieldXMailgunSID, "Mailgun"}, {fieldXSGEID, "SendGrid"},
	{fieldXListmonkSubscriber, "listmonk"}, {fieldXMauticID, "Mautic"}, {fieldXSendy, "Sendy"}, {fieldXAcymailing, "AcyMailing"},
}

// ofSoftware are the fields of softwareFields.
var ofSoftware = func() (s fieldSet) {
	for i := range softwareFields {
		s.add(softwareFields[i].field)
	}
	return s
}()

// softwareMailers are the words by which they name themselves as the mail program.
var softwareMailers = [...]struct{ text, name string }{
	{"mailman", "Mailman"}, {"phplist", "phpList"}, {"ezmlm", "ezmlm"}, {"majordomo", "Majordomo"}, {"listserv", "LISTSERV"},
	{"sympa", "Sympa"}, {"mailchimp", "Mailchimp"}, {"acymailing", "AcyMailing"}, {"mailpoet", "MailPoet"}, {"sendy", "Sendy"},
	{"dada mail", "Dada Mail"}, {"listmonk", "listmonk"}, {"oempro", "Octeth Oempro"},
}

// listSoftware names the list or bulk mail program that the header gives away.
func (m *maker) listSoftware() string {
	if m.head.hasAny(&ofSoftware) {
		for i := range softwareFields {
			if f := &softwareFields[i]; m.head.has(f.field) {
				return f.name
			}
		}
	}
	if name := m.mailerSoftware(); name != "" {
		return name
	}
	if v := m.peek(fieldMailingList); strings.HasPrefix(v, "contact ") && strings.Contains(v, "ezmlm") {
		return "ezmlm"
	}
	return ""
}

// mailerSoftware names the list or bulk mail program that Header.Mailer is.
func (m *maker) mailerSoftware() string {
	mailer := m.f.Header.Mailer
	if mailer == "" {
		return ""
	}
	if mailer == m.mailer {
		return m.software
	}
	m.mailer, m.software = strings.Clone(mailer), ""
	lower := strings.ToLower(mailer)
	for _, p := range softwareMailers {
		if strings.Contains(lower, p.text) {
			m.software = p.name
			break
		}
	}
	return m.software
}

// automation measures what the message says about being sent by a program.
func (m *maker) automation() {
	a := &m.f.Automation
	if m.head.has(fieldAutoSubmitted) {
		v, _, _ := strings.Cut(m.peek(fieldAutoSubmitted), ";")
		v, _, _ = strings.Cut(v, "(")
		a.AutoSubmitted = m.keep(strings.ToLower(strings.TrimSpace(v)))
	}
	a.AutoResponseSuppress = m.head.has(fieldXAutoResponseSuppress)
	a.DeliveryReport = m.res.Parts[0].MediaType == "multipart/report"
}

const maxSignatures = 50

// authentication measures which authentication fields the message carries.
func (m *maker) authentication() {
	a := &m.f.Authentication
	a.DKIM = len(m.each(fieldDKIMSignature))
	a.ARC = len(m.each(fieldARCSeal))
	a.AuthenticationResults = len(m.each(fieldAuthenticationResults))
	a.ReceivedSPF = len(m.each(fieldReceivedSPF))
	m.signatures.begin()
	for _, f := range m.each(fieldDKIMSignature)[:min(a.DKIM, maxSignatures)] {
		raw := m.raw(f)
		tags := m.signatures.read(raw[:min(len(raw), 4*maxTagList)])
		if m.without&Damage == 0 {
			m.signatures.note(f.Line, tags)
		}
		if d := m.asciiDomain(tags.get("d")); d != "" && !slices.Contains(a.DKIMDomains, d) {
			a.DKIMDomains = append(a.DKIMDomains, m.keep(cut(d, maxDomainName)))
		}
		list, post := false, len(m.each(fieldListUnsubscribePost)) == 0
		for name := range strings.SplitSeq(tags.get("h"), ":") {
			name = strings.TrimSpace(name)
			list = list || isLower(name, "list-unsubscribe")
			post = post || isLower(name, "list-unsubscribe-post")
		}
		if list && post {
			a.DKIMCoversUnsubscribe = true
		}
	}
	slices.Sort(a.DKIMDomains)
}

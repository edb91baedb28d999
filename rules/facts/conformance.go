package facts

import (
	"strings"
	"unicode"
)

// headLine is the line that the message's header begins on.
func (m *maker) headLine() int64 { return max(m.res.Parts[0].Header.Line, 1) }

// singletons are the fields that a message has at most once: RFC 5322 section 3.6, RFC 2045 section 3.
var singletons = [...]fieldID{
	fieldSender, fieldReplyTo, fieldTo, fieldCc, fieldBcc, fieldMessageID, fieldInReplyTo, fieldReferences, fieldSubject, fieldDate,
	fieldMIMEVersion, fieldContentType, fieldContentTransferEncoding, fieldContentID, fieldContentDescription, fieldContentDisposition,
}

// conform notes where the header departs from the standards. What concerns single addresses, dates and octets is noted where
// they are read.
func (m *maker) conform() {
	m.originators()
	m.duplicates()
	m.messageIDs()
	m.subjectField()
	m.destinations()
	m.submitted()
	m.notifications()
	m.mimeVersion()
}

// originators checks From, Sender and Date.
func (m *maker) originators() {
	s := &m.f.Sender
	if s.FromFields == 0 {
		m.problem("rfc.from_missing", 0, m.headLine(), "")
	}
	if s.FromFields > 1 {
		m.addProblem("rfc.from_duplicate", 0, m.each(fieldFrom)[1].Line, int64(s.FromFields-1), "")
	}
	if len(s.From) > 1 && s.SenderFields == 0 {
		m.problem("rfc.sender_required", 0, s.From[1].Line, "")
	}
	if len(s.From) == 1 && len(s.Sender) == 1 && strings.EqualFold(s.From[0].Address, s.Sender[0].Address) {
		m.problem("rfc.sender_redundant", 0, s.Sender[0].Line, s.Sender[0].Address)
	}
	if m.f.Header.Date.Count == 0 {
		m.problem("rfc.date_missing", 0, m.headLine(), "")
	}
}

// duplicates finds fields that stand more than once.
func (m *maker) duplicates() {
	var names []string
	var line, count int64
	for _, id := range singletons {
		if all := m.each(id); len(all) > 1 {
			names = append(names, fieldNames[id])
			count += int64(len(all) - 1)
			if line == 0 || all[1].Line < line {
				line = all[1].Line
			}
		}
	}
	if count > 0 {
		m.addProblem("rfc.header_duplicate", 0, line, count, strings.Join(names, ", "))
	}
}

func (m *maker) subjectField() {
	all := m.each(fieldSubject)
	switch s := &m.f.Header.Subject; {
	case s.Count == 0:
		m.problem("rfc.subject_missing", 0, m.headLine(), "")
	case strings.TrimSpace(s.Text) == "":
		m.problem("rfc.subject_empty", 0, all[0].Line, "")
	}
	for _, f := range all {
		m.checkWords(m.view(f, 16*maxSubject), f.Line)
	}
}

// destinations checks that the message goes somewhere.
func (m *maker) destinations() {
	r := &m.f.Recipients
	fields := r.ToFields + r.CcFields + r.BccFields + len(m.each(fieldResentTo)) + len(m.each(fieldResentCc)) + r.ResentBccFields
	if fields == 0 && !r.EnvelopeKnown && !m.delivered() {
		m.problem("rfc.recipients_none", 0, m.headLine(), "")
	}
	if r.EmptyGroups > 0 && r.To == 0 && r.ToFields > 0 {
		f := m.each(fieldTo)[0]
		m.problem("rfc.group_empty", 0, f.Line, m.bounded(f, 100))
	}
	if r.Bcc > 0 {
		m.problem("rfc.bcc_present", 0, m.each(fieldBcc)[0].Line, "")
	}
}

// delivered tells whether the message bears marks of a delivery, which are proof of an envelope that nobody told us of.
func (m *maker) delivered() bool {
	return len(m.each(fieldReceived))+len(m.each(fieldReturnPath))+len(m.each(fieldDeliveredTo)) > 0
}

// present are fields that do not belong in a message that is submitted, by the problem to note.
var present = [...]struct {
	id     string
	fields []fieldID
}{
	{"rfc.returnpath_present", []fieldID{fieldReturnPath}},
	{"rfc.received_present", []fieldID{fieldReceived}},
	{"rfc.delivered_to", []fieldID{fieldDeliveredTo}},
	{"rfc.authresults", []fieldID{fieldAuthenticationResults}},
	{"rfc.resent_bcc", []fieldID{fieldResentBcc}},
	{"rfc.obsolete_header", []fieldID{fieldApparentlyTo, fieldErrorsTo, fieldReturnReceiptTo, fieldEncrypted, fieldContentLength, fieldStatus, fieldXUIDL}},
	{"rfc.mailer_leak", []fieldID{fieldXPHPOriginatingScript, fieldXPHPScript, fieldXOriginatingIP}},
}

// submitted notes fields that only a server adds, that are obsolete, or that tell more than the sender means to.
func (m *maker) submitted() {
	for _, p := range present {
		var names []string
		var line, count int64
		for _, id := range p.fields {
			if all := m.each(id); len(all) > 0 {
				names = append(names, fieldNames[id])
				count += int64(len(all))
				if line == 0 || all[0].Line < line {
					line = all[0].Line
				}
			}
		}
		if count > 0 {
			m.addProblem(p.id, 0, line, count, strings.Join(names, ", "))
		}
	}
	if mailer := m.f.Header.Mailer; strings.HasPrefix(strings.ToLower(mailer), "php") && strings.IndexFunc(mailer, unicode.IsDigit) > 0 {
		line := m.headLine()
		for _, id := range [...]fieldID{fieldUserAgent, fieldXMailer} {
			if all := m.each(id); len(all) > 0 {
				line = all[0].Line
			}
		}
		m.problem("rfc.mailer_leak", 0, line, mailer)
	}
	m.resent()
	if strings.HasPrefix(m.peek(fieldXPriority), "1") && strings.Contains(strings.ToLower(m.f.Header.Subject.Text), "urgent") {
		m.problem("rfc.importance", 0, m.each(fieldXPriority)[0].Line, "")
	}
}

// resent checks that a block of resent fields has a date and a sender (RFC 5322 section 3.6.6).
func (m *maker) resent() {
	var line int64
	for _, id := range [...]fieldID{fieldResentTo, fieldResentCc, fieldResentBcc, fieldResentFrom, fieldResentSender, fieldResentDate, fieldResentMessageID} {
		if all := m.each(id); len(all) > 0 && (line == 0 || all[0].Line < line) {
			line = all[0].Line
		}
	}
	if line == 0 {
		return
	}
	var missing []string
	for _, f := range [...]struct {
		id   fieldID
		name string
	}{{fieldResentDate, "Resent-Date"}, {fieldResentFrom, "Resent-From"}} {
		if len(m.each(f.id)) == 0 {
			missing = append(missing, f.name)
		}
	}
	if missing != nil {
		m.problem("rfc.resent_incomplete", 0, line, "no "+strings.Join(missing, ", "))
	}
}

// notifications checks where read receipts go to (RFC 8098 section 2.1).
func (m *maker) notifications() {
	for _, f := range m.each(fieldDispositionNotificationTo) {
		var to []string
		m.readList(f, func(a *found) {
			if len(to) < 2 && a.at {
				to = append(to, a.key)
			}
		})
		if len(to) > 1 {
			m.problem("rfc.mdn_multiple", 0, f.Line, strings.Join(to, ", "))
			continue
		}
		var back *Address
		switch s := &m.f.Sender; {
		case s.Envelope != nil:
			back = s.Envelope
		case len(s.ReturnPath) > 0:
			back = &s.ReturnPath[0]
		}
		if len(to) == 1 && back != nil && !strings.EqualFold(back.Address, to[0]) {
			m.problem("rfc.mdn_mismatch", 0, f.Line, to[0]+", not "+back.Address)
		}
	}
}

// mimeVersion checks that MIME fields come with MIME-Version: 1.0 (RFC 2045 section 4).
func (m *maker) mimeVersion() {
	if all := m.each(fieldMIMEVersion); len(all) > 0 {
		v := stripComments(m.view(all[0], maxValue))
		if v != "1.0" && strings.Join(strings.Fields(v), "") != "1.0" {
			m.problem("rfc.mime_version", 0, all[0].Line, v)
		}
		return
	}
	for _, id := range [...]fieldID{fieldContentType, fieldContentTransferEncoding, fieldContentDisposition, fieldContentID} {
		if all := m.each(id); len(all) > 0 {
			m.problem("rfc.mime_version", 0, all[0].Line, fieldNames[id]+" without MIME-Version")
			return
		}
	}
}

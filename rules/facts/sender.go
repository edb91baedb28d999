package facts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/mimesize"
)

// maxSenders bounds the addresses that are kept of each sender field.
const maxSenders = 100

// senders measures who sent the message.
func (m *maker) senders() {
	s := &m.f.Sender
	from, sender, reply := m.each(fieldFrom), m.each(fieldSender), m.each(fieldReplyTo)
	s.FromFields, s.SenderFields, s.ReplyToFields = len(from), len(sender), len(reply)
	for _, f := range from {
		n := len(s.From)
		s.From = m.senderField(s.From, f, "from", "rfc.address_syntax")
		if len(s.From) > n+1 {
			m.problem("rfc.from_multiple", 0, f.Line, s.From[n].Address+", "+s.From[n+1].Address)
		}
	}
	for _, f := range sender {
		s.Sender = m.senderField(s.Sender, f, "sender", "rfc.address_syntax")
	}
	for _, f := range reply {
		s.ReplyTo = m.senderField(s.ReplyTo, f, "reply-to", "rfc.replyto_syntax")
	}
	for _, id := range [...]fieldID{fieldResentFrom, fieldResentSender} {
		for _, f := range m.each(id) {
			s.ResentFrom = m.senderField(s.ResentFrom, f, fieldNames[id], "rfc.address_syntax")
		}
	}
	for _, f := range m.each(fieldReturnPath) {
		if m.view(f, maxField) != "<>" { // the null reverse-path, RFC 5321 section 4.5.5
			s.ReturnPath = m.senderField(s.ReturnPath, f, "return-path", "")
		}
	}
	m.envelopeSender()
}

// senderField appends the addresses of one field. Without an id for it, syntax is nobody's concern.
func (m *maker) senderField(all []Address, f mimesize.Field, name, id string) []Address {
	if !m.plainField(f) {
		return m.oddSenderField(all, f, name, id)
	}
	lines := lineCounter{line: f.Line}
	for k := range m.items {
		if len(all) >= maxSenders {
			m.found = found{line: lines.at(m.reader.s, m.items[k].local)}
			all = m.addSender(all, &m.found, name, "")
			continue
		}
		m.item(k, &lines)
		if id != "" {
			m.checkAddress(id, &m.found)
		}
		all = m.addSender(all, &m.found, name, m.itemName(k))
	}
	return all
}

// addSender appends one address.
func (m *maker) addSender(all []Address, a *found, field, name string) []Address {
	if len(all) >= maxSenders {
		m.problem("limit.addresses", 0, a.line, field)
		m.f.Sender.Uncertain = true
		return all
	}
	return append(all, m.senderAddress(a, field, name))
}

// oddSenderField is senderField for what is no plain list.
func (m *maker) oddSenderField(all []Address, f mimesize.Field, name, id string) []Address {
	full := func() bool { return len(all) >= maxSenders }
	list := m.readOddList(f, full, func(a *found) {
		if full() {
			if a.mb == nil || !a.mb.null {
				all = m.addSender(all, a, name, "")
			}
			return
		}
		if id != "" {
			m.checkAddress(id, a)
		}
		if a.mb == nil || !a.mb.null {
			all = m.addSender(all, a, name, m.nameOf(a))
		}
	})
	if list.uncertain {
		m.f.Sender.Uncertain = true
	}
	if id != "" {
		m.checkList(id, list, f.Line)
		switch {
		case list.count > 0 || list.damage != 0:
		case list.groups > 0 && name != "reply-to":
			m.problem(id, 0, f.Line, "a group that names nobody") // RFC 6854 section 3: it is for mail whose author has no address
		case list.groups == 0 && strings.IndexByte(m.value(f), '<') < 0:
			m.problem(id, 0, f.Line, "no address")
		}
	}
	return all
}

// nameOf gives the display name of an address.
func (m *maker) nameOf(a *found) string {
	if a.mb == nil {
		return ""
	}
	return m.keep(a.list.display(a.mb))
}

// senderAddress gives the facts of one address. Its display name is valid as long as they are.
func (m *maker) senderAddress(a *found, field, name string) Address {
	d := a.domain
	registrable, suffix := d.registration()
	s := Address{
		Field:             field,
		Address:           m.keepText(&a.address),
		Domain:            d.ascii,
		DomainUnicode:     d.unicode,
		RegistrableDomain: registrable,
		PublicSuffix:      suffix,
		DisplayName:       name,
		MixedScript:       d.mixed,
		LookalikeOf:       d.lookalike,
		Line:              a.line,
	}
	if a.plain {
		s.Local = s.Address[:len(a.local)]
		s.Valid = d.host && lengthFault(a.local, d.ascii) == ""
	} else {
		s.Local = m.keep(a.local)
		s.Valid = a.at && d.ascii != "" && validMailbox(a.local, d.ascii)
		s.NameBidi = hasBidi(name)
	}
	s.DisplayNameAddress = addressIn(name, a.key)
	return s
}

// addressIn finds an address inside a display name that is not the one it belongs to, and gives it normalised. A dot in its
// domain is required: "Anna @ work" is a name.
func addressIn(name, key string) string {
	for i := 0; i < len(name); {
		at := strings.IndexByte(name[i:], '@')
		if at < 0 {
			return ""
		}
		at += i
		from := at
		for from > i && (atext(name[from-1]) || name[from-1] == '.') {
			from--
		}
		to := at + 1
		for to < len(name) {
			r, n := utf8.DecodeRuneInString(name[to:])
			if r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				break
			}
			to += n
		}
		i = at + 1
		local, dom := strings.Trim(name[from:at], ".'"), strings.Trim(name[at+1:to], ".-")
		if local == "" || !strings.Contains(dom, ".") {
			continue
		}
		other := local + "@" + newDomain(dom).ascii
		if strings.ToLower(other) != key {
			return other
		}
	}
	return ""
}

// envelopeSender reads the sender that the envelope names.
func (m *maker) envelopeSender() {
	if m.env.From == nil {
		return
	}
	s := &m.f.Sender
	text := strings.TrimSpace(*m.env.From)
	if text == "" || text == "<>" {
		s.NullEnvelope = true
		return
	}
	n := 0
	m.readEnvelope(text, func(a *found) {
		if n++; n == 1 {
			address := m.senderAddress(a, "envelope", m.nameOf(a))
			s.Envelope = &address
		}
	})
	if n != 1 {
		s.Uncertain = true
	}
	if n == 0 {
		s.Envelope = &Address{Field: "envelope", Address: clean(text), Local: clean(text)}
	}
}

// readEnvelope reads one address of the envelope. It should hold exactly one, but servers read "a b@example.com" as two: what is
// more than an address is a problem, and false comes back.
func (m *maker) readEnvelope(text string, yield func(*found)) bool {
	var l listReader
	l.yield = func(mb *mailbox) {
		if mb.null {
			return
		}
		a := m.address(mb)
		f := &found{address: a, mb: mb, list: &l}
		written := clean(string(mb.domain))
		switch {
		case !a.at && dotAtom(a.local):
			m.problem("rfc.address_unqualified", 0, 0, a.local)
		case !a.at || !validSpec(a.local, written):
			m.problem("rfc.address_syntax", 0, 0, a.text())
		default:
			m.checkSpec(a.local, written, a.domain, 0)
		}
		yield(f)
	}
	l.read([]byte(text[:min(len(text), maxField)]))
	if !alone(text) {
		m.problem("rfc.address_syntax", 0, 0, clean(text))
		return false
	}
	return true
}

// alone tells whether text, with or without angle brackets, holds nothing that parts one address from another outside quotes.
func alone(text string) bool {
	if strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") {
		text = text[1 : len(text)-1]
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c <= ' ' || strings.IndexByte("(),;<>", c) >= 0):
			return false
		}
	}
	return !quoted
}

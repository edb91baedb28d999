package facts

import (
	"bytes"
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// RFC 5321 section 4.5.3.1 and, for labels, RFC 1035 section 2.3.4.
const (
	maxLocal      = 64
	maxDomainName = 255
	maxPath       = 256 // with its angle brackets
	maxLabel      = 63
)

// maxKeptLocal bounds the octets of a local part that are kept; what comes behind them only tells one from another. It is of no address that
// is sent anywhere: they are all over maxLocal, and problems.
const maxKeptLocal = 4096

// atext tells whether c can stand in an atom (RFC 5322 section 3.2.3, and RFC 6532 section 3.2 for octets above 127).
func atext(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c >= utf8.RuneSelf:
		return true
	}
	return strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// dotAtom tells whether s is atoms with single dots between them (RFC 5322 section 3.2.3).
func dotAtom(s string) bool {
	dot := true
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '.' && !dot:
			dot = true
		case s[i] != '.' && atext(s[i]):
			dot = false
		default:
			return false
		}
	}
	return !dot && utf8.ValidString(s)
}

// quotedString tells whether s is a quoted string without folds or controls (RFC 5321 section 4.1.2).
func quotedString(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' || !utf8.ValidString(s) {
		return false
	}
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			if i++; i == len(s) {
				return false
			}
			c = s[i]
		} else if c == '"' {
			return false
		}
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// validSpec tells whether local and domain are an addr-spec by RFC 5322 section 3.4.1, its obsolete forms left out. It is
// what a header field may hold.
func validSpec(local, domain string) bool {
	if !dotAtom(local) && !quotedString(local) {
		return false
	}
	if strings.HasPrefix(domain, "[") {
		return validLiteral(domain)
	}
	return dotAtom(domain)
}

// validMailbox tells whether local and domain are a mailbox that SMTP can carry: RFC 5321 section 4.1.2 with its lengths,
// and RFC 6531 section 3.3 for what is not ASCII. domain is in A-labels.
func validMailbox(local, domain string) bool {
	return validSpec(local, domain) && lengthFault(local, domain) == "" && (domain[0] == '[' || validHost(domain))
}

// validHost tells whether s is letters, digits and inner hyphens, in labels (RFC 5321 section 4.1.2).
func validHost(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			c := label[i]
			if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
				return false
			}
		}
	}
	return true
}

// validLiteral tells whether s is an address literal: [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 section 4.1.3).
func validLiteral(s string) bool {
	if len(s) < 3 || s[len(s)-1] != ']' {
		return false
	}
	s = s[1 : len(s)-1]
	if len(s) > 5 && strings.EqualFold(s[:5], "IPv6:") {
		a, err := netip.ParseAddr(s[5:])
		return err == nil && a.Is6() && a.Zone() == ""
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

// lengthFault names the limit of RFC 5321 section 4.5.3.1 that an address is over, or "".
func lengthFault(local, domain string) string {
	switch {
	case len(local) > maxLocal:
		return "local part"
	case len(domain) > maxDomainName:
		return "domain"
	case len(local)+1+len(domain)+2 > maxPath:
		return "path"
	}
	if len(domain) > maxLabel && !strings.HasPrefix(domain, "[") {
		for label := range strings.SplitSeq(domain, ".") {
			if len(label) > maxLabel {
				return "label"
			}
		}
	}
	return ""
}

// unquoteLocal gives what a quoted local part means; other local parts mean what they are.
func unquoteLocal(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return unescapeAll(s[1 : len(s)-1])
}

// quoteLocal writes a local part that was read so that unquoteLocal gives it again.
func quoteLocal(s string) []byte {
	if !strings.ContainsAny(s, "\" \t\\") {
		return []byte(s)
	}
	b := []byte{'"'}
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// address is an address of the message, normalised. Its strings end with the message.
type address struct {
	local  string // as written
	domain *knownDomain
	key    string // what two spellings of one address have in common; domain in A-labels, local part in lower case
	at     bool
}

// text is the address as it is shown: local part as written, domain normalised.
func (a *address) text() string {
	if !a.at {
		return a.local
	}
	if len(a.key) == len(a.local)+1+len(a.domain.ascii) && strings.HasPrefix(a.key, a.local) {
		return a.key
	}
	return a.local + "@" + a.domain.ascii
}

// keepText is the address as it is shown, valid as long as the facts.
func (m *maker) keepText(a *address) string {
	if m.memory == nil || !a.at {
		return m.keep(a.text())
	}
	t := &m.memory.texts
	t.room(len(a.local) + 1 + len(a.domain.ascii))
	from := len(t.octets)
	t.octets = append(append(append(t.octets, a.local...), '@'), a.domain.ascii...)
	return t.since(from)
}

var noDomain = &knownDomain{}

// simpleLocal tells whether a local part is what it is written as: without quotes, blanks, controls, and octets above 127.
func simpleLocal(local []byte) bool {
	for _, c := range local {
		if plainOctet[c]&plainAtom == 0 {
			return false
		}
	}
	return true
}

// address normalises what the tolerant reader found.
func (m *maker) address(mb *mailbox) address {
	local, dom := mb.local, mb.domain
	// QUIRK: 'a@example.com' in single quotes, as old Outlook wrote addresses into display names and lists.
	if n := len(dom); mb.at && n > 1 && dom[n-1] == '\'' {
		dom = dom[:n-1]
		if len(local) > 1 && local[0] == '\'' {
			local = local[1:]
		}
	}
	if len(dom) > 0 && mb.at && len(local) > 0 && len(local) <= maxLocal && simpleLocal(local) {
		return m.simpleAddress(local, m.domain(dom), true)
	}
	a := address{domain: noDomain, at: mb.at}
	if len(dom) > 0 {
		a.domain = m.domain(dom)
	}
	if local = bytes.Trim(local, " \t\r\n"); holdsLineEnd(local) || !isASCIIBytes(local) {
		a.local = clean(unfold(local))
		a.key = strings.ToLower(unquoteLocal(a.local))
		if a.at {
			a.key += "@" + a.domain.ascii
		}
		return a
	}
	rest := ""
	if len(local) > maxKeptLocal {
		h := fnv.New64a()
		_, _ = h.Write(local)
		local, rest = local[:maxKeptLocal], strconv.FormatUint(h.Sum64(), 16)
	}
	keys := &m.keys
	a.local = keys.keep(viewOf(local))
	meant := unquoteLocal(a.local)
	keys.room(len(meant) + len(rest) + 1 + len(a.domain.ascii))
	from := len(keys.octets)
	keys.octets = append(append(keys.octets, meant...), rest...)
	lower(keys.octets[from:])
	if a.at {
		keys.octets = append(append(keys.octets, '@'), a.domain.ascii...)
	}
	a.key = keys.since(from)
	return a
}

// simpleAddress normalises an address whose local part is short, and what it is written as. Upper tells whether there are capitals in it.
func (m *maker) simpleAddress(local []byte, d *knownDomain, upper bool) address {
	keys := &m.keys
	keys.room(2*len(local) + 1 + len(d.ascii))
	from := len(keys.octets)
	keys.octets = append(append(append(keys.octets, local...), '@'), d.ascii...)
	a := address{key: keys.since(from), domain: d, at: true}
	if a.local = a.key[:len(local)]; upper {
		a.local = keys.keep(a.local)
		lower(keys.octets[from : from+len(local)])
	}
	return a
}

// lower brings the ASCII letters of b into lower case.
func lower(b []byte) {
	for i, c := range b {
		if isUpper(c) {
			b[i] = c | 0x20
		}
	}
}

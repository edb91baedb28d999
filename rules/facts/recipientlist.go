package facts

import "strings"

// RecipientList gives the addresses of a list of addresses (RFC 5322 section 3.4), such as the value of a To field with its folds,
// as a program must name them that hands the message on: local part as written, with its quotes, and domain, in the order of
// the list. A name without a domain stands by itself. Display names, comments and the names of groups are left out.
//
// sure is false when readers might not agree on the list: when it is damaged, when it holds anything that is not exactly one
// addr-spec, source routes and null addresses among it, or when the strict parser finds other addresses. The list is then of no
// use for sending.
func RecipientList(value []byte) (list []string, sure bool) {
	c := newContents()
	defer c.release()
	m := c.maker
	m.looked = 0
	sure = true
	var keys []string
	l := listReader{yield: func(mb *mailbox) {
		local, written := string(mb.local), string(mb.domain)
		if mb.null || mb.route || mb.obsolete {
			sure = false
			return
		}
		a := m.address(mb)
		keys = append(keys, a.key)
		switch {
		case !mb.at:
			sure = sure && dotAtom(local) && lengthFault(local, "") == ""
			list = append(list, local)
		case strings.Contains(written, "'") || !validMailbox(local, a.domain.ascii) || !validSpec(local, written):
			sure = false
		default:
			list = append(list, local+"@"+written)
		}
	}}
	l.read(value)
	if l.damage != 0 {
		sure = false
	}
	// The strict parser knows neither empty groups nor names without a domain.
	named := false
	for _, a := range list {
		named = named || !strings.Contains(a, "@")
	}
	if sure && len(value) <= maxStrict && !named && l.empty == 0 && l.count > 0 {
		sure = !m.confirm(unfold(value), keys, func(address) {})
	}
	return list, sure
}

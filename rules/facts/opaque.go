package facts

import (
	"slices"
	"strings"
)

// leaveOutPlaceholders drops the addresses that can be anything once their placeholders are filled in, so that no rule takes
// what is written in a template for the address that the message will have. The envelope is no part of the template.
func (s *Sender) leaveOutPlaceholders() {
	for _, list := range []*[]Address{&s.From, &s.Sender, &s.ReplyTo, &s.ReturnPath, &s.ResentFrom} {
		*list = slices.DeleteFunc(*list, func(a Address) bool { return !a.Valid || holdsPlaceholder(a.Address) })
	}
}

// holdsPlaceholder tells whether an address may hold a placeholder: it has characters that RFC 5322 allows in a local part, yet
// that hardly any real address has.
func holdsPlaceholder(address string) bool {
	return strings.ContainsAny(address, "{}[]<>%$|*#") || strings.Contains(address, "__") || strings.Contains(address, "@@")
}

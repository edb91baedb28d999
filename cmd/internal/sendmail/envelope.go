package sendmail

import (
	"bytes"
	"slices"
	"strings"

	"postern/cmd/internal/gate"
	"postern/mimesize"
	"postern/rules/facts"
)

// Envelope is who sends a message and who gets it (RFC 5321 section 2.3.1).
type Envelope struct {
	// Sender is "" for the null sender.
	Sender string
	// Recipients are addr-specs without angle brackets, each once.
	Recipients []string
}

// Defaults complete what a caller leaves out. Empty strings complete nothing.
type Defaults struct {
	// Sender is the envelope sender of a message that comes without one.
	Sender string
	// Domain completes a name without a domain.
	Domain string
	// Login is the name of the user that the caller runs as; with Domain it is the sender where there is no other.
	Login string
}

// Resolve finds out who sends m and who gets it: the recipients of the arguments and, with -t, those of the header, as Postfix
// and Sendmail do it (Sendmail 8 and Postfix add the two up, Exim would subtract).
func (a *Args) Resolve(m *Message, d Defaults) (Envelope, *Error) {
	var env Envelope
	var err *Error
	if env.Sender, err = a.sender(d); err != nil {
		return env, err
	}
	seen := map[string]bool{}
	add := func(addr string) *Error {
		full, err := complete(addr, d.Domain, gate.BadRecipient)
		if err == nil && !seen[full] {
			seen[full] = true
			env.Recipients = append(env.Recipients, full)
		}
		return err
	}
	for _, r := range a.Recipients {
		addr, ok := single(r)
		if !ok {
			return env, refuse(gate.BadRecipient, "each recipient is an argument of its own, such as bob@example.com", "the recipient %q is not exactly one address", r)
		}
		if err := add(addr); err != nil {
			return env, err
		}
	}
	if a.FromHeader {
		if m.Truncated {
			return env, &Error{Live: gate.Oversize, Rule: "limit.fields", Err: errTooManyFields}
		}
		// A message that somebody sent on has fields for whom it goes to then, and only they count (RFC 5322 section 3.6.6). Where
		// there is a Resent-From and no such field, Postfix looks at To, Cc and Bcc, as it is done here.
		fields := m.fields("resent-to", "resent-cc", "resent-bcc")
		if len(fields) == 0 {
			fields = m.fields("to", "cc", "bcc")
		}
		list, err := addresses(fields)
		if err != nil {
			return env, err
		}
		for _, addr := range list {
			if err := add(addr); err != nil {
				return env, err
			}
		}
	}
	if len(env.Recipients) == 0 {
		hint := "name them as arguments, or give -t to take them from the header"
		if a.FromHeader {
			hint = "the header has none in To, Cc or Bcc"
		}
		return env, refuse(gate.NoRecipients, hint, "no recipients")
	}
	return env, nil
}

// addresses gives all addresses in fields.
func addresses(fields []field) (all []string, err *Error) {
	for _, f := range fields {
		list, sure := facts.RecipientList(f.value)
		if !sure {
			return nil, refuse(gate.Malformed, "write it as a list such as: bob@example.com, Carol <carol@example.com>",
				"line %d: programs would not agree on the recipients in the field %s", f.line, f.name)
		}
		all = append(all, list...)
	}
	return all, nil
}

func (a *Args) sender(d Defaults) (string, *Error) {
	switch {
	case a.Sender != nil && (*a.Sender == "" || *a.Sender == "<>"):
		return "", nil // the null sender, RFC 5321 section 4.5.5
	case a.Sender != nil:
		addr, ok := single(*a.Sender)
		if !ok {
			return "", refuse(gate.BadSender, "", "the sender %q is not exactly one address", *a.Sender)
		}
		return complete(addr, d.Domain, gate.BadSender)
	case d.Sender != "":
		return d.Sender, nil
	case d.Domain != "" && d.Login != "":
		return complete(d.Login, d.Domain, gate.BadSender)
	}
	return "", refuse(gate.Misconfigured, "set sendmail.sender in postern.yaml, or have the program give -f ADDRESS",
		"the caller names no sender, and the configuration does not say who it is then")
}

// single reads an argument that must be one addr-spec, in angle brackets or not. Postfix would read "a b@example.com" as two.
func single(arg string) (addr string, ok bool) {
	list, sure := facts.RecipientList([]byte(arg))
	if !sure || len(list) != 1 || arg != list[0] && arg != "<"+list[0]+">" {
		return "", false
	}
	return list[0], true
}

// complete gives an address a domain if it has none. One that begins with a hyphen is refused: too many programs take it for
// an option somewhere on its way.
func complete(addr, domain string, l gate.Live) (string, *Error) {
	if strings.HasPrefix(addr, "-") {
		return "", refuse(l, "", "the address %q begins with a hyphen", addr)
	}
	if strings.Contains(addr, "@") {
		return addr, nil
	}
	if domain == "" {
		return "", refuse(l, "set sendmail.domain in postern.yaml to complete such names", "the address %q has no domain", addr)
	}
	return addr + "@" + domain, nil
}

// field is a header field with its value, folds left in.
type field struct {
	name  string
	value []byte
	line  int64
}

// fields gives the fields of those names, all occurrences of each.
func (m *Message) fields(names ...string) []field {
	var out []field
	for _, f := range m.Fields {
		name := lowerName(m.Header, f)
		if !slices.Contains(names, name) {
			continue
		}
		text := m.Header[f.Offset:f.End()]
		if i := bytes.IndexByte(text, ':'); i >= 0 {
			out = append(out, field{name: name, value: text[i+1:], line: f.Line})
		}
	}
	return out
}

func lowerName(header []byte, f mimesize.Field) string {
	return strings.ToLower(string(header[f.Offset : f.Offset+int64(f.Name)]))
}

// blind tells whether a field is one that its recipients must not see.
func blind(name string) bool { return name == "bcc" || name == "resent-bcc" }

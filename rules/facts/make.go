package facts

import (
	"io"
	"strings"
	"time"

	"postern/mimesize"
)

// Envelope is what the program that submits the message told of its envelope (RFC 5321 section 2.3.1).
type Envelope struct {
	// From is the sender's address without angle brackets: nil when it was not given, "" for the null sender.
	From *string
	// To are the recipients. Without any, the envelope's recipients count as unknown.
	To []string
	// WebScript tells that a web script hands the message over.
	WebScript bool
}

// Set is a set of facts that Make can leave out.
type Set int32

const (
	// Inside is what the content of attachments shows: Attachment.SniffedType, EncryptedZip, Wasteful and SavedBytes.
	Inside Set = 1 << iota
	// Reading is what only reading the text shows: Links, HTML, Leftovers, and Text but for Fingerprint, the numbers of parts and
	// their octets; and of Problems the damage in the text. See also Late.
	Reading
	// Targets, Placeholders and Hidden are pieces of Reading: Links; Text.Placeholders and Text.PlaceholderCount; Text.HiddenText and
	// Text.HiddenSample. Prose is all else of it but the damage. Without Prose and Damage no part is decoded, or read, of which the
	// octets show that it holds nothing that is left.
	Targets
	Placeholders
	Hidden
	Prose
	// Fingerprint is Text.Fingerprint.
	Fingerprint
	// Damage is what this package adds to Problems.
	Damage
	// Names is Header.Names and Header.MessageID.
	Names
	// Census is Lines, and what the scan adds to Problems. The scan can then be one of SizesOnly.
	Census
	// Archived is the list of that name.
	Archived
)

// Late tells whether the field of Facts that JSON names lead to is made by Complete where Options.Later is set.
func Late(path string) bool {
	group, inner, _ := strings.Cut(path, ".")
	switch group {
	case "links", "html", "leftovers", "problems":
		return true
	case "text":
		switch inner {
		case "plain_parts", "html_parts", "plain_bytes", "html_bytes", "fingerprint":
			return false
		}
		return true
	}
	return false
}

// Options of Make. The zero value measures everything that needs no clock.
type Options struct {
	// Now is the clock of the run. Without it the skew of the Date field is unknown.
	Now time.Time
	// Origin is OriginTemplate for a message that was rendered from a template, or that is one. "" is OriginMessage.
	Origin string
	// Opaque tells that the message is a template whose values are not known. Origin is then OriginTemplate, and addresses of
	// senders that hold a placeholder are left out of the facts.
	Opaque bool
	// Variables are the names that the template writes, at most 200 of which are kept.
	Variables []Variable
	// Recipient, if set, is given each address that Recipients.Unique counts, with its domain, and its local part in lower case.
	Recipient func(address string)
	// Without is what need not be made. Such facts are empty or wrong, and must not be looked at.
	Without Set
	// Memory, if set, holds the facts; it says how long. Texts that Recipient is given are then only valid during the call.
	Memory *Memory
	// Later puts Reading off until Facts.Complete is called, if it is: until then the facts are those without Reading. What r and res
	// hold must stay the same so long.
	Later bool
}

// noEnvelope is one of which nothing was told.
var noEnvelope Envelope

// maxVariables bounds Facts.Variables.
const maxVariables = 200

// Make gives the facts of the message that r holds in size octets and that res is the scan of. env may be nil. It never
// fails: what cannot be read becomes a problem. It reads no more than the header blocks, the first part of each text
// and attachment, and archives that are attached, in time linear in what it reads.
func Make(r io.ReaderAt, size int64, res *mimesize.Result, env *Envelope, opts Options) *Facts {
	if env == nil {
		env = &noEnvelope
	}
	var c *contents
	if opts.Memory != nil {
		c = opts.Memory.begin()
	} else {
		c = newContents()
	}
	m := c.maker
	m.begin(r, size, res, env, &opts)
	if m.f.Opaque = opts.Opaque; opts.Opaque || opts.Origin == OriginTemplate {
		m.f.Origin = OriginTemplate
	}
	f := m.f
	f.Variables = append(f.Variables, opts.Variables[:min(len(opts.Variables), maxVariables)]...)
	if m.without&Census == 0 {
		m.copyProblems()
	}
	if len(res.Parts) == 0 {
		c.release()
		return f
	}
	m.measure()
	m.header()
	f.WebScript = env.WebScript || f.Header.PHPScript
	if opts.Opaque {
		f.Sender.leaveOutPlaceholders()
	}
	if c.content(opts.Later) {
		c.release()
	}
	return f
}

// measure copies what mimesize measured.
func (m *maker) measure() {
	r, l := m.res, &m.res.Lines
	m.f.Size.WireBytes = r.WireBytes
	m.f.Size.DataBytes = r.DataBytes
	m.f.Size.StoredBytes = r.StoredBytes
	m.f.Size.LFBytes = r.LFBytes
	m.f.Size.HeaderBytes = r.HeaderBytes
	m.f.Size.SeparatorBytes = r.SeparatorBytes
	m.f.Size.BodyBytes = r.BodyBytes
	m.f.Size.PrefixBytes = r.Prefix.Length
	m.f.Size.OverheadBytes = r.OverheadBytes
	if m.without&Census != 0 {
		return
	}
	m.f.Lines = Lines{
		Count: l.Count, CRLF: l.CRLF, LF: l.LF, CR: l.CR,
		Longest: l.Longest, LongestLine: l.LongestLine, Over998: l.Over998, Over78: l.Over78,
		HeaderEightBit: l.HeaderEightBit, BodyEightBit: l.BodyEightBit, NUL: l.NUL, Terminated: l.Terminated,
	}
}

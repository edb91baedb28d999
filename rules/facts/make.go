package facts

import (
	"io"
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
	// Text, if set, is given what a reader sees of each text part that was read, in the order of the parts, decoded and in UTF-8.
	Text func(text string)
	// Recipient, if set, is given each address that Recipients.Unique counts, with its domain, and its local part in lower case.
	Recipient func(address string)
	// ReadNoText leaves the text parts unread: Text, Links, HTML and Leftovers stay empty, and what only the text shows, damage and
	// files that are written into it, is not noted.
	ReadNoText bool
	// LookIntoNone leaves out of the facts of attachments what their content shows: SniffedType, EncryptedZip, Wasteful and SavedBytes.
	LookIntoNone bool
}

// maxVariables bounds Facts.Variables.
const maxVariables = 200

// Make gives the facts of the message that r holds in size octets and that res is the scan of. env may be nil. It never
// fails: what cannot be read becomes a problem. It reads no more than the header blocks and the first part of each text
// and attachment, in time linear in what it reads.
func Make(r io.ReaderAt, size int64, res *mimesize.Result, env *Envelope, opts Options) *Facts {
	if env == nil {
		env = &Envelope{}
	}
	m := &maker{
		r: r, size: size, res: res, env: env, now: opts.Now, sees: opts,
		noText: opts.ReadNoText && opts.Text == nil, noLook: opts.LookIntoNone, f: New(KindMessage),
	}
	if m.f.Opaque = opts.Opaque; opts.Opaque || opts.Origin == OriginTemplate {
		m.f.Origin = OriginTemplate
	}
	m.f.Variables = append(m.f.Variables, opts.Variables[:min(len(opts.Variables), maxVariables)]...)
	m.copyProblems()
	if len(res.Parts) == 0 {
		return m.f
	}
	m.measure()
	m.header()
	m.f.WebScript = env.WebScript || m.f.Header.PHPScript
	if opts.Opaque {
		m.f.Sender.leaveOutPlaceholders()
	}
	m.content()
	return m.f
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
	m.f.Lines = Lines{
		Count: l.Count, CRLF: l.CRLF, LF: l.LF, CR: l.CR,
		Longest: l.Longest, LongestLine: l.LongestLine, Over998: l.Over998, Over78: l.Over78,
		HeaderEightBit: l.HeaderEightBit, BodyEightBit: l.BodyEightBit, NUL: l.NUL, Terminated: l.Terminated,
	}
}

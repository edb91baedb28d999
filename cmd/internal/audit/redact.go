package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"path"
	"regexp"
	"slices"
	"strings"
	"unsafe"
)

// Redactor replaces what could name a person by keyed hashes: local parts of addresses, subjects, names of files and folders,
// and the sentences of findings, which quote all of these. Equal things have equal hashes under one key, so that what belongs
// together still joins. Domains, rules, numbers and dates stay. A nil Redactor changes nothing.
//
// It is used by one goroutine at a time.
type Redactor struct {
	mac       hash.Hash
	buf       []byte
	files     map[string]string // hashes, with kind, of what comes again and again
	addresses map[string]string // likewise, whole addresses
	titles    map[string]string

	// Of rows: the texts of the last one, and what comes in one row after the other.
	texts        []byte
	file, folder again
}

// NewRedactor makes a Redactor. Its key must be known to nobody who is to see the report.
func NewRedactor(key []byte, rules []RuleInfo) *Redactor {
	x := &Redactor{mac: hmac.New(sha256.New, key), files: map[string]string{}, addresses: map[string]string{}, titles: map[string]string{}}
	for _, r := range rules {
		x.titles[r.ID] = r.Title
	}
	return x
}

// hash appends ten hexadecimal digits: a million things share one with a chance below one in two.
func (x *Redactor) hash(to []byte, kind, s string) []byte {
	x.buf = append(append(append(x.buf[:0], kind...), 0), s...)
	n := len(x.buf)
	x.mac.Reset()
	x.mac.Write(x.buf)
	x.buf = x.mac.Sum(x.buf)
	return hex.AppendEncode(to, x.buf[n:n+5])
}

// known is hash for what is likely to come again.
func (x *Redactor) known(kind, s string) string {
	x.buf = append(append(append(x.buf[:0], kind...), 0), s...)
	if h, ok := x.files[string(x.buf)]; ok {
		return h
	}
	h := string(x.hash(nil, kind, s))
	if len(x.files) < maxRedacted {
		x.files[kind+"\x00"+s] = h
	}
	return h
}

// maxRedacted is how many hashes are kept of a kind. Senders, folders and mboxes come again and again, subjects do not.
const maxRedacted = 10_000

// Address keeps the domain.
func (x *Redactor) Address(s string) string {
	if x == nil || s == "" {
		return s
	}
	if a, ok := x.addresses[s]; ok {
		return a
	}
	a := string(append(x.hash(nil, "address", s), domainOf(s)...))
	if len(x.addresses) < maxRedacted {
		x.addresses[strings.Clone(s)] = a
	}
	return a
}

// domainOf is what follows the last "@" of an address, with it.
func domainOf(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return s[at:]
	}
	return ""
}

// Subject keeps nothing but whether there is one.
func (x *Redactor) Subject(s string) string {
	if x == nil || s == "" {
		return s
	}
	return string(x.hash(nil, "subject", s))
}

// folders are names that mail programs give, which name nobody.
var folders = []string{
	"inbox", "sent", "sent items", "sent mail", "sent messages", "drafts", "trash", "deleted", "deleted items", "junk", "spam", "archive", "archives", "outbox", "templates", "cur", "new",
}

// Folder keeps the names that mail programs give to folders.
func (x *Redactor) Folder(s string) string {
	if x == nil || s == "" {
		return s
	}
	base := strings.ToLower(strings.TrimLeft(strings.TrimSuffix(path.Base(s), ".mbox"), "."))
	if slices.Contains(folders, base) {
		return x.known("folder", s) + " " + base
	}
	return x.known("folder", s)
}

// Place keeps the number or offset of a message of an mbox, behind "#" or "@", and the type of the file.
func (x *Redactor) Place(s string) string {
	if x == nil || s == "" {
		return s
	}
	s, number := cutNumber(s)
	return x.File(s) + number
}

// cutNumber parts a name from the number or offset in an mbox with which it ends, if it does.
func cutNumber(s string) (file, number string) {
	i := len(s)
	for i > 0 && '0' <= s[i-1] && s[i-1] <= '9' {
		i--
	}
	if 0 < i && i < len(s) && (s[i-1] == '#' || s[i-1] == '@') {
		return s[:i-1], s[i-1:]
	}
	return s, ""
}

// File keeps the extension.
func (x *Redactor) File(s string) string {
	if x == nil || s == "" {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > 6 || strings.ContainsAny(ext, " @/,=:;") || strings.Trim(ext, "0123456789.") == "" {
		ext = ""
	}
	return x.known("file", s) + strings.ToLower(ext)
}

var addressLike = regexp.MustCompile(`[^\s<>"'(),:;]+@[^\s<>"'(),:;]+`)

// Reason takes addresses out of the reason why something was not judged.
func (x *Redactor) Reason(s string) string {
	if x == nil || s == "" {
		return s
	}
	return addressLike.ReplaceAllStringFunc(s, x.Address)
}

// Sentence gives the title of the rule in place of a finding's sentence.
func (x *Redactor) Sentence(rule, s string) string {
	if x == nil {
		return s
	}
	return x.titles[rule]
}

func (x *Redactor) message(m *Message) {
	m.Name, m.Path, m.Folder = x.Place(m.Name), x.Place(m.Path), x.Folder(m.Folder)
	m.Sender, m.Subject, m.Reason = x.Address(m.Sender), x.Subject(m.Subject), x.Reason(m.Reason)
	m.Findings = slices.Clone(m.Findings)
	for i := range m.Findings {
		f := &m.Findings[i]
		f.Message = x.Sentence(f.Rule, f.Message)
	}
}

// Redact takes out of the report what could name a person.
func (r *Report) Redact(x *Redactor) {
	if x == nil {
		return
	}
	r.Redacted = true
	each := func(list []string, f func(string) string) {
		for i := range list {
			list[i] = f(list[i])
		}
	}
	r.Settings.Paths, r.Settings.Senders, r.Settings.Folders = slices.Clone(r.Settings.Paths), slices.Clone(r.Settings.Senders), slices.Clone(r.Settings.Folders)
	each(r.Settings.Paths, x.Place)
	each(r.Settings.Senders, x.Address)
	each(r.Settings.Folders, x.Folder)
	for i := range r.Senders {
		r.Senders[i].Key = x.Address(r.Senders[i].Key)
	}
	for i := range r.Folders {
		r.Folders[i].Key = x.Folder(r.Folders[i].Key)
	}
	for i := range r.SenderRules {
		r.SenderRules[i].Sender = x.Address(r.SenderRules[i].Sender)
	}
	lists := [][]Message{r.LargestMessages, r.Unjudged, r.Messages}
	if w := r.WhatIf; w != nil {
		w.Policy = path.Base(w.Policy)
		lists = append(lists, w.Failing, w.Passing, w.Rest)
		for i := range w.Senders {
			w.Senders[i].Key = x.Address(w.Senders[i].Key)
		}
	}
	for _, list := range lists {
		for i := range list {
			x.message(&list[i])
		}
	}
	for i := range r.LargestAttached {
		a := &r.LargestAttached[i]
		a.Name, a.Message, a.Sender = x.File(a.Name), x.Place(a.Message), x.Address(a.Sender)
	}
	for i := range r.Pace.Senders {
		r.Pace.Senders[i].Sender = x.Address(r.Pace.Senders[i].Sender)
	}
	for i := range r.Campaigns {
		c := &r.Campaigns[i]
		c.Subject, c.Name = x.Subject(c.Subject), x.Place(c.Name)
		each(c.Senders, x.Address)
	}
}

// again is what comes of the same text as last time.
type again struct {
	of, gives []byte
}

// append appends what f makes of s.
func (a *again) append(to []byte, s string, f func(string) string) []byte {
	if string(a.of) != s {
		a.of, a.gives = append(a.of[:0], s...), append(a.gives[:0], f(s)...)
	}
	return append(to, a.gives...)
}

// Row takes out of a row what could name a person. Its texts are good until the next one.
func (x *Redactor) Row(r *Row) {
	if x == nil {
		return
	}
	x.texts = x.texts[:0]
	for _, s := range [...]*string{&r.Name, &r.Path} {
		file, number := cutNumber(*s)
		x.put(s, append(x.file.append(x.texts, file, x.File), number...))
	}
	x.put(&r.Folder, x.folder.append(x.texts, r.Folder, x.Folder))
	if r.Subject != "" {
		x.put(&r.Subject, x.hash(x.texts, "subject", r.Subject))
	}
	r.Sender, r.Reason = x.Address(r.Sender), x.Reason(r.Reason)
	for i := range r.Findings {
		r.Findings[i].Message = x.Sentence(r.Findings[i].Rule, r.Findings[i].Message)
	}
	for i := range r.Attachments {
		r.Attachments[i].Name = x.File(r.Attachments[i].Name)
	}
}

// put makes s what texts has behind those that it had.
func (x *Redactor) put(s *string, texts []byte) {
	b := texts[len(x.texts):]
	*s, x.texts = unsafe.String(unsafe.SliceData(b), len(b)), texts
}

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
)

// Redactor replaces what could name a person by keyed hashes: local parts of addresses, subjects, names of files and folders,
// and the sentences of findings, which quote all of these. Equal things have equal hashes under one key, so that what belongs
// together still joins. Domains, rules, numbers and dates stay. A nil Redactor changes nothing.
//
// It is used by one goroutine at a time.
type Redactor struct {
	mac    hash.Hash
	buf    []byte
	done   map[string]string // hashes of what comes again and again
	titles map[string]string
}

// NewRedactor makes a Redactor. Its key must be known to nobody who is to see the report.
func NewRedactor(key []byte, rules []RuleInfo) *Redactor {
	x := &Redactor{mac: hmac.New(sha256.New, key), done: map[string]string{}, titles: map[string]string{}}
	for _, r := range rules {
		x.titles[r.ID] = r.Title
	}
	return x
}

// hash gives ten hexadecimal digits: a million things share one with a chance below one in two.
func (x *Redactor) hash(kind, s string) string {
	x.buf = append(append(append(x.buf[:0], kind...), 0), s...)
	if h, ok := x.done[string(x.buf)]; ok {
		return h
	}
	n := len(x.buf)
	x.mac.Reset()
	x.mac.Write(x.buf)
	x.buf = x.mac.Sum(x.buf)
	h := hex.EncodeToString(x.buf[n : n+5])
	if kind != "subject" && len(x.done) < maxRedacted {
		x.done[string(x.buf[:n])] = h
	}
	return h
}

// maxRedacted is how many hashes are kept. Senders, folders and mboxes come again and again, subjects do not.
const maxRedacted = 10_000

// Address keeps the domain.
func (x *Redactor) Address(s string) string {
	if x == nil || s == "" {
		return s
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return x.hash("address", s)
	}
	return x.hash("address", s) + s[at:]
}

// Subject keeps nothing but whether there is one.
func (x *Redactor) Subject(s string) string {
	if x == nil || s == "" {
		return s
	}
	return x.hash("subject", s)
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
		return x.hash("folder", s) + " " + base
	}
	return x.hash("folder", s)
}

// Place keeps the number or offset of a message of an mbox, behind "#" or "@", and the type of the file.
func (x *Redactor) Place(s string) string {
	if x == nil || s == "" {
		return s
	}
	number := ""
	if i := strings.LastIndexAny(s, "#@"); i >= 0 && i+1 < len(s) && strings.Trim(s[i+1:], "0123456789") == "" {
		s, number = s[:i], s[i:]
	}
	return x.File(s) + number
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
	return x.hash("file", s) + strings.ToLower(ext)
}

var addressLike = regexp.MustCompile(`[^\s<>"'(),:;]+@[^\s<>"'(),:;]+`)

// Reason takes addresses out of the reason why something was not judged.
func (x *Redactor) Reason(s string) string {
	if x == nil {
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

// Row takes out of a row what could name a person.
func (x *Redactor) Row(r *Row) {
	if x == nil {
		return
	}
	r.Name, r.Path, r.Folder = x.Place(r.Name), x.Place(r.Path), x.Folder(r.Folder)
	r.Sender, r.Subject, r.Reason = x.Address(r.Sender), x.Subject(r.Subject), x.Reason(r.Reason)
	for i := range r.Findings {
		r.Findings[i].Message = x.Sentence(r.Findings[i].Rule, r.Findings[i].Message)
	}
	for i := range r.Attachments {
		r.Attachments[i].Name = x.File(r.Attachments[i].Name)
	}
}

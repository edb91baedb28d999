package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Fingerprint is the SHA-256 of a message's octets with every CR LF as LF.
func Fingerprint(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	w := &lf{h: h}
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.NewSectionReader(r, 0, size)}, make([]byte, 64<<10))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	w.end()
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// lf leaves out each CR that stands before an LF.
type lf struct {
	h  hash.Hash
	cr bool // a CR is held back
}

func (w *lf) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if w.cr && p[0] != '\n' {
			w.h.Write([]byte{'\r'})
		}
		w.cr = false
		i := bytes.IndexByte(p, '\r')
		if i < 0 {
			w.h.Write(p)
			break
		}
		w.h.Write(p[:i])
		w.cr = true
		p = p[i+1:]
	}
	return n, nil
}

func (w *lf) end() {
	if w.cr {
		w.h.Write([]byte{'\r'})
	}
}

// Escape gives a path in the form that entries hold: with slashes, and with octets that are not UTF-8 as \xNN.
func Escape(p string) string {
	p = filepath.ToSlash(p)
	if utf8.ValidString(p) && !strings.Contains(p, `\`) {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRuneInString(p[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, p[i])
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteString(p[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Message is what a run found in one message.
type Message struct {
	// Path is the message's name, in the form of Escape, from the directory of the baseline's file.
	Path        string
	Fingerprint string
	// Rules are the rules of its findings, in their order, with repetitions.
	Rules []string
	// Judged tells that all findings are known but those of the rules in Skipped.
	Judged  bool
	Skipped []string
}

// Set holds a baseline against the messages of one run.
type Set struct {
	entries []Entry
	left    []int // of each entry's count
	// The entries by rule, path and fingerprint, and by rule and one of these.
	exact       map[[3]string]int
	print, path map[[2]string][]int
	unknown     map[int]bool    // entries of which the run cannot tell whether they are stale
	looked      map[string]bool // paths of messages that were judged
	unread      map[string]bool // paths of messages that were not
}

// New prepares a run.
func New(entries []Entry) *Set {
	s := &Set{
		entries: entries, left: make([]int, len(entries)), exact: map[[3]string]int{}, print: map[[2]string][]int{}, path: map[[2]string][]int{},
		unknown: map[int]bool{}, looked: map[string]bool{}, unread: map[string]bool{},
	}
	for i, e := range entries {
		s.left[i] = e.Count
		s.exact[e.key()] = i
		k := [2]string{e.Rule, e.Fingerprint}
		s.print[k] = append(s.print[k], i)
		k[1] = e.Path
		s.path[k] = append(s.path[k], i)
	}
	return s
}

// Match tells for each finding of each message of the run whether the baseline has it. It has to see all messages at once:
// an entry belongs to the message that it was made of before it can belong to another that now has its path.
func (s *Set) Match(messages []Message) [][]bool {
	out := make([][]bool, len(messages))
	each := func(find func(m *Message, rule string) (entry int, ok bool)) {
		for i := range messages {
			m := &messages[i]
			for f, rule := range m.Rules {
				if e, ok := find(m, rule); ok && !out[i][f] && s.left[e] > 0 {
					s.left[e]--
					out[i][f] = true
				}
			}
		}
	}
	for i := range messages {
		out[i] = make([]bool, len(messages[i].Rules))
	}
	// Of several copies of one message each has its own entry.
	each(func(m *Message, rule string) (int, bool) {
		e, ok := s.exact[[3]string{rule, m.Path, m.Fingerprint}]
		return e, ok
	})
	each(func(m *Message, rule string) (int, bool) { return s.first(s.print, rule, m.Fingerprint) })
	each(func(m *Message, rule string) (int, bool) { return s.first(s.path, rule, m.Path) })
	for i := range messages {
		m := &messages[i]
		if !m.Judged {
			s.unread[m.Path] = true
			continue
		}
		s.looked[m.Path] = true
		for _, rule := range m.Skipped {
			for _, e := range append(s.path[[2]string{rule, m.Path}], s.print[[2]string{rule, m.Fingerprint}]...) {
				s.unknown[e] = true
			}
		}
	}
	return out
}

// first gives the first entry of that key which is not used up.
func (s *Set) first(index map[[2]string][]int, rule, value string) (int, bool) {
	k := [2]string{rule, value}
	list := index[k]
	for len(list) > 1 && s.left[list[0]] == 0 {
		list = list[1:]
	}
	if len(list) == 0 {
		return 0, false
	}
	index[k] = list
	return list[0], true
}

// Stale gives the entries that no finding of the run fell under although the run looked at their message, or covers tells
// that the run looked at everything where it was. Applied tells whether the run applied a rule, or would if there were one.
func (s *Set) Stale(covers func(path string) bool, applied func(rule string) bool) []Entry {
	var out []Entry
	for i, e := range s.entries {
		if s.left[i] < e.Count || s.unknown[i] || s.unread[e.Path] || !applied(e.Rule) {
			continue
		}
		if s.looked[e.Path] || covers(e.Path) {
			out = append(out, e)
		}
	}
	return out
}

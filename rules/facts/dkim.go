package facts

import (
	"crypto/subtle"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
)

// maxBodyHashes bounds the different ways in which one body is hashed: a message can bring any number of signatures.
const maxBodyHashes = 4

// signature is what a DKIM-Signature says of the body.
type signature struct {
	line   int64
	domain string
	want   string // the octets of bh=
	hash   int    // in signatures.hashes
}

// signatures are those of the message whose body hash can be checked.
type signatures struct {
	list   []signature
	hashes []*bodyHash // more of them than this message uses, maybe
	used   int         // of hashes
	texts  []byte      // what the tags of the list are views of
	tags   tagList     // of the field that is being read
}

// begin forgets the last message.
func (s *signatures) begin() { s.list, s.used, s.texts = s.list[:0], 0, s.texts[:0] }

// end lets go of what refers to the message. It keeps not too much memory.
func (s *signatures) end() {
	s.list, s.tags = keep(s.list), keep(s.tags)
	if cap(s.texts) > maxKeptOctets {
		s.texts = nil
	}
}

// read reads the tags of a DKIM-Signature. They are valid until the next call.
func (s *signatures) read(raw []byte) tagList {
	at := len(s.texts)
	s.texts = appendUnfolded(s.texts, raw)
	s.tags = appendTags(s.tags[:0], cut(viewOf(s.texts[at:]), maxTagList))
	return s.tags
}

// maxTagList bounds the octets of a DKIM-Signature that are read.
const maxTagList = 32 << 10

// note notes a signature if it says how it hashes the body.
func (s *signatures) note(line int64, tags tagList) {
	kind, want, ok := bodyHashOf(tags)
	if !ok {
		return
	}
	n := 0
	for n < s.used && s.hashes[n].bodyHashKind != kind {
		n++
	}
	if n == s.used {
		if n == maxBodyHashes {
			return
		}
		if n == len(s.hashes) {
			s.hashes = append(s.hashes, &bodyHash{})
		}
		s.hashes[n].begin(kind)
		s.used++
	}
	s.list = append(s.list, signature{line, tags.get("d"), want, n})
}

// staleSignatures notes each DKIM-Signature whose body hash (bh=, RFC 6376 section 3.7) is not that of the body: it was made for
// another text, and every receiver will find it broken. Whether the signature itself is right is not looked at, that needs the
// key in the DNS; nor is one that cannot be read, or asks for an algorithm that RFC 6376 and RFC 8463 do not know.
func (m *maker) staleSignatures() {
	s := &m.signatures
	if len(s.list) == 0 {
		return
	}
	hashes := s.hashes[:s.used]
	off := m.res.Parts[0].Body.Offset
	if m.whole != nil {
		for _, h := range hashes {
			h.write(m.whole[min(off, m.size):])
		}
	} else if !m.hashBody(hashes, off) {
		return // the octets cannot be read; nothing is known of them
	}
	for _, h := range hashes {
		h.result = h.sum(h.result[:0])
	}
	for _, g := range s.list {
		if h := hashes[g.hash]; h.beyond() || subtle.ConstantTimeCompare(h.result, octetsOf(g.want)) == 0 {
			m.problem("rfc.dkim_stale", 0, g.line, g.domain)
		}
	}
}

// hashBody hashes what the reader has from off on.
func (m *maker) hashBody(hashes []*bodyHash, off int64) bool {
	if cap(m.piece) < 64<<10 {
		m.piece = make([]byte, 64<<10)
	}
	buf := m.piece[:64<<10]
	for r := io.NewSectionReader(m.r, off, m.size-off); ; {
		n, err := r.Read(buf)
		for _, h := range hashes {
			h.write(buf[:n])
		}
		if err != nil {
			return err == io.EOF
		}
	}
}

// bodyHashKind is one way to hash a body (RFC 6376 sections 3.4.3 to 3.4.5).
type bodyHashKind struct {
	relaxed bool
	sha1    bool
	limit   int64 // of octets of the canonical body that are hashed, -1 for all
}

// bodyHashOf reads how a signature hashes the body, and the octets that came out.
func bodyHashOf(tags tagList) (kind bodyHashKind, want string, ok bool) {
	switch strings.ToLower(tags.get("a")) {
	case "rsa-sha256", "ed25519-sha256":
	case "rsa-sha1":
		kind.sha1 = true
	default:
		return kind, "", false
	}
	_, body, _ := strings.Cut(strings.ToLower(tags.get("c")), "/")
	switch strings.TrimSpace(body) {
	case "", "simple":
	case "relaxed":
		kind.relaxed = true
	default:
		return kind, "", false
	}
	kind.limit = -1
	if l, has := tags.find("l"); has {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil || n < 0 {
			return kind, "", false
		}
		kind.limit = n
	}
	sum, err := base64.StdEncoding.DecodeString(withoutBlanks(tags.get("bh")))
	return kind, viewOf(sum), err == nil && len(sum) > 0
}

// withoutBlanks takes blanks and line ends out of a text.
func withoutBlanks(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, s)
}

// tagList is a tag list (RFC 6376 section 3.2).
type tagList []tagValue

type tagValue struct{ name, value string }

// appendTags reads a tag list.
func appendTags(l tagList, s string) tagList {
	for more := true; more; {
		var name string
		name, s, more = strings.Cut(s, ";")
		if name, value, ok := strings.Cut(name, "="); ok {
			l = append(l, tagValue{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return l
}

// find gives the value of a tag. Of one that is repeated the first counts.
func (l tagList) find(name string) (string, bool) {
	for i := range l {
		if l[i].name == name {
			return l[i].value, true
		}
	}
	return "", false
}

// get is find, "" for a tag that is not there.
func (l tagList) get(name string) string {
	value, _ := l.find(name)
	return value
}

// asciiDomain gives a domain as newDomain has it in ASCII. Most often it is that of an address, which was looked up.
func (m *maker) asciiDomain(name string) string {
	if k := m.domains[name]; k != nil {
		return k.ascii
	}
	return newDomain(name).ascii
}

// isLower tells whether strings.ToLower(s) is name.
func isLower(s, name string) bool {
	if b := octetsOf(s); !hasEightBit(b) {
		return equalFold(b, name)
	}
	return strings.ToLower(s) == name
}

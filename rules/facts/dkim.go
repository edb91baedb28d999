package facts

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
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

// bodyHash hashes a body in its canonical form. Line ends may be CRLF or LF, as the message is stored; on the wire they are CRLF.
type bodyHash struct {
	bodyHashKind
	h       hash.Hash
	of      bool   // h is SHA-1
	out     []byte // what is to be hashed next
	result  []byte // the hash
	left    int64  // octets that may still be hashed, if limit is not -1
	empty   int64  // line ends that wait for text behind them: those at the end do not count
	cr      bool   // the last octet was CR
	blank   bool   // relaxed: blanks that wait for text behind them
	content bool   // there was any text
}

// hashedAtOnce is how many octets are gathered before they are hashed.
const hashedAtOnce = 8 << 10

// begin begins with a body.
func (b *bodyHash) begin(kind bodyHashKind) {
	h, of, out, result := b.h, b.of, b.out, b.result
	switch {
	case h != nil && of == kind.sha1:
		h.Reset()
	case kind.sha1:
		h = sha1.New()
	default:
		h = sha256.New()
	}
	if out == nil {
		out = make([]byte, 0, hashedAtOnce)
	}
	*b = bodyHash{bodyHashKind: kind, h: h, of: kind.sha1, out: out[:0], result: result, left: kind.limit}
}

// write takes the next octets of the body. Most lines are hashed as they are: what has to be looked at is searched for in all that
// is there, and lines in front of it are taken whole.
func (b *bodyHash) write(p []byte) {
	cr, tab, space := -1, -1, -1 // the next of each, from at on
	for at := 0; at < len(p); {
		end := bytes.IndexByte(p[at:], '\n')
		if end < 0 {
			b.line(p[at:])
			return
		}
		end += at
		line := p[at:end]
		crlf := len(line) > 0 && line[len(line)-1] == '\r'
		if crlf {
			line = line[:len(line)-1]
		}
		cr = nextOctet(p, '\r', at, cr)
		asItIs := cr >= at+len(line) && !b.cr && !b.blank
		if asItIs && b.relaxed {
			tab, space = nextOctet(p, '\t', at, tab), nextOctet(p, ' ', at, space)
			asItIs = tab >= end && (space >= end || singleBlanks(line))
		}
		switch {
		case !asItIs:
			b.line(line)
			if crlf {
				b.stray() // another CR before that of the line end
			}
			b.cr, b.blank = false, false
		case len(line) > 0:
			b.run(line)
		}
		b.empty++
		at = end + 1
	}
}

// nextOctet gives where the first c from at on stands in p, len(p) if there is none, if next is not behind at and known for that.
func nextOctet(p []byte, c byte, at, next int) int {
	if next >= at {
		return next
	}
	if i := bytes.IndexByte(p[at:], c); i >= 0 {
		return at + i
	}
	return len(p)
}

// singleBlanks tells whether no two blanks stand side by side in a line, and none at its end.
func singleBlanks(line []byte) bool {
	const blanks = ' ' * ones
	i := 0
	for ; i+8 <= len(line); i += 7 {
		v := binary.LittleEndian.Uint64(line[i:]) ^ blanks
		if blank := ^(v&^highBits + 0x7f*ones | v) & highBits; blank&(blank<<8) != 0 {
			return false
		}
	}
	for ; i+1 < len(line); i++ {
		if line[i] == ' ' && line[i+1] == ' ' {
			return false
		}
	}
	return len(line) == 0 || line[len(line)-1] != ' '
}

// stray takes the CR that turned out to be no part of a line end.
func (b *bodyHash) stray() {
	if b.cr {
		b.cr = false
		b.text('\r')
	}
}

// line takes some octets of one line.
func (b *bodyHash) line(p []byte) {
	for len(p) > 0 {
		if n := b.plain(p); n > 0 {
			b.stray()
			b.run(p[:n])
			p = p[n:]
			continue
		}
		b.stray()
		if p[0] == '\r' {
			b.cr = true
		} else {
			b.blank = true
		}
		p = p[1:]
	}
}

// plain gives how many octets at the start of p are hashed as they are: up to a CR or, relaxed, a blank that is not a single one
// between others.
func (b *bodyHash) plain(p []byte) int {
	for i, c := range p {
		if c == '\r' || b.relaxed && (c == '\t' || c == ' ' && (i == 0 || i+1 == len(p) || p[i+1] == ' ' || p[i+1] == '\t' || p[i+1] == '\r')) {
			return i
		}
	}
	return len(p)
}

// run takes some octets of text that are hashed as they are.
func (b *bodyHash) run(p []byte) {
	b.before(len(p))
	if len(p) > cap(b.out)-len(b.out) {
		b.flush()
		b.hash(p)
		return
	}
	b.out = append(b.out, p...)
}

// text takes one octet of text.
func (b *bodyHash) text(c byte) {
	b.before(1)
	b.out = append(b.out, c)
}

// before takes what waited for text, and makes room for n octets of it, or for as many as there can be.
func (b *bodyHash) before(n int) {
	b.content = true
	for ; b.empty > 0; b.empty-- {
		b.room(2)
		b.out = append(b.out, '\r', '\n')
	}
	b.room(n + 1)
	if b.blank {
		b.blank = false
		b.out = append(b.out, ' ')
	}
}

// room hashes what was gathered if there is no room for n octets more.
func (b *bodyHash) room(n int) {
	if n > cap(b.out)-len(b.out) {
		b.flush()
	}
}

// flush hashes what was gathered.
func (b *bodyHash) flush() {
	b.hash(b.out)
	b.out = b.out[:0]
}

// hash hashes what is canonical, up to the limit.
func (b *bodyHash) hash(p []byte) {
	if b.limit >= 0 {
		p = p[:min(int64(len(p)), b.left)]
		b.left -= int64(len(p))
	}
	b.h.Write(p)
}

// sum appends the hash once all was written.
func (b *bodyHash) sum(to []byte) []byte {
	if b.cr {
		b.text('\r')
	}
	if b.content || !b.relaxed {
		b.room(2)
		b.out = append(b.out, '\r', '\n')
	}
	b.flush()
	return b.h.Sum(to)
}

// beyond tells, once all was hashed, that the limit is beyond the end of the body: such a signature fits no body.
func (b *bodyHash) beyond() bool { return b.left > 0 }

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

package facts

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"io"
	"strconv"
	"strings"
)

// maxBodyHashes bounds the different ways in which one body is hashed: a message can bring any number of signatures.
const maxBodyHashes = 4

// staleSignatures notes each DKIM-Signature whose body hash (bh=, RFC 6376 section 3.7) is not that of the body: it was made for
// another text, and every receiver will find it broken. Whether the signature itself is right is not looked at, that needs the
// key in the DNS; nor is one that cannot be read, or asks for an algorithm that RFC 6376 and RFC 8463 do not know.
func (m *maker) staleSignatures() {
	fields := m.all("dkim-signature")
	if len(fields) == 0 {
		return
	}
	type signature struct {
		line         int64
		domain, want string
		hash         *bodyHash
	}
	var signatures []signature
	hashes := map[bodyHashKind]*bodyHash{}
	for _, f := range fields[:min(len(fields), maxSignatures)] {
		tags := parseTags(m.bounded(f, 32<<10))
		kind, want, ok := bodyHashOf(tags)
		if !ok {
			continue
		}
		h := hashes[kind]
		if h == nil {
			if len(hashes) == maxBodyHashes {
				continue
			}
			h = newBodyHash(kind)
			hashes[kind] = h
		}
		signatures = append(signatures, signature{f.Line, tags["d"], want, h})
	}
	if len(signatures) == 0 {
		return
	}
	off := m.res.Parts[0].Body.Offset
	if cap(m.piece) < 64<<10 {
		m.piece = make([]byte, 64<<10)
	}
	buf := m.piece[:64<<10]
	for r := io.NewSectionReader(m.r, off, m.size-off); ; {
		n, err := r.Read(buf)
		for _, h := range hashes {
			h.write(buf[:n])
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return // the octets cannot be read; nothing is known of them
		}
	}
	sums := map[*bodyHash]string{}
	for _, h := range hashes {
		sums[h] = string(h.sum())
	}
	for _, s := range signatures {
		if subtle.ConstantTimeCompare([]byte(sums[s.hash]), []byte(s.want)) == 0 {
			m.problem("rfc.dkim_stale", 0, s.line, s.domain)
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
func bodyHashOf(tags map[string]string) (kind bodyHashKind, want string, ok bool) {
	switch strings.ToLower(tags["a"]) {
	case "rsa-sha256", "ed25519-sha256":
	case "rsa-sha1":
		kind.sha1 = true
	default:
		return kind, "", false
	}
	_, body, _ := strings.Cut(strings.ToLower(tags["c"]), "/")
	switch strings.TrimSpace(body) {
	case "", "simple":
	case "relaxed":
		kind.relaxed = true
	default:
		return kind, "", false
	}
	kind.limit = -1
	if l, has := tags["l"]; has {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil || n < 0 {
			return kind, "", false
		}
		kind.limit = n
	}
	sum, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, tags["bh"]))
	return kind, string(sum), err == nil && len(sum) > 0
}

// bodyHash hashes a body in its canonical form. Line ends may be CRLF or LF, as the message is stored; on the wire they are CRLF.
type bodyHash struct {
	bodyHashKind
	h       hash.Hash
	out     []byte
	left    int64 // octets that may still be hashed, if limit is not -1
	empty   int64 // line ends that wait for text behind them: those at the end do not count
	cr      bool  // the last octet was CR
	blank   bool  // relaxed: blanks that wait for text behind them
	content bool  // there was any text
}

func newBodyHash(kind bodyHashKind) *bodyHash {
	b := &bodyHash{bodyHashKind: kind, left: kind.limit, out: make([]byte, 0, 4<<10)}
	if b.h = sha256.New(); kind.sha1 {
		b.h = sha1.New()
	}
	return b
}

func (b *bodyHash) write(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			b.line(p)
			return
		}
		line := p[:end]
		p = p[end+1:]
		if end > 0 && line[end-1] == '\r' {
			b.line(line[:end-1])
			b.stray() // another CR before that of the line end
		} else {
			b.line(line)
		}
		b.cr, b.blank = false, false
		b.empty++
	}
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
	if len(p) == 0 {
		return
	}
	if !b.relaxed && bytes.IndexByte(p, '\r') < 0 || b.relaxed && !b.blank && b.asItIs(p) {
		b.run(p)
		return
	}
	for len(p) > 0 {
		if n := b.plain(p); n > 0 {
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

var twoBlanks = []byte("  ")

// asItIs tells whether p is its own relaxed form.
func (b *bodyHash) asItIs(p []byte) bool {
	return p[len(p)-1] != ' ' && bytes.IndexByte(p, '\t') < 0 && bytes.IndexByte(p, '\r') < 0 && !bytes.Contains(p, twoBlanks)
}

// plain gives how many octets at the start of p are hashed as they are: up to a line end, a CR or, relaxed, a blank.
func (b *bodyHash) plain(p []byte) int {
	for i, c := range p {
		if c == '\n' || c == '\r' || b.relaxed && (c == ' ' || c == '\t') {
			return i
		}
	}
	return len(p)
}

// run takes some octets of text that are hashed as they are.
func (b *bodyHash) run(p []byte) {
	b.stray()
	b.text(p[0])
	for p = p[1:]; len(p) > 0; {
		n := min(len(p), cap(b.out)-3-len(b.out))
		b.out = append(b.out, p[:n]...)
		b.flush(cap(b.out) - 4)
		p = p[n:]
	}
}

// text takes one octet of text, after what waited for it.
func (b *bodyHash) text(c byte) {
	b.content = true
	for ; b.empty > 0; b.empty-- {
		b.out = append(b.out, '\r', '\n')
		b.flush(cap(b.out) - 4)
	}
	if b.blank {
		b.blank = false
		b.out = append(b.out, ' ')
	}
	b.out = append(b.out, c)
	b.flush(cap(b.out) - 4)
}

// flush hashes what was gathered, if it is more than n octets.
func (b *bodyHash) flush(n int) {
	if len(b.out) <= n {
		return
	}
	out := b.out
	if b.limit >= 0 {
		out = out[:min(int64(len(out)), b.left)]
		b.left -= int64(len(out))
	}
	b.h.Write(out)
	b.out = b.out[:0]
}

// sum gives the hash once all was written. A limit beyond the end of the body gives no hash: such a signature fits no body.
func (b *bodyHash) sum() []byte {
	if b.cr {
		b.text('\r')
	}
	if b.content || !b.relaxed {
		b.out = append(b.out, '\r', '\n')
	}
	b.flush(-1)
	if b.left > 0 {
		return nil
	}
	return b.h.Sum(nil)
}

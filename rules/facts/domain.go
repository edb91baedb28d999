package facts

import (
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"postern/rules/facts/suffix"
)

// domain is what is known of a domain name.
type domain struct {
	ascii     string // lower case, A-labels where IDNA can make them, one final dot dropped
	unicode   string // U-labels
	name      bool   // it was looked at as a name, and may be in the public suffix list
	mixed     bool   // a label mixes scripts (UTS 39 section 5.2, more than highly restrictive allows)
	lookalike string // the ASCII domain that it reads as (UTS 39 section 4), if that is another
}

// maxDomain bounds the octets of a domain that are looked at closely; RFC 5321 section 4.5.3.1.2 allows 255. A domain in
// U-labels can be longer than its A-labels.
const maxDomain = 1000

// idn maps as UTS 46 does for look-up and is otherwise lenient: underscores and hyphens in odd places are not its concern.
var idn = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.VerifyDNSLength(false))
})

// maxKnownDomains bounds the domains that a maker keeps from message to message.
const maxKnownDomains = 2000

// knownDomain is a domain that was looked up, and the last message that has it.
type knownDomain struct {
	domain
	written   string // as it is
	asWritten bool   // written is ascii
	plain     bool   // labels says that it is right
	reserved  bool   // nobody can have mail there
	host      bool   // validHost
	message   uint64
	receives  uint64 // the last message that has it among the domains of its recipients

	asked       bool // registration knows the answer
	registrable string
	suffix      bool
}

// registration gives the registrable domain by the public suffix list, "" for literals, single labels and public suffixes, and tells
// whether the domain is itself a public suffix.
func (k *knownDomain) registration() (string, bool) {
	if k.name && !k.asked { // what is no name is left as it is: many makers share noDomain
		k.registrable, k.suffix = registrable(k.ascii)
		k.asked = true
	}
	return k.registrable, k.suffix
}

// domain looks a domain name up. It is given as it is written and need not be UTF-8. No honest message has more domains than
// are looked at closely; of the rest only case and final dot are normalised.
func (m *maker) domain(name []byte) *knownDomain {
	h := uint64(0)
	for i := 0; i < len(name); i += 8 {
		h = domainHash(h, load(name, i))
	}
	recent := m.recentPlace(h)
	k := *recent
	if k == nil || k.written != string(name) {
		k = m.domains[string(name)]
	}
	if k != nil && (k.message == m.head.message || m.look(k)) {
		*recent = k
		return k
	}
	if m.looked >= maxAddresses {
		s := strings.TrimSuffix(strings.ToLower(clean(string(name))), ".")
		k := judgedDomain(domain{ascii: s, unicode: s})
		return &k
	}
	if m.domains == nil {
		m.domains = map[string]*knownDomain{}
	}
	if len(m.rooms) == 0 {
		if m.inUse == len(m.chunks) {
			m.chunks = append(m.chunks, make([]knownDomain, min(max(8, len(m.domains)), 256)))
		}
		m.rooms = m.chunks[m.inUse]
		m.inUse++
	}
	k, m.rooms = &m.rooms[0], m.rooms[1:]
	written := string(name)
	*k = judgedDomain(newDomain(written))
	k.written = written
	end, right := labels(name, 0, len(name))
	k.asWritten, k.plain = k.written == k.ascii, right && end == len(name)
	m.domains[k.written] = k
	m.look(k)
	*recent = k
	return k
}

// look takes a domain that is known for one of this message. It is false if the message has too many already.
func (m *maker) look(k *knownDomain) bool {
	if m.looked >= maxAddresses {
		return false
	}
	m.looked++
	k.message = m.head.message
	return true
}

// recentPlace gives where a domain of that hash is that was looked up lately, which is sooner than looking it up.
func (m *maker) recentPlace(h uint64) **knownDomain { return &m.recent[h>>(64-recentBits)] }

// domainHash hashes the next eight octets of a domain as it is written; there are zeros behind its last.
func domainHash(h, octets uint64) uint64 { return (h ^ octets) * 0x9e3779b97f4a7c15 }

func judgedDomain(d domain) knownDomain {
	return knownDomain{domain: d, reserved: reserved(d.ascii), host: validHost(d.ascii)}
}

func newDomain(name string) domain {
	s := strings.ToLower(clean(name))
	s = strings.TrimSuffix(s, ".")
	d := domain{ascii: s, unicode: s}
	if s == "" || s[0] == '[' || len(s) > maxDomain {
		return d
	}
	if !isASCII(s) || strings.Contains(s, "xn--") {
		if a, u, ok := plainLabels(s); ok {
			d.ascii, d.unicode = a, u
		} else if a, err := idn().ToASCII(s); err == nil && a != "" {
			d.ascii = strings.TrimSuffix(a, ".")
			if u, err := idn().ToUnicode(d.ascii); err == nil {
				d.unicode = u
			}
		}
	}
	d.name = true
	if !isASCII(d.unicode) {
		d.mixed = mixedScript(d.unicode)
		d.lookalike = lookalike(d.unicode)
	}
	return d
}

// registrable gives the registrable domain of an ASCII domain in lower case by the public suffix list, and tells whether
// the domain is itself a public suffix. A suffix of the list's private section, such as a forwarding service's domain, is an
// ordinary domain where it stands by itself: people have mail there.
func registrable(ascii string) (string, bool) {
	if !strings.Contains(ascii, ".") || isIP(ascii) || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") {
		return "", false
	}
	public, icann := suffix.Public(ascii)
	if public == ascii {
		if icann {
			return "", true
		}
		_, parent, _ := strings.Cut(ascii, ".")
		if r, ok := suffix.Registrable(parent); ok {
			return r, false
		}
		return ascii, false
	}
	r, _ := suffix.Above(ascii, public)
	return r, false
}

// isIP tells whether s is an address of IP.
func isIP(s string) bool {
	if s == "" || !isDigit(s[len(s)-1]) && strings.IndexByte(s, ':') < 0 {
		return false // as most names
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// lookalike gives the ASCII domain that s reads as: its skeleton (UTS 39 section 4), if every character that is not ASCII
// has an ASCII prototype. ASCII characters that read alike (rn and m, l and 1) are left alone, because too many honest
// names hold them; so are letters with marks, which UTS 39 does not confuse with bare ones.
func lookalike(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	b := make([]byte, 0, len(s))
	changed := false
	for _, r := range s {
		if r < utf8.RuneSelf {
			b = append(b, byte(r))
			continue
		}
		c := prototype(r)
		if c == 0 {
			return ""
		}
		b = append(b, c)
		changed = true
	}
	if !changed {
		return ""
	}
	return string(b)
}

// prototype gives the ASCII letter or digit that r reads as, or 0.
func prototype(r rune) byte { return prototypes()[r] }

var prototypes = sync.OnceValue(func() map[rune]byte {
	t := map[rune]byte{}
	for i := range lookalikes {
		for _, r := range lookalikes[i].runes {
			if t[r] == 0 {
				t[r] = lookalikes[i].ascii
			}
		}
	}
	return t
})

// scripts are the scripts that combine with others under UTS 39's highly restrictive profile, and the commonest others.
var scripts = [...]*unicode.RangeTable{
	unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
	unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Armenian, unicode.Thai, unicode.Devanagari,
}

const (
	latin = 1 << iota
	han
	hiragana
	katakana
	bopomofo
	hangul
)

// mixedScript tells whether a label of a domain, or a word of other text without dots, mixes scripts more than UTS 39's
// highly restrictive profile allows: one script, or Latin with Han and the scripts that are written together with it.
func mixedScript(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if !isASCII(label) && mixedLabel(label) {
			return true
		}
	}
	return false
}

func mixedLabel(label string) bool {
	set, others := 0, ""
	for _, r := range label {
		if r < utf8.RuneSelf {
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				set |= latin
			}
			continue
		}
		bit, other := script(r)
		set |= bit
		if other == "" {
			continue
		}
		if others != "" && others != other {
			return true
		}
		others = other
	}
	if others != "" {
		return set != 0
	}
	for _, allowed := range [...]int{latin | han | hiragana | katakana, latin | han | bopomofo, latin | han | hangul} {
		if set&^allowed == 0 {
			return false
		}
	}
	return true
}

// script gives the bit of a script that combines with others, or the name of another script. A character that Unicode does
// not assign, or that stands in all, has neither.
func script(r rune) (bit int, other string) {
	if uint32(r) >= maxPaged {
		return searchScript(r)
	}
	page := pagesOfScripts[r/runePage].Load()
	if page == nil {
		page = &[runePage]atomic.Pointer[scriptAnswer]{}
		pagesOfScripts[r/runePage].Store(page)
	}
	a := page[r%runePage].Load()
	if a == nil {
		a = &scriptAnswer{}
		a.bit, a.other = searchScript(r)
		page[r%runePage].Store(a)
	}
	return a.bit, a.other
}

// pagesOfScripts hold what script has answered.
var pagesOfScripts [runePages]atomic.Pointer[[runePage]atomic.Pointer[scriptAnswer]]

type scriptAnswer struct {
	bit   int
	other string
}

func searchScript(r rune) (int, string) {
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return 0, ""
	}
	for i, t := range scripts {
		if unicode.Is(t, r) {
			if 1<<i <= hangul {
				return 1 << i, ""
			}
			break
		}
	}
	for name, t := range unicode.Scripts {
		if unicode.Is(t, r) {
			return 0, name
		}
	}
	return 0, ""
}

// hasBidi tells whether s holds characters that change the direction of writing or have no width, so that it does not read
// as it is stored.
func hasBidi(s string) bool {
	for _, r := range s {
		switch {
		case r == 0x061c, r == 0x200b, r == 0x200e, r == 0x200f, r == 0x2060, r == 0xfeff, r == 0x00ad,
			0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
			return true
		}
	}
	return false
}

package facts

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxLinks      = 200
	maxTarget     = 2000 // octets of Link.Target
	maxLinkText   = 200  // characters of Link.Text
	maxLinkSeen   = 5000 // different links that are told apart
	maxHostsNoted = 200
)

// linkSet gathers links. When it is full, a link that a rule may object to takes the place of one that none does, so that
// many harmless links hide nothing.
type linkSet struct {
	total int
	plain int     // Links.Items[:plain] are searched for one to replace
	seen  textSet // by their keys: the length of a target, the target, and the text
	hosts textSet
}

// end lets go of the message. It keeps not too much memory.
func (s *linkSet) end() {
	s.total, s.plain = 0, 0
	s.seen.reset()
	s.hosts.reset()
}

func (c *contents) finishLinks() {
	s, l := &c.links, &c.f.Links
	l.Total = s.total
	for i := range s.hosts.list {
		l.Hosts = append(l.Hosts, s.hosts.list[i].text)
	}
	l.Hosts = leastTexts(l.Hosts, maxHostsNoted)
	slices.Sort(l.Hosts)
	for i, h := range l.Hosts {
		l.Hosts[i] = c.keep(h)
	}
}

// leastTexts gives the n texts of a list of different ones that are before all others, in any order, without bringing these into
// theirs.
func leastTexts(l []string, n int) []string {
	if len(l) <= n {
		return l
	}
	for lo, hi := 0, len(l); hi-lo > 1; {
		pivot := lo + rand.IntN(hi-lo)
		l[pivot], l[hi-1] = l[hi-1], l[pivot]
		at := lo
		for i := lo; i < hi-1; i++ {
			if l[i] < l[hi-1] {
				l[i], l[at] = l[at], l[i]
				at++
			}
		}
		l[at], l[hi-1] = l[hi-1], l[at]
		if at < n {
			lo = at + 1
		} else {
			hi = at
		}
	}
	return l[:n]
}

// addLink notes a link with the text that a reader sees for it. Both are only borrowed.
func (c *contents) addLink(where at, target, text string) {
	c.addURL(where, target, text, nil)
}

// addURL is addLink of a target that was taken apart, or nil.
func (c *contents) addURL(where at, target, text string, u *webURL) {
	s := &c.links
	s.total++
	if u == nil || len(target) > maxTarget {
		target, u = tidyTarget(target), nil
	}
	if text != "" {
		text = clipRunes(c.oneLine(cut(text, 4*maxLinkText)), maxLinkText)
	}
	if leadsNowhere(target) {
		c.spot(&c.f.Links.Empty, text, where)
	}
	k := &c.keys
	k.room(2 + len(target) + len(text))
	at := len(k.octets)
	k.octets = append(append(append(k.octets, byte(len(target)), byte(len(target)>>8)), target...), text...)
	key := k.since(at)
	if s.seen.find(key) >= 0 {
		k.octets = k.octets[:at]
		return
	}
	c.unsubscribe = c.unsubscribe || targetsUnsubscribe(target)
	if u == nil {
		apart := splitURL(target)
		u = &apart
	}
	full := len(s.seen.list) >= maxLinkSeen
	if full {
		k.octets = k.octets[:at]
	} else {
		s.seen.add(key, 0)
	}
	l := c.link(target, text, u)
	if full {
		c.keepRemarkable(l, where)
		return
	}
	if l.Scheme == "http" && l.Host != "" {
		c.spot(&c.f.Links.Insecure, l.Host, where)
	}
	if w := literalInURL(target); w != "" {
		c.spot(&c.f.Leftovers.Literals, target, where)
	}
	if l.Host != "" && len(s.hosts.list) < maxLinkSeen && s.hosts.find(l.Host) < 0 {
		s.hosts.add(k.keep(l.Host), 0)
	}
	items := &c.f.Links.Items
	if len(*items) < maxLinks {
		*items = append(*items, c.keptLink(l, where))
		s.plain = len(*items)
		return
	}
	c.keepRemarkable(l, where)
}

// keepRemarkable keeps a link that a rule may object to in the place of one that none does.
func (c *contents) keepRemarkable(l Link, where at) {
	s, items := &c.links, &c.f.Links.Items
	if !l.remarkable() {
		return
	}
	for s.plain > 0 {
		if s.plain--; !(*items)[s.plain].remarkable() {
			(*items)[s.plain] = c.keptLink(l, where)
			return
		}
	}
}

// keptLink is the link with texts that are valid as long as the facts, and its place.
func (c *contents) keptLink(l Link, where at) Link {
	for _, s := range [...]*string{&l.Target, &l.Scheme, &l.Host, &l.Text, &l.TextHost} {
		*s = c.keep(*s)
	}
	l.Path, l.Line = c.path(where.part), c.lineOf(where)
	return l
}

func (l *Link) remarkable() bool {
	return l.Mismatch || l.IPHost || l.Credentials || l.MixedScript || l.LookalikeOf != "" || l.ZeroWidth
}

// tidyTarget takes out what browsers take out of an address: white space and controls around it, tabs and line ends in it
// (URL Standard section 4.4).
func tidyTarget(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if strings.ContainsAny(s, "\t\r\n") {
		s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	}
	return cut(s, maxTarget)
}

// link tells what is to be told of a target and its text.
func (c *contents) link(target, text string, u *webURL) Link {
	l := Link{Target: target, Scheme: u.scheme, Text: text, Credentials: u.user, ZeroWidth: hasInvisible(target)}
	if u.host != "" {
		l.Host, l.IPHost = u.host, u.ip
		switch {
		case u.ip:
		case isPlainName(u.host):
			l.Host = cut(u.host, 255)
		default:
			d := c.domain(octetsOf(u.host))
			l.Host, l.MixedScript, l.LookalikeOf = cut(d.ascii, 255), d.mixed, d.lookalike
			if a, ok := parseIPv4(strings.TrimSuffix(d.ascii, ".")); ok { // in wide or other digits
				l.Host, l.IPHost = a, true
			}
		}
	}
	if text == "" {
		return l
	}
	shown := textURL(text)
	if shown.host == "" {
		return l
	}
	l.ZeroWidth = l.ZeroWidth || hasInvisible(text)
	if shown.ip {
		l.TextHost = shown.host
		l.Mismatch = l.Host != "" && l.Host != shown.host
		return l
	}
	if isPlainName(shown.host) {
		l.TextHost = cut(shown.host, 255)
	} else {
		l.TextHost = cut(c.domain(octetsOf(shown.host)).ascii, 255)
	}
	if l.Host != "" && l.Host != l.TextHost {
		l.Mismatch = l.IPHost || c.registrable(u.host) != c.registrable(shown.host)
	}
	return l
}

// registrable gives the registrable domain, or the whole name where there is none.
func (c *contents) registrable(host string) string {
	d := c.domain(octetsOf(host))
	if r, _ := d.registration(); r != "" {
		return r
	}
	return d.ascii
}

// isPlainName tells whether maker.domain can only say of a host that it is called so.
func isPlainName(host string) bool {
	return len(host) <= maxDomain && host[len(host)-1] != '.' && isASCII(host) && !strings.Contains(host, "xn--")
}

// webURL is what is looked at of an address.
type webURL struct {
	scheme string // lower case
	host   string // lower case, without port; an IP address in its usual form
	ip     bool
	user   bool // something stands before "@" in the authority
}

// splitURL reads an address as browsers do (URL Standard section 4.4), which is more than RFC 3986 allows: backslashes are
// slashes, the number of slashes does not matter. Only schemes with a host that a browser goes to have one here.
func splitURL(s string) webURL {
	var u webURL
	rest := s
	if i := strings.IndexByte(s, ':'); i > 0 && isScheme(s[:i]) {
		u.scheme, rest = strings.ToLower(s[:i]), s[i+1:]
	} else if !strings.HasPrefix(s, "//") {
		return u
	}
	switch u.scheme {
	case "http", "https", "ftp", "ws", "wss", "":
	default:
		return u
	}
	for rest != "" && (rest[0] == '/' || rest[0] == '\\') {
		rest = rest[1:]
	}
	for i := range len(rest) {
		if c := rest[i]; c == '/' || c == '\\' || c == '?' || c == '#' {
			rest = rest[:i]
			break
		}
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		u.user = i > 0
		rest = rest[i+1:]
	}
	u.host, u.ip = hostOf(rest)
	return u
}

func isScheme(s string) bool {
	if len(s) > 32 || !isLetter(s[0]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// hostOf gives the host of an authority without user: "[::1]:80", "example.com:80", "0x7f.1".
func hostOf(s string) (host string, ip bool) {
	if strings.HasPrefix(s, "[") {
		if i := strings.IndexByte(s, ']'); i > 0 {
			if a, err := netip.ParseAddr(s[1:i]); err == nil {
				return a.String(), true
			}
			return "", false
		}
	}
	if i := strings.IndexByte(s, ':'); i >= 0 {
		s = s[:i]
	}
	if strings.IndexByte(s, '%') >= 0 {
		octets, _ := unpercent(s)
		s = clean(octets)
	}
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if a, ok := parseIPv4(s); ok {
		return a, true
	}
	if len(s) > 1000 || noHost(s) {
		return "", false // a placeholder or garbage
	}
	return s, false
}

// noHost tells whether there is something in s that is in no host.
func noHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; c {
		case ' ', '<', '>', '"', '\'', '{', '}', '|', '^', '`':
			return true
		default:
			if c >= utf8.RuneSelf {
				return strings.ContainsAny(s[i:], " <>\"'{}|^`\u00a0\u3000")
			}
		}
	}
	return false
}

// parseIPv4 reads the forms of an IPv4 address that browsers take (URL Standard section 3.5): one to four numbers, decimal,
// octal or hexadecimal, the last of which fills what is left.
func parseIPv4(s string) (string, bool) {
	if s == "" || !isDigit(s[0]) {
		return "", false
	}
	var n [4]uint64
	k := 0
	for p := range strings.SplitSeq(s, ".") {
		if k == 4 {
			return "", false
		}
		base := 10
		switch {
		case len(p) > 1 && (p[:2] == "0x" || p[:2] == "0X"):
			p, base = p[2:], 16
			if p == "" {
				p = "0"
			}
		case len(p) > 1 && p[0] == '0':
			p, base = p[1:], 8
		}
		v, err := strconv.ParseUint(p, base, 32)
		if err != nil {
			return "", false
		}
		n[k] = v
		k++
	}
	var v uint64
	for i := range k - 1 {
		if n[i] > 255 {
			return "", false
		}
		v |= n[i] << (24 - 8*i)
	}
	if n[k-1] >= 1<<(8*(5-k)) {
		return "", false
	}
	v |= n[k-1]
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String(), true
}

// textURL reads a link's text as an address if all of it is one: it begins with a scheme or "www.", or is a name of at least
// two labels under a top-level domain that nothing else is usually called by.
func textURL(text string) webURL {
	if !isASCII(text) {
		text = narrow(text)
	}
	if strings.IndexByte(text, '.') < 0 && strings.IndexByte(text, ':') < 0 && strings.IndexByte(text, '%') < 0 {
		return webURL{} // of a scheme, between labels, or of an octet that may be one of these
	}
	text = strings.Trim(text, " \u00a0<>()[]\"'.,:;!")
	if text == "" || strings.ContainsAny(text, " \t\n") || strings.Contains(text, "@") {
		return webURL{}
	}
	lower := strings.ToLower(cut(text, maxTarget))
	switch {
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "ftp://"):
		u := splitURL(lower)
		if !u.ip && !strings.Contains(u.host, ".") {
			return webURL{}
		}
		return u
	case strings.HasPrefix(lower, "www."):
		u := splitURL("http://" + lower)
		if strings.Count(u.host, ".") < 2 {
			return webURL{}
		}
		return u
	}
	u := splitURL("http://" + lower)
	if u.ip || !isHostName(u.host) {
		return webURL{}
	}
	tld := u.host[strings.LastIndexByte(u.host, '.')+1:]
	if !plainTLDs.has(tld) || notHosts.has(u.host) {
		return webURL{}
	}
	return u
}

// narrow gives wide forms of ASCII, and the stops that browsers take for dots, as ASCII.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff01' && r <= '\uff5e':
			return r - 0xfee0
		case r == '\u3002' || r == '\uff61':
			return '.'
		}
		return r
	}, s)
}

// plainTLDs are top-level domains under which a bare name in a link's text is taken for a host; .md, .py, .sh, .pl, .zip and
// many others are names of files as often.
var plainTLDs = words("com,net,org,edu,gov,mil,info,biz,io,co,us,uk,de,fr,nl,be,at,ch,it,es,se,no,dk,fi,eu,ca,au,jp,cn,ru,br,in")

// notHosts are products whose names read as hosts.
var notHosts = words("asp.net,vb.net,ado.net,ml.net,node.js,socket.io")

func isHostName(s string) bool {
	if !strings.Contains(s, ".") || len(s) > 253 {
		return false
	}
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
			continue
		case isLetter(c), isDigit(c), c == '-', c == '_', c >= 0x80:
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > 0
}

// bareLinks finds the addresses in text that mail programs make links of. Places are all where one may stand: of ":/" and "www.".
func (c *contents) bareLinks(part int, text string, places []int32) {
	slices.Sort(places)
	row, counted := 0, 0 // text[:counted] holds row line ends
	end := 0
	for _, place := range places {
		i := beginOfURL(text, int(place))
		if i < end || i > 0 && (isLetter(text[i-1]) || isDigit(text[i-1])) {
			continue
		}
		url := urlAt(text[i:])
		target := url
		if len(url) > 4 && strings.EqualFold(url[:4], "www.") {
			target = "http://" + url
		}
		if u := splitURL(target); u.host != "" {
			row += strings.Count(text[counted:i], "\n")
			counted = i
			c.addURL(at{part: part, row: row}, target, "", &u)
		}
		end = i + max(len(url), 1)
	}
}

// beginOfURL gives where an address begins whose first "/" is behind text[i], or whose "www." is there; -1 if there is none.
func beginOfURL(text string, i int) int {
	if text[i] != ':' {
		if i+4 < len(text) && (isLetter(text[i+4]) || isDigit(text[i+4])) {
			return i
		}
		return -1
	}
	for _, scheme := range [...]string{"http://", "https://", "ftp://"} {
		if n := i - (len(scheme) - len("://")); n >= 0 && hasPrefixFold(text[n:], scheme) {
			return n
		}
	}
	return -1
}

// hasPrefixFold tells whether s begins with prefix, which is ASCII, without regard to case.
func hasPrefixFold(s, prefix string) bool {
	n := len(prefix)
	return len(s) >= n && s[n-1]|0x20 == prefix[n-1]|0x20 && strings.EqualFold(s[:n], prefix)
}

// urlAt gives the address at the start of s: up to white space or a bracket, without the punctuation of the sentence.
func urlAt(s string) string {
	end, open := len(s), 0
	for i, r := range s {
		if r <= ' ' || r == '<' || r == '>' || r == '"' || r == 0x7f || r == '\u00a0' || r >= 0x2000 && r <= 0x200a || r == 0x3000 || i >= maxTarget {
			end = i
			break
		}
		if r == '(' {
			open++
		}
		if r == ')' {
			if open == 0 {
				end = i
				break
			}
			open--
		}
	}
	return strings.TrimRight(s[:end], ".,;:!?'*_|]}")
}

// Package suffix finds the public suffix of a domain name. It is golang.org/x/net/publicsuffix less its cookie jar: that package
// imports net/http, and whatever imports it starts that up too, which takes half as long as a whole small program. Its tests hold
// the two equal, data and answers; go generate takes the data over after an update.
//
// The data and the way through it are those of the Go authors, see LICENSE.
package suffix

import (
	_ "embed"
	"net/netip"
	"strings"
)

//go:generate sh -c "cp $(go list -m -f {{.Dir}} golang.org/x/net)/publicsuffix/data/* data/ && chmod 644 data/*"

// topLevel is the number of nodes that stand for top level domains: the first ones. Labels are found by bisection.
const topLevel = 1450

// What the bits of a node and of an entry of children say, from the lowest: a node has 6 bits for the length of its label, 16
// for its place in text, one that says ICANN, 10 for its entry of children; that has 14 bits for the first node below, 14 for the
// end of those nodes, 2 for the kind of the node and one that says wildcard.
const (
	nodeOctets             = 5
	normal, exception byte = 0, 1
)

var (
	//go:embed data/text
	text string
	//go:embed data/nodes
	nodes string
	//go:embed data/children
	children string
)

// number reads a big-endian number.
func number(s string) (n uint64) {
	for i := range len(s) {
		n = n<<8 | uint64(s[i])
	}
	return n
}

func node(i uint32) uint64 { return number(nodes[i*nodeOctets:][:nodeOctets]) }

func label(i uint32) string {
	n := node(i)
	at := n >> 6 & (1<<16 - 1)
	return text[at : at+n&(1<<6-1)]
}

// find gives the node of a label among those from lo to hi.
func find(s string, lo, hi uint32) (at uint32, ok bool) {
	for lo < hi {
		mid := lo + (hi-lo)/2
		switch l := label(mid); {
		case l < s:
			lo = mid + 1
		case l == s:
			return mid, true
		default:
			hi = mid
		}
	}
	return 0, false
}

// Public gives the public suffix of a domain, which is in lower case and ASCII, and tells whether it is one of the list's ICANN
// section. A suffix that the list does not have is the last label.
func Public(domain string) (suffix string, icann bool) {
	if n := len(domain); n > 0 && ('0' <= domain[n-1] && domain[n-1] <= '9' || strings.IndexByte(domain, ':') >= 0) { // as no name is
		if _, err := netip.ParseAddr(domain); err == nil {
			return domain, false
		}
	}
	lo, hi := uint32(0), uint32(topLevel)
	rest, from := domain, len(domain)
	ofICANN, wildcard := false, false
	for {
		dot := strings.LastIndexByte(rest, '.')
		if wildcard {
			icann, from = ofICANN, 1+dot
		}
		at, ok := find(rest[1+dot:], lo, hi)
		if !ok {
			break
		}
		n := node(at) >> (16 + 6)
		ofICANN = n&1 != 0
		below := number(children[n>>1&(1<<10-1)*4:][:4])
		lo, hi = uint32(below&(1<<14-1)), uint32(below>>14&(1<<14-1))
		kind := byte(below >> 28 & 3)
		if kind == normal {
			from = 1 + dot
		} else if kind == exception {
			from = 1 + len(rest)
			break
		}
		if wildcard = below>>30&1 != 0; !wildcard {
			icann = ofICANN
		}
		if dot < 0 {
			break
		}
		rest = rest[:dot]
	}
	if from == len(domain) {
		return domain[1+strings.LastIndexByte(domain, '.'):], icann
	}
	return domain[from:], icann
}

// Registrable gives the public suffix of a domain with one label more; false for what is a public suffix itself, or no domain.
func Registrable(domain string) (string, bool) {
	if strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return "", false
	}
	suffix, _ := Public(domain)
	return Above(domain, suffix)
}

// Above gives a domain's public suffix with one label more; false for what has none.
func Above(domain, suffix string) (string, bool) {
	i := len(domain) - len(suffix) - 1
	if i < 0 || domain[i] != '.' {
		return "", false
	}
	return domain[1+strings.LastIndexByte(domain[:i], '.'):], true
}

package guard

import (
	"net/netip"
	"strings"
)

// network takes an address and the number of its bits that count, as net.ParseCIDR does.
func network(s string) (addr netip.Addr, bits int, ok bool) {
	of, length, ok := strings.Cut(s, "/")
	if !ok || length == "" {
		return addr, 0, false
	}
	addr, err := netip.ParseAddr(of)
	if err != nil || addr.Zone() != "" {
		return addr, 0, false
	}
	for _, c := range []byte(length) {
		if c < '0' || c > '9' {
			return addr, 0, false
		}
		if bits = 10*bits + int(c-'0'); bits > addr.BitLen() {
			return addr, 0, false
		}
	}
	return addr, bits, true
}

// inNetwork tells whether a network contains an address, as net.IPNet.Contains does: addresses of IPv4 that are written as those of
// IPv6 are of IPv4. It is not ok where either is none.
func inNetwork(of, address string) (in, ok bool) {
	addr, bits, ok := network(of)
	if !ok {
		return false, false
	}
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" {
		return false, false
	}
	if addr.Is4In6() && bits >= 96 {
		addr, bits = addr.Unmap(), bits-96
	}
	return netip.PrefixFrom(addr, bits).Contains(ip.Unmap()), true
}

package guard

import (
	"math/rand/v2"
	"net"
	"testing"
)

// Networks are read, and hold addresses, as package net has it.
func TestNetworks(t *testing.T) {
	pieces := []string{
		"127.0.0.1", "10.1.2.3", "::1", "::", "fc00::1", "::ffff:10.1.2.3", "::ffff:0:0", "fe80::1%eth0", "::fffe:10.1.2.3", "0.0.0.0", "255.255.255.255",
		"010.1.2.3", "1.2.3", "", "x", "::1.2.3.4",
	}
	lengths := []string{"/0", "/8", "/08", "/31", "/32", "/33", "/81", "/90", "/95", "/96", "/97", "/104", "/127", "/128", "/129", "/", "/-1", "/+1", "/1x", "/99999999999999999999", "", "/0/0"}
	random := rand.New(rand.NewPCG(1, 2))
	networks, within := 0, 0
	for range 200_000 {
		s := pieces[random.IntN(len(pieces))] + lengths[random.IntN(len(lengths))]
		_, want, err := net.ParseCIDR(s)
		if _, _, ok := network(s); ok != (err == nil) {
			t.Fatalf("%q: %v, %v", s, ok, err)
		}
		address := pieces[random.IntN(len(pieces))]
		ip := net.ParseIP(address)
		in, ok := inNetwork(s, address)
		if ok != (err == nil && ip != nil) || ok && in != want.Contains(ip) {
			t.Fatalf("%q in %q: %v, %v", address, s, in, ok)
		}
		if ok {
			networks++
		}
		if in {
			within++
		}
	}
	if networks < 1000 || within < 1000 {
		t.Errorf("%d networks with addresses, %d hold them", networks, within)
	}
}

package ledger

import (
	"net"
	"strings"
)

// clearPassword refuses to send a password over a network that others can listen to. host is a name, an address, or the path of
// a socket.
func clearPassword(host string, encrypted bool, password, remedy string) error {
	if password == "" || encrypted || strings.HasPrefix(host, "/") || host == "localhost" || host == "" {
		return nil
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return nil
	}
	return fault(remedy, "the password would go to %s without encryption", host)
}

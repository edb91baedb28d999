package ledger

import "strings"

// WebScript tells from the environment of the program that hands over a message whether a web server runs it: CGI gives every
// script GATEWAY_INTERFACE and REQUEST_METHOD (RFC 3875 section 4.1), and SERVER_PROTOCOL. Scripts inside a web server (mod_php, PHP-FPM) need
// not show it; there the header of the message does, or the configuration has to say it.
func WebScript(environ []string) bool {
	seen := map[string]bool{}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		seen[name] = value != ""
	}
	return seen["GATEWAY_INTERFACE"] || seen["REQUEST_METHOD"] && (seen["SERVER_PROTOCOL"] || seen["SERVER_SOFTWARE"] || seen["REQUEST_URI"])
}

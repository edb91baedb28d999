# METADATA
# scope: package
# title: base64
# description: What base64 in lines of 76 characters with CRLF makes of a file (RFC 2045 section 6.8).
package postern.lib.base64

# A full line carries 57 octets in 76 characters and two for the line end.
_line_octets := 57

_line_bytes := 78

# encoded is the number of octets that a file of so many octets becomes.
encoded(octets) := chars + (2 * ceil(chars / 76)) if {
	chars := 4 * ceil(octets / 3)
}

# largest is the number of octets of the largest file that becomes no more than limit.
largest(limit) := (full * _line_octets) + (3 * max([0, floor((rest - 2) / 4)])) if {
	full := floor(max([0, limit]) / _line_bytes)
	rest := max([0, limit]) - (full * _line_bytes)
}

# METADATA
# scope: package
# title: Recipient's domain is reserved for examples
# description: >-
#   Names under .test, .example, .invalid and .localhost never exist in the public DNS, so mail to them cannot be delivered.
#   example.com, example.net and example.org exist and take no mail; in a message they are left over from a template.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2606
#   - ref: https://www.rfc-editor.org/rfc/rfc6761
# custom:
#   severity: warning
#   fields: [To, Cc, Bcc]
#   opaque: true
#   clause: RFC 2606 section 2
#   remedy: Replace the address with the recipient's own, or take it out.
package postern.rules.recipients.dummy

findings contains {
	"message": sprintf("mail to %q cannot be delivered: its domain is reserved", [address]),
	"value": address,
	"severity": _severity(address),
} if {
	some address in input.recipients.dummies
}

_severity(address) := "error" if {
	_never_exists(address)
} else := "warning"

_never_exists(address) if {
	parts := split(lower(address), ".")
	parts[count(parts) - 1] in {"test", "example", "invalid", "localhost"}
}

_never_exists(address) if endswith(lower(address), "@localhost")

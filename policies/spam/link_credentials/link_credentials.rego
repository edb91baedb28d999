# METADATA
# scope: package
# title: Link with a user name before the host
# description: >-
#   In https://bank.example@192.0.2.1/ everything before the @ is a user name that a browser does not show. It is used to make a
#   link look as if it led elsewhere, and a password in it is readable by all who get the message. It is an error where a text
#   hides the address, and a warning where the address itself is the text.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc3986#section-7.6
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 3986 section 7.6
#   remedy: Take the user name and the password out of the link, and change the password.
package postern.rules.spam.link_credentials

findings contains {
	"message": sprintf("a link to %q has a user name before the host", [link.host]),
	"value": link.host,
	"path": link.path,
	"line": link.line,
	"severity": _severity(link),
} if {
	some link in input.links.items
	link.credentials
}

# Behind a text the user name is out of sight. In plain text everybody sees it, and programs for other protocols still take one.
_severity(link) := "error" if {
	link.text != ""
	link.scheme in {"http", "https"}
} else := "warning"

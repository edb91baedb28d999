# METADATA
# scope: package
# title: Link to a host that looks like another
# description: >-
#   Letters of different alphabets look alike (UTS 39), and invisible characters look like nothing. A host that mixes alphabets and
#   looks like another name, or an address with invisible characters, is there to deceive; one of the two marks alone can be a
#   name in another language.
# related_resources:
#   - ref: https://www.unicode.org/reports/tr39/
# custom:
#   severity: error
#   opaque: true
#   clause: Unicode Technical Standard 39 section 4
#   remedy: Type the address anew, and link to the name in ordinary letters.
package postern.rules.spam.link_homograph

findings contains {
	"message": sprintf("a link leads to %q, which looks like %q", [link.host, link.lookalike_of]),
	"value": link.host,
	"limit": link.lookalike_of,
	"path": link.path,
	"line": link.line,
	"severity": _severity(link),
} if {
	some link in input.links.items
	link.lookalike_of != ""
}

findings contains {
	"message": sprintf("a link leads to %q, which mixes letters of different alphabets", [link.host]),
	"value": link.host,
	"path": link.path,
	"line": link.line,
	"severity": "warning",
} if {
	some link in input.links.items
	link.mixed_script
	link.lookalike_of == ""
}

findings contains {
	"message": sprintf("the address of a link to %q holds invisible characters", [link.host]),
	"value": link.host,
	"path": link.path,
	"line": link.line,
} if {
	some link in input.links.items
	link.zero_width
}

_severity(link) := "error" if {
	link.mixed_script
} else := "warning"

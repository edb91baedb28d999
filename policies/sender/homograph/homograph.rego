# METADATA
# scope: package
# title: Sender's domain or name looks like another
# description: >-
#   Letters of different alphabets look alike (UTS 39), and characters that change the direction of text or are invisible make a
#   name read as another. A domain that mixes alphabets and looks like another name is there to deceive; one of the marks alone
#   can be a name in another language.
# related_resources:
#   - ref: https://www.unicode.org/reports/tr39/
# custom:
#   severity: error
#   opaque: true
#   clause: Unicode Technical Standard 39 section 4
#   remedy: Type the address and the name anew, in the letters of one alphabet.
package postern.rules.sender.homograph

findings contains {
	"message": sprintf("%s is at %q, which looks like %q", [address.field, address.domain_unicode, address.lookalike_of]),
	"value": address.domain,
	"limit": address.lookalike_of,
	"line": address.line,
	"severity": _severity(address),
} if {
	some address in _senders
	address.lookalike_of != ""
}

findings contains {
	"message": sprintf("%s is at %q, which mixes letters of different alphabets", [address.field, address.domain_unicode]),
	"value": address.domain,
	"line": address.line,
	"severity": "warning",
} if {
	some address in _senders
	address.mixed_script
	address.lookalike_of == ""
}

findings contains {
	"message": sprintf("the name in %s holds characters that are invisible or turn text around", [address.field]),
	"value": address.display_name,
	"line": address.line,
	"severity": "warning",
} if {
	some address in _senders
	address.name_bidi
}

_severity(address) := "error" if {
	address.mixed_script
} else := "warning"

_senders contains address if some address in input.sender.from

_senders contains address if some address in input.sender.sender

_senders contains address if some address in input.sender.reply_to

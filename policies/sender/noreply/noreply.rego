# METADATA
# scope: package
# title: Nobody can answer
# description: >-
#   Microsoft asks bulk senders for a From or Reply-To address that can receive answers, and people who cannot answer press "spam".
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2
# custom:
#   severity: warning
#   opaque: true
#   clause: sender/valid_reply
#   remedy: Send from an address that somebody reads, or name one in Reply-To.
package postern.rules.sender.noreply

findings contains {
	"message": sprintf("From is %q, and no Reply-To names an address that is read", [from.address]),
	"value": from.address,
	"line": from.line,
} if {
	some from in input.sender.from
	_noreply(from)
	every reply in input.sender.reply_to {
		_noreply(reply)
	}
}

# "No-Reply", "no_reply+token" and "noreply" are one.
_noreply(address) if {
	base := split(lower(address.local), "+")[0]
	replace(replace(replace(base, "-", ""), "_", ""), ".", "") in data.postern.lists.sender.noreply.local_parts
}

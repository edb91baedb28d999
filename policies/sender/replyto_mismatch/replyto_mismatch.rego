# METADATA
# scope: package
# title: Answers go to a free mail address
# description: >-
#   From is under a domain of its own and Reply-To at a free mail provider: the pattern of fraud with a forged sender, for which
#   filters add to a message's score. A Reply-To under any other domain is ordinary and passes.
# related_resources:
#   - ref: https://spamassassin.apache.org/
# custom:
#   severity: warning
#   opaque: true
#   clause: SpamAssassin scores a free mail Reply-To (FREEMAIL_FORGED_REPLYTO)
#   remedy: Use a Reply-To address under the domain of From, and forward it where you read your mail.
package postern.rules.sender.replyto_mismatch

findings contains {
	"message": sprintf("Reply-To is %q at a free mail provider, From is under %q", [reply.address, from.domain]),
	"value": reply.address,
	"limit": from.domain,
	"line": reply.line,
} if {
	some reply in input.sender.reply_to
	_free(reply)
	from := input.sender.from[0]
	every other in input.sender.from {
		not _free(other)
	}
}

_free(address) if data.postern.lists.sender.freemail_from.domains[address.domain]

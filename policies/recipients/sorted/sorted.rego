# METADATA
# scope: package
# title: Recipients are in alphabetical order
# description: >-
#   Filters take a long list of recipients in alphabetical order for the mark of a program that works off a list of addresses.
# related_resources:
#   - ref: https://spamassassin.apache.org/
# custom:
#   severity: info
#   fields: [To, Cc]
#   clause: SpamAssassin scores sorted recipients (SORTED_RECIPS)
#   remedy: Send one message to each recipient, or put the addresses into Bcc.
package postern.rules.recipients.sorted

findings contains {
	"message": sprintf("all %d recipients in To and Cc are in alphabetical order", [input.recipients.visible]),
	"value": input.recipients.visible,
} if {
	input.recipients.sorted
}

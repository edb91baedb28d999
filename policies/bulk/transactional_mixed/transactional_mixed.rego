# METADATA
# scope: package
# title: A message to one customer is sent as bulk mail
# description: >-
#   The subject speaks of an order, an invoice, a password or the like, and the header calls the message bulk mail. Who
#   unsubscribes from the mailing then gets no receipts any more, and complaints about the mailing hold back the receipts.
# related_resources:
#   - ref: https://postmarkapp.com/support/article/1056
# custom:
#   severity: warning
#   clause: bulk/streams
#   remedy: Send messages to one customer without the list fields, from another address than mailings.
package postern.rules.bulk.transactional_mixed

import data.postern.lib.bulk

findings contains {
	"message": sprintf("the subject speaks of %q, and the header says %s", [phrase, bulk.because]),
	"value": phrase,
} if {
	bulk.own
	count(bulk.marks) > 0
	not input.header.subject.reply
	not input.header.subject.forward
	subject := lower(input.header.subject.text)
	some phrase in data.postern.lists.bulk.transactional_mixed.phrases
	contains(subject, phrase)
}

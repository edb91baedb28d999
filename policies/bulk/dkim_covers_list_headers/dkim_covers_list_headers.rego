# METADATA
# scope: package
# title: DKIM does not cover the fields for unsubscribing
# description: >-
#   One-click unsubscribing works only when a valid DKIM signature covers List-Unsubscribe and List-Unsubscribe-Post (RFC 8058
#   section 4). A message that a server signs later is not judged.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8058#section-4
# custom:
#   severity: warning
#   clause: RFC 8058 section 4
#   remedy: Add list-unsubscribe and list-unsubscribe-post to the h= list of the signer.
package postern.rules.bulk.dkim_covers_list_headers

import data.postern.lib.bulk

findings contains {
	"message": sprintf(
		"DKIM signatures: %d, none covers List-Unsubscribe and List-Unsubscribe-Post",
		[input.authentication.dkim],
	),
	"value": input.authentication.dkim,
} if {
	bulk.own
	input.list.unsubscribe_fields > 0
	input.list.unsubscribe_post != ""
	input.authentication.dkim > 0
	not input.authentication.dkim_covers_unsubscribe
}

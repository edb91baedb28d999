# METADATA
# scope: package
# title: Bulk mail without Precedence
# description: >-
#   No standard asks for Precedence, but programs that answer automatically do not answer "bulk" and "list" (RFC 3834 section 2).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc3834#section-2
# custom:
#   severity: info
#   fields: [Precedence]
#   opaque: true
#   clause: RFC 3834 section 2
#   remedy: 'Add "Precedence: bulk", or "list" for a discussion list.'
package postern.rules.bulk.precedence

import data.postern.lib.bulk

findings contains {
	"message": sprintf("bulk mail (%s) has no Precedence of bulk or list", [bulk.because]),
	"value": input.list.precedence,
} if {
	bulk.own
	not input.list.precedence in {"bulk", "list"}
}

# METADATA
# scope: package
# title: Automatic answers are not held off
# description: >-
#   A mailing brings back notices of absence from everybody who is away, unless its header says that a program sent it. Any of
#   Auto-Submitted, Precedence, List-Id and X-Auto-Response-Suppress will do. A value of Auto-Submitted that RFC 3834 does not
#   know does nothing.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc3834#section-5
# custom:
#   severity: warning
#   fields: [Auto-Submitted]
#   opaque: true
#   clause: RFC 3834 section 5
#   remedy: 'Add "Auto-Submitted: auto-generated", or "Precedence: bulk" for a mailing.'
package postern.rules.bulk.auto_submitted

import data.postern.lib.bulk

findings contains {
	"message": sprintf("nothing in the header of bulk mail (%s) holds off automatic answers", [bulk.because]),
} if {
	bulk.own
	input.automation.auto_submitted == ""
	not input.automation.auto_response_suppress
	not input.list.precedence in {"bulk", "list"}
	input.list.id_fields == 0
}

findings contains {
	"message": sprintf("Auto-Submitted is %q, which is none of %s", [input.automation.auto_submitted, concat(", ", _known)]),
	"value": input.automation.auto_submitted,
} if {
	not input.automation.auto_submitted in array.concat([""], _known)
}

_known := ["no", "auto-generated", "auto-replied", "auto-notified"]

# METADATA
# scope: package
# title: Server may add what is missing
# description: >-
#   A submission server may add a Date and should add a Message-ID (RFC 6409). Postfix does so only for clients of its own
#   machine, so what arrives depends on the server.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-8
# custom:
#   severity: info
#   opaque: true
#   clause: RFC 6409 section 8
#   remedy: >-
#     Have the program that makes the message write both fields; then no server has to.
package postern.rules.submission.msa_will_fix

findings contains {
	"message": sprintf("%s missing, which the submission server may or may not add", [concat(" and ", _missing)]),
	"value": concat(", ", _missing),
} if {
	count(_missing) > 0
}

_missing := array.concat(
	[name | input.header.date.count == 0; name := "Date"],
	[name | input.header.message_id.count == 0; name := "Message-ID"],
)

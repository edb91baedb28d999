# METADATA
# scope: package
# title: Program disguised as a document
# description: >-
#   invoice.pdf.exe is a program that is shown as invoice.pdf where extensions are hidden. No honest file is called so, and filters
#   refuse it.
# related_resources:
#   - ref: https://github.com/rspamd/rspamd/blob/master/src/plugins/lua/mime_types.lua
# custom:
#   severity: error
#   opaque: true
#   clause: spam/mime_types
#   remedy: Rename the file if it is a document; send a link if it is a program.
package postern.rules.spam.attachment_double_ext

findings contains {
	"message": sprintf("attachment %q hides its type .%s behind another one", [attachment.filename, attachment.extension]),
	"value": attachment.filename,
	"path": attachment.path,
	"line": attachment.line,
} if {
	some attachment in input.attachments
	attachment.double_extension
	_program(attachment.extension)
}

# An archive after a document's extension, report.html.zip, disguises nothing.
_program(extension) if {
	some who in ["gmail", "outlook"]
	data.postern.lists.spam.attachment_blocked_type[who][extension]
}

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

findings contains _finding(attachment, "attachment") if {
	some attachment in input.attachments
	_disguised(attachment)
}

findings contains _finding(attachment, "attachment of a forwarded message") if {
	some attachment in input.embedded_attachments
	_disguised(attachment)
}

findings contains _finding(file, "file in an archive") if {
	some file in input.archived_files
	_disguised(file)
}

findings contains _finding(file, "encoded file in the text") if {
	some file in input.text.files
	_disguised(file)
}

_finding(file, what) := {
	"message": sprintf("%s %q hides its type .%s behind another one", [what, file.filename, file.extension]),
	"value": file.filename,
	"path": file.path,
	"line": file.line,
}

_disguised(file) if {
	file.double_extension
	_program(file.extension)
}

# An archive after a document's extension, report.html.zip, disguises nothing.
_program(extension) if {
	some who in ["gmail", "outlook"]
	data.postern.lists.spam.attachment_blocked_type[who][extension]
}

# METADATA
# scope: package
# title: Attachment of a type that is blocked
# description: >-
#   Gmail refuses messages with files of these types, programs above all, also inside archives and forwarded messages. Outlook
#   blocks more of them where they are attached; these are a warning.
# related_resources:
#   - ref: https://support.google.com/mail/answer/6590
#   - ref: https://github.com/rspamd/rspamd/blob/master/src/plugins/lua/mime_types.lua
# custom:
#   severity: error
#   opaque: true
#   clause: spam/blocked_types
#   remedy: Put the file on your web space and send the link; an archive with a password is refused as well.
package postern.rules.spam.attachment_blocked_type

findings contains _finding(attachment, "attachment", "Gmail", "error") if {
	some attachment in input.attachments
	_lists.gmail[attachment.extension]
}

findings contains _finding(attachment, "attachment", "Outlook", "warning") if {
	some attachment in input.attachments
	_lists.outlook[attachment.extension]
}

findings contains _finding(attachment, "attachment of a forwarded message", "Gmail", "error") if {
	some attachment in input.embedded_attachments
	_lists.gmail[attachment.extension]
}

findings contains _finding(attachment, "attachment of a forwarded message", "Outlook", "warning") if {
	some attachment in input.embedded_attachments
	_lists.outlook[attachment.extension]
}

findings contains {
	"message": sprintf("archive %q holds %q, a file of type .%s, which Gmail blocks", [file.container, file.filename, file.extension]),
	"value": file.extension,
	"path": file.path,
	"line": file.line,
	"severity": "error",
} if {
	some file in input.archived_files
	_lists.gmail[file.extension]
}

findings contains {
	"message": sprintf("archive %q holds another archive, %q, which Gmail looks into, and postern does not", [file.container, file.filename]),
	"value": file.extension,
	"path": file.path,
	"line": file.line,
	"severity": "warning",
} if {
	some file in input.archived_files
	not file.encrypted
	_archives[file.extension]
}

findings contains _finding(file, "encoded file in the text", "Gmail", "error") if {
	some file in input.text.files
	_lists.gmail[file.extension]
}

findings contains _finding(file, "encoded file in the text", "Outlook", "warning") if {
	some file in input.text.files
	_lists.outlook[file.extension]
}

_archives := {"zip", "rar", "7z", "tar", "tgz", "gz", "bz2", "xz"}

_lists := data.postern.lists.spam.attachment_blocked_type

_finding(file, what, who, severity) := {
	"message": sprintf("%s %q is of type .%s, which %s blocks", [what, file.filename, file.extension, who]),
	"value": file.extension,
	"path": file.path,
	"line": file.line,
	"severity": severity,
}

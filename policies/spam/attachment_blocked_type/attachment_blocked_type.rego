# METADATA
# scope: package
# title: Attachment of a type that is blocked
# description: >-
#   Gmail refuses messages with files of these types, programs above all, also inside archives. Outlook blocks more of them; these
#   are a warning, as is a file inside a forwarded message.
# related_resources:
#   - ref: https://support.google.com/mail/answer/6590
#   - ref: https://github.com/rspamd/rspamd/blob/master/src/plugins/lua/mime_types.lua
# custom:
#   severity: error
#   opaque: true
#   clause: spam/blocked_types
#   remedy: Put the file on your web space and send the link; an archive with a password is refused as well.
package postern.rules.spam.attachment_blocked_type

findings contains _finding(attachment, "Gmail", "error") if {
	some attachment in input.attachments
	_lists.gmail[attachment.extension]
}

findings contains _finding(attachment, "Outlook", "warning") if {
	some attachment in input.attachments
	_lists.outlook[attachment.extension]
}

findings contains _finding(attachment, "Gmail", "warning") if {
	some attachment in input.embedded_attachments
	_lists.gmail[attachment.extension]
}

_lists := data.postern.lists.spam.attachment_blocked_type

_finding(attachment, who, severity) := {
	"message": sprintf("attachment %q is of type .%s, which %s blocks", [attachment.filename, attachment.extension, who]),
	"value": attachment.extension,
	"path": attachment.path,
	"line": attachment.line,
	"severity": severity,
}

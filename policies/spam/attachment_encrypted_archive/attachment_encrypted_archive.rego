# METADATA
# scope: package
# title: Encrypted archive
# description: >-
#   A server cannot look for malware in an archive with a password. Gmail refuses one that holds another archive, and filters add
#   to the score of all.
# related_resources:
#   - ref: https://support.google.com/mail/answer/6590
#   - ref: https://github.com/rspamd/rspamd/blob/master/src/plugins/lua/mime_types.lua
# custom:
#   severity: warning
#   opaque: true
#   clause: spam/mime_types
#   remedy: Send the archive as a link with access control, or encrypt the whole message (S/MIME, OpenPGP) instead.
package postern.rules.spam.attachment_encrypted_archive

findings contains {
	"message": sprintf("attachment %q is an encrypted archive", [file.container]),
	"value": file.container,
	"path": file.path,
	"line": file.line,
} if {
	some file in input.archived_files
	file.encrypted
	not file.embedded
}

findings contains {
	"message": sprintf("attachment %q is an encrypted archive and holds another one, %q, which Gmail refuses", [file.container, file.filename]),
	"value": file.filename,
	"path": file.path,
	"line": file.line,
	"severity": "error",
} if {
	some file in input.archived_files
	file.encrypted
	not file.embedded
	file.extension == "zip"
}

# METADATA
# scope: package
# title: Password can be read by every user of the machine
# description: >-
#   The mode of the file and of the directories above it lets every user of the machine read the password.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-3.3
# custom:
#   severity: warning
#   clause: RFC 6409 section 3.3
#   remedy: >-
#     Take the permission away: chmod go= FILE.
#   input: settings
package postern.rules.submission.password_readable

import data.postern.lib.settings

# A file that git tracks is the graver finding of secret_in_repo.
findings contains {
	"message": "a password for sending mail stands in a file that every user of the machine can read",
	"file": setting.file,
	"line": settings.line(setting.password_line, setting),
} if {
	some setting in input.settings
	setting.password_in_file
	setting.world_readable
	not setting.tracked
}

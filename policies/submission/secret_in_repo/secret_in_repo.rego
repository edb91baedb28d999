# METADATA
# scope: package
# title: Password stands in a file that git tracks
# description: >-
#   Everybody who can read the repository, now or later, can send mail as you. Taking the line out does not take it out of
#   the history.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-3.3
# custom:
#   severity: error
#   clause: RFC 6409 section 3.3
#   remedy: >-
#     Change the password, then take it out of the file: read it from the environment, from a file that git ignores or
#     from a program (passwordeval in msmtp, a credential helper in git).
#   input: settings
package postern.rules.submission.secret_in_repo

import data.postern.lib.settings

findings contains {
	"message": "a password for sending mail stands in a file that git tracks",
	"file": setting.file,
	"line": settings.line(setting.password_line, setting),
} if {
	some setting in input.settings
	setting.password_in_file
	setting.tracked
}

# METADATA
# scope: package
# title: A line with a single dot cuts the message off
# description: >-
#   A program that hands mail to sendmail without -i or -oi sends only what stands before the first line that holds a single dot:
#   sendmail takes that line for the end of the message, as SMTP does, and drops the rest without a word. With the option the line
#   is text, and the dot is doubled on the wire and restored by the receiver (RFC 5321 section 4.5.2).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2
# custom:
#   severity: error
#   clause: RFC 5321 section 4.5.2
#   remedy: Add -i to the command, as in sendmail_path = "/usr/sbin/sendmail -t -i".
#   input: settings
package postern.rules.submission.dot_stuffing

import data.postern.lib.settings

findings contains {
	"message": "sendmail is called without -i: a line with a single dot ends the message, and the rest is lost",
	"value": setting.lone_dot,
	"limit": "kept",
	"file": setting.file,
	"line": settings.line(setting.lone_dot_line, setting),
} if {
	some setting in input.settings
	setting.lone_dot == "ends"
}

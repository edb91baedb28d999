# METADATA
# scope: package
# title: Server takes other sizes than postern.yaml and the rules say
# description: >-
#   The server states the largest message that it takes (SIZE). When the rules go by a larger number, they pass messages
#   that it refuses.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc1870#section-3
# custom:
#   severity: error
#   clause: RFC 1870 section 3
#   remedy: >-
#     Write the number that the server states as server_size into postern.yaml.
#   input: settings
package postern.rules.submission.probe_size

import data.postern.lib.messagesize
import data.postern.lib.settings

findings contains {
	"message": sprintf("%q takes messages of up to %d octets, the rules pass up to %d", [setting.host, setting.probe.size, messagesize.limit]),
	"value": setting.probe.size,
	"limit": messagesize.limit,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	some setting in input.settings
	_states(setting)
	setting.probe.size < messagesize.limit
}

findings contains {
	"message": sprintf("%q takes messages of up to %d octets, more than the %d that the rules pass", [setting.host, setting.probe.size, messagesize.limit]),
	"value": setting.probe.size,
	"limit": messagesize.limit,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
	"severity": "info",
} if {
	some setting in input.settings
	_states(setting)
	setting.probe.size > messagesize.limit
}

findings contains {
	"message": sprintf("%q takes messages of up to %d octets, and no rule knows that", [setting.host, setting.probe.size]),
	"value": setting.probe.size,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
	"severity": "info",
} if {
	some setting in input.settings
	_states(setting)
	not messagesize.limit
}

_states(setting) if {
	setting.probe.done
	setting.probe.size > 0
}

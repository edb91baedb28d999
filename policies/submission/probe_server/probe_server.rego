# METADATA
# scope: package
# title: What the server says of itself
# description: >-
#   The server was asked; this is what it answered. The key can be pinned, so that no other certificate is taken.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1
# custom:
#   severity: info
#   clause: RFC 5321 section 4.1.1.1
#   remedy: >-
#     Nothing has to be done. To take no other key from this host, put the one that is shown under submission.pin; it changes
#     when the server gets a new one.
#   input: settings
package postern.rules.submission.probe_server

import data.postern.lib.settings

findings contains {
	"message": sprintf("%q: %s, certificate for %s with key %s; login by %s; %s; %s", [
		setting.host, setting.probe.tls, _list(setting.probe.certificate_names), setting.probe.key, _list(setting.probe.auth),
		_size(setting.probe.size), _extensions(setting.probe),
	]),
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	some setting in input.settings
	setting.probe.done
	setting.probe.tls != ""
}

_list(names) := concat(", ", names) if {
	count(names) > 0
} else := "nothing"

_size(n) := sprintf("SIZE %d", [n]) if {
	n > 0
} else := "no SIZE"

_extensions(probe) := _list(array.concat(
	["8BITMIME" | probe.eight_bit_mime],
	["SMTPUTF8" | probe.smtputf8],
))

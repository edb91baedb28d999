# METADATA
# scope: package
# title: Port is not one for submission
# description: >-
#   Mail is submitted on port 465 with TLS from the start or on port 587 with STARTTLS. Other ports are agreed on with a
#   single server and often filtered by firewalls.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-3.1
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-3.3
# custom:
#   severity: warning
#   clause: RFC 8314 section 3.3
#   remedy: >-
#     Use port 465 or 587. If your server documents the other port, add it to the limit ports of this rule in
#     postern.yaml.
#   input: settings
package postern.rules.submission.port

import data.postern.lib.settings

findings contains {
	"message": sprintf("port is %d with %q, submission uses %s", [setting.port, setting.host, _ports]),
	"value": setting.port,
	"limit": _ports,
	"file": setting.file,
	"line": settings.line(setting.port_line, setting),
} if {
	some setting in input.settings
	setting.port > 0
	not setting.port in data.postern.limits.submission.port.ports
	not settings.nearby(setting.host)
}

_ports := concat(", ", [format_int(p, 10) | some p in data.postern.limits.submission.port.ports])

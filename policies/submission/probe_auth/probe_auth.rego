# METADATA
# scope: package
# title: Server does not let a program log in safely
# description: >-
#   The server was asked. Programs log in with TLS; a server that offers it before TLS too takes passwords that everybody on
#   the way can read (RFC 4954 section 4 has servers not offer PLAIN there).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc4954#section-4
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-3.3
# custom:
#   severity: error
#   clause: RFC 4954 section 4
#   remedy: >-
#     Check that host and port are those of the provider's submission server, and user and password with the provider.
#   input: settings
package postern.rules.submission.probe_auth

import data.postern.lib.settings

findings contains {
	"message": sprintf("%q offers no way to log in", [setting.host]),
	"value": "none",
	"file": setting.file,
	"line": settings.line(setting.auth_line, setting),
} if {
	some setting in input.settings
	_asked(setting)
	setting.auth != "off"
	count(setting.probe.auth) == 0
}

findings contains {
	"message": sprintf("%q refuses the login of %q", [setting.host, setting.user]),
	"value": "refused",
	"file": setting.file,
	"line": settings.line(setting.auth_line, setting),
} if {
	some setting in input.settings
	_asked(setting)
	setting.probe.login == "refused"
}

findings contains {
	"message": sprintf("%q offers to take passwords without TLS: %s", [setting.host, concat(", ", setting.probe.auth_clear)]),
	"value": concat(", ", setting.probe.auth_clear),
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
	"severity": "warning",
	"remedy": "Have every program use TLS and nothing else: port 465, or STARTTLS that is required.",
} if {
	some setting in input.settings
	setting.probe.done
	count(setting.probe.auth_clear) > 0
}

# Without TLS nobody asked what is offered with it.
_asked(setting) if {
	setting.probe.done
	setting.probe.tls != ""
}

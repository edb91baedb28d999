# METADATA
# scope: package
# title: Host is not the one that the account submits to
# description: >-
#   Which host an account submits to depends on the day on which it was created: mailNNN.pair.com with its mail server
#   number before June 1, 2011, username.mail.pairserver.com from that day on. Another account's host does not know the
#   user.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   clause: pair/host_new
#   remedy: >-
#     Set the host to the one named here. The ACC shows the mail server number and, with each mailbox, its host name.
#   requires: [account]
#   input: settings
package postern.rules.pair.smtp_host_era

import data.postern.lib.settings

findings contains {
	"message": sprintf("host is %q, the account submits to %s", [setting.host, _expected]),
	"value": setting.host,
	"limit": _expected,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	some setting in _judged
	_wrong(setting.host, data.postern.account, _first_new)
}

# Without the day on which the account was created both forms can be right.
findings contains {
	"message": sprintf("cannot tell whether %q is right: postern.yaml does not say when the account was created", [setting.host]),
	"value": setting.host,
	"limit": _expected,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
	"severity": "info",
	"remedy": "Set account.created in postern.yaml; the ACC shows the day.",
} if {
	some setting in _judged
	data.postern.account.created == ""
	not _wrong(setting.host, data.postern.account, _first_new)
}

# The customer's own names are judged by smtp_tls_name, relay.pair.com by smtp_host_legacy.
_judged contains setting if {
	data.postern.account != null
	some setting in input.settings
	settings.applies(setting, data.postern.provider, data.postern.account)
	not settings.own_name(setting.host, data.postern.account)
	setting.host != "relay.pair.com"
}

_first_new := data.postern.limits.pair.smtp_host_era.new_hosts_from

_expected := settings.host(data.postern.account, _first_new)

_wrong(host, _, _) if {
	not _number(host)
	not _label(host)
}

_wrong(host, account, first_new) if {
	_number(host)
	account.created >= first_new
}

_wrong(host, account, _) if {
	account.server_number > 0
	_number(host) != format_int(account.server_number, 10)
}

_wrong(host, account, first_new) if {
	_label(host)
	account.created != ""
	account.created < first_new
}

_wrong(host, account, _) if {
	account.username != ""
	_label(host) != account.username
}

# _number is the mail server number of an old host, _label the account's name in a new one.
_number(host) := regex.find_all_string_submatch_n(`^mail([1-9][0-9]*)\.pair\.com$`, host, 1)[0][1]

_label(host) := regex.find_all_string_submatch_n(`^([^.]+)\.mail\.pairserver\.com$`, host, 1)[0][1]

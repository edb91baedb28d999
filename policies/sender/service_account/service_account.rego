# METADATA
# scope: package
# title: From is a service account
# description: >-
#   A message from root@, www-data@ or from a www host is one that a program sent with the settings it found. Filters add to its
#   score, and answers and bounces are read by nobody.
# related_resources:
#   - ref: https://rspamd.com/
# custom:
#   severity: warning
#   opaque: true
#   clause: rspamd scores service accounts (FROM_SERVICE_ACCT)
#   remedy: Set From and the envelope sender (sendmail -f) in the program to an address that somebody reads.
package postern.rules.sender.service_account

findings contains {
	"message": sprintf("%s is %q, a service account", [_names[sender.field], sender.address]),
	"value": sender.address,
	"line": sender.line,
} if {
	some sender in _senders
	_service(sender)
}

_names := {"from": "From", "envelope": "the envelope sender"}

_senders contains from if some from in input.sender.from

_senders contains input.sender.envelope if input.sender.envelope != null

_service(sender) if lower(sender.local) in data.postern.lists.sender.service_account.local_parts

_service(sender) if {
	startswith(sender.domain, "www.")
	sender.domain != sender.registrable_domain
}

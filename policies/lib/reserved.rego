# METADATA
# scope: package
# title: Reserved names
# description: Domains that are reserved for tests and examples (RFC 2606, RFC 6761).
package postern.lib.reserved

import data.postern.lib.domains

# never tells that a name never exists in the public DNS.
never(host) if {
	parts := split(host, ".")
	parts[count(parts) - 1] in {"test", "example", "invalid", "localhost"}
}

# name tells that a name is reserved.
name(host) if never(host)

name(host) if domains.within(host, ["example.com", "example.net", "example.org"])

# owned tells that the user named the domain as one of his account: then it is his to use, as in demonstrations.
owned(host) if {
	data.postern.account != null
	some domain in data.postern.account.domains
	_within(host, domain)
}

_within(host, host)

_within(host, domain) if endswith(host, concat("", [".", domain]))

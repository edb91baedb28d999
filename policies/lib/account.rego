# METADATA
# scope: package
# title: Account
# description: What belongs to the user's account.
package postern.lib.account

import data.postern.lib.domains

# affiliated tells that an address belongs to the account: it lies under one of its domains, is one of its addresses, or is
# the address that comes with every account of the provider.
affiliated(account, _, address) if domains.within(address.domain, account.domains)

affiliated(account, _, address) if lower(address.address) in account.addresses

affiliated(account, provider, address) if {
	provider == "pair"
	default_address(account, address)
}

# default_address tells that an address is the one that Pair gives to the account, or one on the account's own host names
# there.
default_address(account, address) if {
	account.username != ""
	lower(address.address) == lower(concat("@", [account.username, "pair.com"]))
}

default_address(account, address) if {
	account.username != ""
	user := lower(account.username)
	domains.within(address.domain, [sprintf("%s.pairserver.com", [user]), sprintf("%s.mail.pairserver.com", [user])])
}

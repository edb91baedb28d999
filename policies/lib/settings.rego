# METADATA
# scope: package
# title: Submission settings
# description: Which settings the rules of Pair apply to, and what the account's host is.
package postern.lib.settings

import data.postern.lib.domains

# pair_host tells that a host lies at Pair.
pair_host(host) if domains.within(host, ["pair.com", "pairserver.com"])

# own_name tells that a host is the customer's own name.
own_name(host, account) if {
	account != null
	domains.within(host, account.domains)
}

# applies tells that the rules of Pair are about a setting: its host lies at Pair or under the account's domains, or the
# setting is what postern.yaml itself says of the account.
applies(setting, "pair", _) if pair_host(setting.host)

applies(setting, "pair", account) if own_name(setting.host, account)

applies(setting, "pair", account) if {
	account != null
	setting.format == "postern"
	setting.host != ""
}

# nearby tells that a host is this machine, or a name without a dot, which only a network of one's own resolves.
nearby(host) if {
	not contains(host, ".")
	not contains(host, ":")
}

nearby(host) if startswith(host, "127.")

nearby("::1")

# host is where the account submits to, with NNN and username for what is not told; first_new is the first day of the new
# hosts. Without a date it is both.
host(account, first_new) := _new_host(account) if {
	account.created >= first_new
} else := _old_host(account) if {
	account.created != ""
} else := sprintf("%s, or, for an account created before %s, %s", [_new_host(account), first_new, _old_host(account)])

_new_host(account) := sprintf("%s.mail.pairserver.com", [account.username]) if {
	account.username != ""
} else := "username.mail.pairserver.com"

_old_host(account) := sprintf("mail%d.pair.com", [account.server_number]) if {
	account.server_number > 0
} else := "mailNNN.pair.com"

# line is the line that something is stated on, or else the one that the setting begins on.
line(stated, _) := stated if stated > 0

line(0, setting) := setting.line

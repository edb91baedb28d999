# METADATA
# scope: package
# title: Domain names
# description: Comparisons of domain names in lower case.
package postern.lib.domains

# within tells that domain is one of domains or lies under one of them.
within(domain, domains) if {
	some owned in domains
	domain == owned
}

within(domain, domains) if {
	some owned in domains
	endswith(domain, concat("", [".", owned]))
}

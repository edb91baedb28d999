# METADATA
# scope: package
# title: Size limit
# description: The number of octets above which a message is certainly refused.
package postern.lib.messagesize

# limit is the number that the user's own server announces, else the largest reading of Pair's 40 MB. It is undefined when
# neither is known.
limit := data.postern.server_size if {
	data.postern.server_size > 0
} else := data.postern.limits.pair.size_limit.largest_bytes if {
	data.postern.provider == "pair"
}

# METADATA
# scope: package
# title: Link to a machine that only developers reach
# description: >-
#   localhost, addresses of private networks, tunnels and names such as staging.example.com work for those who wrote the
#   message and for nobody else. A name with a label such as dev or staging is a guess, made only of templates.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6761
#   - ref: https://www.rfc-editor.org/rfc/rfc1918
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 6761 section 6.3
#   remedy: >-
#     Use the address that readers can reach, from the configuration of the place that sends the mail.
package postern.rules.template.link_staging

import data.postern.lib.template

findings contains {
	"message": sprintf("%s %s, which readers cannot reach", [place.what, place.host]),
	"value": place.host,
	"path": place.path,
	"line": place.line,
	"severity": template.grave,
} if {
	some place in _places
	_local(place.host)
}

findings contains {
	"message": sprintf("%s %s, which reads as a stage of development", [place.what, place.host]),
	"value": place.host,
	"path": place.path,
	"line": place.line,
	"severity": "warning",
} if {
	input.origin == "template"
	some place in _places
	not _local(place.host)
	labels := split(place.host, ".")
	some label in array.slice(labels, 0, count(labels) - 2)
	_lists.labels[label]
}

_places contains {"what": "a link leads to", "host": link.host, "path": link.path, "line": link.line} if {
	some link in input.links.items
	link.host != ""
}

_places contains {"what": "a link leads to", "host": "file", "path": link.path, "line": link.line} if {
	some link in input.links.items
	link.scheme == "file"
}

_places contains {"what": "something is loaded from", "host": spot.text, "path": spot.path, "line": spot.line} if {
	some spot in input.links.resources
}

_local(host) if _lists.names[host]

_local(host) if {
	some ending in _lists.endings
	endswith(host, concat("", [".", ending]))
}

_local(host) if {
	_numeric(host)
	net.cidr_is_valid(concat("", [host, "/0"])) # else net.cidr_contains has an error: not every such host is an address
	some network in _lists.networks
	net.cidr_contains(network, host)
}

_numeric(host) if contains(host, ":")

_numeric(host) if {
	host != ""
	trim(host, "0123456789.") == ""
}

_lists := data.postern.lists.template.link_staging

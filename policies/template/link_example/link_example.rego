# METADATA
# scope: package
# title: Link to a name that is reserved for examples
# description: >-
#   Names under .test, .example and .invalid never exist in the public DNS, and example.com, example.net and example.org
#   show a notice of IANA: the address was to be replaced. In a rendered message the link can come from sample data, so
#   that it is an error only where a template states it.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2606
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 2606 section 2
#   remedy: >-
#     Put the address of your own site there.
package postern.rules.template.link_example

import data.postern.lib.reserved

findings contains {
	"message": sprintf("a link leads to %s, a name for examples", [link.host]),
	"value": link.host,
	"path": link.path,
	"line": link.line,
	"severity": _severity,
} if {
	some link in input.links.items
	reserved.name(link.host)
	not endswith(link.host, "localhost")
	not reserved.owned(link.host)
	_told(link)
}

findings contains {
	"message": sprintf("an image or another resource is loaded from %s, a name for examples", [resource.text]),
	"value": resource.text,
	"path": resource.path,
	"line": resource.line,
	"severity": _severity,
} if {
	some resource in input.links.resources
	reserved.name(resource.text)
	not endswith(resource.text, "localhost")
	not reserved.owned(resource.text)
}

default _severity := "warning"

_severity := "error" if input.opaque

# A plain text of which nobody said that it was made from a template can speak of such names.
_told(_) if input.origin == "template"

_told(link) if link.text != ""

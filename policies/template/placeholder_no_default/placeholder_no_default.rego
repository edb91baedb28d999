# METADATA
# scope: package
# title: Name of a person without a default
# description: >-
#   Some recipients have left their name out, and the engine writes nothing for them: "Hello ,". The engine can write something
#   else in its place, or leave the greeting out.
# related_resources:
#   - ref: https://shopify.github.io/liquid/filters/default/
# custom:
#   severity: warning
#   opaque: true
#   clause: Liquid, default
#   remedy: >-
#     Give the name a default, as in {{ first_name | default: "there" }} (Jinja2 {{ first_name | default("there", true) }}), or
#     put a condition around it.
package postern.rules.template.placeholder_no_default

findings contains {
	"message": sprintf("%q has no default for recipients without that name", [variable.name]),
	"value": variable.name,
	"file": variable.file,
	"line": variable.line,
} if {
	some variable in input.variables
	variable.has_default
	not variable.default
	not variable.guarded
	_personal(variable.name)
}

# A name of a person by itself, or as part of an object: first_name, user.firstName.
_personal(name) if {
	parts := split(_plain(name), ".")
	parts[count(parts) - 1] in _data.names
}

# "name" says whose it is only together with the object before it: customer.name, not product.name.
_personal(name) if {
	parts := split(_plain(name), ".")
	parts[count(parts) - 1] == "name"
	parts[count(parts) - 2] in _data.people
}

_plain(name) := replace(replace(lower(name), "_", ""), "-", "")

_data := data.postern.lists.template.placeholder_no_default

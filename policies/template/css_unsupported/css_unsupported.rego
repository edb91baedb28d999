# METADATA
# scope: package
# title: HTML or CSS that mail programs do not support
# description: >-
#   Some large mail program ignores what the message uses, on all platforms that were tested. It is a note: many designs
#   do without where it is missing.
# related_resources:
#   - ref: https://www.caniemail.com
# custom:
#   severity: info
#   opaque: true
#   clause: caniemail.com, tests of mail programs
#   remedy: >-
#     Look whether the message is readable without it, and give those programs something simpler.
package postern.rules.template.css_unsupported

findings contains {
	"message": sprintf("%s is not supported by %s (caniemail data of %s)", [feature.text, programs, _data.date]),
	"value": feature.text,
	"path": feature.path,
	"line": feature.line,
} if {
	input.origin == "template"
	some feature in input.html.features
	programs := _data.features[feature.text]
}

_data := data.postern.lists.template.css_unsupported

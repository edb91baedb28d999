# METADATA
# scope: package
# title: Gmail cuts long HTML
# description: >-
#   Gmail shows only the beginning of a long HTML text, up to about 102 kB as several people have measured, and a link to the
#   rest. A link to unsubscribe at the end is then out of sight, which is an error in mail that calls itself bulk. Images that
#   are linked to do not count.
# related_resources:
#   - ref: https://www.spamresource.com/
# custom:
#   severity: warning
#   clause: size/gmail_clip
#   remedy: >-
#     Take out styles and comments that are not used, minify the HTML, or end the text earlier with a link to a web page; keep it
#     under 92,160 octets to be sure.
package postern.rules.size.html_gmail_clip

import data.postern.lib.bulk

findings contains {
	"message": sprintf("%d octets of HTML, Gmail cuts at about %d", [input.text.html_bytes, _clip]),
	"value": input.text.html_bytes,
	"limit": _clip,
	"severity": bulk.grave,
} if {
	input.text.html_bytes > _clip
}

findings contains {
	"message": sprintf("%d octets of HTML are close to the %d at which Gmail cuts", [input.text.html_bytes, _clip]),
	"value": input.text.html_bytes,
	"limit": _near,
} if {
	input.text.html_bytes > _near
	input.text.html_bytes <= _clip
}

_clip := data.postern.limits.size.html_gmail_clip.html_bytes

_near := data.postern.limits.size.html_gmail_clip.near_bytes

# METADATA
# scope: package
# title: Note of the author
# description: >-
#   The text holds a note by which its author marked what is left to do.
# related_resources:
#   - ref: https://en.wikipedia.org/wiki/Comment_(computer_programming)
# custom:
#   severity: warning
#   clause: what readers see is finished
#   remedy: >-
#     Do what the note says and take it out.
package postern.rules.template.filler_todo

findings contains {
	"message": sprintf("a note of the author is left in the text: %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.leftovers.todo.sample
}

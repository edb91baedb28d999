# METADATA
# scope: package
# title: Template
# description: How grave a fault is in a message that was rendered from a template, and in any other.
package postern.lib.template

# grave is the severity of a fault that is certain in a message whose template its author can mend, and a guess in a message of
# which nobody said where it comes from.
default grave := "warning"

grave := "error" if input.origin == "template"

# times says how often something was met, if it was more than once.
times(1) := ""

times(n) := sprintf(" (%d times)", [n]) if n != 1

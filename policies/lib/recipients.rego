# METADATA
# scope: package
# title: Who receives a message
# description: The number that limits on recipients are held against.
package postern.lib.recipients

# receiving is the number of addresses that receive the message, each counted once: those of the envelope when it is known,
# because servers read no other, else all that the message names.
receiving := input.recipients.envelope_unique if {
	input.recipients.envelope_known
} else := input.recipients.unique

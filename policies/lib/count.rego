# METADATA
# scope: package
# title: Counted recipients
# description: How a number of recipients is said.
package postern.lib.count

# recipients says the number; when a list of addresses does not parse, the number is the least that its text supports.
recipients(number, uncertain) := sprintf("at least %d recipients", [number]) if {
	uncertain
} else := sprintf("%d recipients", [number])

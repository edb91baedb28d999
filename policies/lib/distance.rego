# METADATA
# scope: package
# title: Distance of names
# description: Tells names apart that differ by one slip of the keyboard.
package postern.lib.distance

# one tells that a becomes b by one letter more, one less or another, or by swapping two neighbours (Damerau-Levenshtein
# distance 1).
one(a, b) if {
	_alike(a, b)
	_one(a, b)
}

# A single slip leaves one end of the name as it was. This costs little and is false for nearly all pairs.
_alike(a, b) if startswith(a, substring(b, 0, floor(count(b) / 2) - 1))

_alike(a, b) if endswith(a, substring(b, floor(count(b) / 2) + 1, -1))

# Up to some letter the names are the same; what is left differs by a slip at its first letter.
_one(a, b) if {
	some i in numbers.range(0, count(b))
	substring(a, 0, i) == substring(b, 0, i)
	_slip(substring(a, i, -1), substring(b, i, -1))
}

# Another letter.
_slip(a, b) if {
	a != ""
	substring(a, 0, 1) != substring(b, 0, 1)
	substring(a, 1, -1) == substring(b, 1, -1)
	count(a) == count(b)
}

# Two neighbours swapped.
_slip(a, b) if {
	substring(a, 0, 1) == substring(b, 1, 1)
	substring(a, 1, 1) == substring(b, 0, 1)
	substring(a, 2, -1) == substring(b, 2, -1)
	count(a) == count(b)
	a != b
}

# A letter more, and one less.
_slip(a, b) if {
	b == substring(a, 1, -1)
	a != b
}

_slip(a, b) if {
	a == substring(b, 1, -1)
	a != b
}

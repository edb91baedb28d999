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

_one(a, b) if {
	count(a) == count(b)
	differing := [i |
		some i in numbers.range(0, count(a) - 1)
		substring(a, i, 1) != substring(b, i, 1)
	]
	_slip(a, b, differing)
}

_one(a, b) if {
	count(a) == count(b) + 1
	_longer(a, b)
}

_one(a, b) if {
	count(b) == count(a) + 1
	_longer(b, a)
}

_slip(_, _, differing) if count(differing) == 1

_slip(a, b, differing) if {
	count(differing) == 2
	differing[1] == differing[0] + 1
	substring(a, differing[0], 1) == substring(b, differing[1], 1)
	substring(a, differing[1], 1) == substring(b, differing[0], 1)
}

# a without one of its letters is b.
_longer(a, b) if {
	some i in numbers.range(0, count(a) - 1)
	concat("", [substring(a, 0, i), substring(a, i + 1, -1)]) == b
}

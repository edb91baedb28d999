package facts

import (
	"sync/atomic"
	"unicode"
)

// runeFacts are what package unicode says of a character.
type runeFacts struct {
	lower                                        rune
	letter, number, space, upper, lowered, title bool
}

const (
	runePage  = 64
	maxPaged  = 0x20000 // the alphabets, and most of what else is used
	runePages = maxPaged / runePage
)

// pagesOfRunes hold runeFacts, each page from when one of its characters is first asked for: package unicode searches for each
// answer, which takes longer than all else that is done for a character.
var pagesOfRunes [runePages]atomic.Pointer[[runePage]runeFacts]

// factsOf gives what is known of a character.
func factsOf(r rune) runeFacts {
	if uint32(r) < maxPaged {
		if page := pagesOfRunes[r/runePage].Load(); page != nil {
			return page[r%runePage]
		}
	}
	return askRune(r)
}

func askRune(r rune) runeFacts {
	if uint32(r) >= maxPaged {
		return newRuneFacts(r)
	}
	page := &[runePage]runeFacts{}
	for i := range page {
		page[i] = newRuneFacts(r&^(runePage-1) | rune(i))
	}
	pagesOfRunes[r/runePage].Store(page)
	return page[r%runePage]
}

func newRuneFacts(r rune) runeFacts {
	return runeFacts{
		lower: unicode.ToLower(r), letter: unicode.IsLetter(r), number: unicode.IsNumber(r), space: unicode.IsSpace(r),
		upper: unicode.IsUpper(r), lowered: unicode.IsLower(r), title: unicode.IsTitle(r),
	}
}

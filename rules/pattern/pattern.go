// Package pattern keeps regular expressions that are compiled when they are first needed: most runs need few of all that there are, and
// compiling takes longer than judging a message.
package pattern

import (
	"regexp"
	"sync"
)

// Of gives what compiles form once, the first time it is called, and gives the same regular expression each time, to many goroutines at
// once. It panics then for a form that is none.
func Of(form string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(form) })
}

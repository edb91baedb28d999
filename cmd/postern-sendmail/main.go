//go:build unix

// Command postern-sendmail stands in the place of sendmail in front of postern. It takes a message from standard input, and if the
// guards that postern has left for it (package front) are certain that no rule finds anything, it hands the message to the real
// sendmail as postern would. Everything else it leaves to postern, which takes its place and does all from the beginning: the same
// arguments, the same environment, the same octets on standard input. It decides nothing but "clean".
//
// It is a program of its own because postern takes longer to start than most messages take to be judged. It links neither OPA nor a
// command line library nor net. Built with the tag ledger it also counts messages in a ledger that is a file; it links what that takes then, and
// starts more slowly.
package main

import (
	"os"
	"runtime/debug"

	"postern/cmd/internal/stack"
	"postern/rules/facts"
)

func main() {
	stack.Grow()
	facts.Use(nil)
	debug.SetPanicOnFault(true) // the entry is read where it lies; see cache.Map
	os.Exit(newFront().run())
}

// Package stack spares short runs what it takes to make a stack larger bit by bit.
package stack

// Grow gives the goroutine a stack of 32 KiB, which is what judging a message takes. A stack that is full is copied to one of twice the
// size, and for each function on it the runtime looks into its tables, which nothing else in a short run reads: a twelfth of what
// postern check takes for one small message, and 1.5 MB. So Grow is called first, when there is little on the stack.
//
//go:noinline
func Grow() {
	if fill {
		var room [24 << 10]byte // has its place whether it is used or not, and is not touched
		use(&room)
	}
}

// fill is never true, which the compiler does not know.
var fill bool

//go:noinline
func use(room *[24 << 10]byte) { room[len(room)-1]++ }

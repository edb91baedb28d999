package sendmail

import "io"

// Write writes text to w, and gives how many octets went out.
func Write(w io.Writer, text string) int {
	n, _ := io.WriteString(w, text)
	return n
}

// Same tells whether two writers are one file.
func Same(a, b io.Writer) bool { return a == b }

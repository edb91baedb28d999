package sendmail

import "io"

// Write writes text to w.
func Write(w io.Writer, text string) { io.WriteString(w, text) }

// Same tells whether two writers are one file.
func Same(a, b io.Writer) bool { return a == b }

//go:build !unix

// Command postern-sendmail needs a system that has a sendmail.
package main

import "os"

func main() {
	os.Stderr.WriteString("4.3.5 this system has no sendmail\n")
	os.Exit(75)
}

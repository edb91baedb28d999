// Command hello is what a Go program that does nothing costs.
package main

import "os"

func main() { os.Stdout.WriteString("hello\n") }

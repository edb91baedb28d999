// Package testdata makes the example messages of the rules part of the program, so that `postern rules ID` can show one.
package testdata

import "embed"

// Rules holds rules/<id>/{fail,pass}-<oddity>.eml: messages that the rule finds something in, and messages that it does not.
//
//go:embed rules/*/*.eml
var Rules embed.FS

package sendmail

import (
	"postern/rules/facts"
	"postern/rules/facts/decoders"
)

func init() { facts.Use(decoders.Library{}) }

package guard

import "fmt"

func (p *Program) check() error { return nil }

var _ = fmt.Errorf

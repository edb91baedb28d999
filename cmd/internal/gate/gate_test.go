package gate

import (
	"errors"
	"fmt"
	"testing"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		cause Cause
		exit  int
	}{
		{Pass, 0}, {Fail, 1}, {Usage, 2}, {Config, 2}, {Policy, 2}, {Unjudged, 3}, {Internal, 3}, {causes, 3}, {255, 3},
	} {
		if got := c.cause.Code().Exit; got != c.exit {
			t.Errorf("cause %d exits %d, want %d", c.cause, got, c.exit)
		}
	}
}

func TestUnjudgedStandsOverFail(t *testing.T) {
	if Worse(Fail, Unjudged) != Unjudged || Worse(Unjudged, Fail) != Unjudged || Worse(Pass, Fail) != Fail {
		t.Error("the order of the causes is wrong")
	}
}

func TestOf(t *testing.T) {
	if Of(nil) != Pass {
		t.Error("no error is a pass")
	}
	if got := Of(errors.New("x")); got != Internal {
		t.Errorf("an error without a cause is %d, want Internal: never a pass", got)
	}
	if got := Of(fmt.Errorf("read: %w", Usagef("", "no"))); got != Usage {
		t.Errorf("a wrapped error has cause %d", got)
	}
}

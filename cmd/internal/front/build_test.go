package front

import (
	"runtime/debug"
	"strings"
	"testing"
)

// Only sources that are known to the octet make a build that entries can be tied to.
func TestSources(t *testing.T) {
	vcs := func(revision, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	for _, tt := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"clean", debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-1-abc"}, Settings: vcs("abc", "false")}, "v0.0.0-1-abc abc"},
		{"changed", debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-1-abc+dirty"}, Settings: vcs("abc", "true")}, ""},
		{"no revision", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""},
		{"installed", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3", Sum: "h1:x"}}, "v1.2.3 h1:x"},
		{"no sum", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, ""},
	} {
		if got := sources(&tt.info); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	old := Stamp
	defer func() { Stamp = old }()
	if Stamp = "x"; !strings.HasPrefix(Build(), "stamp x go") {
		t.Errorf("stamped: %q", Build())
	}
}

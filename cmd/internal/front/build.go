package front

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"postern/rules/facts"
	"postern/rules/guard"
)

// Stamp says what a program was built from, if it is not "". It is set by the linker, and the same for the two programs only if they
// are built from the same sources: -ldflags "-X postern/cmd/internal/front.Stamp=NAME".
var Stamp string

// Build says what this program was built from, "" if that is not known: sources with changes that no revision has are as good
// as any others.
func Build() string {
	from := "stamp " + Stamp
	if Stamp == "" {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return ""
		}
		if from = sources(info); from == "" {
			return ""
		}
	}
	return fmt.Sprintf("%s %s %s facts %d guards %d", from, runtime.Version(), runtime.GOARCH, facts.SchemaVersion, guard.Version)
}

func sources(info *debug.BuildInfo) string {
	v := info.Main.Version
	revision, clean := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			clean = s.Value == "false"
		}
	}
	switch {
	case revision != "" && clean:
		return v + " " + revision
	case revision == "" && info.Main.Sum != "" && strings.HasPrefix(v, "v"): // built by go install of a version
		return v + " " + info.Main.Sum
	}
	return ""
}

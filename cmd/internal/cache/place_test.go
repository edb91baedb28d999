package cache

import (
	"path/filepath"
	"testing"
)

// Only the caller's own directories are looked at, never one that a variable names relative to where he stands.
func TestDirectories(t *testing.T) {
	for _, tt := range []struct {
		env  []string
		want string
	}{
		{nil, ""},
		{[]string{"HOME=/home/a"}, "/home/a/.cache/postern"},
		{[]string{"HOME=/home/a", "XDG_CACHE_HOME=/var/tmp/a"}, "/var/tmp/a/postern"},
		{[]string{"HOME=/home/a", "XDG_CACHE_HOME=cache"}, "/home/a/.cache/postern"},
		{[]string{"HOME="}, ""},
		{[]string{"HOME=."}, ""},
		{[]string{"XDG_CACHE_HOME="}, ""},
		{[]string{"HOME=/first", "HOME=/second"}, "/first/.cache/postern"},
	} {
		if got := OwnDirectory(tt.env); got != filepath.FromSlash(tt.want) {
			t.Errorf("%q: %q, want %q", tt.env, got, tt.want)
		}
	}
}

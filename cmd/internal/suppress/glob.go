package suppress

import (
	"path"
	"strings"
)

// Match tells whether a pattern stands for a file, both relative to the same directory, with slashes: * and ? and [] match
// within a name, ** matches any number of directories, and a pattern that ends in a plain name or in a slash stands for all
// files below that directory too.
func Match(pattern, file string) bool {
	pattern = strings.TrimPrefix(pattern, "./")
	below := strings.HasSuffix(pattern, "/")
	p := strings.Split(strings.TrimSuffix(pattern, "/"), "/")
	f := strings.Split(file, "/")
	if p[len(p)-1] == "." {
		p = append(p[:len(p)-1], "**")
	}
	plain := !strings.ContainsAny(p[len(p)-1], "*?[")
	// at[i] tells whether the pattern's elements up to here match the first i elements of the file.
	at := make([]bool, len(f)+1)
	at[0] = true
	for _, e := range p {
		next := make([]bool, len(f)+1)
		if e == "**" {
			reached := false
			for i := range at {
				reached = reached || at[i]
				next[i] = reached
			}
		} else {
			for i, name := range f {
				if at[i] {
					ok, err := path.Match(e, name)
					next[i+1] = ok && err == nil
				}
			}
		}
		at = next
	}
	if at[len(f)] && !below {
		return true
	}
	if below || plain {
		for _, ok := range at[:len(f)] {
			if ok {
				return true
			}
		}
	}
	return false
}

// base is the directory that all files of a pattern lie below: its elements before the first with a wildcard. A last element
// without one is taken for a file.
func base(pattern string) string {
	var out []string
	list := strings.Split(pattern, "/")
	for i, e := range list {
		if strings.ContainsAny(e, "*?[") || i == len(list)-1 {
			break
		}
		out = append(out, e)
	}
	return path.Join(out...)
}

package template

import (
	"path"
	"slices"
	"strings"
)

// Files are the files that the unit's message is made from, as far as their names are known before it is rendered: the
// template itself, its sample, the template of the other body, its layout and meta.json, attachments and inline files. Not all
// of them need exist. Paths are relative to the root.
func (u *Unit) Files() []string {
	files := []string{u.Template}
	add := func(name string) {
		if name != "" && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	add(u.Data)
	for _, p := range []string{u.spec.HTML, u.spec.Text} {
		if p != "" {
			add(expand(p, u.Template))
		}
	}
	if u.spec.Layout != "" {
		add(path.Clean(u.spec.Layout))
		add(path.Join(path.Dir(u.Template), u.spec.Layout))
	}
	add(path.Join(path.Dir(u.Template), metaName))
	for _, list := range [][]string{u.spec.Attachments, u.spec.Inline} {
		for _, p := range list {
			file := expand(p, u.Template)
			add(file)
			if !strings.Contains(p, "{dir}") {
				add(path.Join(path.Dir(u.Template), file))
			}
		}
	}
	return files
}

// Includes tells whether file lies where the unit's partials, includes and layouts are looked for by name.
func (u *Unit) Includes(file string) bool {
	return slices.ContainsFunc(u.spec.Includes, func(dir string) bool {
		dir = path.Clean(dir)
		return dir == "." || strings.HasPrefix(file, dir+"/")
	})
}

// Program tells whether a program of its own renders the unit.
func (u *Unit) Program() bool { return len(u.spec.Command) > 0 }

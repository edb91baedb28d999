package rules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxModule bounds a policy's source, in octets.
const maxModule = 1 << 20

// ReadModules reads the policies of files and of directories with all that is below them, in order of their names. Tests
// (_test.rego) are read too; New checks them and leaves them out. Directories named testdata, and those whose name begins with
// a dot, are passed over. A path without any policy is an error.
func ReadModules(paths ...string) ([]Module, error) {
	var all []Module
	var errs []error
	for _, p := range paths {
		found := 0
		err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != p && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
				return fs.SkipDir
			case d.IsDir() || name != p && filepath.Ext(name) != ".rego":
				return nil
			}
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			if !info.Mode().IsRegular() || info.Size() > maxModule {
				return fmt.Errorf("%s: not a regular file of at most %d octets", name, maxModule)
			}
			source, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			found++
			name = filepath.Clean(name)
			if !slices.ContainsFunc(all, func(m Module) bool { return m.Name == name }) {
				all = append(all, Module{Name: name, Source: string(source)})
			}
			return nil
		})
		if err == nil && found == 0 {
			err = fmt.Errorf("%s: no policy (*.rego) in it", p)
		}
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// Check loads the policies of files and directories as New would, and gives the rules that they define. All that is wrong
// comes back in one error, a line each.
func Check(ctx context.Context, paths []string) ([]Rule, error) {
	modules, err := ReadModules(paths...)
	if err != nil {
		return nil, err
	}
	e, err := New(ctx, Options{Policies: modules})
	if err != nil {
		return nil, err
	}
	rules := slices.DeleteFunc(e.Rules(), func(r Rule) bool { return r.Origin == "built-in" })
	if len(rules) == 0 {
		return nil, errors.New("the policies define no rule")
	}
	return rules, nil
}

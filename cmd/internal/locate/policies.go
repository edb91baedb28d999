package locate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"postern/cmd/internal/quote"
)

// Bounds on the user's policies: a directory that was named by mistake ends in an error, not in a read of the whole disk.
const (
	// MaxPolicies is how many files there can be.
	MaxPolicies = 1000
	maxEntries  = 20_000
	maxDirs     = 16 // levels
)

// Policies gives the policies that a name in postern.yaml, made a path, stands for: a file, or a directory for every .rego file under
// it, in order of name, except tests (_test.rego) and what lies in hidden directories. Links inside a directory are not followed. If
// message is not "", it says why there are none.
func Policies(path string) (files []string, message, remedy string) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "does not exist", "names are relative to the directory of " + FileName
	case err != nil:
		return nil, Unreadable(path, err).Message, "check its permissions"
	case st.Mode().IsRegular():
		if filepath.Ext(path) != ".rego" {
			return nil, "is no Rego file", "name a file that ends in .rego, or a directory"
		}
		return []string{path}, "", ""
	case !st.IsDir():
		return nil, "is neither a file nor a directory", "name a file that ends in .rego, or a directory"
	}
	entries, base := 0, strings.Count(filepath.Clean(path), string(filepath.Separator))
	tooMany := errors.New("too many")
	// The final separator makes WalkDir enter a directory that is named by a link.
	err = filepath.WalkDir(path+string(filepath.Separator), func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entries++; entries > maxEntries {
			return tooMany
		}
		if e.IsDir() {
			passed := entries > 1 && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), "."))
			if passed || strings.Count(filepath.Clean(p), string(filepath.Separator))-base > maxDirs {
				return filepath.SkipDir
			}
			return nil
		}
		// What has the name of a policy is one, a link too: a rule that cannot be read is an error, never left out.
		if filepath.Ext(p) == ".rego" && !strings.HasSuffix(p, "_test.rego") {
			files = append(files, filepath.Clean(p))
		}
		return nil
	})
	switch {
	case errors.Is(err, tooMany):
		return nil, fmt.Sprintf("holds more than %d files", maxEntries), "name the directory that holds the policies"
	case err != nil:
		return nil, "cannot be read: " + quote.Text(err.Error()), "check its permissions"
	case len(files) == 0:
		return nil, "holds no policy", "a policy is a file that ends in .rego"
	}
	return files, "", ""
}

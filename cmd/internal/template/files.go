package template

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

const (
	maxTemplateBytes = 1 << 20
	maxDataBytes     = 8 << 20
	maxMessageBytes  = 64 << 20
)

// tree is the directory that everything is read from.
type tree struct {
	root *os.Root
	dir  string
}

func openTree(dir string) (*tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &tree{root: root, dir: dir}, nil
}

func (t *tree) close() { t.root.Close() }

// exists tells whether name is a file below the root.
func (t *tree) exists(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	fi, err := t.root.Stat(name)
	return err == nil && fi.Mode().IsRegular()
}

// read gives the content of a regular file, which must not be longer than max.
func (t *tree) read(name string, max int64) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%q is no path below the root", name)
	}
	// Before opening: opening a pipe would wait for its writer.
	fi, err := t.root.Stat(name)
	if err != nil {
		return nil, pathless(err)
	}
	if !fi.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := t.root.Open(name)
	if err != nil {
		return nil, pathless(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, pathless(err)
	}
	if int64(len(b)) > max {
		return nil, limitError(fmt.Sprintf("longer than %d octets", max))
	}
	return b, nil
}

// pathless drops the operation and path that the caller states anyway.
func pathless(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// stem is a file's name without directory and without what follows its first dot, "welcome" for emails/welcome.html.tmpl.
func stem(name string) string {
	base := path.Base(name)
	if i := strings.IndexByte(base[1:], '.'); i >= 0 {
		return base[:i+1]
	}
	return base
}

// expand replaces {dir}, {name} and {base} in a path pattern by the parts of the template's path.
func expand(pattern, file string) string {
	return path.Clean(strings.NewReplacer("{dir}", path.Dir(file), "{name}", stem(file), "{base}", path.Base(file)).Replace(pattern))
}

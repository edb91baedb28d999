package git

import (
	"context"
	"path"
	"path/filepath"
	"strings"
)

// Repo is the repository around the working directory.
type Repo struct {
	// Shallow tells that the history was cut off when the repository was fetched.
	Shallow bool
	// Bare tells that there is no work tree.
	Bare bool

	prefix string // the working directory, relative to the top of the work tree: "a/b/" or ""
}

// Open looks at the repository that the working directory is in.
func Open(ctx context.Context) (*Repo, error) {
	b, err := ask(ctx, "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return nil, err
	}
	// The prefix is last, because the name of a directory may hold line ends.
	f := strings.SplitN(strings.TrimSuffix(string(b), "\n"), "\n", 4)
	for len(f) < 4 {
		f = append(f, "")
	}
	return &Repo{Bare: f[0] == "true" || f[1] != "true", Shallow: f[2] == "true", prefix: f[3]}, nil
}

// HooksDir is the directory of the hooks, as core.hooksPath has it, relative to the working directory or absolute.
func (r *Repo) HooksDir(ctx context.Context) (string, error) {
	b, err := ask(ctx, "rev-parse", "--git-path", "hooks")
	return strings.TrimSuffix(string(b), "\n"), err
}

// shown turns a path that git gave, relative to the top of the work tree, into one relative to the working directory.
func (r *Repo) shown(p string) string {
	if r.prefix == "" {
		return filepath.FromSlash(p)
	}
	up := strings.Count(r.prefix, "/")
	from := strings.Split(strings.TrimSuffix(r.prefix, "/"), "/")
	to := strings.Split(p, "/")
	same := 0
	for same < len(from) && same < len(to)-1 && from[same] == to[same] {
		same++
	}
	return filepath.FromSlash(path.Join(strings.Repeat("../", up-same), strings.Join(to[same:], "/")))
}

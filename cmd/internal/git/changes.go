package git

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a path is.
type Kind uint8

// The kinds of a path that is there.
const (
	File Kind = iota
	Link
	Submodule
	// Deleted paths are no longer there.
	Deleted
	// Unmerged paths have a conflict that nobody has resolved.
	Unmerged
)

// Change is a path that was added, changed or deleted. A renamed file is two: its old name is deleted, its new one added.
type Change struct {
	// Path is relative to the working directory.
	Path string
	Kind Kind
	// Untracked tells that git does not know the file.
	Untracked bool
	// blob is the object that holds the content, "" for content of the work tree.
	blob string
}

// ErrNoHead tells that the repository has no commit yet.
var ErrNoHead = errors.New("the repository has no commit yet")

// Staged lists what the next commit changes, below paths (relative to the working directory; none means everywhere).
func (r *Repo) Staged(ctx context.Context, paths []string) ([]Change, error) {
	if r.Bare {
		return nil, &Error{"there is no work tree here, so nothing is staged", "run it inside a git work tree"}
	}
	b, err := r.diff(ctx, paths, "--cached")
	if err != nil {
		return nil, err
	}
	return r.parse(b, true)
}

// ChangedSince lists what differs in the work tree from the commit at which the current branch left rev, below paths; files
// that git does not know and is not told to ignore are among it.
func (r *Repo) ChangedSince(ctx context.Context, rev string, paths []string) ([]Change, error) {
	if r.Bare {
		return nil, &Error{"there is no work tree here", "run it inside a git work tree"}
	}
	base, err := r.mergeBase(ctx, rev)
	if err != nil {
		return nil, err
	}
	b, err := r.diff(ctx, paths, base)
	if err != nil {
		return nil, err
	}
	list, err := r.parse(b, false)
	if err != nil {
		return nil, err
	}
	others, err := r.others(ctx, paths)
	return append(list, others...), err
}

// Unstaged lists what differs in the work tree from the index, files that git does not know among it.
func (r *Repo) Unstaged(ctx context.Context) ([]Change, error) {
	b, err := r.diff(ctx, nil, "")
	if err != nil {
		return nil, err
	}
	list, err := r.parse(b, false)
	if err != nil {
		return nil, err
	}
	others, err := r.others(ctx, nil)
	return append(list, others...), err
}

// others lists the files that git does not know and is not told to ignore.
func (r *Repo) others(ctx context.Context, paths []string) (list []Change, err error) {
	args := append([]string{"ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--"}, r.below(paths)...)
	b, err := ask(ctx, args...)
	if err != nil {
		return nil, err
	}
	for p := range strings.SplitSeq(string(b), "\x00") {
		if p != "" && !strings.HasSuffix(p, "/") {
			list = append(list, Change{Path: r.shown(p), Untracked: true})
		}
	}
	return list, nil
}

// below gives the paths for git's command line. Without any, ls-files would stay in the working directory.
func (r *Repo) below(paths []string) []string {
	if len(paths) > 0 {
		return paths
	}
	return []string{strings.Repeat("../", strings.Count(r.prefix, "/")) + "."}
}

func (r *Repo) diff(ctx context.Context, paths []string, what string) ([]byte, error) {
	args := []string{"diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative",
		"--ignore-submodules=none", "--diff-filter=ACDMTU", "-O/dev/null"}
	if what != "" {
		args = append(args, what)
	}
	args = append(args, "--")
	return ask(ctx, append(args, r.below(paths)...)...)
}

// parse reads git's raw format (git-diff(1), "Raw output format"): for each path ":mode mode object object status", NUL,
// path, NUL.
func (r *Repo) parse(b []byte, staged bool) ([]Change, error) {
	var list []Change
	seen := map[string]int{}
	rest := string(b)
	for rest != "" {
		head, tail, ok := strings.Cut(rest, "\x00")
		path, more, ok2 := strings.Cut(tail, "\x00")
		f := strings.Fields(strings.TrimPrefix(head, ":"))
		if !ok || !ok2 || len(f) != 5 || path == "" || f[4] == "" {
			return nil, &Error{"git diff answered in a form that is not known: " + strconv.QuoteToASCII(head), "this may be a new version of git"}
		}
		rest = more
		c := Change{Path: r.shown(path)}
		if staged {
			c.blob = f[3]
		}
		switch {
		case f[4] == "U":
			c.Kind = Unmerged
		case f[4] == "D":
			c.Kind = Deleted
		case f[1] == "120000":
			c.Kind = Link
		case f[1] == "160000":
			c.Kind = Submodule
		}
		// An unmerged path comes twice when its file is there: as unmerged and as modified.
		if at, twice := seen[path]; twice {
			if list[at].Kind != Unmerged {
				list[at] = c
			}
			continue
		}
		seen[path] = len(list)
		list = append(list, c)
	}
	return list, nil
}

// mergeBase gives the commit at which the current branch left rev.
func (r *Repo) mergeBase(ctx context.Context, rev string) (string, error) {
	head, err := r.commit(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	if head == "" {
		return "", &Error{ErrNoHead.Error(), "use --staged for the first commit"}
	}
	fetch := "fetch the history first: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 in GitLab, or git fetch --unshallow"
	want, err := r.commit(ctx, rev)
	switch {
	case err != nil:
		return "", err
	case want == "" && r.Shallow:
		return "", &Error{fmt.Sprintf("this clone is shallow and does not hold the revision %q", rev), fetch}
	case want == "":
		return "", &Error{fmt.Sprintf("there is no revision %q here", rev), "git fetch origin BRANCH brings it, it is then called origin/BRANCH or FETCH_HEAD"}
	}
	b, err := ask(ctx, "merge-base", head, want)
	if base := strings.TrimSpace(string(b)); err == nil && base != "" {
		return base, nil
	}
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case r.Shallow:
		return "", &Error{fmt.Sprintf("this clone is shallow and does not reach back to where the current branch left %q", rev), fetch}
	}
	return "", &Error{fmt.Sprintf("the current branch and %q have no history in common", rev), "name the revision that the branch began at"}
}

// commit resolves a revision, "" if there is none of that name.
func (r *Repo) commit(ctx context.Context, rev string) (string, error) {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\x00\n") {
		return "", &Error{fmt.Sprintf("%q is no revision", rev), "write a branch, tag or commit, such as origin/main"}
	}
	b, err := ask(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	var own *Error
	if err != nil && errors.As(err, &own) {
		return "", nil
	}
	return strings.TrimSpace(string(b)), err
}

// Had tells whether the commit rev, or HEAD for "", holds something at path, which is relative to the working directory.
func (r *Repo) Had(ctx context.Context, rev, path string) bool {
	if rev == "" {
		rev = "HEAD"
	}
	b, err := ask(ctx, "ls-tree", "-z", "--name-only", rev, "--", path)
	return err == nil && len(b) > 0
}

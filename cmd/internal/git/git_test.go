package git

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/needs"
)

// repo makes an empty repository, in which the test then stands.
func repo(t *testing.T) string {
	t.Helper()
	needs.Program(t, "git")
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := t.TempDir()
	t.Chdir(dir)
	run(t, "init", "-q", "-b", "main")
	run(t, "config", "user.name", "A")
	run(t, "config", "user.email", "a@example.com")
	return dir
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T) { t.Helper(); run(t, "commit", "-q", "--allow-empty", "-m", "x") }

// names lists changes as "path", "path link" and so on.
func names(list []Change) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.Path+[...]string{"", " link", " submodule", " deleted", " unmerged"}[c.Kind])
	}
	slices.Sort(out)
	return out
}

func staged(t *testing.T, paths ...string) (*Repo, []Change) {
	t.Helper()
	r, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Staged(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	return r, list
}

func content(t *testing.T, r *Repo, list []Change) map[string]string {
	t.Helper()
	b, err := r.Blobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	out := map[string]string{}
	for _, c := range list {
		rd, err := b.Open(c)
		if err != nil {
			out[c.Path] = "error: " + err.Error()
			continue
		}
		text, err := io.ReadAll(rd)
		if err != nil {
			t.Fatal(err)
		}
		out[c.Path] = string(text)
	}
	return out
}

func TestStagedIsTheIndex(t *testing.T) {
	repo(t)
	odd := "new\nline \"q\" \\ é.eml"
	latin := "caf\xe9.eml"
	write(t, "a.eml", "first\n")
	write(t, "b/same.eml", "same\n")
	write(t, "b/gone.eml", "gone\n")
	write(t, "b/old name.eml", "moved\n")
	run(t, "add", ".")
	_, first := staged(t)
	if want := []string{"a.eml", "b/gone.eml", "b/old name.eml", "b/same.eml"}; !cmp.Equal(want, names(first)) {
		t.Errorf("before the first commit: %q", names(first))
	}
	commit(t)
	if _, list := staged(t); len(list) != 0 {
		t.Errorf("after the commit: %q", names(list))
	}
	write(t, "a.eml", "second\n")
	write(t, odd, "odd\n")
	write(t, latin, "latin\n")
	write(t, "-c", "dash\n")
	write(t, "[a].eml", "bracket\n")
	write(t, "empty.eml", "")
	run(t, "mv", "b/old name.eml", "b/new name.eml")
	run(t, "rm", "-q", "b/gone.eml")
	if err := os.Symlink("a.eml", "link.eml"); err != nil {
		t.Fatal(err)
	}
	run(t, "add", ".")
	// What stands in the work tree now is not what will be committed.
	write(t, "a.eml", "third\n")
	write(t, "b/same.eml", "not staged\n")
	write(t, "untracked.eml", "x\n")
	run(t, "add", "-N", "untracked.eml")
	r, list := staged(t)
	want := []string{"-c", "[a].eml", "a.eml", "b/gone.eml deleted", "b/new name.eml", "b/old name.eml deleted", latin, "empty.eml", "link.eml link", odd}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(list)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got := content(t, r, list)
	for name, text := range map[string]string{"a.eml": "second\n", odd: "odd\n", latin: "latin\n", "-c": "dash\n", "empty.eml": "", "b/new name.eml": "moved\n"} {
		if got[name] != text {
			t.Errorf("%q holds %q, want %q", name, got[name], text)
		}
	}
	// Paths are names, not patterns.
	if _, list := staged(t, "[a].eml"); !cmp.Equal([]string{"[a].eml"}, names(list)) {
		t.Errorf("of [a].eml: %q", names(list))
	}
	if _, list := staged(t, "b", "-c"); !cmp.Equal([]string{"-c", "b/gone.eml deleted", "b/new name.eml", "b/old name.eml deleted"}, names(list)) {
		t.Errorf("of b and -c: %q", names(list))
	}
	t.Chdir("b")
	if _, list := staged(t); !slices.Contains(names(list), "../a.eml") || !slices.Contains(names(list), "new name.eml") {
		t.Errorf("in b: %q", names(list))
	}
	if _, list := staged(t, "."); !cmp.Equal([]string{"gone.eml deleted", "new name.eml", "old name.eml deleted"}, names(list)) {
		t.Errorf("of . in b: %q", names(list))
	}
}

func TestStagedInAHook(t *testing.T) {
	dir := repo(t)
	write(t, "a.eml", "one\n")
	write(t, "b.eml", "one\n")
	run(t, "add", ".")
	commit(t)
	write(t, "a.eml", "two\n")
	write(t, "b.eml", "two\n")
	run(t, "add", "a.eml")
	// git commit b.eml works with an index of its own, which only GIT_INDEX_FILE names.
	other := filepath.Join(dir, ".git", "other-index")
	t.Setenv("GIT_INDEX_FILE", other)
	run(t, "read-tree", "HEAD")
	run(t, "add", "b.eml")
	t.Setenv("GIT_DIR", ".git")
	// Not git's to set for a hook, and dangerous.
	t.Setenv("GIT_EXTERNAL_DIFF", "false")
	t.Setenv("GIT_TRACE", "1")
	t.Setenv("GIT_GLOB_PATHSPECS", "1")
	if _, list := staged(t); !cmp.Equal([]string{"b.eml"}, names(list)) {
		t.Errorf("%q", names(list))
	}
}

func TestUnmergedAndSubmodules(t *testing.T) {
	dir := repo(t)
	write(t, "a.eml", "base\n")
	run(t, "add", ".")
	commit(t)
	run(t, "checkout", "-q", "-b", "other")
	write(t, "a.eml", "other\n")
	run(t, "commit", "-qam", "x")
	run(t, "checkout", "-q", "main")
	write(t, "a.eml", "main\n")
	run(t, "commit", "-qam", "x")
	if exec.Command("git", "merge", "-q", "other").Run() == nil {
		t.Fatal("no conflict")
	}
	if _, list := staged(t); !cmp.Equal([]string{"a.eml unmerged"}, names(list)) {
		t.Errorf("%q", names(list))
	}
	run(t, "merge", "--abort")
	sub := filepath.Join(dir, "sub.eml")
	run(t, "clone", "-q", dir, sub)
	run(t, "add", "sub.eml")
	if _, list := staged(t); !cmp.Equal([]string{"sub.eml submodule"}, names(list)) {
		t.Errorf("%q", names(list))
	}
}

func TestChangedSince(t *testing.T) {
	repo(t)
	write(t, "a.eml", "base\n")
	write(t, "b.eml", "base\n")
	write(t, ".gitignore", "ignored.eml\n")
	run(t, "add", ".")
	commit(t)
	run(t, "checkout", "-q", "-b", "work")
	write(t, "a.eml", "work\n")
	run(t, "commit", "-qam", "x")
	run(t, "checkout", "-q", "main")
	write(t, "b.eml", "main went on\n")
	run(t, "commit", "-qam", "x")
	run(t, "checkout", "-q", "work")
	write(t, "sub/new.eml", "new\n")
	write(t, "ignored.eml", "x\n")
	r, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.ChangedSince(t.Context(), "main", nil)
	if err != nil || !cmp.Equal([]string{"a.eml", "sub/new.eml"}, names(list)) {
		t.Errorf("%q, %v", names(list), err)
	}
	for _, c := range list {
		if c.Staged() {
			t.Errorf("%s is read from the index", c.Path)
		}
	}
	t.Chdir("sub")
	r, err = Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err = r.ChangedSince(t.Context(), "main", nil)
	if err != nil || !cmp.Equal([]string{"../a.eml", "new.eml"}, names(list)) {
		t.Errorf("in sub: %q, %v", names(list), err)
	}
	for _, rev := range []string{"nowhere", "-h", "", "--all", "main\n", "HEAD:a.eml"} {
		var own *Error
		if _, err := r.ChangedSince(t.Context(), rev, nil); !errors.As(err, &own) {
			t.Errorf("%q: %v", rev, err)
		}
	}
}

func TestShallow(t *testing.T) {
	dir := repo(t)
	for i := range 5 {
		write(t, "a.eml", fmt.Sprint(i))
		run(t, "add", ".")
		commit(t)
	}
	first := strings.TrimSpace(run(t, "rev-parse", "HEAD~4"))
	clone := filepath.Join(t.TempDir(), "clone")
	run(t, "clone", "-q", "--depth", "1", "file://"+dir, clone)
	t.Chdir(clone)
	r, err := Open(t.Context())
	if err != nil || !r.Shallow {
		t.Fatalf("%+v, %v", r, err)
	}
	var own *Error
	if _, err := r.ChangedSince(t.Context(), first, nil); !errors.As(err, &own) || !strings.Contains(own.Message, "shallow") || !strings.Contains(own.Hint, "fetch-depth: 0") {
		t.Errorf("%v", err)
	}
	// The revision is there, but nothing between.
	run(t, "fetch", "-q", "--depth", "1", "origin", first)
	if _, err := r.ChangedSince(t.Context(), first, nil); !errors.As(err, &own) || !strings.Contains(own.Message, "shallow") {
		t.Errorf("%v", err)
	}
	run(t, "fetch", "-q", "--unshallow")
	r, _ = Open(t.Context())
	if list, err := r.ChangedSince(t.Context(), first, nil); err != nil || !cmp.Equal([]string{"a.eml"}, names(list)) {
		t.Errorf("%q, %v", names(list), err)
	}
}

func TestNoWorkTree(t *testing.T) {
	dir := repo(t)
	r, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var own *Error
	if _, err := r.ChangedSince(t.Context(), "HEAD", nil); !errors.As(err, &own) || !strings.Contains(own.Hint, "--staged") {
		t.Errorf("without a commit: %v", err)
	}
	t.Chdir(filepath.Join(dir, ".git"))
	r, err = Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Staged(t.Context(), nil); !errors.As(err, &own) {
		t.Errorf("in .git: %v", err)
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	run(t, "init", "-q", "--bare", bare)
	t.Chdir(bare)
	if r, err = Open(t.Context()); err != nil || !r.Bare {
		t.Fatalf("bare: %+v, %v", r, err)
	}
	if _, err := r.Staged(t.Context(), nil); !errors.As(err, &own) {
		t.Errorf("bare: %v", err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("GIT_CEILING_DIRECTORIES", "/")
	if _, err := Open(t.Context()); !errors.As(err, &own) || own.Hint == "" {
		t.Errorf("outside: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context()); !errors.As(err, &own) || !strings.Contains(own.Hint, "install git") {
		t.Errorf("without git: %v", err)
	}
}

// A lost object is told for the file that needs it; the others are read.
func TestMissingObject(t *testing.T) {
	dir := repo(t)
	write(t, "a.eml", "lost\n")
	write(t, "b.eml", strings.Repeat("kept\n", 100_000))
	write(t, "c.eml", "kept too\n")
	run(t, "add", ".")
	id := strings.TrimSpace(run(t, "rev-parse", ":a.eml"))
	if err := os.Remove(filepath.Join(dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	r, list := staged(t)
	b, err := r.Blobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, c := range list {
		rd, err := b.Open(c)
		switch c.Path {
		case "a.eml":
			if err == nil {
				t.Error("a lost object was read")
			}
		case "b.eml": // left unread
			if err != nil {
				t.Error(err)
			}
		case "c.eml":
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(rd); err != nil || !bytes.Equal(text, []byte("kept too\n")) {
				t.Errorf("%q, %v", text, err)
			}
		}
	}
}

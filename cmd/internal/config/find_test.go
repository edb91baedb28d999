package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/locate"
	"postern/cmd/internal/needs"
)

// load loads without /etc and gives the file's path below dir.
func load(t *testing.T, dir, start, explicit string, env ...string) (string, error) {
	t.Helper()
	old := locate.SystemFile
	defer func() { locate.SystemFile = old }()
	locate.SystemFile = filepath.Join(dir, "etc", FileName)
	c, err := LoadAt(start, explicit, env, clock)
	if err != nil {
		var errs Errors
		if !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("%v is no Errors", err)
		}
		return "", err
	}
	if c.File == "" {
		return "", nil
	}
	return filepath.Rel(dir, c.File)
}

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	const text = "provider: pair\n"
	for _, f := range []string{"repo/postern.yaml", "repo/inner/mail/a.eml", "repo/module/.git", "repo/module/mail/a.eml", "postern.yaml",
		"home/work/a.eml", "named.yaml", "other/.git/HEAD", "other/mail/a.eml", "xdg/postern/postern.yaml", "home2/.config/postern/postern.yaml"} {
		write(t, filepath.Join(dir, f), text)
	}
	if err := os.MkdirAll(filepath.Join(dir, "repo", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := func(s string) string { return filepath.Join(dir, s) }
	home := "HOME=" + p("home")
	for _, c := range []struct {
		name, start, explicit, want string
		env                         []string
	}{
		{"upward from a file", p("repo/inner/mail/a.eml"), "", "repo/postern.yaml", nil},
		{"upward from a directory", p("repo/inner"), "", "repo/postern.yaml", nil},
		{"upward from a path that is not there", p("repo/inner/none.eml"), "", "repo/postern.yaml", nil},
		{"past no git root", p("other/mail/a.eml"), "", "", nil},
		{"past no .git file", p("repo/module/mail/a.eml"), "", "", nil},
		{"past no home", p("home/work/a.eml"), "", "", []string{home}},
		{"past what is not home", p("home/work/a.eml"), "", "postern.yaml", []string{"HOME=" + p("home2")}},
		{"named", p("repo"), p("named.yaml"), "named.yaml", []string{"POSTERN_CONFIG=" + p("postern.yaml")}},
		{"POSTERN_CONFIG", p("repo"), "", "named.yaml", []string{"POSTERN_CONFIG=" + p("named.yaml")}},
		{"XDG_CONFIG_HOME", p("other"), "", "xdg/postern/postern.yaml", []string{"XDG_CONFIG_HOME=" + p("xdg"), "HOME=" + p("home2")}},
		{"relative XDG_CONFIG_HOME is not one", p("other"), "", "home2/.config/postern/postern.yaml", []string{"XDG_CONFIG_HOME=xdg", "HOME=" + p("home2")}},
	} {
		got, err := load(t, dir, c.start, c.explicit, c.env...)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q and %v, want %q", c.name, got, err, c.want)
		}
	}
	write(t, p("etc/postern.yaml"), text)
	if got, err := load(t, dir, p("other"), ""); err != nil || got != "etc/postern.yaml" {
		t.Errorf("system file: got %q and %v", got, err)
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "git", ".git"), "")
	write(t, filepath.Join(dir, "near", "postern.yml"), "provider: pair\n")
	write(t, filepath.Join(dir, "large.yaml"), strings.Repeat("#", locate.MaxFile+1))
	if err := os.MkdirAll(filepath.Join(dir, "dir", FileName), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "git", FileName)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	p := func(s string) string { return filepath.Join(dir, s) }
	for _, c := range []struct{ name, start, explicit, want string }{
		{"named and absent", "", p("none.yaml"), "none.yaml: does not exist (run postern init to write one)"},
		{"directory", p("dir"), "", "postern.yaml: is not a regular file"},
		{"device", "", "/dev/null", "/dev/null: is not a regular file"},
		{"too large", "", p("large.yaml"), "is larger than 1048576 octets"},
		{"wrong name", p("near"), "", "postern.yml: is not read under this name (rename it to postern.yaml)"},
		{"dangling link", p("git"), "", "postern.yaml: does not exist"},
	} {
		if _, err := load(t, dir, c.start, c.explicit); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, FileName)
	write(t, file, "provider: none\naccount: {username: alice, created: 2015-03-01}\nserver_size: 70000\n")
	env := []string{"POSTERN_PROVIDER=pair", "POSTERN_FAIL_ON=info", "POSTERN_SERVER_SIZE=41943040", "POSTERN_ACCOUNT_PLAN=Basic",
		"POSTERN_SUBMISSION_HOST=alice.mail.pairserver.com", "POSTERN_SUBMISSION_AUTH=false", "POSTERN_ACCOUNT_CREATED=", "POSTERN_FORMAT=json"}
	c, err := LoadAt(dir, "", env, clock)
	if err != nil {
		t.Fatal(err)
	}
	if c.Provider != "pair" || c.FailOn != "info" || c.ServerSize != 41943040 || c.Account.Plan != "Basic" || c.Account.Created != "2015-03-01" ||
		c.Submission.Host != "alice.mail.pairserver.com" || c.Submission.Auth == nil || *c.Submission.Auth {
		t.Errorf("got %+v, account %+v, submission %+v", c, c.Account, c.Submission)
	}
	if o, _ := c.Origin("fail_on"); o.String() != "POSTERN_FAIL_ON" {
		t.Errorf("origin of fail_on: %v", o)
	}
	if o, _ := c.Origin("account.username"); o.String() != file+":2" {
		t.Errorf("origin of account.username: %v", o)
	}
	_, err = LoadAt(dir, "", []string{"POSTERN_SERVER_SIZE=40M", "POSTERN_PROVIDER=pairs", "POSTERN_SUBMISSION_HOST=mail1.pair.com"}, clock)
	want := `POSTERN_PROVIDER: "pairs" is not one of pair, none (did you mean pair?)
POSTERN_SERVER_SIZE: "40M" is no whole number in plain digits (it counts octets: 40 MiB is 41943040; leave the key out if EHLO shows no SIZE or SIZE 0)`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = LoadAt(dir, "", []string{"POSTERN_PROVIDER=pair", "POSTERN_SUBMISSION_HOST=mail1.pair.com"}, clock)
	if err == nil || !strings.HasPrefix(err.Error(), "POSTERN_SUBMISSION_HOST: mail1.pair.com is for accounts created before 2011-06-01") {
		t.Errorf("impossible host: %v", err)
	}
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git"), "")
	old := locate.SystemFile
	defer func() { locate.SystemFile = old }()
	locate.SystemFile = filepath.Join(dir, "none")
	c, err := LoadAt(dir, "", nil, clock)
	if err != nil || c.File != "" || c.Account != nil || c.Submission != nil || len(c.Keys()) != 0 {
		t.Errorf("got %+v and %v, want a zero Config", c, err)
	}
	if o, err := c.RuleOptions(); err != nil || o.Account != nil || o.Provider != "" {
		t.Errorf("options %+v and %v", o, err)
	}
}

// In a directory that many share, somebody else's file does not decide; in one of his own it does, since the user has gone there.
func TestLookupOwner(t *testing.T) {
	needs.Root(t)
	const stranger, other = 12345, 12346
	for _, c := range []struct {
		name                 string
		shared, file, inside int // owners of the directory above, of the file there, and of the directory that is checked
		link                 bool
		refused              bool
	}{
		{"the user's", 0, 0, 0, false, false},
		{"a stranger's above", 0, stranger, 0, false, true},
		{"a stranger's link above", 0, stranger, 0, true, true},
		{"a stranger's above another's", 0, stranger, other, false, true},
		{"all of one", stranger, stranger, stranger, false, false},
		{"root's above a stranger's", stranger, 0, stranger, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			shared, inside, file := filepath.Join(dir, "tmp"), filepath.Join(dir, "tmp", "project"), filepath.Join(dir, "tmp", FileName)
			write(t, filepath.Join(inside, "a.eml"), "")
			real := file
			if c.link {
				real = filepath.Join(dir, "real.yaml")
				if err := os.Symlink(real, file); err != nil {
					t.Fatal(err)
				}
			}
			write(t, real, "provider: pair\n")
			for name, owner := range map[string]int{shared: c.shared, file: c.file, inside: c.inside} {
				if err := os.Lchown(name, owner, owner); err != nil {
					t.Fatal(err)
				}
			}
			for _, start := range []string{inside, filepath.Join(inside, "a.eml")} {
				got, err := load(t, dir, start, "")
				if refused := err != nil && strings.Contains(err.Error(), "belongs to another user"); refused != c.refused || !refused && got != filepath.Join("tmp", FileName) {
					t.Errorf("%s: %q, %v; refused %v, want %v", start, got, err, refused, c.refused)
				}
			}
			if got, err := load(t, dir, inside, file); got == "" || err != nil {
				t.Errorf("named: %q, %v", got, err)
			}
		})
	}
}

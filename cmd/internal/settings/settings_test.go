package settings

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/config"
	"postern/rules/facts"
)

var update = flag.Bool("update", false, "write the golden files anew")

var clock = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const fixtureDir = "../../../testdata/settings"

// byText are the files of the fixture whose names do not say what they are.
var byText = []string{"mail-settings", "relay", "notes", "variables", "stack.yaml", "git", "postfix", "ini"}

// secrets are the passwords of the fixtures.
var secrets = []string{"Kraut", "Kohl", "kohl", "kraut", "Wirsing", "Mangold"}

func fixtures(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(fixtureDir)
	if err != nil || len(entries) == 0 {
		t.Fatalf("no fixtures in %s: %v", fixtureDir, err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// inside copies a fixture to a directory that no repository tracks, and makes it the working directory.
func inside(t *testing.T, name string) (golden string) {
	t.Helper()
	golden, err := filepath.Abs(filepath.Join(fixtureDir, name))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	return golden
}

// load reads the fixture's own postern.yaml; one that is meant to be broken gives a Config without a file.
func load(t *testing.T) *config.Config {
	t.Helper()
	data, err := os.ReadFile(config.FileName)
	if err != nil {
		return &config.Config{}
	}
	c, err := config.Parse(config.FileName, data, clock)
	if err != nil {
		return &config.Config{}
	}
	return c
}

// show writes a setting as its fields that say something, each with its line.
func show(s facts.Setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d %s", s.File, s.Line, s.Format)
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if f := v.Field(i); name != "File" && name != "Line" && name != "Format" && !f.IsZero() && fmt.Sprint(f) != unknown {
			fmt.Fprintf(&b, " %s=%v", name, f)
		}
	}
	return b.String()
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, s := range secrets {
		if strings.Contains(got, s) {
			t.Errorf("the password %s... is printed", s)
		}
	}
}

func TestRead(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			dir := inside(t, name)
			var paths []string
			if name == "by-text" {
				paths = byText
			}
			settings, errs := Read(paths, load(t))
			var b strings.Builder
			for _, s := range settings {
				b.WriteString(show(s) + "\n")
			}
			for _, err := range errs {
				b.WriteString("error: " + err.Error() + "\n")
			}
			compare(t, filepath.Join(dir, "settings.txt"), b.String())
		})
	}
}

func TestReadPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"deploy/.env":     "SMTP_HOST=a.example.com\n",
		"empty.env":       "APP=1\n",
		"dir/compose.yml": "services: {}\n",
		"binary.env":      "SMTP_HOST=a\x00b\n",
		"postern.yaml":    "submission: {host: b.example.com}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		paths []string
		hosts string
		errs  string
	}{
		{[]string{"deploy", "deploy/.env"}, "a.example.com", ""},
		{[]string{"deploy/.env", "./deploy/.env"}, "a.example.com", ""},
		{[]string{"empty.env"}, "", "empty.env: holds no submission settings"},
		{[]string{"dir"}, "", "dir: holds no submission settings"},
		{[]string{"none.env", "deploy"}, "a.example.com", "none.env: does not exist"},
		{[]string{"/dev/null"}, "", "/dev/null: is not a regular file"},
		{[]string{"binary.env"}, "", "binary.env: is no text file"},
		{[]string{"postern.yaml"}, "b.example.com", ""},
		{nil, "", "binary.env: is no text file"},
	} {
		settings, errs := Read(c.paths, nil)
		var hosts, texts []string
		for _, s := range settings {
			hosts = append(hosts, s.Host)
		}
		for _, e := range errs {
			texts = append(texts, e.Error())
		}
		if c.paths == nil {
			hosts = nil // the directory's own files were read
		}
		if got := strings.Join(hosts, " "); got != c.hosts {
			t.Errorf("%v: hosts %q, want %q", c.paths, got, c.hosts)
		}
		if got := strings.Join(texts, "; "); got != c.errs {
			t.Errorf("%v: errors %q, want %q", c.paths, got, c.errs)
		}
	}
}

// TestRelayHostUnresolved reads relay hosts whose name nobody can tell: to check nothing must not look like a pass.
func TestRelayHostUnresolved(t *testing.T) {
	doubling := "a0 = x.example.com,\n"
	for i := range 20 {
		doubling += fmt.Sprintf("a%d = $a%d $a%d\n", i+1, i, i)
	}
	const endless = "relayhost cannot be resolved: the $names in it go in a circle or grow too long"
	for _, c := range []struct{ name, text, hosts, errs string }{
		{"circle", "a = $b\nb = $a\nrelayhost = $a\n", "", "main.cf:3: " + endless},
		{"circle of three", "a = $b\nb = ${c}\nc = $(a)\nrelayhost = [$a]:587\n", "", "main.cf:4: " + endless},
		{"itself", "relayhost = $relayhost\n", "", "main.cf:1: " + endless},
		{"growing circle", "a = x$a$a\nrelayhost = $a\n", "", "main.cf:2: " + endless},
		{"doubling", doubling + "relayhost = $a20\n", "", "main.cf:22: " + endless},
		{"long", "a = " + strings.Repeat("x", maxExpanded+1) + "\nrelayhost = $a\n", "", "main.cf:2: " + endless},
		{"condition", "relayhost = ${a?b.example.com}\n", "", "main.cf:1: relayhost cannot be resolved: only $name, ${name} and $(name) are"},
		{"other parameter", "a = $a\nrelayhost = b.example.com\nsmtp_tls_security_level = $a\n", "b.example.com",
			"main.cf:3: smtp_tls_security_level cannot be resolved: the $names in it go in a circle or grow too long"},
		{"long without names", "relayhost = b.example.com\nsmtp_sasl_password_maps = " + strings.Repeat("static:x ", maxExpanded) + "\n",
			"b.example.com", ""},
		{"chain", "a = $b\nb = b.example.com\nrelayhost = $a\n", "b.example.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("main.cf", []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			settings, errs := Read([]string{"main.cf"}, nil)
			var hosts, texts []string
			for _, s := range settings {
				hosts = append(hosts, s.Host)
			}
			for _, e := range errs {
				texts = append(texts, e.Error())
			}
			if got := strings.Join(hosts, " "); got != c.hosts {
				t.Errorf("hosts %q, want %q", got, c.hosts)
			}
			if got := strings.Join(texts, "; "); got != c.errs {
				t.Errorf("errors %q, want %q", got, c.errs)
			}
		})
	}
}

func TestTrackedAndWorldReadable(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("this test needs git")
	}
	dir := t.TempDir()
	// The directory of the test and the one that holds those of its kind are closed to others at first.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Whether others get that far is up to the machine.
	open := true
	for d := filepath.Dir(dir); d != filepath.Dir(d); d = filepath.Dir(d) {
		if st, err := os.Stat(d); err != nil || st.Mode().Perm()&1 == 0 {
			open = false
		}
	}
	t.Chdir(dir)
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", ".")
	for _, name := range []string{"tracked.env", "untracked.env", ":(glob)x.env", "private.env"} {
		if err := os.WriteFile(name, []byte("SMTP_HOST=a.example.com\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod("private.env", 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", "tracked.env")
	git("config", "core.fsmonitor", "touch "+filepath.Join(dir, "monitor-ran")+"; false")
	t.Setenv("GIT_DIR", "/nonexistent")
	for name, want := range map[string][2]bool{
		"tracked.env": {true, open}, "untracked.env": {false, open}, ":(glob)x.env": {false, open}, "private.env": {false, false},
	} {
		settings, errs := Read([]string{name}, nil)
		if len(errs) != 0 || len(settings) != 1 {
			t.Fatalf("%s: %v %v", name, settings, errs)
		}
		if got := [2]bool{settings[0].Tracked, settings[0].WorldReadable}; got != want {
			t.Errorf("%s: tracked and world readable are %v, want %v", name, got, want)
		}
	}
	if _, err := os.Stat("monitor-ran"); err == nil {
		t.Error("git ran the repository's monitor")
	}
}

func TestIsSecret(t *testing.T) {
	for _, v := range []string{"hunter2", "Tr0ub4dor&3", "pa$$word1", "correct horse", "a", "secret123", "passw0rd"} {
		if !isSecret(v) {
			t.Errorf("%q is taken for no password", v)
		}
	}
	for _, v := range []string{"", " ", "null", "changeme", "change-me", "CHANGE_THIS", "your-password", "your_password_here", "YOUR PASSWORD HERE",
		"password", "secret", "********", "xxx", "...", "<password>", "{{ smtp_password }}", "%SMTP_PASSWORD%", "__PASSWORD__", "$(pass mail)",
		"/run/secrets/smtp", "op://vault/mail/password", "TODO", "mailbox_password"} {
		if isSecret(v) {
			t.Errorf("%q is taken for a password", v)
		}
	}
}

func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if settings, errs := Read(nil, nil); len(settings) != 0 || len(errs) != 0 {
		t.Errorf("got %v and %v", settings, errs)
	}
}

// Text of no format at all, and of every format cut short, is read without a panic and within the bounds.
func FuzzRead(f *testing.F) {
	seeds := 0
	err := filepath.WalkDir(fixtureDir, func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		seeds++
		for format := range parsers {
			f.Add(format, string(data))
		}
		return err
	})
	if err != nil || seeds == 0 {
		f.Fatal(err, seeds)
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		parse, ok := parsers[format]
		if !ok || len(text) > 1<<16 {
			return
		}
		x := &file{path: "f", text: text, cfg: &config.Config{}}
		parse(x)
		for _, s := range x.settings {
			if s.Line < 1 || s.Port < 0 || s.Port > 65535 {
				t.Errorf("%+v", s)
			}
		}
		for _, e := range x.errs {
			if e.Message == "" {
				t.Error("an error without a message")
			}
		}
		_ = formatOfText(text)
	})
}

func TestLoneDot(t *testing.T) {
	for command, want := range map[string]string{
		"/usr/sbin/sendmail -t":                     dotEnds,
		"/usr/sbin/sendmail -t -i":                  dotKept,
		"sendmail -oi -t":                           dotKept,
		"sendmail -ti":                              dotKept,
		"sendmail":                                  dotEnds,
		"sendmail -f info@example.com":              dotEnds,
		"sendmail -finfo@example.com -t":            dotEnds,
		"sendmail -t -- -i":                         dotEnds,
		"exim4 -t -oi":                              dotKept,
		"/usr/local/bin/postern sendmail -t":        dotEnds,
		"/usr/local/bin/postern sendmail -t -i":     dotKept,
		"postern check -":                           "",
		"msmtp -t":                                  "",
		"/usr/bin/env MAILER=sendmail sendmail -ti": "",
		"": "",
	} {
		if got := loneDot(shellWords(command)); got != want {
			t.Errorf("%q: got %q, want %q", command, got, want)
		}
	}
}

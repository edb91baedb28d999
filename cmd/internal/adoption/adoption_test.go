// Package adoption_test runs the built program where repositories use it: as a hook of git commit and git send-email, under
// pre-commit, and in the scripts of the GitHub action and the GitLab component.
package adoption_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/needs"
)

// top is the root of the project, postern the directory with the program, built for this run.
var top, postern string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "postern-adoption-")
	if err != nil {
		log.Fatal(err)
	}
	code := 1
	postern = dir
	if top, err = filepath.Abs(filepath.Join("..", "..", "..")); err != nil {
		log.Print(err)
	} else if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "postern"), "postern/cmd/postern").CombinedOutput(); err != nil {
		log.Printf("%v\n%s", err, out)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// sandbox is a repository with an environment that nothing of this machine's configuration reaches.
type sandbox struct {
	t   *testing.T
	dir string
	env []string
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	needs.Program(t, "git")
	home := t.TempDir()
	s := &sandbox{t: t, dir: filepath.Join(home, "repo")}
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "GIT_") && !strings.HasPrefix(name, "POSTERN_") && !strings.HasPrefix(name, "PRE_COMMIT") && name != "PATH" && name != "HOME" {
			s.env = append(s.env, e)
		}
	}
	s.env = append(s.env, "HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "xdg"), "PATH="+postern+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com",
		"PRE_COMMIT_HOME="+filepath.Join(home, "pre-commit"))
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.ok("git", "init", "-q", "-b", "main")
	return s
}

func (s *sandbox) run(name string, args ...string) (out string, code int) {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	if name == "postern" {
		cmd.Path, cmd.Err = filepath.Join(postern, name), nil
	}
	b, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func (s *sandbox) ok(name string, args ...string) string {
	s.t.Helper()
	out, code := s.run(name, args...)
	if code != 0 {
		s.t.Fatalf("%s %q: exit status %d\n%s", name, args, code, out)
	}
	return out
}

// refused runs a command that must fail and say something.
func (s *sandbox) refused(want, name string, args ...string) {
	s.t.Helper()
	out, code := s.run(name, args...)
	if code == 0 || !strings.Contains(out, want) {
		s.t.Fatalf("%s %q: exit status %d, want a failure with %q\n%s", name, args, code, want, out)
	}
}

// copy copies a file or a directory into the repository.
func (s *sandbox) copy(from, to string) {
	s.t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		s.t.Fatal(err)
	}
	if info.IsDir() {
		if err := os.CopyFS(filepath.Join(s.dir, to), os.DirFS(from)); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(from)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(to, string(b))
}

func (s *sandbox) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// The demonstration: a repository with an old finding takes up postern, and what its people commit afterwards.
func TestDemo(t *testing.T) {
	s := newSandbox(t)
	demo := filepath.Join(top, "testdata", "demo")
	s.copy(filepath.Join(demo, "emails"), "emails")
	s.copy(filepath.Join(demo, "postern.yaml"), "postern.yaml")
	s.refused("FAIL  emails/reminder.eml", "postern", "check", "emails")
	s.ok("postern", "baseline", "write", "emails")
	want, err := os.ReadFile(filepath.Join(demo, ".postern-baseline.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(s.dir, ".postern-baseline.json")); !bytes.Equal(got, want) {
		t.Errorf("the baseline of the demonstration is not current:\n%s", got)
	}
	s.ok("postern", "hook", "install")
	s.ok("git", "add", ".")
	if out := s.ok("git", "commit", "-m", "with the findings of old"); !strings.Contains(out, "1 suppressed, 1 in the baseline") {
		t.Errorf("%s", out)
	}
	// A new mail with a fault.
	s.copy(filepath.Join(demo, "broken", "invoice.eml"), "emails/invoice.eml")
	s.ok("git", "add", ".")
	s.refused("emails/invoice.eml:1: error: From is \"billing@example.net\"", "git", "commit", "-m", "invoice")
	// Mended in the work tree only: what is staged is still broken.
	s.copy(filepath.Join(demo, "fixed", "invoice.eml"), "emails/invoice.eml")
	s.refused("FAIL  emails/invoice.eml", "git", "commit", "-m", "invoice")
	s.ok("git", "add", ".")
	s.ok("git", "commit", "-m", "invoice")
	// The old mail may be edited and moved; a fault of another kind in it is new.
	old, err := os.ReadFile(filepath.Join(s.dir, "emails", "reminder.eml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("emails/reminder.eml", strings.Replace(string(old), "still something", "something", 1))
	s.ok("git", "commit", "-am", "edited")
	s.write("emails/reminder.eml", string(old))
	s.ok("git", "commit", "-am", "edited back")
	s.ok("git", "mv", "emails/reminder.eml", "emails/basket.eml")
	s.ok("git", "commit", "-m", "moved")
	s.write("emails/basket.eml", strings.Replace(string(old), "Date:", "X-Date:", 1))
	s.refused("[rfc.date_missing]", "git", "commit", "-am", "without a date")
}

func TestPreCommit(t *testing.T) {
	needs.Program(t, "pre-commit")
	s := newSandbox(t)
	// pre-commit takes hooks from a repository: one that holds this project's file.
	hooks := newSandbox(t)
	hooks.copy(filepath.Join(top, ".pre-commit-hooks.yaml"), ".pre-commit-hooks.yaml")
	hooks.ok("git", "add", ".")
	hooks.ok("git", "commit", "-q", "-m", "hooks")
	rev := strings.TrimSpace(hooks.ok("git", "rev-parse", "HEAD"))
	s.write(".pre-commit-config.yaml", fmt.Sprintf("repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: postern-system\n", hooks.dir, rev))
	s.ok("pre-commit", "validate-config")
	s.ok("pre-commit", "validate-manifest", filepath.Join(top, ".pre-commit-hooks.yaml"))
	s.ok("pre-commit", "install")
	demo := filepath.Join(top, "testdata", "demo")
	s.copy(filepath.Join(demo, "postern.yaml"), "postern.yaml")
	s.copy(filepath.Join(demo, "emails", "welcome.eml"), "welcome mail.eml")
	s.ok("git", "add", ".")
	s.ok("git", "commit", "-m", "good")
	s.copy(filepath.Join(demo, "broken", "invoice.eml"), "invoice.eml")
	s.ok("git", "add", ".")
	s.refused("FAIL  invoice.eml", "git", "commit", "-m", "broken")
	s.copy(filepath.Join(demo, "fixed", "invoice.eml"), "invoice.eml")
	s.ok("git", "add", ".")
	if out := s.ok("git", "commit", "-m", "fixed"); !strings.Contains(out, "Passed") {
		t.Errorf("%s", out)
	}
	// Nothing of its kind: the hook is not run.
	s.write("README", "x")
	s.ok("git", "add", ".")
	if out := s.ok("git", "commit", "-m", "no mail"); !strings.Contains(out, "Skipped") {
		t.Errorf("%s", out)
	}
}

// published is a repository that holds this work tree as it is, as users of the hooks clone it.
func published(t *testing.T) (repo *sandbox, rev string) {
	t.Helper()
	repo = newSandbox(t)
	list, err := exec.Command("git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		needs.File(t, filepath.Join(top, ".git"))
	}
	files := strings.Split(strings.TrimRight(string(list), "\x00"), "\x00")
	if len(files) < 100 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		// What only tests read is not built; the examples in testdata are part of the program.
		if strings.HasSuffix(f, "_test.go") || strings.Contains(f, "/testdata/") {
			continue
		}
		info, err := os.Lstat(filepath.Join(top, f))
		if err != nil || !info.Mode().IsRegular() {
			continue // deleted in the work tree
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(repo.dir, f)), 0o755); err != nil {
			t.Fatal(err)
		}
		repo.copy(filepath.Join(top, f), f)
	}
	repo.ok("git", "add", ".")
	repo.ok("git", "commit", "-q", "-m", "postern")
	return repo, strings.TrimSpace(repo.ok("git", "rev-parse", "HEAD"))
}

// goCaches lets Go find what is compiled already, and nothing by the network that is not needed.
func (s *sandbox) goCaches() {
	s.t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	for i, value := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		s.env = append(s.env, []string{"GOCACHE=", "GOMODCACHE=", "GOPROXY=", "GOSUMDB="}[i]+value)
	}
}

// TestPreCommitBuilds: pre-commit builds postern from the repository of its hooks with Go, and runs it.
func TestPreCommitBuilds(t *testing.T) {
	needs.Program(t, "pre-commit")
	hooks, rev := published(t)
	s := newSandbox(t)
	s.goCaches()
	// No postern but the one that pre-commit builds.
	s.env = append(s.env, "PATH="+os.Getenv("PATH"))
	s.write(".pre-commit-config.yaml", fmt.Sprintf("repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: postern\n  - id: postern-staged\n", hooks.dir, rev))
	s.ok("pre-commit", "install")
	demo := filepath.Join(top, "testdata", "demo")
	s.copy(filepath.Join(demo, "emails", "welcome.eml"), "welcome.eml")
	s.write("postern.yaml", "disabled: [recipients.dummy]\naccount:\n  domains: [example.com]\ntemplates:\n  - files: [\"*.html\"]\n    engine: liquid\n    data: [\"*.json\"]\n    from: Acme <shop@example.com>\n    to: ada@neighbour-mail.net\n    subject: Hello\n")
	s.write("order.json", `{"name": "Ada"}`)
	s.write("order.html", "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>x</title></head><body><p>Hello {{ name }}, your order is on its way.</p></body></html>\n")
	s.ok("git", "add", ".")
	if out := s.ok("git", "commit", "-m", "good"); strings.Count(out, "Passed") != 2 {
		t.Errorf("%s", out)
	}
	s.copy(filepath.Join(demo, "broken", "invoice.eml"), "invoice.eml")
	s.ok("git", "add", ".")
	s.refused("FAIL  invoice.eml", "git", "commit", "-m", "broken mail")
	s.ok("git", "rm", "-q", "-f", "--cached", "invoice.eml")
	s.write("order.html", "<p>Hello {{ nmae }}</p>\n")
	s.ok("git", "add", "order.html")
	s.refused("undefined: the data has no \"nmae\"", "git", "commit", "-m", "broken template")
}

// sink is an SMTP server that takes everything and keeps it.
func sink(t *testing.T) (port string, mails func() []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c, got)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, func() (list []string) {
		l.Close()
		<-done
		close(got)
		for m := range got {
			list = append(list, m)
		}
		return list
	}
}

func serve(c net.Conn, got chan<- string) {
	defer c.Close()
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 sink\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch verb {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(line)
			}
			got <- b.String()
			fmt.Fprint(c, "250 taken\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 yes\r\n")
		}
	}
}

func TestSendEmail(t *testing.T) {
	s := newSandbox(t)
	needs.File(t, filepath.Join(strings.TrimSpace(s.ok("git", "--exec-path")), "git-send-email"))
	if exec.Command("perl", "-MMail::Address", "-e", "1").Run() != nil {
		needs.File(t, "/usr/share/perl5/Mail/Address.pm") // of Debian's libmailtools-perl, which git send-email needs
	}
	port, mails := sink(t)
	demo := filepath.Join(top, "testdata", "demo")
	s.copy(filepath.Join(demo, "postern.yaml"), "postern.yaml")
	s.ok("postern", "hook", "install", "--sendemail-validate")
	s.write("change.txt", "one\n")
	s.ok("git", "add", ".")
	s.ok("git", "commit", "-q", "-m", "one")
	s.write("change.txt", "two\n")
	s.ok("git", "commit", "-q", "-am", "the second change")
	send := func(from string) []string {
		s.ok("git", "format-patch", "-q", "-1", "--from="+from, "--to=bob@neighbour.test", "-o", "out")
		return []string{"send-email", "--from=" + from, "--to=bob@neighbour.test", "--smtp-server=127.0.0.1", "--smtp-server-port=" + port,
			"--smtp-encryption=none", "--confirm=never", "--suppress-cc=all", "--no-xmailer", "out/0001-the-second-change.patch"}
	}
	s.refused("which is not under the", "git", send("Alice <alice@example.net>")...)
	s.ok("git", send("Alice <alice@example.com>")...)
	got := mails()
	if len(got) != 1 || !strings.Contains(got[0], "Subject: [PATCH] the second change") || !strings.Contains(got[0], "alice@example.com") {
		t.Fatalf("the sink got %q", got)
	}
	// From 2.41 on git send-email runs the hook with a second file, the header that it will send, as git hook run does here
	// with the one that it sent.
	header, _, _ := strings.Cut(strings.ReplaceAll(got[0], "\r\n", "\n"), "\n\n")
	s.write("header", header+"\n")
	hook := []string{"hook", "run", "sendemail-validate", "--", "out/0001-the-second-change.patch", "header"}
	s.ok("git", hook...)
	s.write("header", regexp.MustCompile(`(?m)^Date:.*\n`).ReplaceAllString(header, "")+"\n")
	s.refused("[rfc.date_missing]", "git", hook...)
	s.write("header", strings.ReplaceAll(header, "alice@example.com", "alice@example.net")+"\n")
	s.refused("[pair.sender_unaffiliated]", "git", hook...)
}

// flagsOf gives the flags and variables that a command's help lists.
func flagsOf(t *testing.T, command string) map[string]bool {
	t.Helper()
	out, err := exec.Command(filepath.Join(postern, "postern"), command, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range regexp.MustCompile(`--[a-z][a-z-]*|POSTERN_[A-Z_]+`).FindAllString(string(out), -1) {
		known[f] = true
	}
	if len(known) < 10 {
		t.Fatalf("few flags: %v", known)
	}
	return known
}

// checkFlags fails for a flag of postern's in a script that postern check does not have.
func checkFlags(t *testing.T, script string) {
	t.Helper()
	known := flagsOf(t, "check")
	n := 0
	for line := range strings.Lines(script) {
		if strings.Contains(line, "git clone") || strings.Contains(line, "go build") {
			continue
		}
		for _, f := range regexp.MustCompile(`(?:^|[ ("])(--[a-z][a-z-]*)`).FindAllStringSubmatch(line, -1) {
			n++
			if !known[f[1]] {
				t.Errorf("postern check has no %s: %s", f[1], line)
			}
		}
	}
	if n == 0 {
		t.Error("the script uses no flags")
	}
}

func load(t *testing.T, b []byte, v any) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil {
		t.Fatal(err)
	}
}

type action struct {
	Name, Description string
	Inputs            map[string]struct {
		Description string
		Default     *string
		Required    bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			Name, ID, If, Uses, Shell, Run string
			With, Env                      map[string]string
		}
	}
}

// The action's steps run as GitHub runs them: the build from the action's own checkout, and the check. The checkout is this work tree, where
// all is compiled already; that what is published builds too, TestPreCommitBuilds and TestGitLab see.
func TestAction(t *testing.T) {
	bash := needs.Program(t, "bash")
	b, err := os.ReadFile(filepath.Join(top, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	load(t, b, &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("%+v", a.Runs)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(string(b), -1) {
		used[m[1]] = true
		if _, ok := a.Inputs[m[1]]; !ok {
			t.Errorf("there is no input %s", m[1])
		}
	}
	for name, in := range a.Inputs {
		if !used[name] || in.Description == "" || in.Default == nil {
			t.Errorf("the input %s: %+v, used %v", name, in, used[name])
		}
	}
	last := a.Runs.Steps[len(a.Runs.Steps)-1]
	for _, step := range a.Runs.Steps {
		if step.Uses == "" && (step.Shell == "" || step.Run == "") || strings.Contains(step.Run, "${{") {
			t.Errorf("step %q: no shell, no commands, or an expression in them", step.Name)
		}
	}
	checkFlags(t, last.Run)
	s := newSandbox(t)
	s.goCaches()
	temp := t.TempDir()
	built := 0
	for _, step := range a.Runs.Steps[:len(a.Runs.Steps)-1] {
		if step.Run == "" {
			continue // another action
		}
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		cmd.Dir = s.dir
		cmd.Env = append(slices.Clone(s.env), "RUNNER_TEMP="+temp)
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+strings.ReplaceAll(value, "${{ github.action_path }}", top))
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("step %q: %v\n%s", step.Name, err, out)
		}
		built++
	}
	if _, err := os.Stat(filepath.Join(temp, "postern")); err != nil || built != 1 {
		t.Fatalf("%d steps were run: %v", built, err)
	}
	s.copy(filepath.Join(top, "testdata", "demo"), ".")
	s.ok("git", "add", ".")
	s.ok("git", "commit", "-q", "-m", "x")
	tests := []struct {
		env    map[string]string
		code   int
		stdout string
	}{
		{nil, 1, "::error"},
		{map[string]string{"INPUT_PATHS": "emails\nfixed", "INPUT_BASELINE": ".postern-baseline.json", "INPUT_SARIF": "out.sarif"}, 0, ""},
		{map[string]string{"INPUT_PATHS": "broken", "INPUT_FORMAT": "text", "INPUT_FAIL_ON": "warning"}, 1, "FAIL  broken/invoice.eml"},
		{map[string]string{"INPUT_NEW_FROM": "HEAD", "INPUT_FORMAT": "text"}, 0, "0 messages"},
		{map[string]string{"INPUT_NEW_FROM": "nowhere"}, 2, "there is no revision"},
		{map[string]string{"INPUT_PATHS": "$(touch injected); `touch injected`"}, 3, ""},
	}
	for _, tt := range tests {
		// GitHub writes the summary for a step, and takes its outputs, by files.
		output, summary := filepath.Join(t.TempDir(), "output"), filepath.Join(t.TempDir(), "summary")
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", last.Run)
		cmd.Dir = s.dir
		cmd.Env = append(append([]string{}, s.env...), "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary)
		for name, value := range last.Env {
			input := regexp.MustCompile(`inputs\.([a-z-]+)`).FindStringSubmatch(value)
			if input == nil {
				t.Fatalf("%s is no input", value)
			}
			v := *a.Inputs[input[1]].Default
			if set, ok := tt.env[name]; ok {
				v = set
			}
			cmd.Env = append(cmd.Env, name+"="+v)
		}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(string(out), tt.stdout) {
			t.Errorf("%v: exit status %d, want %d with %q\n%s", tt.env, code, tt.code, tt.stdout, out)
		}
		told, _ := os.ReadFile(output)
		if !strings.Contains(string(told), fmt.Sprintf("exit-code=%d\n", tt.code)) {
			t.Errorf("%v: outputs %q", tt.env, told)
		}
		if tt.env["INPUT_SARIF"] != "" {
			if _, err := os.Stat(filepath.Join(s.dir, "out.sarif")); err != nil || !strings.Contains(string(told), "sarif-file=out.sarif") {
				t.Errorf("no SARIF report: %v, %q", err, told)
			}
		}
		if tt.env["INPUT_FORMAT"] == "" && tt.code < 2 {
			if text, err := os.ReadFile(summary); err != nil || len(text) == 0 {
				t.Errorf("%v: no summary: %v", tt.env, err)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "injected")); err == nil {
		t.Error("an input was run as a command")
	}
}

// The GitLab component is a specification of inputs and a job; the job's scripts run as GitLab runs them, in one shell.
func TestGitLab(t *testing.T) {
	shell := needs.Program(t, "sh")
	b, err := os.ReadFile(filepath.Join(top, "templates", "postern", "template.yml"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := strings.Cut(string(b), "\n---\n")
	if !ok {
		t.Fatal("there is no second document")
	}
	var spec struct {
		Spec struct {
			Inputs map[string]struct {
				Default     any
				Description string
				Type        string
				Options     []string
			}
		}
	}
	load(t, []byte(head), &spec)
	used := map[string]bool{}
	job := regexp.MustCompile(`\$\[\[ inputs\.([a-z-]+) \]\]`).ReplaceAllStringFunc(body, func(m string) string {
		name := strings.Fields(m)[1][len("inputs."):]
		used[name] = true
		in, ok := spec.Spec.Inputs[name]
		if !ok {
			t.Errorf("there is no input %s", name)
		}
		return fmt.Sprint(in.Default)
	})
	for name, in := range spec.Spec.Inputs {
		if !used[name] || in.Description == "" || in.Default == nil {
			t.Errorf("the input %s: %+v, used %v", name, in, used[name])
		}
	}
	var jobs map[string]struct {
		Stage, Image string
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Artifacts    struct {
			When    string
			Reports map[string]string
		}
	}
	load(t, []byte(job), &jobs)
	j, ok := jobs["postern"]
	if !ok || len(j.Script) == 0 {
		t.Fatalf("%v", jobs)
	}
	script := strings.Join(j.Script, "\n")
	checkFlags(t, script)
	known := flagsOf(t, "check")
	for name := range j.Variables {
		own := regexp.MustCompile(`\$` + name + `\b`)
		if strings.HasPrefix(name, "POSTERN_") && !known[name] && !own.MatchString(script+strings.Join(j.BeforeScript, "\n")) {
			t.Errorf("nothing reads the variable %s", name)
		}
	}
	repo, _ := published(t)
	s := newSandbox(t)
	s.goCaches()
	s.copy(filepath.Join(top, "testdata", "demo"), ".")
	s.ok("git", "add", ".")
	s.ok("git", "commit", "-q", "-m", "x")
	for _, tt := range []struct {
		env   []string
		code  int
		build bool
	}{
		{nil, 1, false},
		{[]string{"POSTERN_REPOSITORY=file://" + repo.dir, "POSTERN_PATHS=emails fixed", "POSTERN_BASELINE=.postern-baseline.json"}, 0, true},
		{[]string{"POSTERN_CHANGES_ONLY=true", "CI_MERGE_REQUEST_DIFF_BASE_SHA=HEAD"}, 0, false},
	} {
		commands := script // what before_script builds is there already
		if tt.build {
			commands = strings.Join(append(slices.Clone(j.BeforeScript), script), "\n")
		}
		cmd := exec.Command(shell, "-e", "-c", commands)
		cmd.Dir = s.dir
		cmd.Env = append(slices.Clone(s.env), "POSTERN_BUILD="+postern, "TMPDIR="+t.TempDir())
		for name, value := range j.Variables {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		cmd.Env = append(cmd.Env, tt.env...)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = io.Discard, &errs
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != tt.code {
			t.Errorf("%v: exit status %d, want %d\n%s", tt.env, code, tt.code, errs.String())
		}
		for _, file := range j.Artifacts.Reports {
			if _, err := os.Stat(filepath.Join(s.dir, file)); err != nil {
				t.Errorf("%v: %v", tt.env, err)
			}
			os.Remove(filepath.Join(s.dir, file))
		}
	}
}

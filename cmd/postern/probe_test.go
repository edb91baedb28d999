package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fake "postern/cmd/internal/submit/fakeserver"
)

// probeRun is one run of postern settings --probe against a fake server.
type probeRun struct {
	name   string
	script fake.Script
	names  []string // of the certificate; nil is the host
	yaml   string   // besides host and port
	args   []string
	code   int
	want   []string // in standard output or standard error
	not    []string
	login  bool // the server saw a login
}

func TestProbe(t *testing.T) {
	authority, err := fake.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, authority.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	size := []string{"8BITMIME", "SIZE 41943040", "AUTH PLAIN LOGIN"}
	for _, r := range []probeRun{
		{name: "good", script: fake.Script{Extensions: size}, yaml: "server_size: 41943040", want: []string{"PASS  "}, not: []string{"probe_"}},
		{name: "what it says", script: fake.Script{Extensions: size}, args: []string{"--info"}, want: []string{"TLS 1.3", "SIZE 41943040", "sha256//", "PLAIN, LOGIN", "submission.probe_server"}},
		{name: "JSON", script: fake.Script{Extensions: size}, args: []string{"--format", "json"}, want: []string{`"submission.probe_server"`, `"verdict":"pass"`}},
		{name: "another name", names: []string{"www.example.net"}, code: 1, want: []string{"submission.probe_certificate", "www.example.net"}},
		{name: "old TLS", script: fake.Script{TLS: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}, code: 1, want: []string{"submission.probe_tls", "TLS 1.1"}},
		{name: "no STARTTLS", script: fake.Script{StartTLS: true, Plain: []string{"AUTH PLAIN"}}, code: 1, want: []string{"submission.probe_tls", "does not offer STARTTLS", "submission.probe_auth"}},
		{name: "STARTTLS", script: fake.Script{StartTLS: true}, want: []string{"PASS  "}},
		{name: "no AUTH", script: fake.Script{Extensions: []string{"8BITMIME"}}, code: 1, want: []string{"submission.probe_auth"}},
		{name: "SIZE below server_size", script: fake.Script{Extensions: []string{"SIZE 1000000", "AUTH PLAIN"}}, yaml: "server_size: 41943040", code: 1,
			want: []string{"submission.probe_size", "1000000", "server_size"}},
		{name: "login", yaml: "password_env: PROBE_SECRET", args: []string{"--auth", "--info"}, want: []string{"PASS  "}, login: true},
		{name: "login refused", script: fake.Script{On: map[string]fake.Action{"AUTH": fake.Reply("535 5.7.8 hunter2 is wrong")}}, yaml: "password_env: PROBE_SECRET",
			args: []string{"--auth"}, code: 1, want: []string{"submission.probe_auth", "refuses the login"}, login: true},
		{name: "no login without --auth", yaml: "password_env: PROBE_SECRET", want: []string{"PASS  "}},
		{name: "no login with a bad certificate", names: []string{"www.example.net"}, yaml: "password_env: PROBE_SECRET", args: []string{"--auth"}, code: 1,
			want: []string{"submission.probe_certificate"}},
		{name: "no password", yaml: "password_env: PROBE_ABSENT", args: []string{"--auth"}, code: 3, want: []string{"PROBE_ABSENT is not set"}},
		{name: "greets with 554", script: fake.Script{On: map[string]fake.Action{"CONNECT": fake.ReplyAndClose("554 go away")}}, code: 3, want: []string{"554 go away", "hint: the settings were not judged"}, not: []string{"PASS"}},
		{name: "says nothing", script: fake.Script{On: map[string]fake.Action{"CONNECT": fake.Hang}}, yaml: "timeout: 1s", code: 3, want: []string{"4.4.2"}, not: []string{"PASS"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			names := r.names
			if names == nil {
				names = []string{"localhost"}
			}
			cert, err := authority.Certificate(time.Now().Add(time.Hour), names...)
			if err != nil {
				t.Fatal(err)
			}
			r.script.TLS = r.script.TLS.Clone()
			if r.script.TLS == nil {
				r.script.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			}
			r.script.TLS.Certificates = []tls.Certificate{cert}
			srv, err := fake.Start(r.script)
			if err != nil {
				t.Fatal(err)
			}
			mode := "implicit"
			if r.script.StartTLS {
				mode = "starttls"
			}
			conf := "provider: none\ndisabled: [submission.port]\n" // the same for all: the policies are compiled once
			inside, outside := "", ""
			switch {
			case strings.HasPrefix(r.yaml, "password_"):
				inside = "  user: alice\n  " + r.yaml + "\n"
			case strings.HasPrefix(r.yaml, "timeout"):
				inside = "  " + r.yaml + "\n"
			case r.yaml != "":
				outside = r.yaml + "\n"
			}
			conf = fmt.Sprintf(conf+outside+"submission:\n  host: localhost\n  port: %d\n  tls: %s\n  auth: true\n  verify: true\n"+inside, srv.Port(), mode)
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "postern.yaml"), []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("postern", append([]string{"settings", "--probe"}, r.args...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+roots, "PROBE_SECRET=hunter2", "XDG_CONFIG_HOME="+dir)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			code := 0
			if err := cmd.Run(); err != nil {
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					t.Fatal(err)
				}
				code = exit.ExitCode()
			}
			t.Log(out.String())
			seen := srv.Stop()
			text := strings.Join(strings.Fields(out.String()), " ")
			if code != r.code {
				t.Errorf("exit status %d, want %d\n%s", code, r.code, &out)
			}
			for _, w := range r.want {
				if !strings.Contains(out.String(), w) && !strings.Contains(text, w) {
					t.Errorf("no %q in\n%s", w, &out)
				}
			}
			for _, w := range append(r.not, "hunter2") {
				if strings.Contains(out.String(), w) {
					t.Errorf("%q in\n%s", w, &out)
				}
			}
			if (len(seen.Secrets) > 0) != r.login || bytes.Contains(seen.Clear, []byte("AUTH")) {
				t.Errorf("logins %q", seen.Secrets)
			}
			if commands := strings.Join(seen.Commands, "\n"); seen.Connections == 0 || strings.Contains(commands, "MAIL") {
				t.Errorf("%d connections, commands\n%s", seen.Connections, commands)
			}
		})
	}
}

// Without --probe nothing is connected to, and a port where nobody listens is no pass with it.
func TestNoNetworkWithoutProbe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	conf := fmt.Sprintf("provider: none\nsubmission: {host: localhost, port: %d, tls: implicit, auth: true, verify: true}\n", l.Addr().(*net.TCPAddr).Port)
	file := filepath.Join(dir, "postern.yaml")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := process(t.Context(), append([]string{"postern", "settings", "--config", file}, args...), strings.NewReader(""), &out, &out)
		return code, out.String()
	}
	if code, out := settings(); code != 0 {
		t.Errorf("exit status %d\n%s", code, out)
	}
	if code, _ := settings(file); code != 0 {
		t.Error("the file by name does not pass")
	}
	// A connection would wait in the listener's queue.
	l.(*net.TCPListener).SetDeadline(time.Now().Add(200 * time.Millisecond))
	if c, err := l.Accept(); err == nil {
		c.Close()
		t.Error("the server was connected to")
	}
	l.Close()
	if code, out := settings("--probe"); code != 3 || !strings.Contains(out, "4.4.1") || strings.Contains(out, "PASS") {
		t.Errorf("a server that is not there: exit status %d\n%s", code, out)
	}
	for _, args := range [][]string{{"--auth"}, {"--probe", "x"}} {
		if code, out := settings(args...); code != 2 {
			t.Errorf("%q: exit status %d\n%s", args, code, out)
		}
	}
}

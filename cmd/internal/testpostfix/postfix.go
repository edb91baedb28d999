//go:build linux

// Package testpostfix gives tests a Postfix of their own, in a directory of their own and on loopback, as the real sendmail. What
// it delivers comes back to the test.
package testpostfix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"postern/cmd/internal/needs"
)

// Server is a Postfix. Without Start its sendmail puts mail into the queue, where Queue sees it, and nothing goes on from there.
type Server struct {
	// Dir holds everything; Sendmail is the program, Conf the directory of its configuration, which it takes with -C.
	Dir, Sendmail, Conf string
	// Sink gets what Postfix delivers, once it is started.
	Sink *Sink

	t                 testing.TB
	master, postqueue string
}

// New makes a Postfix that is not running.
func New(t testing.TB) *Server {
	t.Helper()
	needs.Program(t, "postfix")
	s := &Server{t: t, master: needs.Program(t, "master"), Sendmail: needs.File(t, "/usr/sbin/sendmail"), postqueue: needs.Program(t, "postqueue")}
	needs.Root(t)
	dir, err := os.MkdirTemp("", "pf") // short: the names of sockets below it are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.Dir, s.Conf = dir, filepath.Join(dir, "conf")
	if err := s.configure(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Server) configure() error {
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	if err := os.Chmod(s.Dir, 0o755); err != nil {
		return err
	}
	for _, d := range strings.Fields("conf queue queue/pid data queue/active queue/bounce queue/corrupt queue/defer queue/deferred queue/flush " +
		"queue/hold queue/incoming queue/maildrop queue/private queue/public queue/saved queue/trace") {
		name := filepath.Join(s.Dir, d)
		if err := os.Mkdir(name, 0o755); err != nil {
			return err
		}
		if d != "conf" && d != "queue" && d != "queue/pid" {
			if err := os.Chown(name, uid, -1); err != nil {
				return err
			}
		}
	}
	return s.write("", nil)
}

// write writes main.cf and master.cf.
func (s *Server) write(relay string, services []string) error {
	main := []string{
		"compatibility_level = 3.6",
		"queue_directory = " + filepath.Join(s.Dir, "queue"),
		"data_directory = " + filepath.Join(s.Dir, "data"),
		"daemon_directory = " + filepath.Dir(s.master),
		"maillog_file = " + filepath.Join(s.Dir, "log"),
		"maillog_file_prefixes = " + s.Dir,
		"myhostname = mx.example.com",
		"mydestination =",
		"inet_interfaces = loopback-only",
		"inet_protocols = ipv4",
		"alias_maps =",
		"alias_database =",
		"local_recipient_maps =",
		"message_size_limit = 0",
		// What goes out is what came in.
		"smtp_line_length_limit = 0",
		"disable_mime_output_conversion = yes",
		"smtp_destination_recipient_limit = 1000",
		"smtp_tls_security_level = none",
		"queue_run_delay = 1s",
		"minimal_backoff_time = 1s",
		"in_flow_delay = 0",
	}
	if relay != "" {
		main = append(main, "relayhost = "+relay)
	}
	for name, lines := range map[string][]string{"main.cf": main, "master.cf": services} {
		if err := os.WriteFile(filepath.Join(s.Conf, name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Start starts the daemons, which end with the test.
func (s *Server) Start() {
	s.t.Helper()
	sink, err := newSink()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Sink = sink
	s.t.Cleanup(sink.close)
	err = s.write(fmt.Sprintf("[127.0.0.1]:%d", sink.port()), []string{
		"pickup unix n - n 1 1 pickup",
		"rewrite unix - - n - - trivial-rewrite",
		"cleanup unix n - n - 0 cleanup",
		"qmgr unix n - n 300 1 qmgr",
		"bounce unix - - n - 0 bounce",
		"defer unix - - n - 0 bounce",
		"trace unix - - n - 0 bounce",
		"smtp unix - - n - 4 smtp",
		"error unix - - n - - error",
		"retry unix - - n - - error",
		"proxymap unix - - n - - proxymap",
		"scache unix - - n - 1 scache",
		"showq unix n - n - - showq",
		"postlog unix-dgram n - n - 1 postlogd",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var stderr bytes.Buffer
	// -d keeps it in the foreground, -e ends it if the test cannot.
	cmd := exec.Command(s.master, "-c", s.Conf, "-d", "-e", "3000")
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
			s.t.Logf("log of Postfix:\n%s", log[max(0, len(log)-5000):])
		}
		cmd.Process.Signal(syscall.SIGTERM)
		<-exited
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its own session: what outlived the master
	})
}

// Run calls its sendmail with these arguments, but for the configuration, which is put before them.
func (s *Server) Run(args []string, message []byte) error {
	cmd := exec.Command(s.Sendmail, append([]string{"-C", s.Conf}, args...)...)
	cmd.Stdin = bytes.NewReader(message)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// Queue gives the recipients of each message in the queue by its sender. Each sender may have one message.
func (s *Server) Queue() map[string][]string {
	s.t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(s.postqueue, "-c", s.Conf, "-j")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("postqueue: %v\n%s", err, &stderr)
	}
	got := map[string][]string{}
	for line := range bytes.Lines(out) {
		var m struct {
			Sender     string
			Recipients []struct{ Address string }
		}
		if err := json.Unmarshal(line, &m); err != nil {
			s.t.Fatalf("%v in %s", err, line)
		}
		list := []string{}
		for _, r := range m.Recipients {
			list = append(list, r.Address)
		}
		if _, twice := got[m.Sender]; twice {
			s.t.Errorf("%s is in the queue twice", m.Sender)
		}
		got[m.Sender] = list
	}
	return got
}

// Empty removes what a sendmail has put into the queue of a Postfix that is not running.
func (s *Server) Empty() {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Dir, "queue", "maildrop", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			s.t.Fatal(err)
		}
	}
}

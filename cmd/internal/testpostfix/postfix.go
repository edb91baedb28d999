//go:build linux

// Package testpostfix gives tests a Postfix of their own, in a directory of their own and on loopback, as the real sendmail. What
// it delivers comes back to the test.
package testpostfix

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// Server is a Postfix. Without Start or Launch its sendmail puts mail into the queue, where Queue sees it, and nothing goes on from
// there.
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
	if err := s.makeDirectories(); err != nil {
		t.Fatal(err)
	}
	if err := s.Configure(goesOut, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Server) makeDirectories() error {
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
	return nil
}

// goesOut are settings by which what goes out is what came in, and at once.
var goesOut = []string{
	"message_size_limit = 0",
	"smtp_line_length_limit = 0",
	"disable_mime_output_conversion = yes",
	"smtp_destination_recipient_limit = 1000",
	"smtp_tls_security_level = none",
	"queue_run_delay = 1s",
	"minimal_backoff_time = 1s",
	"in_flow_delay = 0",
}

// Configure writes main.cf and master.cf: what each Postfix here has, then these settings, of which a later one takes the place of
// an earlier, and services.
func (s *Server) Configure(settings, services []string) error {
	settings = append([]string{
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
	}, settings...)
	services = append([]string{
		"rewrite unix - - n - - trivial-rewrite",
		"cleanup unix n - n - 0 cleanup",
		"qmgr unix n - n 300 1 qmgr",
		"bounce unix - - n - 0 bounce",
		"defer unix - - n - 0 bounce",
		"trace unix - - n - 0 bounce",
		"error unix - - n - - error",
		"retry unix - - n - - error",
		"proxymap unix - - n - - proxymap",
		"scache unix - - n - 1 scache",
		"postlog unix-dgram n - n - 1 postlogd",
	}, services...)
	for name, lines := range map[string][]string{"main.cf": settings, "master.cf": services} {
		if err := os.WriteFile(filepath.Join(s.Conf, name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Start starts the daemons, which end with the test, and take mail from the queue to the sink.
func (s *Server) Start() {
	s.t.Helper()
	sink, err := newSink()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Sink = sink
	s.t.Cleanup(sink.close)
	err = s.Configure(append(goesOut[:len(goesOut):len(goesOut)], fmt.Sprintf("relayhost = [127.0.0.1]:%d", sink.port())), []string{
		"pickup unix n - n 1 1 pickup",
		"smtp unix - - n - 4 smtp",
		"showq unix n - n - - showq",
	})
	if err == nil {
		err = s.Launch()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Launch starts the daemons with the configuration that is there. They end with the test. If there are addresses, it waits until
// each of them takes connections; that the daemons end before, for instance because a port is taken, is an error.
func (s *Server) Launch(addresses ...string) error {
	var stderr bytes.Buffer
	// -d keeps it in the foreground, -e ends it if the test cannot.
	cmd := exec.Command(s.master, "-c", s.Conf, "-d", "-e", "3600")
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	var failure error // once it has ended
	go func() {
		failure = cmd.Wait()
		close(ended)
	}()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("log of Postfix:\n%s", s.log())
		}
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its own session: what outlived the master
	})
	for _, address := range addresses {
		for {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				conn.Close()
				break
			}
			select {
			case <-ended:
				return fmt.Errorf("postfix ended: %w\n%s%s", failure, &stderr, s.log())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// log is the end of what Postfix logged.
func (s *Server) log() []byte {
	log, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return log[max(0, len(log)-10_000):]
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

//go:build linux

package testpostfix

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
)

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

package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// slurm is a cluster of one node on this machine: munged, slurmctld and slurmd with all their files in a directory, which listen
// on loopback.
type slurm struct{ dir string }

// startSlurm starts a cluster that ends with the test. An error says that it cannot run on this machine.
func startSlurm(t *testing.T) (*slurm, error) {
	t.Helper()
	for _, p := range []string{"munged", "slurmctld", "slurmd", "sbatch", "sinfo", "scontrol"} {
		needs.Program(t, p)
	}
	needs.Root(t)
	// The name of the socket has to be short.
	dir, err := os.MkdirTemp("", "slurm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &slurm{dir}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	key := make([]byte, 1024)
	rand.Read(key)
	if err := os.WriteFile(s.file("key"), key, 0o400); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"state", "spool"} {
		if err := os.Mkdir(s.file(d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Port 0 is not known to Slurm.
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
		l.Close()
	}
	conf := []string{
		"ClusterName=postern", "SlurmctldHost=" + host + "(127.0.0.1)", "SlurmUser=root", "SlurmdUser=root",
		"AuthType=auth/munge", "AuthInfo=socket=" + s.file("munge"), "CredType=cred/munge",
		fmt.Sprintf("SlurmctldPort=%d", ports[0]), fmt.Sprintf("SlurmdPort=%d", ports[1]), "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny",
		"ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU",
		"StateSaveLocation=" + s.file("state"), "SlurmdSpoolDir=" + s.file("spool"),
		"SlurmctldPidFile=" + s.file("slurmctld.pid"), "SlurmdPidFile=" + s.file("slurmd.pid"),
		"AccountingStorageType=accounting_storage/none", "JobAcctGatherType=jobacct_gather/none", "JobCompType=jobcomp/none",
		"MpiDefault=none", "SwitchType=switch/none", "ReturnToService=2", "MailProg=/bin/true",
		// A node that has fewer processors than the script asks for does.
		"SlurmdParameters=config_overrides",
		"NodeName=" + host + " NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN",
		"PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
	}
	if err := os.WriteFile(s.file("slurm.conf"), []byte(strings.Join(conf, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"munged", "--force", "--foreground", "--key-file=" + s.file("key"), "--socket=" + s.file("munge"), "--pid-file=" + s.file("munge.pid"),
			"--log-file=" + s.file("munge.log"), "--seed-file=" + s.file("seed")},
		{"slurmctld", "-D", "-i"},
		{"slurmd", "-D"},
	} {
		if err := s.daemon(t, line); err != nil {
			return nil, err
		}
		if line[0] == "munged" && !eventually(func() bool { _, err := os.Stat(s.file("munge")); return err == nil }) {
			return nil, fmt.Errorf("munged makes no socket\n%s", s.logs())
		}
	}
	idle := func() bool {
		out, err := s.command(t, "sinfo", "-h", "-o", "%t").Output()
		return err == nil && strings.TrimSpace(string(out)) == "idle"
	}
	if !eventually(idle) {
		return nil, fmt.Errorf("the node does not come up\n%s", s.logs())
	}
	return s, nil
}

func (s *slurm) file(name string) string { return filepath.Join(s.dir, name) }

// command is a program that speaks with the cluster.
func (s *slurm) command(t *testing.T, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(needs.Program(t, name), args...)
	cmd.Env = append(os.Environ(), "SLURM_CONF="+s.file("slurm.conf"))
	return cmd
}

// run submits a job, waits for its end, and tells what Slurm says of it and whether all is well.
func (s *slurm) run(t *testing.T, args ...string) (string, bool) {
	t.Helper()
	out, err := s.command(t, "sbatch", append([]string{"--parsable"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("sbatch: %v\n%s%s", err, out, s.logs())
	}
	id := strings.TrimSpace(string(out))
	text := ""
	ended := eventually(func() bool {
		out, err := s.command(t, "scontrol", "show", "job", "-o", id).CombinedOutput()
		text = string(out)
		for _, going := range []string{"PENDING", "CONFIGURING", "RUNNING", "COMPLETING"} {
			if strings.Contains(text, "JobState="+going) {
				return false
			}
		}
		return err == nil
	})
	return text, ended && strings.Count(text, "JobState=") == strings.Count(text, "JobState=COMPLETED ")
}

// daemon starts a program that ends with the test.
func (s *slurm) daemon(t *testing.T, line []string) error {
	log, err := os.Create(s.file(line[0] + ".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.command(t, line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-done
		}
	})
	return nil
}

// logs is what the daemons said.
func (s *slurm) logs() string {
	var b bytes.Buffer
	for _, name := range []string{"munged", "slurmctld", "slurmd"} {
		text, _ := os.ReadFile(s.file(name + ".out"))
		fmt.Fprintf(&b, "%s:\n%s", name, text)
	}
	return b.String()
}

// eventually asks until the answer is yes, for a minute.
func eventually(ask func() bool) bool {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tick.C {
		if ask() {
			return true
		}
	}
	return false
}

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditor"
	"postern/cmd/internal/needs"
)

// role tells a process that this test starts what it is. A worker, which Beam starts, is told by its arguments.
const role = "POSTERN_TEST_BEAM_ROLE"

func TestMain(m *testing.M) {
	switch {
	case slices.Contains(os.Args, "--worker=true"), os.Getenv(role) == "launcher":
		main()
	case os.Getenv(role) == "cluster":
		os.Exit(cluster())
	}
	os.Exit(m.Run())
}

// cluster is the first process in a network of its own, so that Beam's fixed ports are nobody else's, and in a space of processes
// of its own, so that none outlives it: it runs a job service and a pool of workers, has a job launched, and says how much memory
// each process took at most.
func cluster() int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		return 99
	}
	for _, d := range []struct{ port, program, flags string }{
		{"8073", os.Getenv("PRISM"), "--serve_http=false --log_level=warn"},
		{"50000", os.Getenv("BOOT"), "--worker_pool"},
	} {
		cmd := exec.Command(d.program, strings.Fields(d.flags)...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Start(); err != nil {
			return fail(err)
		}
		defer cmd.Process.Kill()
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		tick := time.NewTicker(20 * time.Millisecond)
		for up := false; !up; {
			select {
			case err := <-ended:
				return fail(fmt.Errorf("%s ended: %v", d.program, err))
			case <-tick.C:
				c, err := net.Dial("tcp", "127.0.0.1:"+d.port)
				if up = err == nil; up {
					c.Close()
				}
			}
		}
		tick.Stop()
	}
	launcher := exec.Command(os.Args[0], append([]string{"--runner=universal", "--endpoint=localhost:8073", "--environment_type=EXTERNAL",
		"--environment_config=localhost:50000", "--worker_binary=" + os.Args[0]}, os.Args[1:]...)...)
	launcher.Env = append(os.Environ(), role+"=launcher")
	launcher.Stdout, launcher.Stderr = os.Stdout, os.Stderr
	began := time.Now()
	err := launcher.Run()
	memory()
	fmt.Printf("launcher: %.1f s\n", time.Since(began).Seconds())
	if err != nil && launcher.ProcessState == nil {
		return fail(err)
	}
	return launcher.ProcessState.ExitCode()
}

// memory prints what each process has taken at most.
func memory() {
	list, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, name := range list {
		b, _ := os.ReadFile(name)
		program, _, _ := strings.Cut(strings.TrimPrefix(string(b), "Name:\t"), "\n")
		if _, peak, ok := strings.Cut(string(b), "VmHWM:"); ok {
			peak, _, _ = strings.Cut(peak, "\n")
			fmt.Println("peak memory", program, strings.TrimSpace(peak))
		}
	}
}

// built gives the path of a program of a package.
func built(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), needs.Program(t, "go"), args...)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", cmd.Args, err, errs.String())
	}
	return strings.TrimSpace(string(out))
}

// mail writes an mbox that is read in segments, and a few other files.
func mail(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	message := func(i, size int) string {
		return fmt.Sprintf("From: person%d@acme-mail.net\nTo: r%d@neighbour-mail.net\nSubject: Number %d\nDate: %s\nMessage-ID: <%d@acme-mail.net>\n\n%s\n",
			i%7, i, i, begin.Add(time.Duration(i)*time.Minute).Format(time.RFC1123Z), i, strings.Repeat("Some words.\n", size/12))
	}
	var box strings.Builder
	for i := range 600 {
		fmt.Fprintf(&box, "From a@example.org Mon Mar  2 09:00:00 2026\n%s\n", message(i, 4000))
	}
	files := map[string]string{"Archive.mbox": box.String(), "loose/empty.eml": "", "loose/notes.pdf": "%PDF-1.4\n"}
	for i := range 40 {
		files[fmt.Sprintf("Maildir/cur/%04d.host:2,S", i)] = message(1000+i, 100+i%3*2000)
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestExternal does an audit in three processes and their workers, as Flink and Spark have Go programs run: a job service, a pool
// of workers and the launcher. The report is that of postern alone.
func TestExternal(t *testing.T) {
	needs.Root(t)
	unshare, ip := needs.Program(t, "unshare"), needs.Program(t, "ip")
	work := t.TempDir()
	postern := filepath.Join(work, "postern")
	built(t, filepath.Join("..", ".."), "build", "-o", postern, "./cmd/postern")
	prism, boot := built(t, "", "tool", "-n", "prism"), built(t, "", "tool", "-n", "container")
	run := func(want int, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), postern, args...)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != want {
			t.Fatalf("%q: %v, want %d\n%s", args, cmd.ProcessState, want, out)
		}
	}
	reports := func(dir string) (flags []string) {
		for _, f := range []string{"text", "json", "ndjson", "csv", "html", "sqlite", "parquet"} {
			flags = append(flags, "--output", f+"="+filepath.Join(dir, f))
		}
		return flags
	}
	dir := mail(t)
	config := filepath.Join(work, "postern.yaml")
	if err := os.WriteFile(config, []byte("account:\n  username: acme\n  domains: [acme-mail.net]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"audit", "--config", config, "--dedup", "--now", "2026-04-01T00:00:00Z"}
	whole, got := t.TempDir(), t.TempDir()
	run(3, slices.Concat(flags, reports(whole), []string{dir})...)
	job, part := filepath.Join(work, "job"), filepath.Join(work, "result.part")
	run(0, slices.Concat(flags, []string{"--job", job, dir})...)
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	tidy(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	beam := func(args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), unshare, append([]string{"-n", "-p", "-f", "--mount-proc", "sh", "-c", `"$IP" link set lo up && exec "$0" "$@"`, self}, args...)...)
		cmd.Dir = work // the pool leaves a file there
		cmd.Env = append(os.Environ(), role+"=cluster", "PRISM="+prism, "BOOT="+boot, "IP="+ip)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	out, code := beam("--job", job, "--shards", "5", "--part", part)
	if code != 0 {
		t.Fatalf("exit status %d\n%s", code, out)
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "peak memory") || strings.HasPrefix(line, "launcher:") {
			t.Log(strings.TrimSpace(line))
		}
	}
	if info, err := os.Stat(part); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	run(3, slices.Concat([]string{"audit", "merge"}, reports(got), []string{part})...)
	list, err := os.ReadDir(whole)
	if err != nil || len(list) != 7 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, e := range list {
		a, _ := os.ReadFile(filepath.Join(whole, e.Name()))
		b, err := os.ReadFile(filepath.Join(got, e.Name()))
		if err != nil || len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d octets here and %d by Beam differ, %v", e.Name(), len(a), len(b), err)
		}
	}
	// No octet of a body went through Beam.
	b, err := os.ReadFile(part)
	if err != nil || bytes.Contains(b, []byte("Some words.")) {
		t.Errorf("the result holds text of messages, %v", err)
	}
}

// tidy removes what Beam's pool of workers leaves in /tmp.
func tidy(t *testing.T) {
	list := func() []string {
		a, _ := filepath.Glob("/tmp/bin*/worker")
		b, _ := filepath.Glob("/tmp/staged")
		return append(a, b...)
	}
	before := list()
	t.Cleanup(func() {
		for _, name := range list() {
			switch {
			case slices.Contains(before, name):
			case filepath.Base(name) == "worker":
				os.RemoveAll(filepath.Dir(name))
			default:
				os.RemoveAll(name)
			}
		}
	})
}

// TestJoin: parts are joined in any order and grouping, and a shard that a worker did twice counts once.
func TestJoin(t *testing.T) {
	head := audit.Head{Settings: audit.Settings{Paths: []string{mail(t)}, Campaign: 26}}
	job := &auditor.Job{Head: head, Filter: auditor.Filter{Sample: 1}}
	a, err := job.Auditor(t.Context())
	if err == nil {
		t.Fatal("a job of other rules is taken")
	}
	if job.Head.Settings.Policies, err = auditor.Digest(job.Rules, a.Engine.Rules()); err != nil {
		t.Fatal(err)
	}
	if a, err = job.Auditor(t.Context()); err != nil {
		t.Fatal(err)
	}
	const n = 3
	part := func(i, of int) []byte {
		var b bytes.Buffer
		if err := job.Shard(t.Context(), a, audit.Shard{Index: i, Count: of}, &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var parts [][]byte
	for i := 1; i <= n; i++ {
		parts = append(parts, part(i, n))
		if again := part(i, n); !bytes.Equal(again, parts[i-1]) {
			t.Errorf("shard %d is another the second time", i)
		}
	}
	var f joinFn
	join := func(order ...int) joined {
		t.Helper()
		j := f.CreateAccumulator()
		for _, i := range order {
			if j, err = f.AddInput(j, slices.Clone(parts[i])); err != nil {
				t.Fatal(err)
			}
		}
		// As it goes from one worker to another.
		b, err := encodeJoined(j)
		if err == nil {
			j, err = decodeJoined(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	merge := func(a, b joined) joined {
		t.Helper()
		j, err := f.MergeAccumulators(a, b)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	want := bytes.Join(parts, nil)
	for name, j := range map[string]joined{
		"in order": join(0, 1, 2), "backwards": join(2, 1, 0), "(0 1) 2": merge(join(0, 1), join(2)), "0 (1 2)": merge(join(0), join(1, 2)),
		"with nothing": merge(merge(join(), join(1)), merge(join(2, 0), join())), "twice": merge(join(0, 1, 1), join(1, 2, 0)),
	} {
		if got, err := f.ExtractOutput(j); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d octets, want %d, %v", name, len(got), len(want), err)
		}
	}
	if _, err := f.ExtractOutput(join(0, 2)); err == nil || !strings.Contains(err.Error(), "of 3 shards 1 are missing") {
		t.Errorf("a shard is missing: %v", err)
	}
	if _, err := f.ExtractOutput(join()); err == nil {
		t.Error("nothing is a result")
	}
	if _, err := f.AddInput(join(0), part(2, 4)); err == nil {
		t.Error("a shard of another run is taken")
	}
	if _, err := f.AddInput(join(0), parts[1][:len(parts[1])-1]); err == nil {
		t.Error("half a part is taken")
	}
}

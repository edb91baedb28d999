package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

// clusterDir holds the job descriptions that users take.
var clusterDir = filepath.Join("..", "..", "testdata", "cluster")

// TestSlurm audits with the array script, by Slurm if that can run here and by GNU parallel in any case. The joined report is
// that of one run.
func TestSlurm(t *testing.T) {
	needs.WithoutRace(t, "TestAuditShards has the shards")
	paths := auditArchive(t, 120)
	whole := t.TempDir()
	postern(t, 3, slices.Concat([]string{"audit"}, auditFormatsIn(whole), paths)...)
	script, err := filepath.Abs(filepath.Join(clusterDir, "slurm.sh"))
	if err != nil {
		t.Fatal(err)
	}
	const tasks = 4
	// The program is on the PATH of the nodes.
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "postern")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	joined := func(t *testing.T, parts string) {
		t.Helper()
		list, err := os.ReadDir(parts)
		if err != nil || len(list) != tasks {
			t.Fatalf("%v, %v in %s, want %d parts and no state", list, err, parts, tasks)
		}
		got := t.TempDir()
		postern(t, 3, slices.Concat([]string{"audit", "merge"}, auditFormatsIn(got), []string{parts})...)
		sameFiles(t, whole, got)
	}
	t.Run("parallel", func(t *testing.T) {
		parts := t.TempDir()
		args := slices.Concat([]string{"SLURM_ARRAY_TASK_ID={}", script, fmt.Sprint(tasks), parts}, paths, []string{":::", "1", "2", "3", "4"})
		cmd := exec.CommandContext(t.Context(), needs.Program(t, "parallel"), args...)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		joined(t, parts)
	})
	t.Run("slurm", func(t *testing.T) {
		s, err := startSlurm(t)
		if err != nil {
			t.Logf("Slurm does not start here: %v", err)
			return
		}
		parts := t.TempDir()
		logs := t.TempDir()
		run := func(array string, args ...string) (string, bool) {
			t.Helper()
			out, ok := s.run(t, slices.Concat([]string{"--array=" + array, "--output=" + filepath.Join(logs, "%a"), script}, args)...)
			files, _ := filepath.Glob(filepath.Join(logs, "*"))
			for _, f := range files {
				b, _ := os.ReadFile(f)
				out += string(b)
				os.Remove(f)
			}
			return out, ok
		}
		task := append([]string{fmt.Sprint(tasks), parts}, paths...)
		// Two are lost; what is sent again does the same share.
		if out, ok := run("1-4", task...); !ok {
			t.Fatalf("%s%s", out, s.logs())
		}
		for _, lost := range []string{"2.part", "4.part"} {
			if err := os.Remove(filepath.Join(parts, lost)); err != nil {
				t.Fatal(err)
			}
		}
		if _, text := postern(t, 3, "audit", "merge", parts); !strings.Contains(text, "2, 4 are missing") {
			t.Errorf("stderr %q", text)
		}
		if out, ok := run("2,4", task...); !ok {
			t.Fatalf("%s%s", out, s.logs())
		}
		joined(t, parts)
		// A task that judges nothing fails, and leaves no part.
		if out, ok := run("1", "4", parts+"/absent", paths[0]); ok || !strings.Contains(out, "postern:") {
			t.Errorf("a task without a directory is well\n%s", out)
		}
	})
}

// TestKubernetes runs the command lines of the manifest, for each index, and has its fields checked against the schema of
// Kubernetes.
func TestKubernetes(t *testing.T) {
	needs.WithoutRace(t, "TestAuditShards has the shards")
	b, err := os.ReadFile(filepath.Join(clusterDir, "kubernetes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	type container struct {
		Args         []string
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	type clusterJob struct {
		Spec struct {
			CompletionMode           string `yaml:"completionMode"`
			Completions, Parallelism int
			Template                 struct {
				Spec struct{ Containers []container }
			}
		}
	}
	var jobs []clusterJob
	for d := yaml.NewDecoder(bytes.NewReader(b)); ; {
		var j clusterJob
		if err := d.Decode(&j); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	if len(jobs) != 2 || len(jobs[0].Spec.Template.Spec.Containers) != 1 || len(jobs[1].Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	audit, merge := jobs[0].Spec, jobs[1].Spec
	if audit.CompletionMode != "Indexed" || audit.Completions < 2 || audit.Parallelism != audit.Completions {
		t.Fatalf("%+v", audit)
	}
	paths := auditArchive(t, 120)
	mail, parts := filepath.Dir(paths[0]), t.TempDir()
	// command is the command line of a container, with the places that its volumes have here.
	command := func(c container, index string) []string {
		dirs := map[string]string{"mail": mail, "parts": parts, "tmp": t.TempDir()}
		pairs := []string{"$(JOB_COMPLETION_INDEX)", index}
		for _, m := range c.VolumeMounts {
			pairs = append(pairs, m.MountPath, dirs[m.Name])
		}
		args := slices.Clone(c.Args)
		for i, a := range args {
			args[i] = strings.NewReplacer(pairs...).Replace(a)
		}
		return args
	}
	for i := range audit.Completions {
		index := fmt.Sprint(i)
		t.Setenv("JOB_COMPLETION_INDEX", index)
		postern(t, 0, command(audit.Template.Spec.Containers[0], index)...)
	}
	os.Unsetenv("JOB_COMPLETION_INDEX")
	list, err := filepath.Glob(filepath.Join(parts, "*"))
	if err != nil || len(list) != audit.Completions {
		t.Fatalf("%q, %v", list, err)
	}
	got, _ := postern(t, 3, command(merge.Template.Spec.Containers[0], "")...)
	if want, _ := postern(t, 3, "audit", mail); got != want {
		t.Errorf("the joined report is\n%s\nthe local one\n%s", got, want)
	}
	for _, report := range []string{"report.html", "report.json"} {
		if _, err := os.Stat(filepath.Join(parts, report)); err != nil {
			t.Error(err)
		}
	}
}

// TestKubernetesSchema has the manifest checked by the schema of Kubernetes, as its clients for JavaScript have it.
func TestKubernetesSchema(t *testing.T) {
	models := needs.NPM(t, "kubernetes-models")
	const check = `
const { Job } = require(process.argv[1] + "/batch/v1");
let text = "";
process.stdin.on("data", d => text += d).on("end", () => new Job(JSON.parse(text)).validate());`
	b, err := os.ReadFile(filepath.Join(clusterDir, "kubernetes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for i, doc := range strings.Split(string(b), "\n---\n") {
		valid := func(text string) (string, error) {
			var v any
			if err := yaml.Unmarshal([]byte(text), &v); err != nil {
				return "", err
			}
			json, err := json.Marshal(v)
			if err != nil {
				return "", err
			}
			cmd := exec.CommandContext(t.Context(), needs.Program(t, "node"), "-e", check, models)
			cmd.Stdin = bytes.NewReader(json)
			out, err := cmd.CombinedOutput()
			return string(out), err
		}
		if out, err := valid(doc); err != nil {
			t.Errorf("document %d: %v\n%s", i+1, err, out)
		}
		// The schema takes fields that it does not know; a server does not.
		var v map[string]any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		if n := knownFields(t, filepath.Join(models, "batch", "v1", "Job.d.ts"), v); n < 20 {
			t.Errorf("document %d: %d fields were looked at", i+1, n)
		}
		if _, err := valid(strings.Replace(doc, "restartPolicy: Never", "restartPolicy: [Never]", 1)); err == nil {
			t.Error("the schema takes a list for restartPolicy")
		}
	}
}

// modelImport and modelField are lines of the types of kubernetes-models.
var (
	modelImport = regexp.MustCompile(`(?m)^import \{ (I\w+) \} from "([^"]+)";`)
	modelField  = regexp.MustCompile(`(?m)^    "(\w+)"\??: (?:Array<)?(\w+|.)`)
)

// knownFields fails for a field of v that the type in a file does not have, and tells how many there are.
func knownFields(t *testing.T, file string, v map[string]any) int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files, types := map[string]string{}, map[string]string{}
	for _, m := range modelImport.FindAllStringSubmatch(string(b), -1) {
		dir := filepath.Dir(file)
		if !strings.HasPrefix(m[2], ".") {
			dir, _, _ = strings.Cut(file, "kubernetes-models"+string(filepath.Separator))
		}
		files[m[1]] = filepath.Join(dir, strings.TrimSuffix(m[2], ".js")+".d.ts")
	}
	for _, m := range modelField.FindAllStringSubmatch(string(b), -1) {
		types[m[1]] = m[2]
	}
	n := 0
	for name, x := range v {
		n++
		if types[name] == "" {
			t.Errorf("%s has no field %s", filepath.Base(file), name)
		}
		list, ok := x.([]any)
		if !ok {
			list = []any{x}
		}
		for _, x := range list {
			if x, ok := x.(map[string]any); ok && files[types[name]] != "" {
				n += knownFields(t, files[types[name]], x)
			}
		}
	}
	return n
}

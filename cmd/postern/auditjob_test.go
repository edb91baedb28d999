package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditor"
)

// TestAuditJob: the shards of a job are those of the command that wrote it.
func TestAuditJob(t *testing.T) {
	paths := auditArchive(t, 120)
	dir := t.TempDir()
	config, other := filepath.Join(dir, "postern.yaml"), filepath.Join(dir, "other.yaml")
	for name, text := range map[string]string{
		config: "account:\n  username: acme\n  domains: [acme-mail.net]\nlimits:\n  recipients.exposed:\n    visible: 3\n",
		other:  "provider: none\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := func(more ...string) []string {
		return slices.Concat([]string{"audit", "--config", config, "--what-if", other, "--dedup", "--since", "2026-03-02", "--now", "2026-04-01T00:00:00Z"}, more, paths)
	}
	whole, got := t.TempDir(), t.TempDir()
	postern(t, 3, args(auditFormatsIn(whole)...)...)
	file := filepath.Join(dir, "job")
	if out, errs := postern(t, 0, args("--job", file)...); out != "" || errs != "" {
		t.Errorf("%q, %q", out, errs)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	job, err := auditor.ReadJob(b)
	if err != nil {
		t.Fatal(err)
	}
	// What the configuration was is in the job.
	for _, name := range []string{config, other} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	a, err := job.Auditor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 3; i++ {
		var part bytes.Buffer
		if err := job.Shard(t.Context(), a, audit.Shard{Index: i, Count: 3}, &part); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".part")), part.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	postern(t, 3, slices.Concat([]string{"audit", "merge"}, auditFormatsIn(got), []string{dir})...)
	sameFiles(t, whole, got)

	for text, want := range map[string]string{
		strings.Replace(string(b), "postern audit job 1", "postern audit job 2", 1): "no job",
		string(b[:len(b)/2]): "no job",
		strings.Replace(string(b), `"Provider"`, `"Provided"`, 1):             "no job",
		strings.Replace(string(b), `"Provider": ""`, `"Provider": "none"`, 1): "other rules",
	} {
		job, err := auditor.ReadJob([]byte(text))
		if err == nil {
			_, err = job.Auditor(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, args := range [][]string{{"--job", file, "-"}, {"--job", file, "relative"}, {"--job", "", "/x"}, {"--job", file, "--shard", "1/2", "/x"}, {"--job", paths[0], paths[0]}} {
		postern(t, 2, append([]string{"audit"}, args...)...)
	}
}

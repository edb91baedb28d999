package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/gate"
)

func TestReadShard(t *testing.T) {
	for _, tt := range []struct {
		flag string
		env  map[string]string
		want audit.Shard
		err  string
	}{
		{"3/16", nil, audit.Shard{Index: 3, Count: 16}, ""},
		{"1/1", nil, audit.Shard{Index: 1, Count: 1}, ""},
		{"0/16", nil, audit.Shard{}, "the first of 16"},
		{"17/16", nil, audit.Shard{}, "cannot be"},
		{"3", nil, audit.Shard{}, "cannot be"},
		{"3/x", nil, audit.Shard{}, "cannot be"},
		{"3/99999", nil, audit.Shard{}, "cannot be"},
		{"auto/16", map[string]string{"JOB_COMPLETION_INDEX": "0"}, audit.Shard{Index: 1, Count: 16}, ""},
		{"auto/16", map[string]string{"JOB_COMPLETION_INDEX": "16"}, audit.Shard{}, "none of 16"},
		{"auto", map[string]string{"JOB_COMPLETION_INDEX": "0"}, audit.Shard{}, "auto/16"},
		{"auto", map[string]string{"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "4"}, audit.Shard{Index: 3, Count: 4}, ""},
		{"auto/16", map[string]string{"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "7", "SLURM_ARRAY_TASK_COUNT": "1"}, audit.Shard{}, "write --shard 7/16"},
		{"auto/4", map[string]string{"SLURM_ARRAY_TASK_ID": "3"}, audit.Shard{}, "SLURM_ARRAY_TASK_MIN"},
		{"auto", map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "2"}, audit.Shard{Index: 2, Count: 2}, ""},
		{"auto", map[string]string{"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "2"}, audit.Shard{}, "none of 2"},
		{"auto", map[string]string{"AWS_BATCH_JOB_ARRAY_INDEX": "9", "AWS_BATCH_JOB_ARRAY_SIZE": "10"}, audit.Shard{Index: 10, Count: 10}, ""},
		{"auto", map[string]string{"AWS_BATCH_JOB_ARRAY_INDEX": "x"}, audit.Shard{}, "cannot be"},
		{"auto/4", nil, audit.Shard{}, "no variable"},
	} {
		got, err := readShard(tt.flag, func(k string) string { return tt.env[k] })
		text := ""
		if err != nil {
			_, hint := tell(err)
			text = err.Error() + " " + hint + " " + hintOf(err)
		}
		if got != tt.want || (err != nil) != (tt.err != "") || !strings.Contains(text, tt.err) {
			t.Errorf("%s %v: %v, %q", tt.flag, tt.env, got, text)
		}
	}
}

func TestReadSpan(t *testing.T) {
	first, after, err := readSpan("until", "2026-01-31")
	if err != nil || after-first != 86400 {
		t.Errorf("%d to %d, %v", first, after, err)
	}
	for s, want := range map[string]float64{"10%": 0.1, "1/4": 0.25, "0.5": 0.5, "100%": 1, "0": -1, "2": -1, "-1%": -1, "1/0": -1, "x": -1, "NaN": -1} {
		got, err := readShare(s)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%s is %v, want %v", s, got, want)
		}
	}
}

func hintOf(err error) string {
	var e *gate.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// TestArchiveLimits lets an archive cost more or less than usual.
func TestArchiveLimits(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, plainMessage+strings.Repeat("x\n", 10_000))
	w.Close()
	file := filepath.Join(t.TempDir(), "m.eml.gz")
	if err := os.WriteFile(file, z.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"check", "audit"} {
		for limit, want := range map[string]string{
			"bytes=16K": "larger than 16 KiB", "bytes=21K": "", "depth=1": "", "archive.bytes=1K": "larger than 1024 octets", "bytes=none": "",
		} {
			var out, errs bytes.Buffer
			code := process(context.Background(), []string{"postern", command, "--archive-limit", limit, "--rule", "rfc.date_missing", file}, strings.NewReader(""), &out, &errs)
			if failed := code == 3; failed != (want != "") || !strings.Contains(out.String(), want) {
				t.Errorf("%s %s: exit status %d\n%s%s", command, limit, code, out.String(), errs.String())
			}
		}
	}
}

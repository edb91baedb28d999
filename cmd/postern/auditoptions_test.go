package main

import (
	"errors"
	"math"
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

func TestAuditFilter(t *testing.T) {
	f := auditFilter{since: math.MinInt64, until: math.MaxInt64, sample: 1, senders: []string{"example.org", "ada@*.net"}}
	for sender, want := range map[string]bool{"x@example.org": true, "x@mail.example.org": true, "x@notexample.org": false, "ada@b.net": true, "bob@b.net": false, "": false} {
		_, domain, _ := strings.Cut(sender, "@")
		if got := f.kind(&audit.Row{Sender: sender, Domain: domain}) == audit.Judged; got != want {
			t.Errorf("%q is wanted: %v", sender, got)
		}
	}
	for name, want := range map[string]bool{"INBOX/Sent": true, "sent": true, "/home/x/Maildir/.Sent": true, "Sent/2025": false} {
		f := auditFilter{folders: []string{"sent"}}
		if got := f.folder(name); got != want {
			t.Errorf("folder %q is wanted: %v", name, got)
		}
	}
	first, after, err := readSpan("until", "2026-01-31")
	if err != nil || after-first != 86400 {
		t.Errorf("%d to %d, %v", first, after, err)
	}
	f = auditFilter{since: first, until: after, dated: true, sample: 1}
	for unix, want := range map[int64]audit.Kind{first - 1: audit.Filtered, first: audit.Judged, after - 1: audit.Judged, after: audit.Filtered, audit.NoDate: audit.Undated} {
		if got := f.kind(&audit.Row{Unix: unix}); got != want {
			t.Errorf("%d: kind %d, want %d", unix, got, want)
		}
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
	f.sample = 0.25
	n := 0
	for i := range uint64(10_000) {
		if f.drawn(i * 0x9e3779b97f4a7c15) {
			n++
		}
	}
	if n < 2300 || n > 2700 {
		t.Errorf("%d of 10,000 are drawn", n)
	}
}

func hintOf(err error) string {
	var e *gate.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/gate"
)

// shardSources are the schedulers whose variables tell the number of a task: Kubernetes Indexed Jobs, Slurm arrays, GitLab's
// parallel, AWS Batch arrays.
var shardSources = []struct{ index, count, first string }{
	{"JOB_COMPLETION_INDEX", "", ""},
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", "1"},
	{"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", ""},
}

func shardFlag() cli.Flag {
	return &cli.StringFlag{Name: "shard", Usage: "judge only part `I/N` of the messages, as 3/16; auto/16 and auto take the number from Kubernetes, Slurm, GitLab or AWS Batch"}
}

// exitZeroFlag is for schedulers, which take any other exit status for a task that failed, run it again and hold back what comes
// after it.
func exitZeroFlag() cli.Flag {
	return &cli.BoolFlag{Name: "exit-zero", Usage: "with --shard: exit status 0 when the part is written, whatever it holds; audit merge gives the verdict"}
}

// readShard reads --shard.
func readShard(s string, getenv func(string) string) (audit.Shard, error) {
	bad := func(hint, format string, args ...any) (audit.Shard, error) {
		return audit.Shard{}, gate.Usagef(hint, format, args...)
	}
	index, count, two := strings.Cut(s, "/")
	n := 0
	if two {
		var err error
		if n, err = strconv.Atoi(count); err != nil || n < 1 || n > audit.MaxShards {
			return bad("write it as 3/16", "--shard cannot be %q", s)
		}
	}
	if index != "auto" {
		i, err := strconv.Atoi(index)
		if err != nil || !two || i < 1 || i > n {
			return bad("write it as 3/16: the first of 16 is 1/16", "--shard cannot be %q", s)
		}
		return audit.Shard{Index: i, Count: n}, nil
	}
	for _, src := range shardSources {
		text := getenv(src.index)
		if text == "" {
			continue
		}
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 {
			return bad("it is the number of a task", "%s cannot be %q", src.index, text)
		}
		first := 0
		switch {
		case src.first == "1":
			first = 1
		case src.first != "":
			if first, err = strconv.Atoi(getenv(src.first)); err != nil {
				return bad("it is the first number of the array", "%s cannot be %q", src.first, getenv(src.first))
			}
		}
		// A part of an array, as tasks that are sent again, does not tell where the numbers begin.
		if tasks := getenv(src.count); two && src.first != "" && src.first != "1" && tasks != "" && tasks != count {
			return bad(fmt.Sprintf("write --shard %d/%d, or another number that does not depend on the array", i, n), "%s is %s, and --shard says %d", src.count, tasks, n)
		}
		if !two {
			if n, err = strconv.Atoi(getenv(src.count)); src.count == "" || err != nil || n < 1 || n > audit.MaxShards {
				return bad("write --shard auto/16", "%s does not tell how many parts there are", src.index)
			}
		}
		if i < first || i-first >= n {
			return bad("the tasks are numbered without gaps", "%s is %d, which is none of %d parts from %d", src.index, i, n, first)
		}
		return audit.Shard{Index: i - first + 1, Count: n}, nil
	}
	names := make([]string, len(shardSources))
	for i, src := range shardSources {
		names[i] = src.index
	}
	return bad("it is told by "+strings.Join(names, ", "), "--shard %s: no variable tells the number of this task", s)
}

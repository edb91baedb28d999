// Command postern-beam does an audit on many machines, by Apache Beam: on Flink, Spark, Dataflow, or here. It reads and judges as
// postern audit does, with the same packages, and what goes through Beam are rows of verdicts, never mail.
//
//	postern audit --job job.json s3://archive/2026/
//	postern-beam --job job.json --shards 64 --part gs://bucket/audit.part --runner ...
//	postern audit merge --output html=report.html audit.part
//
// It is a module of its own, since Beam is larger than postern.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditor"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/s3"
)

var (
	jobFile = flag.String("job", "", "`FILE` that postern audit --job wrote")
	shards  = flag.Int("shards", 16, "divide the job into `N` shards, several for each processor of the workers")
	part    = flag.String("part", "", "`FILE` that a worker writes the result to, for postern audit merge: on a file system that all see, or gs://bucket/name")
)

func init() {
	s3.Register()
	flag.CommandLine.SetOutput(os.Stderr)
}

func main() {
	flag.Parse()
	// A worker does not come back from here.
	beam.Init()
	os.Exit(run(context.Background()))
}

// run has the job done, and gives an exit status of the table in package gate.
func run(ctx context.Context) int {
	err := launch(ctx)
	if err == nil {
		return gate.Pass.Code().Exit
	}
	fmt.Fprintf(os.Stderr, "postern-beam: %s\n", quote.Text(err.Error()))
	var g *gate.Error
	if errors.As(err, &g) && g.Hint != "" {
		fmt.Fprintf(os.Stderr, "postern-beam: hint: %s\n", quote.Text(g.Hint))
	}
	return gate.Of(err).Code().Exit
}

func launch(ctx context.Context) error {
	switch {
	case flag.NArg() > 0:
		return gate.Usagef("the paths are in the job", "%s: no argument is expected", flag.Arg(0))
	case *jobFile == "":
		return gate.Usagef("postern audit --job FILE PATH... writes it", "--job names no file")
	case *part == "":
		return gate.Usagef("postern audit merge makes the reports of it", "--part names no file")
	case *shards < 1 || *shards > audit.MaxShards:
		return gate.Usagef(fmt.Sprintf("it is a number from 1 to %d", audit.MaxShards), "--shards cannot be %d", *shards)
	}
	b, err := os.ReadFile(*jobFile)
	if err != nil {
		return gate.Errorf(gate.Usage, "postern audit --job FILE PATH... writes it", "read the job: %w", err)
	}
	job, err := auditor.ReadJob(b)
	if err == nil {
		// Whoever could not do it here can do it nowhere.
		_, err = job.Auditor(ctx)
	}
	if err != nil {
		return gate.Errorf(gate.Usage, "write it with postern audit --job again, by the version that postern-beam is of", "%s: %w", *jobFile, err)
	}
	p, s := beam.NewPipelineWithRoot()
	pipeline(s, string(b), *shards, *part)
	if err := beamx.Run(ctx, p); err != nil {
		return gate.Errorf(gate.Internal, "what the workers said stands above, or in the log of the runner", "the pipeline failed: %w", err)
	}
	if !strings.Contains(*part, "://") {
		if _, err := os.Stat(*part); err != nil {
			return gate.Errorf(gate.Internal, "name a file on a file system that all workers and this machine see, or gs://bucket/name",
				"the pipeline has ended, and its result is on the disk of a worker: %w", err)
		}
	}
	return nil
}

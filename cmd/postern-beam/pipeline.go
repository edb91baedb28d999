package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditor"
)

func init() {
	beam.RegisterCoder(reflect.TypeOf((*joined)(nil)).Elem(), encodeJoined, decodeJoined)
	register.DoFn3x1[context.Context, int, func([]byte), error](&auditFn{})
	register.Emitter1[[]byte]()
	register.Combiner3[joined, []byte, []byte](&joinFn{})
	register.DoFn2x1[context.Context, []byte, error](&writeFn{})
}

// pipeline has the shards of a job audited, their parts joined, and the result written.
func pipeline(s beam.Scope, job string, shards int, part string) {
	numbers := make([]int, shards)
	for i := range numbers {
		numbers[i] = i + 1
	}
	// Without the reshuffle a runner does all of them on one worker.
	elements := beam.Reshuffle(s, beam.CreateList(s, numbers))
	parts := beam.ParDo(s.Scope("Audit"), &auditFn{Job: job, Count: shards}, elements)
	one := beam.Combine(s.Scope("Join"), &joinFn{}, parts)
	beam.ParDo0(s.Scope("Write"), &writeFn{Part: part}, one)
}

// auditFn makes the part of a shard. A bundle that is done twice gives the same part twice.
type auditFn struct {
	Job   string
	Count int

	job     *auditor.Job
	auditor *auditor.Auditor
}

// Setup loads the rules, once for each worker.
func (f *auditFn) Setup(ctx context.Context) (err error) {
	if f.job, err = auditor.ReadJob([]byte(f.Job)); err != nil {
		return err
	}
	f.auditor, err = f.job.Auditor(ctx)
	return err
}

// ProcessElement emits the part of the shard with that number.
func (f *auditFn) ProcessElement(ctx context.Context, index int, emit func([]byte)) error {
	shard := audit.Shard{Index: index, Count: f.Count}
	var part bytes.Buffer
	if err := f.job.Shard(ctx, f.auditor, shard, &part); err != nil {
		return fmt.Errorf("%s: %w", shard, err)
	}
	if name, err := f.auditor.Difference(); err != nil {
		return fmt.Errorf("%s: %s: %w", shard, name, err)
	}
	emit(part.Bytes())
	return nil
}

// joined is the parts of some shards, each once.
type joined struct{ parts *audit.Parts }

// joinFn joins parts, in any order and grouping; a shard that comes twice counts once.
type joinFn struct{}

// CreateAccumulator gives no parts.
func (joinFn) CreateAccumulator() joined { return joined{&audit.Parts{}} }

// AddInput joins a part to others.
func (joinFn) AddInput(to joined, part []byte) (joined, error) {
	// Beam may use the memory again.
	part = bytes.Clone(part)
	return to, to.parts.Add(bytes.NewReader(part), int64(len(part)), "a worker")
}

// MergeAccumulators joins parts that were joined already.
func (f joinFn) MergeAccumulators(to, from joined) (joined, error) {
	b, err := encodeJoined(from)
	if err != nil || len(b) == 0 {
		return to, err
	}
	return to, to.parts.Add(bytes.NewReader(b), int64(len(b)), "a worker")
}

// ExtractOutput gives the part file that has all of them. It fails if shards are missing.
func (joinFn) ExtractOutput(all joined) ([]byte, error) {
	b, err := encodeJoined(all)
	if err != nil || len(b) == 0 {
		return nil, cmp.Or(err, errors.New("no shard has a part"))
	}
	if missing := all.parts.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("of %d shards %d are missing", all.parts.Count(), len(missing))
	}
	return b, nil
}

func encodeJoined(j joined) ([]byte, error) {
	var b bytes.Buffer
	err := j.parts.Save(&b)
	return b.Bytes(), err
}

func decodeJoined(b []byte) (joined, error) {
	j := joined{&audit.Parts{}}
	if len(b) == 0 {
		return j, nil
	}
	b = bytes.Clone(b)
	return j, j.parts.Add(bytes.NewReader(b), int64(len(b)), "a worker")
}

// writeFn writes the result.
type writeFn struct{ Part string }

// ProcessElement writes the file as a whole or not at all. It holds addresses: on a disk nobody else can read it.
func (f *writeFn) ProcessElement(ctx context.Context, part []byte) error {
	if !strings.Contains(f.Part, "://") {
		return writeFile(f.Part, part)
	}
	fs, err := filesystem.New(ctx, f.Part)
	if err != nil {
		return err
	}
	defer fs.Close()
	w, err := fs.OpenWrite(ctx, f.Part)
	if err != nil {
		return err
	}
	if _, err := w.Write(part); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}

package auditor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/mailbox"
	"postern/rules"
	"postern/rules/facts"
)

// Job is everything that decides what rows an audit has, but for the mail: with it any machine can do a shard of the run, without
// the command line and the configuration that it came from. It holds the account, and policies in whole.
type Job struct {
	Format string         `json:"format"`
	Head   audit.Head     `json:"head"`
	Rules  rules.Options  `json:"rules"`
	Other  *rules.Options `json:"other"` // of the other policy
	Filter Filter         `json:"filter"`
	Now    time.Time      `json:"now"`
	Limits mailbox.Limits `json:"limits"`
}

// jobFormat names the format of jobs.
const jobFormat = "postern audit job 1"

var errJob = errors.New("it is no job of an audit, or one of another version of postern")

// Encode gives the job as JSON.
func (j *Job) Encode() ([]byte, error) {
	j.Format = jobFormat
	b, err := json.MarshalIndent(j, "", " ")
	return append(b, '\n'), err
}

// ReadJob reads what Encode gave.
func ReadJob(b []byte) (*Job, error) {
	j := &Job{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(j) != nil || j.Format != jobFormat || d.More() {
		return nil, errJob
	}
	return j, nil
}

// Auditor makes what judges by the job. An error says that this program would judge otherwise than the one that wrote it.
func (j *Job) Auditor(ctx context.Context) (*Auditor, error) {
	s := &j.Head.Settings
	a := &Auditor{
		Paths: s.Paths, Filter: j.Filter, Dedup: s.Dedup, Strict: s.Strict, Campaigns: s.Campaign > 0, Planned: true, Facts: facts.Options{Now: j.Now},
		Limits: j.Limits,
	}
	engine := func(o *rules.Options, digest string) (*rules.Engine, error) {
		e, err := rules.New(ctx, *o)
		if err != nil {
			return nil, fmt.Errorf("the rules of the job: %w", err)
		}
		got, err := Digest(*o, e.Rules())
		if err == nil && got != digest {
			err = errors.New("the job was written by a version of postern with other rules")
		}
		return e, err
	}
	var err error
	if a.Engine, err = engine(&j.Rules, s.Policies); err == nil && j.Other != nil {
		a.Other, err = engine(j.Other, s.WhatIf)
	}
	if err == nil {
		a.Prepare(ctx)
	}
	return a, err
}

// Shard does a shard of the job, and writes its part. Unlike that of a run on the command line the part does not depend on whether
// ctx was done: then there is none. An Auditor can do one shard after the other, not several at once.
func (j *Job) Shard(ctx context.Context, a *Auditor, shard audit.Shard, part io.Writer) error {
	head := j.Head
	run, err := audit.Start(&head, audit.Options{Shard: shard, Rows: true})
	if err != nil {
		return fmt.Errorf("keep the results: %w", err)
	}
	a.Shard, a.Run = shard, run
	err = a.Audit(ctx, func() {})
	if err == nil {
		_, err = run.End(true)
	}
	if err == nil {
		err = a.Part(part)
	}
	return cmp.Or(err, run.Done(err == nil))
}

// Digest is that of what decides in rules.
func Digest(o rules.Options, list []rules.Rule) (string, error) {
	o.LimitPlaces, o.Guards = nil, 0 // they change no verdict
	o.Policies = slices.Clone(o.Policies)
	for i := range o.Policies {
		o.Policies[i].Name = filepath.Base(o.Policies[i].Name)
	}
	b, err := json.Marshal(struct {
		Options rules.Options
		Rules   []rules.Rule
	}{o, list})
	if err != nil {
		return "", fmt.Errorf("describe the rules: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16]), nil
}

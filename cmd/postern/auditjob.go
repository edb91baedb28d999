package main

import (
	"path/filepath"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/auditor"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
)

func auditJobFlag() cli.Flag {
	return &cli.StringFlag{Name: "job", Usage: "write what is to be done to `FILE` for postern-beam, which has other machines do it; no message is read here"}
}

// readAuditJob reads --job. What other machines do has paths that mean the same there, and its reports are made when parts are joined.
func readAuditJob(c *cli.Context, paths []string) (string, error) {
	if !c.IsSet("job") {
		return "", nil
	}
	name := c.String("job")
	if name == "" {
		return "", gate.Usagef("a variable of a script may be unset", "--job is empty")
	}
	for _, flag := range []string{"shard", "resume", "output", "format"} {
		if c.IsSet(flag) {
			return "", gate.Usagef("postern-beam divides the job, and postern audit merge makes the reports of its result", "--%s is not for a run with --job", flag)
		}
	}
	for _, p := range paths {
		if p == mailbox.Stdin {
			return "", gate.Usagef("name a file that all machines see, or s3://bucket/prefix", "standard input cannot be read by other machines")
		}
		if !mailbox.IsRemote(p) && !filepath.IsAbs(p) {
			return "", gate.Usagef("write the whole path, which is the same on all machines, or s3://bucket/prefix", "%s is not a whole path", p)
		}
		if sameFile(p, name) {
			return "", gate.Usagef("name another file", "--job %s would overwrite what is read", name)
		}
	}
	return name, nil
}

func writeAuditJob(job *auditor.Job, name string) error {
	b, err := job.Encode()
	if err != nil {
		return err
	}
	f, err := replace(name)
	if err != nil {
		return gate.Errorf(gate.Usage, "", "write the job %s: %w", name, err)
	}
	defer f.discard()
	// It holds the account.
	if err := f.file.Chmod(0o600); err != nil {
		return cannotWrite(err)
	}
	if _, err := f.out.Write(b); err != nil {
		return cannotWrite(err)
	}
	if err := f.commit(); err != nil {
		return cannotWrite(err)
	}
	return nil
}

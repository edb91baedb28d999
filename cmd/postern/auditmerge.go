package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/report"
)

func auditMergeCommand() *cli.Command {
	return &cli.Command{
		Name:      "merge",
		Usage:     "join the parts that audit --shard wrote: the report is that of one run over everything",
		ArgsUsage: "PART|DIRECTORY...",
		Description: "A directory stands for the files named *.part in it. The order of the parts plays no role, and a part that is named\n" +
			"twice counts once. Parts of different runs are refused. While shards are missing the exit status is 3.\n" +
			"What a report shows and allows (--no-redact, --redact-key, --allow-unjudged) is said here, not to the shards.\n" +
			"--output part=FILE joins parts into one part.",
		Flags:  auditReportFlags(),
		Action: mergeAudit,
	}
}

func mergeAudit(c *cli.Context) error {
	list, err := paths(c)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return gate.Usagef("name the files that audit --shard wrote", "%s: nothing to join", c.Command.HelpName)
	}
	if list, err = partsIn(list); err != nil {
		return err
	}
	o, err := readAuditReport(c, list)
	if err != nil {
		return err
	}
	outputs, err := o.open()
	if err != nil {
		return err
	}
	defer outputs.discard()
	parts, err := audit.OpenParts(list)
	if err != nil {
		hint := "write the part again"
		if errors.Is(err, audit.ErrOther) {
			hint = "parts of one run have the same paths, options, rules and version of postern"
		}
		return gate.Errorf(gate.Usage, hint, "%w", err)
	}
	defer parts.Close()
	rep, err := parts.Merge()
	if err != nil {
		return gate.Errorf(gate.Internal, "write the part again", "%w", err)
	}
	if parts.Again > 0 {
		complain(c.App.ErrWriter, "", report.Count(parts.Again, "part was", "parts were")+" there twice and counted once")
	}
	if err := outputs.write(&auditResult{report: rep, rows: parts.Each, rules: parts.Head().Rules, part: parts.Save}, c.App.Writer); err != nil {
		return cannotWrite(err)
	}
	if missing := rep.Missing; len(missing) > 0 {
		return gate.Errorf(gate.Unjudged, "run them, and join again", "of %d shards %s missing", parts.Count(), missingShards(missing))
	}
	return o.verdict(&rep.Summary)
}

// partsIn puts the parts that lie in directories in their place.
func partsIn(list []string) ([]string, error) {
	var all []string
	for _, name := range list {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			all = append(all, name) // that it is missing is said when it is opened
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, gate.Usagef("", "%s: %w", name, bare(err))
		}
		before := len(all)
		for _, e := range entries {
			// What begins with a dot is being written.
			if n := e.Name(); strings.HasSuffix(n, ".part") && !strings.HasPrefix(n, ".") {
				all = append(all, filepath.Join(name, n))
			}
		}
		if len(all) == before {
			return nil, gate.Usagef("name the files that audit --shard wrote", "%s: no file in it is named *.part", name)
		}
	}
	return all, nil
}

// missingShards names shards, at most twenty.
func missingShards(list []int) string {
	const most = 20
	var names []string
	for _, n := range list[:min(len(list), most)] {
		names = append(names, strconv.Itoa(n))
	}
	text := strings.Join(names, ", ")
	if n := len(list) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	if len(list) == 1 {
		return text + " is"
	}
	return text + " are"
}

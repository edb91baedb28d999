package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/report"
	"postern/policies"
	"postern/rules/facts"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version, and what decides with it",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON object"}},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return printVersion(c.App.Writer, c.Bool("json"))
		},
	}
}

// version is the version of the program as the go command knows it: a release, or the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// opaVersion is the version of the policy engine.
func opaVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/open-policy-agent/opa" {
				return d.Version
			}
		}
	}
	return "unknown"
}

// policyDigest is the SHA-256 of the built-in policies and their data: names and contents, in order of names.
func policyDigest() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(policies.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(policies.FS, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%d %s %d\n", len(p), p, len(b))
		h.Write(b)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func printVersion(w io.Writer, json bool) error {
	digest, err := policyDigest()
	if err != nil {
		return err
	}
	if json {
		var b []byte
		b, err = report.EncodeIndent(map[string]any{
			"version": version(), "go": runtime.Version(), "opa": opaVersion(),
			"input_schema_version": facts.SchemaVersion, "report_schema_version": report.SchemaVersion, "policy_sha256": digest,
		})
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\n", b)
		}
	} else {
		_, err = fmt.Fprintf(w, "postern %s\ngo %s, opa %s\ninput schema %d, policies sha256 %s\n",
			version(), runtime.Version(), opaVersion(), facts.SchemaVersion, digest)
	}
	if err != nil {
		return cannotWrite(err)
	}
	return nil
}

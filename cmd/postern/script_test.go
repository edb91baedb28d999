package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/cmd/internal/needs"
	"postern/cmd/internal/template"
)

var update = flag.Bool("update", false, "write what the program prints into the scripts and the README")

func TestMain(m *testing.M) {
	program := func() {
		frontForTests()
		os.Exit(process(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(frontTests{m}, map[string]func(){
		"postern": program, "sendmail": program, "postern-sendmail": program,
		"postern-render": func() { os.Exit(template.Serve(os.Stdin, os.Stdout)) },
	})
}

func TestScripts(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "script")
	messages, err := filepath.Abs(filepath.Join("..", "..", "testdata", "messages"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := scripts(dir)
	if err != nil {
		t.Fatal(err)
	}
	// All scripts share what their runs leave: the first with its options starts from the policies, all others from a snapshot, the guards of
	// which are then held against OPA.
	cached := t.TempDir()
	testscript.Run(t, testscript.Params{
		Files: files, UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("MESSAGES", messages)
			// Each message would be judged by OPA a second time, after compiling everything, in every process.
			if !needs.UnderRace {
				env.Setenv("POSTERN_VERIFY_GUARDS", "true")
			}
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Setenv("XDG_CACHE_HOME", cached)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "xdg"))
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			// The walk for postern.yaml ends here.
			return os.MkdirAll(filepath.Join(env.WorkDir, ".git"), 0o755)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": cmdCode, "json": cmdJSON, "fifo": cmdFIFO, "printf": cmdPrintf, "safe": cmdSafe,
		},
	})
}

// notUnderRace begins the names of scripts of commands that do all with one goroutine, each of which starts the program ten or twenty times,
// and of one with a bound of memory that the race detector itself would exceed.
var notUnderRace = regexp.MustCompile(`^(completion|config|help|init|ledger|policy|rules|size|template_bounds|usage|version)`)

// scripts lists the scripts to run.
func scripts(dir string) ([]string, error) {
	list, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(list) < 60 {
		return nil, fmt.Errorf("%d scripts found, %v", len(list), err)
	}
	if needs.UnderRace {
		list = slices.DeleteFunc(list, func(file string) bool { return notUnderRace.MatchString(filepath.Base(file)) })
	}
	return list, nil
}

// cmdCode runs a program and compares its exit status: code 1 postern check a.eml
func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program [argument]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// cmdJSON reads a file as one JSON object and compares the value at a path: json stdout messages.0.verdict fail
// Without a path it only has to be JSON; a path that ends in len is the length of a list.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 && len(args) != 3 {
		ts.Fatalf("usage: json FILE [PATH VALUE]")
	}
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	if len(args) == 1 {
		return
	}
	for step := range strings.SplitSeq(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			y, ok := x[step]
			if !ok {
				ts.Fatalf("there is no %s of %s", step, args[1])
			}
			v = y
		case []any:
			if step == "len" {
				v = float64(len(x))
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				ts.Fatalf("there is no %s of %s", step, args[1])
			}
			v = x[i]
		default:
			ts.Fatalf("there is no %s of %s", step, args[1])
		}
	}
	got := fmt.Sprint(v)
	if f, ok := v.(float64); ok {
		got = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

// cmdFIFO makes a named pipe.
func cmdFIFO(ts *testscript.TestScript, _ bool, args []string) {
	for _, a := range args {
		ts.Check(syscall.Mkfifo(ts.MkAbs(a), 0o600))
	}
}

// cmdPrintf writes octets that a script cannot hold: printf FILE 'Go string'
func cmdPrintf(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: printf FILE STRING")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	name, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
}

// cmdSafe fails if a file holds an octet that a terminal acts on.
func cmdSafe(ts *testscript.TestScript, _ bool, args []string) {
	for _, a := range args {
		for i, r := range ts.ReadFile(a) {
			if r < ' ' && r != '\n' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r == 0x200b {
				ts.Fatalf("%s holds %U at %d", a, r, i)
			}
		}
	}
}

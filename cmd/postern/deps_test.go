package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every third-party module has one home, and arrows never point up: a library knows nothing of the program, and the program's
// packages know nothing of each other but the few that all of them share. A path stands for itself and what lies below it.
var imports = map[string][]string{
	"mimesize":             {},
	"policies":             {},
	"rules/pattern":        {},
	"rules/facts":          {"postern/mimesize", "postern/rules/pattern", "postern/rules/facts/suffix", "github.com/tdewolff/parse/v2", "golang.org/x/net", "golang.org/x/text"},
	"rules/facts/decoders": {"github.com/emersion/go-message", "github.com/gabriel-vasile/mimetype", "golang.org/x/net", "golang.org/x/text"},
	"rules/guard":          {"postern/rules/facts"},
	"rules/guard/compile":  {"postern/rules/guard", "github.com/open-policy-agent/opa"},
	"rules":                {"postern/rules/facts", "postern/rules/guard", "postern/rules/pattern", "postern/policies", "postern/mimesize", "github.com/open-policy-agent/opa", "go.yaml.in/yaml/v3"},
	"cmd/postern":          {"postern", "github.com/urfave/cli/v2"},
	"cmd/postern-beam":     {"postern/cmd/internal", "github.com/apache/beam/sdks/v2"},
	"cmd/postern-sendmail": {
		"postern/cmd/internal/cache", "postern/cmd/internal/decisions", "postern/cmd/internal/front", "postern/cmd/internal/gate", "postern/cmd/internal/ledger", "postern/cmd/internal/locate", "postern/cmd/internal/sendmail",
		"postern/cmd/internal/stack", "postern/rules/facts",
	},
	"cmd/internal/cache":    {"postern/cmd/internal/locate", "postern/rules/guard", "golang.org/x/sys/unix"},
	"cmd/internal/front":    {"postern/cmd/internal/cache", "postern/cmd/internal/locate", "postern/rules/facts", "postern/rules/guard"},
	"cmd/internal/snapshot": {"postern/cmd/internal/cache", "postern/cmd/internal/locate", "postern/rules"},
	"cmd/internal/quote":    {},
	"cmd/internal/stack":    {},
	"cmd/internal/gate":     {},
	"cmd/internal/mailbox":  {"github.com/klauspost/compress", "github.com/ulikunitz/xz", "golang.org/x/sys"},
	"cmd/internal/report":   {"postern/cmd/internal/quote", "postern/rules", "golang.org/x/term"},
	"cmd/internal/locate":   {"postern/cmd/internal/quote"},
	"cmd/internal/config":   {"postern/cmd/internal/locate", "postern/cmd/internal/quote", "postern/rules", "go.yaml.in/yaml/v3", "golang.org/x/net"},
	"cmd/internal/initfile": {"postern/cmd/internal/quote", "postern/cmd/internal/config", "go.yaml.in/yaml/v3"},
	"cmd/internal/child":    {},
	"cmd/internal/template": {
		"postern/cmd/internal/cache", "postern/cmd/internal/child", "postern/cmd/internal/quote", "postern/rules/pattern", "github.com/emersion/go-message", "go.yaml.in/yaml/v3", "github.com/bmatcuk/doublestar/v4",
		"github.com/cbroglie/mustache", "github.com/mailgun/raymond/v2", "github.com/nikolalohinski/gonja/v2", "github.com/osteele/liquid",
	},
	"cmd/internal/sendmail":    {"postern/cmd/internal/gate", "postern/cmd/internal/quote", "postern/mimesize", "postern/rules/facts", "golang.org/x/sys/unix"},
	"cmd/internal/testpostfix": {"postern/cmd/internal/needs"},
	"cmd/internal/held":        {"postern/rules"},
	"cmd/internal/baseline":    {"postern/rules/pattern"},
	"cmd/internal/decisions":   {},
	"cmd/internal/preview":     {"postern/cmd/internal/quote", "postern/cmd/internal/report", "postern/rules"},
	"cmd/internal/watch":       {"github.com/fsnotify/fsnotify"},
	"cmd/internal/suppress":    {"postern/mimesize", "postern/cmd/internal/config", "postern/cmd/internal/report", "postern/rules"},
	"cmd/internal/settings":    {"postern/cmd/internal/quote", "postern/cmd/internal/config", "postern/rules", "go.yaml.in/yaml/v3", "golang.org/x/net"},
	"cmd/internal/ledger": {
		"postern/rules/facts", "modernc.org/sqlite", "github.com/redis/go-redis/v9", "github.com/jackc/pgx/v5", "golang.org/x/sys",
	},
	"cmd/internal/submit":   {"postern/cmd/internal/child", "postern/cmd/internal/quote", "postern/cmd/internal/config", "github.com/emersion/go-smtp", "github.com/emersion/go-sasl"},
	"cmd/internal/s3":       {"postern/cmd/internal/mailbox", "github.com/minio/minio-go/v7"},
	"cmd/internal/progress": {"postern/cmd/internal/report", "github.com/vbauerster/mpb/v8"},
	"cmd/internal/audit":    {"postern/cmd/internal/mailbox", "postern/rules/facts"},
	"cmd/internal/auditor": {
		"postern/cmd/internal/audit", "postern/cmd/internal/mailbox", "postern/cmd/internal/measure", "postern/cmd/internal/quote",
		"postern/mimesize", "postern/rules",
	},
	"cmd/internal/measure": {"postern/cmd/internal/mailbox", "postern/mimesize", "postern/rules/facts"},
	"cmd/internal/auditreport": {
		"postern/cmd/internal/audit", "postern/cmd/internal/quote", "postern/cmd/internal/report",
	},
	"cmd/internal/export": {
		"postern/cmd/internal/audit", "postern/cmd/internal/report", "modernc.org/sqlite", "github.com/parquet-go/parquet-go",
	},
}

// testImports is what tests may import besides.
var testImports = []string{
	"postern", "github.com/open-policy-agent/opa", "go.yaml.in/yaml/v3", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema/v6", "golang.org/x", "pgregory.net/rapid",
	"github.com/johannesboyne/gofakes3", "github.com/minio/minio-go/v7",
}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(p))
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		test := strings.HasSuffix(name, "_test.go")
		allowed := imports[dir] // a package that is not in the table has the standard library only
		if test {
			allowed = append(slices.Clone(allowed), testImports...)
		} else {
			seen[dir] = true
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			got, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			if standard(got) {
				continue
			}
			if !slices.ContainsFunc(allowed, func(a string) bool { return got == a || strings.HasPrefix(got, a+"/") }) {
				t.Errorf("%s imports %s, which is not for package %s", path.Join(dir, name), got, dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range imports {
		if !seen[dir] {
			t.Errorf("package %s is in the table but has no files", dir)
		}
	}
}

// What takes long to start is not in the front of sendmail, by whatever way it would come; and one that counts messages itself has the
// ledger besides and nothing else.
func TestFrontStartsFast(t *testing.T) {
	heavy := []string{"net/http", "runtime/cgo", "github.com/open-policy-agent", "github.com/urfave", "go.yaml.in", "github.com/emersion", "github.com/gabriel-vasile", "postern/policies", "postern/rules"}
	for tags, heavy := range map[string][]string{
		"":       append([]string{"net", "database/sql", "modernc.org", "github.com/redis", "github.com/jackc", "postern/cmd/internal/ledger"}, heavy...),
		"ledger": heavy,
	} {
		cmd := exec.Command("go", "list", "-tags", tags, "-deps", "../postern-sendmail")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		deps := strings.Fields(string(out))
		if len(deps) < 50 || !slices.Contains(deps, "postern/rules/guard") || slices.Contains(deps, "modernc.org/sqlite") != (tags == "ledger") {
			t.Fatalf("%d packages", len(deps))
		}
		for _, d := range deps {
			for _, h := range heavy {
				if d == h || strings.Contains(h, ".") && strings.HasPrefix(d, h+"/") {
					t.Errorf("cmd/postern-sendmail links %s with the tags %q", d, tags)
				}
			}
		}
	}
}

// standard tells whether an import path is of the standard library: its first element has no dot, and it is not ours.
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".") && first != "postern"
}

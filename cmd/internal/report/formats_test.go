package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// hostile are texts that mean something to one format or another, or to what shows it.
var hostile = []string{
	"\x1b[2J\x1b]0;title\x07\x9b31m",
	"]]><x/><![CDATA[",
	"::error file=x,line=1::pwned",
	" ::stop-commands::x",
	"##[error]x ##vso[task.complete result=Succeeded] ##teamcity[x]",
	"a|b \\| c\\\\|d \\\\\\|",
	"` `` ``` `code`",
	"<script>alert(1)</script><img src=x onerror=alert(1)> </style></td></details>",
	"x # SKIP it # TODO",
	"--> <!-- -- ?> <?x",
	"%0A::warning::x%25",
	"[click](https://evil.example/) ![i](https://evil.example/x.png) [r]: x",
	"{0} {{.Name}} ${{ secrets.X }} $(id)",
	"&amp; &lt; &#x1b; \\& \\\\",
	"\u202ertl\u2066 \u2028 \ufeff\u200b",
	"\xff\xfe\xc3( \xed\xa0\x80",
	"\"double\" 'single' \\n \\\"",
	"=cmd|' /C calc'!A0",
	"@everyone #1 GH-2 owner/repo#3 https://evil.example www.evil.example a@evil.example 0123456789abcdef :tada:",
	"*b* _i_ ~~s~~ $m$ <b>x</b>",
	"line\nbreak\r\nbreak\n- list\n# head",
	"...\n---\nok 99 - x\n1..0 # SKIP\nBail out!",
}

// hostileItems gives an item for each hostile text, which stands in all its texts, and some of each other kind.
func hostileItems() []*Item {
	var items []*Item
	for i, h := range hostile {
		text := fmt.Sprintf("%d:%s:end", i, h)
		it := failing("mail/" + text)
		for k := range it.Verdict.Findings {
			f := &it.Verdict.Findings[k]
			f.Message, f.Remedy, f.Value = text, text, text
			f.Clause = rules.Clause{Text: text, Source: "javascript:" + text, Read: text}
		}
		it.Findings = []Finding{}
		for _, f := range it.Verdict.Findings {
			it.Findings = append(it.Findings, Finding{Finding: f, BaselineState: New})
		}
		x := Finding{Finding: it.Verdict.Findings[0], Suppressed: &Suppression{Kind: External, Reason: text, Until: "2027-01-31"}, BaselineState: Unchanged}
		y := Finding{Finding: it.Verdict.Findings[1], BaselineState: Absent}
		z := Finding{Finding: it.Verdict.Findings[2], Suppressed: &Suppression{Kind: InSource, Reason: text}}
		it.Findings = append(it.Findings, x, y, z)
		items = append(items, it)
		u := unjudged("mail/u" + text)
		u.Verdict.Reason, u.Hint = text, text
		items = append(items, u)
	}
	return append(items, passing("mail/clean.eml"), failing("mail/ordinary.eml"))
}

func hostileNotes() []Note {
	var notes []Note
	for i, h := range hostile {
		notes = append(notes, Note{File: "n" + h, Line: int64(i), Text: h})
	}
	return notes
}

func testOptions(t *testing.T) Options {
	t.Helper()
	e, err := rules.New(t.Context(), rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Version: "v1.2.3", Rules: e.Rules(),
		Text: func(w io.Writer) Writer { return &Text{Printer: Printer{W: w}, Verbose: true, Info: true} },
	}
}

// write renders items in a format.
func write(t *testing.T, format string, o Options, notes []Note, items ...*Item) string {
	t.Helper()
	var buf bytes.Buffer
	w := NewWriter(format, &buf, o)
	sum := Summary{Complete: true, Notes: notes}
	for _, it := range items {
		sum.Add(it)
		if err := w.Item(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(&sum); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestHostileInEveryFormat looks for what terminals and the logs of CI servers obey.
func TestHostileInEveryFormat(t *testing.T) {
	for _, format := range Formats() {
		got := write(t, format, testOptions(t), hostileNotes(), hostileItems()...)
		for i, r := range got {
			if r != '\n' && quote.Unsafe(r) || r == '\ufffd' && format != "json" && format != "ndjson" && format != "sarif" {
				t.Errorf("%s: %U at %d of %q", format, r, i, got[max(0, i-20):i])
				break
			}
		}
		for line := range strings.SplitSeq(got, "\n") {
			if strings.Contains(line, "##") && !(format == "github" && strings.HasPrefix(line, "::")) && !strings.HasPrefix(line, "##"+"# ") && !strings.HasPrefix(line, "## postern") {
				t.Errorf("%s: a command in a line of the log: %s", format, line)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "::") && format != "github" {
				t.Errorf("%s: a line begins as a command: %s", format, line)
			}
		}
	}
}

// sentences gives the messages of the findings that keep says, quoted.
func sentences(items []*Item, keep func(*Finding) bool) []string {
	var out []string
	for _, it := range items {
		all := it.All()
		for i := range all {
			if keep(&all[i]) {
				out = append(out, quote.Text(sentence(&all[i])))
			}
		}
	}
	return out
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: nothing to compare", what)
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d read back, want %d", what, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s %d: got\n%s\nwant\n%s", what, i, got[i], want[i])
		}
	}
}

func TestNDJSON(t *testing.T) {
	items := hostileItems()
	lines := strings.Split(strings.TrimSuffix(write(t, "ndjson", testOptions(t), nil, items...), "\n"), "\n")
	if len(lines) != len(items)+2 {
		t.Fatalf("%d lines for %d messages", len(lines), len(items))
	}
	for i, line := range lines {
		var v struct {
			Type, Name string
			Findings   []struct {
				Message, Fingerprint string
				Suppressed           *Suppression
			}
			Total int
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			if v.Type != "postern" {
				t.Errorf("first line is %s", line)
			}
		case len(lines) - 1:
			if v.Type != "summary" || v.Total != len(items) {
				t.Errorf("last line is %s", line)
			}
		default:
			it := items[i-1]
			if v.Type != "message" || v.Name != string([]rune(it.Name)) || len(v.Findings) != len(it.All()) {
				t.Errorf("line %d is %s", i, line)
			}
			for k, f := range v.Findings {
				if want := it.All()[k]; f.Message != string([]rune(want.Message)) || f.Fingerprint == "" || (f.Suppressed == nil) != (want.Suppressed == nil) {
					t.Errorf("finding %d is %+v", k, f)
				}
			}
		}
	}
}

func TestJUnit(t *testing.T) {
	items := hostileItems()
	var doc struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Cases    []struct {
				Name   string `xml:"name,attr"`
				Failed *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Broken   *struct{} `xml:"error"`
				Accepted *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(write(t, "junit", testOptions(t), nil, items...)), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Suites) != len(items) {
		t.Fatalf("%d suites", len(doc.Suites))
	}
	var got []string
	for i, s := range doc.Suites {
		if s.Name != quote.Text(items[i].Name) || s.Tests != len(s.Cases) {
			t.Errorf("suite %d is %q with %d tests", i, s.Name, s.Tests)
		}
		names := map[string]bool{}
		var failed, broken, skipped int
		for _, c := range s.Cases {
			if names[c.Name] {
				t.Errorf("two cases are %q", c.Name)
			}
			names[c.Name] = true
			if c.Failed != nil {
				failed++
				got = append(got, c.Failed.Message)
			}
			if c.Broken != nil {
				broken++
			}
			if c.Accepted != nil {
				skipped++
			}
		}
		if failed != s.Failures || broken != s.Errors || skipped != s.Skipped {
			t.Errorf("suite %d counts %d %d %d, holds %d %d %d", i, s.Failures, s.Errors, s.Skipped, failed, broken, skipped)
		}
		if (items[i].Verdict.Outcome == rules.Fail) != (failed > 0) || (items[i].Verdict.Outcome == rules.Unjudged) != (broken > 0) {
			t.Errorf("suite %d has %d failures and %d errors, the verdict is %s", i, failed, broken, items[i].Verdict.Outcome)
		}
	}
	compare(t, "failure", got, sentences(items, func(f *Finding) bool { return f.Live() && f.Severity == rules.SeverityError }))
}

// TestFailOn: what fails a message is a failure, whatever its severity.
func TestFailOn(t *testing.T) {
	for failOn, want := range map[rules.Severity]int{"": 1, rules.SeverityError: 1, rules.SeverityWarning: 2, rules.SeverityInfo: 3} {
		o := Options{FailOn: failOn}
		if got := strings.Count(write(t, "junit", o, nil, failing("a.eml")), "<failure"); got != want {
			t.Errorf("--fail-on %q: %d failures, want %d", failOn, got, want)
		}
	}
}

func TestCheckstyle(t *testing.T) {
	items := hostileItems()
	var doc struct {
		Files []struct {
			Name   string `xml:"name,attr"`
			Errors []struct {
				Message string `xml:"message,attr"`
				Source  string `xml:"source,attr"`
			} `xml:"error"`
		} `xml:"file"`
	}
	if err := xml.Unmarshal([]byte(write(t, "checkstyle", testOptions(t), nil, items...)), &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	unjudged := 0
	for i, f := range doc.Files {
		if want := quote.Text((&Options{}).relative(items[i].Path)); f.Name != want {
			t.Errorf("file %d is %q, want %q", i, f.Name, want)
		}
		for _, e := range f.Errors {
			if e.Source == "postern.unjudged" {
				unjudged++
				continue
			}
			got = append(got, e.Message)
		}
	}
	if unjudged != len(hostile) {
		t.Errorf("%d unjudged", unjudged)
	}
	compare(t, "error", got, withRemedy(items))
}

func withRemedy(items []*Item) []string {
	var out []string
	for _, it := range items {
		all := it.All()
		for i := range all {
			if f := &all[i]; f.Live() {
				out = append(out, quote.Text(sentence(f)+remedy(f)))
			}
		}
	}
	return out
}

func TestGitHub(t *testing.T) {
	items := hostileItems()
	var summary bytes.Buffer
	o := testOptions(t)
	o.StepSummary = &summary
	lines := strings.Split(strings.TrimSuffix(write(t, "github", o, nil, items...), "\n"), "\n")
	undo := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	var got []string
	errors := 0
	for _, line := range lines[:len(lines)-1] {
		rest, ok := strings.CutPrefix(line, "::")
		head, data, ok2 := strings.Cut(rest, "::")
		word, props, _ := strings.Cut(head, " ")
		if !ok || !ok2 || !slices.Contains([]string{"error", "warning", "notice"}, word) {
			t.Fatalf("not a command: %s", line)
		}
		keys := map[string]string{}
		for p := range strings.SplitSeq(props, ",") {
			k, v, _ := strings.Cut(p, "=")
			keys[k] = undo.Replace(v)
		}
		if n, err := strconv.Atoi(keys["line"]); len(keys) != 3 || keys["file"] == "" || keys["title"] == "" || err != nil || n < 1 {
			t.Errorf("properties of %s are %v", line, keys)
		}
		if keys["title"] == "could not be judged" {
			errors++
			continue
		}
		got = append(got, undo.Replace(data))
	}
	if errors != len(hostile) {
		t.Errorf("%d unjudged", errors)
	}
	compare(t, "command", got, withRemedy(items))
	if last := lines[len(lines)-1]; !strings.Contains(last, " fail, ") || strings.HasPrefix(last, "::") {
		t.Errorf("the last line is %s", last)
	}
	if want := write(t, "markdown", o, nil, hostileItems()...); summary.String() != want {
		t.Error("the summary of the step is not the Markdown report")
	}
}

// TestStepSummaryIsBounded: GitHub refuses a summary over 1 MiB as a whole.
func TestStepSummaryIsBounded(t *testing.T) {
	var summary bytes.Buffer
	var items []*Item
	for i := range 4000 {
		items = append(items, failing(fmt.Sprintf("mail/%d.eml", i)))
	}
	write(t, "github", Options{StepSummary: &summary}, nil, items...)
	if n := summary.Len(); n > maxStepSummary || n < maxStepSummary/2 {
		t.Errorf("the summary has %d octets", n)
	}
	if !strings.Contains(summary.String(), "messages are not shown") {
		t.Error("the summary does not say that it is cut")
	}
}

func TestTAP(t *testing.T) {
	items := hostileItems()
	var got, names []string
	unescape := strings.NewReplacer(`\\`, `\`, `\#`, `#`)
	ok := 0
	lines := strings.Split(write(t, "tap", testOptions(t), nil, items...), "\n")
	if lines[0] != "TAP version 13" || lines[len(lines)-2] != fmt.Sprintf("1..%d", len(items)) {
		t.Errorf("begins with %q, ends with %q", lines[0], lines[len(lines)-2])
	}
	for _, line := range lines[1 : len(lines)-2] {
		if text, yes := strings.CutPrefix(line, "      message: "); yes {
			s, err := strconv.Unquote(text) // such a text means the same in YAML and in Go
			if err != nil {
				t.Errorf("%v: %s", err, text)
			}
			got = append(got, s)
			continue
		}
		if strings.HasPrefix(line, "  ") {
			continue
		}
		head, name, _ := strings.Cut(line, " - ")
		if strings.HasPrefix(head, "ok ") {
			ok++
		} else if !strings.HasPrefix(head, "not ok ") {
			t.Errorf("what is %q?", line)
		}
		if i := strings.Index(strings.ReplaceAll(strings.ReplaceAll(name, `\\`, ""), `\#`, ""), "#"); i >= 0 {
			t.Errorf("a directive: %s", line)
		}
		names = append(names, unescape.Replace(name))
	}
	if ok != 1 {
		t.Errorf("%d tests are ok", ok)
	}
	var want []string
	for _, it := range items {
		want = append(want, quote.Text(it.Name))
	}
	compare(t, "test", names, want)
	compare(t, "message", got, sentences(items, func(*Finding) bool { return true }))
}

// elements gives the elements of an HTML text, and the texts inside those that keep says.
func elements(t *testing.T, text string, keep func(*xhtml.Node) bool) (names map[string]int, texts []string) {
	t.Helper()
	root, err := xhtml.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	names = map[string]int{}
	for n := range root.Descendants() {
		if n.Type == xhtml.CommentNode {
			names["comment"]++
		}
		if n.Type != xhtml.ElementNode {
			continue
		}
		names[n.Data]++
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "https://www.") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if keep(n) {
			texts = append(texts, textOf(n))
		}
	}
	return names, texts
}

func textOf(n *xhtml.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == xhtml.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func class(n *xhtml.Node) string {
	for _, a := range n.Attr {
		if a.Key == "class" {
			return a.Val
		}
	}
	return ""
}

func TestHTML(t *testing.T) {
	items := hostileItems()
	page := write(t, "html", testOptions(t), hostileNotes(), items...)
	names, texts := elements(t, page, func(n *xhtml.Node) bool { return class(n) == "message" })
	for _, bad := range []string{"script", "img", "iframe", "form", "link", "comment", "x", "object"} {
		if names[bad] > 0 {
			t.Errorf("the page has %d %s", names[bad], bad)
		}
	}
	if names["style"] != 1 || names["a"] == 0 {
		t.Errorf("the page has %v", names)
	}
	compare(t, "message", texts, sentences(items, func(*Finding) bool { return true }))
	if !strings.Contains(page, `<b id="verdict" class="unjudged">UNJUDGED</b>`) {
		t.Error("the page does not show the verdict")
	}
}

func TestSARIFReadBack(t *testing.T) {
	items := hostileItems()
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct{ ID, Name, HelpURI string }
				}
			}
			Results []struct {
				RuleID              string
				RuleIndex           *int
				Message             struct{ Text string }
				BaselineState       string
				PartialFingerprints map[string]string
				Suppressions        []struct{ Kind, Justification string }
				Locations           []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI, URIBaseID string }
						Region           struct{ StartLine int64 }
					}
				}
			}
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []struct{ Level string }
			}
		}
	}
	if err := json.Unmarshal([]byte(write(t, "sarif", testOptions(t), nil, items...)), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Tool.Driver.Rules) < 150 {
		t.Errorf("version %s, %d rules", log.Version, len(run.Tool.Driver.Rules))
	}
	withURI := 0
	for _, r := range run.Tool.Driver.Rules {
		if strings.HasPrefix(r.HelpURI, "https://") {
			withURI++
		}
	}
	if withURI < len(run.Tool.Driver.Rules)/2 {
		t.Errorf("only %d of %d rules have a helpUri", withURI, len(run.Tool.Driver.Rules))
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\[`, `[`, `\]`, `]`)
	i := 0
	for _, it := range items {
		for _, f := range it.All() {
			r := run.Results[i]
			i++
			text := r.Message.Text
			if strings.Contains(f.Message, "](") {
				if strings.Contains(strings.ReplaceAll(text, `\]`, ""), "](") {
					t.Errorf("a link: %s", text)
				}
				text = unescape.Replace(text)
			}
			if text != quote.Text(f.Message) || r.RuleID != f.Rule {
				t.Errorf("%s: %q, want %s: %q", r.RuleID, text, f.Rule, quote.Text(f.Message))
			}
			if r.RuleIndex == nil || run.Tool.Driver.Rules[*r.RuleIndex].ID != f.Rule {
				t.Errorf("%s has the index of another rule", f.Rule)
			}
			at := r.Locations[0].PhysicalLocation
			file, err := url.PathUnescape(at.ArtifactLocation.URI)
			if want := (&Options{}).relative(it.Path); err != nil || file != want || at.ArtifactLocation.URIBaseID != srcRoot {
				t.Errorf("%v: %q is not %q", err, file, want)
			}
			if at.Region.StartLine < 1 {
				t.Errorf("line %d", at.Region.StartLine)
			}
			if r.BaselineState != f.BaselineState || r.PartialFingerprints[fingerprintKey] != f.Fingerprint {
				t.Errorf("%+v", r)
			}
			if s := f.Suppressed; s != nil && (len(r.Suppressions) != 1 || r.Suppressions[0].Kind != s.Kind || r.Suppressions[0].Justification != quote.Text(s.Reason)) {
				t.Errorf("%+v", r.Suppressions)
			}
		}
	}
	if i == 0 || i != len(run.Results) {
		t.Errorf("%d results of %d", i, len(run.Results))
	}
	if inv := run.Invocations[0]; inv.ExecutionSuccessful || len(inv.ToolExecutionNotifications) != len(hostile) {
		t.Errorf("%+v", inv)
	}
}

// TestNothingIsNoPass: a run that found nothing, or was interrupted, says so in every format that has a verdict.
func TestNothingIsNoPass(t *testing.T) {
	for _, format := range Formats() {
		for name, sum := range map[string]*Summary{"nothing": {Complete: true}, "interrupted": {Total: 1, Pass: 1}} {
			var buf bytes.Buffer
			w := NewWriter(format, &buf, testOptions(t))
			if sum.Total > 0 {
				if err := w.Item(passing("a.eml")); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(sum); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{
				"text": "", "json": `"complete":`, "ndjson": `"complete":`, "sarif": `"executionSuccessful":false`, "junit": "<error",
				"github": "::error", "gitlab": "blocker", "checkstyle": `severity="error"`, "tap": "Bail out!", "markdown": "UNJUDGED", "html": "UNJUDGED",
			}[format]
			if !strings.Contains(buf.String(), want) {
				t.Errorf("%s, %s: no %s in\n%s", format, name, want, buf.String())
			}
			if format == "tap" && strings.Contains(buf.String(), "1..") {
				t.Errorf("a plan after all: %s", buf.String())
			}
		}
	}
}

// TestEveryFormatTellsWriteErrors: a full disk is never silent.
func TestEveryFormatTellsWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		w := NewWriter(format, &fullDisk{left: 10}, testOptions(t))
		_ = w.Item(failing("a.eml"))
		if w.Close(&Summary{Total: 1, Fail: 1, Complete: true}) == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

func TestFingerprint(t *testing.T) {
	one := func(change func(*Item)) string {
		it := failing("mail/a.eml")
		change(it)
		return it.All()[1].Fingerprint
	}
	same := one(func(*Item) {})
	for name, change := range map[string]func(*Item){
		"line":    func(it *Item) { it.Verdict.Findings[1].Line = 99 },
		"numbers": func(it *Item) { it.Verdict.Findings[1].Message = "a line of 31 octets, at most 998 are allowed" },
		"remedy":  func(it *Item) { it.Verdict.Findings[1].Remedy = "x" },
		"others":  func(it *Item) { it.Verdict.Findings = append(it.Verdict.Findings, it.Verdict.Findings[1]) },
		"dot":     func(it *Item) { it.Name = "./mail/a.eml" },
	} {
		if got := one(change); got != same {
			t.Errorf("another %s makes another fingerprint", name)
		}
	}
	for name, change := range map[string]func(*Item){
		"message": func(it *Item) { it.Name = "mail/b.eml" },
		"rule":    func(it *Item) { it.Verdict.Findings[1].Rule = "x.y" },
		"part":    func(it *Item) { it.Verdict.Findings[1].Path = "3" },
		"words":   func(it *Item) { it.Verdict.Findings[1].Message = "another sentence" },
		"second":  func(it *Item) { it.Verdict.Findings[0] = it.Verdict.Findings[1] },
	} {
		if got := one(change); got == same {
			t.Errorf("another %s makes no other fingerprint", name)
		}
	}
}

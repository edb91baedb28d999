package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// policy writes a user's rule with complete annotations; the body begins on line 7.
func policy(body string) string {
	return `# METADATA
# scope: package
# title: A rule of the user
# custom: {severity: error, remedy: Do something about it}
package custom.postern.rules.mine.rule

` + body + "\n"
}

// atLoad are policies that do not load, and what the error must say.
var atLoad = map[string]struct{ source, says string }{
	"nothing":                 {"", "empty"},
	"comment only":            {"# nothing", "empty"},
	"syntax":                  {policy(`findings contains {"message": } if true`), "mine.rego:7"},
	"old syntax":              {policy(`findings[{"message": "x"}] { true }`), "mine.rego:7"},
	"unclosed":                {policy(`findings contains {"message": "x"} if {`), "mine.rego"},
	"unsafe variable":         {policy(`findings contains {"message": x} if true`), "unsafe"},
	"mistyped field":          {policy(`findings contains {"message": "x"} if count(input.recipents) > 1`), "mine.rego:7: undefined ref: input.recipents"},
	"mistyped nested field":   {policy(`findings contains {"message": "x"} if input.size.wire_byte > 1`), "undefined ref: input.size.wire_byte"},
	"mistyped list field":     {policy("findings contains {\"message\": \"x\"} if {\n\tsome p in input.problems\n\tp.idd == \"x\"\n}"), "undefined ref: p.idd"},
	"text over number":        {policy(`findings contains {"message": "x"} if input.size.wire_bytes == "100"`), "match error"},
	"arithmetic on text":      {policy(`findings contains {"message": "x"} if input.kind + 1 > 2`), "invalid argument"},
	"schema of its own":       {strings.Replace(policy(`findings contains {"message": "x"} if input.anything`), "# custom", "# schemas: [input: {type: object}]\n# custom", 1), "undefined ref: input.anything"},
	"mistyped limit":          {policy(`findings contains {"message": "x"} if input.size.wire_bytes > data.postern.limits.pair.size_limit.largest`), "does not exist"},
	"data from outside":       {policy(`findings contains {"message": "x"} if not data.secrets.token`), "data.secrets.token does not exist"},
	"import from outside":     {policy("import data.company.lists\n\nfindings contains {\"message\": \"x\"} if not lists.ok"), "does not exist"},
	"import of no input":      {policy("import input.nothing\n\nfindings contains {\"message\": \"x\"} if not nothing"), "undefined ref"},
	"unused import":           {policy("import data.postern.lib.domains\n\nfindings contains {\"message\": \"x\"} if true"), "unused"},
	"unused variable":         {policy("findings contains {\"message\": \"x\"} if {\n\tx := 1\n}"), "unused"},
	"input redefined":         {policy("findings contains {\"message\": \"x\"} if {\n\tinput := {}\n\tinput.a\n}"), "shadow"},
	"http":                    {policy(`findings contains {"message": "x"} if http.send({"method": "get", "url": "http://127.0.0.1/"}).status_code == 200`), "http.send"},
	"dns":                     {policy(`findings contains {"message": "x"} if net.lookup_ip_addr("example.com")`), "net.lookup_ip_addr"},
	"environment":             {policy(`findings contains {"message": opa.runtime().env.PATH} if true`), "opa.runtime"},
	"file by schema":          {policy(`findings contains {"message": "x"} if json.match_schema({}, {"$ref": "file:///etc/passwd"})[0]`), "json.match_schema"},
	"file by schema check":    {policy(`findings contains {"message": "x"} if json.verify_schema({"$ref": "file:///etc/passwd"})[0]`), "json.verify_schema"},
	"clock":                   {policy(`findings contains {"message": "x"} if time.now_ns() > 0`), "time.now_ns"},
	"time zone file":          {policy(`findings contains {"message": "x"} if time.clock([0, "Europe/Berlin"])[0] == 1`), "time.clock"},
	"chance":                  {policy(`findings contains {"message": "x"} if rand.intn("x", 2) == 0`), "rand.intn"},
	"uuid":                    {policy(`findings contains {"message": uuid.rfc4122("x")} if true`), "uuid.rfc4122"},
	"aws":                     {policy(`findings contains {"message": "x"} if providers.aws.sign_req({}, {}, 0)`), "providers.aws"},
	"certificates":            {policy(`findings contains {"message": "x"} if crypto.x509.parse_certificates("x")`), "crypto.x509"},
	"tokens":                  {policy(`findings contains {"message": "x"} if io.jwt.decode("x")`), "io.jwt.decode"},
	"a policy in a policy":    {policy(`findings contains {"message": "x"} if rego.parse_module("x", "package x")`), "rego.parse_module"},
	"trace":                   {policy(`findings contains {"message": "x"} if trace("x")`), "trace"},
	"endless shift":           {policy(`findings contains {"message": "x"} if bits.lsh(1, 4000000000) > 0`), "bits.lsh"},
	"endless paths":           {policy(`findings contains {"message": "x"} if count(graph.reachable_paths({"a": ["a"]}, {"a"})) > 0`), "graph.reachable_paths"},
	"withheld by with":        {policy("findings contains {\"message\": \"x\"} if count(\"x\") == 1 with count as http.send"), "http"},
	"withheld replaced":       {policy("findings contains {\"message\": \"x\"} if true with http.send as count"), "with keyword target"},
	"recursion":               {policy("f(x) := f(x - 1)\n\nfindings contains {\"message\": \"x\"} if f(3)"), "recursive"},
	"recursion over findings": {policy(`findings contains {"message": "x"} if count(findings) == 0`), "recursive"},
	"all rules at once":       {policy("findings contains {\"message\": \"x\"} if {\n\tsome x in data.custom.postern.rules\n\tx.rule.findings\n}"), "recursive"},
	"conflicting kinds":       {policy("findings contains {\"message\": \"x\"} if true\n\nfindings := set()"), "findings must be a set"},
	"no findings":             {policy(`deny contains {"message": "x"} if true`), "defines no findings"},
	"findings a truth value":  {policy(`findings if input.size.wire_bytes > 1`), "findings must be a set"},
	"findings a list":         {policy(`findings := [{"message": "x"}] if input.size.wire_bytes > 1`), "findings must be a set"},
	"findings a function":     {policy(`findings(x) := {x}`), "findings must be a set"},
	"findings an object":      {policy(`findings["x"] := {"message": "x"} if true`), "findings must be a set"},
	"findings below":          {policy(`findings.x contains {"message": "x"} if true`), "findings must be a set"},
	"default findings":        {policy("default findings := set()\n\nfindings contains {\"message\": \"x\"} if true"), "findings must be a set"},
	"no annotations":          {"package custom.postern.rules.mine.rule\n\nfindings contains {\"message\": \"x\"} if true\n", "no annotations"},
	"no title":                {strings.Replace(policy(`findings contains {"message": "x"} if true`), "# title: A rule of the user\n", "", 1), "no title"},
	"no remedy":               {strings.Replace(policy(`findings contains {"message": "x"} if true`), ", remedy: Do something about it", "", 1), "no custom.remedy"},
	"no severity":             {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error, ", "", 1), "custom.severity"},
	"unknown severity":        {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error", "severity: fatal", 1), "custom.severity"},
	"mistyped annotation":     {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error", "severity: error, require: [account]", 1), "require"},
	"unknown requirement":     {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error", "severity: error, requires: [acount]", 1), "account"},
	"unknown clause":          {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error", "severity: error, clause: pair/file_siz", 1), "pair/file_size"},
	"limit without reason":    {strings.Replace(policy(`findings contains {"message": "x"} if true`), "severity: error", "severity: error, limits: {most: {value: 5}}", 1), "most"},
	"wrong package":           {"package mine\n\ndeny contains \"x\" if true\n", "custom.postern.rules"},
	"package of the built-in": {strings.Replace(policy(`findings contains {"message": "x"} if true`), "package custom.", "package ", 1), "custom.postern.rules"},
	"package too deep":        {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "mine.rule.more", 1), "custom.postern.rules"},
	"package too short":       {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "mine", 1), "custom.postern.rules"},
	"package with capitals":   {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "Mine.rule", 1), "lower-case"},
	"package with quotes":     {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", `mine["a.b"]`, 1), "lower-case"},
	"data of the engine":      {"package custom.postern.limits.pair\n\nsize_limit := 1\n", "custom.postern.rules"},
	"id of the built-in":      {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "pair.size_limit", 1), "is taken"},
	"id of the problem table": {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "rfc.from_missing", 1), "is taken"},
	"a test that is none":     {strings.Replace(policy(`findings contains {"message": "x"} if true`), "mine.rule", "mine.rule_test", 1), "_test"},
	"bad regular expression":  {policy(`findings contains {"message": "x"} if regex.match("(", 1)`), "invalid argument"},
}

// inTime are policies that load and must give unjudged, never pass, within the timeout and a little more.
var inTime = map[string]string{
	"built-in error":               `findings contains {"message": "x"} if regex.match("(", input.kind)`,
	"built-in error behind not":    `findings contains {"message": "x"} if not regex.match("(", input.kind)`,
	"division by zero":             `findings contains {"message": "x"} if 1 / input.header.fields > 1`,
	"number from text":             `findings contains {"message": "x"} if to_number(input.kind) > 1`,
	"broken JSON":                  `findings contains {"message": "x"} if json.unmarshal("{").x`,
	"finding a text":               `findings contains "x" if true`,
	"finding a number":             `findings contains 7 if true`,
	"finding null":                 `findings contains null if true`,
	"finding a list":               `findings contains ["x"] if true`,
	"finding without message":      `findings contains {"value": 1} if true`,
	"finding with empty message":   `findings contains {"message": "  "} if true`,
	"finding with message 7":       `findings contains {"message": 7} if true`,
	"finding with unknown key":     `findings contains {"message": "x", "msg": "x"} if true`,
	"finding of another rule":      `findings contains {"message": "x", "rule": "rfc.from_missing"} if true`,
	"finding of grave severity":    `findings contains {"message": "x", "severity": "fatal"} if true`,
	"finding on line x":            `findings contains {"message": "x", "line": "1"} if true`,
	"finding on line -1":           `findings contains {"message": "x", "line": -1} if true`,
	"finding on line 1.5":          `findings contains {"message": "x", "line": 1.5} if true`,
	"finding of structured value":  `findings contains {"message": "x", "value": {"a": 1}} if true`,
	"finding of text key 1":        `findings contains {"message": "x", 1: 2} if true`,
	"one good and one bad finding": "findings contains {\"message\": \"x\"} if true\n\nfindings contains \"x\" if true",
	"conflicting values":           "x := 1 if true\n\nx := 2 if true\n\nfindings contains {\"message\": \"x\"} if x == 1",
	"conflicting function":         "f(_) := 1\n\nf(\"message\") := 2\n\nfindings contains {\"message\": \"x\"} if f(input.kind) == 3",
	"large range":                  `findings contains {"message": "x"} if count(numbers.range(1, 4000000000)) == 1`,
	"product of ranges":            "findings contains {\"message\": \"x\"} if {\n\tsome a in numbers.range(1, 100000)\n\tsome b in numbers.range(1, 100000)\n\ta * b == -1\n}",
	"nested comprehension":         "findings contains {\"message\": \"x\"} if count({[a, b, c] | some a in numbers.range(1, 2000); some b in numbers.range(1, 2000); some c in numbers.range(1, 2000)}) == 1",
	"address range":                `findings contains {"message": "x"} if count(net.cidr_expand("10.0.0.0/4")) == 1`,
	"doubled text":                 "a := concat(\"\", [x | some i in numbers.range(1, 3000000); x := \"aaaaaaaa\"])\n\nfindings contains {\"message\": \"x\"} if contains(a, \"b\")",
	"regular expression bomb":      "a := concat(\"\", [x | some i in numbers.range(1, 2000); x := \"aaaaaaaaaaaaaaaa\"])\n\nfindings contains {\"message\": \"x\"} if regex.match(\"((a{0,30}){0,30})b\", concat(\"\", [a, a]))",
}

func TestHostilePoliciesDoNotLoad(t *testing.T) {
	alone(t)
	if len(atLoad)+len(inTime) < 40 {
		t.Fatal("too few hostile policies")
	}
	for name, c := range atLoad {
		t.Run(name, func(t *testing.T) {
			_, err := New(t.Context(), Options{Policies: []Module{{Name: "mine.rego", Source: c.source}}})
			if err == nil {
				t.Fatal("it loads")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("error does not say %q:\n%v", c.says, err)
			}
			if !strings.Contains(err.Error(), "mine.rego") {
				t.Errorf("error does not name the file:\n%v", err)
			}
		})
	}
}

func TestHostilePoliciesAreUnjudged(t *testing.T) {
	for name, body := range inTime {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(name+body, "range") && name != "built-in error" {
				alone(t) // it answers at once, as that does
			}
			e := newEngine(t, Options{
				Policies: []Module{{Name: "mine.rego", Source: policy(body)}}, Only: []string{"mine.rule"}, Timeout: 150 * time.Millisecond,
			})
			began := time.Now()
			v := e.Judge(t.Context(), message())
			if v.Outcome != Unjudged || v.Reason == "" || len(v.Findings) != 0 {
				t.Errorf("%+v", v)
			}
			if d := time.Since(began); d > 5*time.Second { // not a measurement: the alternative is never
				t.Errorf("the answer took %s", d)
			}
			t.Log(v.Reason)
		})
	}
}

// Every function that is withheld must be unknown, by name and behind with.
func TestWithheld(t *testing.T) {
	alone(t)
	left := map[string]bool{}
	for _, b := range capabilities(false).Builtins {
		left[b.Name] = true
		if b.Nondeterministic {
			t.Errorf("%s is not deterministic and is left", b.Name)
		}
	}
	names := 0
	for _, b := range allCapabilities().Builtins {
		if left[b.Name] || strings.HasSuffix(b.Name, "print") { // print is taken out of policies, except in tests
			continue
		}
		names++
		for _, body := range []string{
			fmt.Sprintf("findings contains {\"message\": \"x\"} if %s(1)", b.Name),
			fmt.Sprintf("findings contains {\"message\": \"x\"} if true with %s as count", b.Name),
			fmt.Sprintf("findings contains {\"message\": \"x\"} if count(input.kind) > 0 with count as %s", b.Name),
		} {
			m, err := parseModule("mine.rego", policy(body), true, false)
			if err != nil {
				continue
			}
			if _, err := compileModules([]*module{m}, ast.NewObject()); err == nil {
				t.Errorf("%s compiles", body)
			}
		}
	}
	if names == 0 {
		t.Fatal("nothing is withheld")
	}
	if c := capabilities(false); c.AllowNet == nil || len(c.AllowNet) != 0 {
		t.Errorf("allow_net is %v, not the empty list", c.AllowNet)
	}
}

// A link to what only looks like an address leaves no message unjudged.
func TestHostsThatAreNoAddresses(t *testing.T) {
	e := newEngine(t, Options{})
	for _, host := range []string{"1.2.3.4.5", "999.1.1.1", "...", "1:2:zz", "::1%lo", "10.0.0.1:25", ":", "0"} {
		f := benchFacts()
		f.Links.Items[0].Host = host
		if v := e.Judge(t.Context(), f); v.Outcome == Unjudged {
			t.Errorf("%s: %s", host, v.Reason)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/rules"
)

// TestCorpora judges all the real mail that lies beside a checkout on the project's machines: every message gets a verdict, or
// a reason why it has none, and ordinary mail does not fail but for rules that are right about it.
func TestCorpora(t *testing.T) {
	dir, err := filepath.Abs("../../../shared/corpora")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "MESSAGES.tsv"))
	if err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	args := []string{"postern", "check", "--no-config", "--format", "json"}
	files := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		files[filepath.Join(dir, name)] = true
		args = append(args, filepath.Join(dir, name))
	}
	if len(files) < 4000 {
		t.Fatalf("%d files in the list, want over 4,000", len(files))
	}
	var out, errs bytes.Buffer
	if code := process(context.Background(), args, strings.NewReader(""), &out, &errs); code != 3 {
		t.Fatalf("exit %d, want 3: the empty file among them cannot be judged\n%s", code, errs.String())
	}
	var report struct {
		Messages []struct {
			Name, Verdict, Reason string
			Findings              []rules.Finding
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	unjudged := map[string]int{}
	ordinary, wrong := 0, map[string]int{}
	for _, m := range report.Messages {
		name, _, _ := strings.Cut(m.Name, "#") // a member of an mbox
		delete(files, name)
		switch m.Verdict {
		case "pass", "fail":
		case "unjudged":
			if m.Reason == "" {
				t.Errorf("%s is unjudged without a reason", m.Name)
			}
			unjudged[m.Reason]++
		default:
			t.Errorf("%s has the verdict %q", m.Name, m.Verdict)
		}
		if !strings.Contains(m.Name, "spamassassin-publiccorpus") || !strings.Contains(m.Name, "-ham-") {
			continue
		}
		ordinary++
		right := true
		for _, f := range m.Findings {
			if f.Severity == rules.SeverityError && !demonstrable[f.Rule] {
				right = false
				wrong[f.Rule]++
			}
		}
		if !right {
			wrong["messages"]++
		}
	}
	for name := range files {
		t.Errorf("%s was passed over", name)
	}
	if ordinary < 2000 {
		t.Fatalf("%d ordinary messages, want over 2,000", ordinary)
	}
	if n := wrong["messages"]; n*100 > ordinary {
		t.Errorf("%d of %d ordinary messages fail for another reason than a rule that can be shown right: %v", n, ordinary, wrong)
	}
	t.Logf("%d messages; unjudged: %v; ordinary mail failing for rules that are not a matter of fact: %v of %d", len(report.Messages), unjudged, wrong, ordinary)
}

// demonstrable are the rules that anyone can check against the octets of a message and the RFC: when they speak, they are right.
var demonstrable = map[string]bool{
	"rfc.mime_version":        true, // a Content-Type field and no MIME-Version
	"rfc.cte_8bit":            true, // octets above 127 in a part that declares none
	"rfc.charset_missing":     true, // the same without a charset
	"rfc.body_line998":        true,
	"rfc.header_8bit":         true,
	"rfc.address_syntax":      true, // <Undisclosed-Recipient:;>
	"rfc.2047_inquoted":       true,
	"rfc.2047_length":         true,
	"rfc.base64_padding":      true,
	"rfc.cte_binary":          true,
	"rfc.date_syntax":         true, // a zone in parentheses
	"rfc.mime_boundary_chars": true,
	"rfc.msgid_syntax":        true,
}

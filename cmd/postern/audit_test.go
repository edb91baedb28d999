package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/needs"
)

// auditText is a text that is long enough to be compared.
const auditText = "Dear reader, we are glad to tell you that the shop in the old town is open again from Monday to Saturday, and that every visitor " +
	"gets a cup of coffee and a piece of cake while the new catalogue lasts.\n"

// auditArchive writes an mbox, a Maildir and single files: several senders and folders, a batch that is too large and too fast,
// a campaign, copies, messages without a date, and things that cannot be judged. It gives the paths to name.
func auditArchive(t testing.TB, n int) []string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	mail := func(i int, date time.Time, from, body string) string {
		return fmt.Sprintf("From: %s\nTo: r%d@neighbour-mail.net\nSubject: Number %d\nDate: %s\nMessage-ID: <%d@acme-mail.net>\n\n%s",
			from, i, i, date.Format(time.RFC1123Z), i, body)
	}
	var mbox strings.Builder
	for i := range n {
		from := fmt.Sprintf("person%d@acme-mail.net", i%7)
		date := begin.Add(time.Duration(i) * 7 * time.Hour)
		body := fmt.Sprintf("Letter %d with words of its own.\n", i)
		switch {
		case i%5 == 0:
			from, body, date = "shop@acme-mail.net", auditText, begin.Add(time.Duration(i)*time.Second/4)
		case i%11 == 0:
			from = "shop@other-mail.org"
			body += strings.Repeat("x", 1200) + "\n"
		}
		text := mail(i, date, from, body)
		if i%13 == 0 {
			text = strings.Replace(text, "Date: ", "X-Date: ", 1)
		}
		fmt.Fprintf(&mbox, "From a@example.org Mon Mar  2 09:00:00 2026\n%s\n", text)
	}
	put("Archive.mbox", mbox.String())
	for i := range n / 4 {
		// Every third is a copy of the one before.
		put(fmt.Sprintf("Maildir/cur/%04d.host:2,S", i), mail(1000+i-i%3/2, begin, "person1@acme-mail.net", "In a Maildir.\n"))
	}
	put("loose/empty.eml", "")
	put("loose/one.eml", mail(2000, begin, "=cmd@acme-mail.net", "One.\n"))
	put("loose/two.eml", "Subject: <script>alert(1)</script>\n\nno sender\n")
	if err := os.WriteFile(filepath.Join(dir, "loose", "notes.pdf"), []byte("%PDF-1.4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{filepath.Join(dir, "Archive.mbox"), filepath.Join(dir, "Maildir"), filepath.Join(dir, "loose")}
}

// largeMbox writes an mbox that is read in segments: some begin between messages, some in a message whose Content-Length covers
// lines like postmarks, and one lies in the middle of a message. There are copies of messages in different segments.
func largeMbox(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	const mark = "From a@example.org Mon Mar  2 09:00:00 2026\n"
	for i := range 60 {
		body := strings.Repeat(fmt.Sprintf("Line of letter %d.\n", i%46), 200)
		length := ""
		if i%2 == 1 {
			body = strings.Repeat(fmt.Sprintf("Text %d\n\n%sFrom: other@example.org\n\n", i%46, mark), 60)
			length = fmt.Sprintf("Content-Length: %d\n", len(body))
		}
		if i == 30 {
			body = strings.Repeat("A long line of text that is repeated and repeated again, so that it takes up as much as it can of the line that it stands on.\n", 4500)
		}
		fmt.Fprintf(&b, "%sFrom: person%d@acme-mail.net\nTo: r%d@neighbour-mail.net\nDate: Tue, 03 Mar 2026 09:%02d:00 +0000\nSubject: Large %d\n%s\n%s\n",
			mark, i%46%7, i%46, i%46, i%46, length, body)
	}
	if b.Len() < 3*256<<10 {
		t.Fatalf("%d octets are read in too few segments", b.Len())
	}
	file := filepath.Join(t.TempDir(), "Large.mbox")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// auditFormatsIn gives flags that write every report that can be compared into dir.
func auditFormatsIn(dir string) []string {
	var flags []string
	for _, f := range []string{"text", "json", "ndjson", "csv", "html", "sqlite", "parquet"} {
		flags = append(flags, "--output", f+"="+filepath.Join(dir, "report."+f))
	}
	return flags
}

// postern runs the program.
func postern(t testing.TB, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := process(context.Background(), append([]string{"postern"}, args...), strings.NewReader(""), &out, &errs); code != want {
		t.Fatalf("%q: exit status %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// sameFiles compares the files of two directories, octet by octet.
func sameFiles(t testing.TB, want, got string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(want, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		a, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(got, d.Name()))
		if err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			i := 0
			for i < min(len(a), len(b)) && a[i] == b[i] {
				i++
			}
			t.Errorf("%s differs at octet %d: %q and %q", d.Name(), i, a[i:min(i+80, len(a))], b[i:min(i+80, len(b))])
		}
		return nil
	})
	if err != nil || n < 7 {
		t.Fatalf("%d files compared, %v", n, err)
	}
}

// TestAuditKilled kills a run at random points, again and again, until it ends. Its reports are those of a run that nobody
// disturbed.
func TestAuditKilled(t *testing.T) {
	needs.WithoutRace(t, "what is killed does what TestAuditShards does here")
	kills := 10
	if os.Getenv("POSTERN_LONG") != "" {
		kills = 200
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	paths := append(auditArchive(t, 120), largeMbox(t))
	whole := t.TempDir()
	postern(t, 3, slices.Concat([]string{"audit", "--dedup"}, auditFormatsIn(whole), paths)...)
	// The state lies among the mail, with what killed runs leave beside it.
	work := filepath.Dir(paths[2] + "/x")
	state := filepath.Join(work, "state")
	rng := rand.New(rand.NewPCG(1, 2))
	killed, ended := 0, 0
	places := map[uint64]bool{} // from which runs went on
	// The last run is let go to its end, also when one before it ended in time: it takes away what killed ones have left.
	for over := false; killed < kills || !over; {
		got := t.TempDir()
		args := slices.Concat([]string{"audit", "--dedup", "--resume", state, "--checkpoint", "0"}, auditFormatsIn(got), paths)
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Args = append([]string{"postern"}, args...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		before, _ := os.ReadFile(state)
		if len(before) > 0 {
			var saved struct {
				Rows uint64 `json:"rows_bytes"`
			}
			if err := json.Unmarshal(before, &saved); err != nil {
				t.Fatal(err)
			}
			places[saved.Rows] = true
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		// Most are killed some time after they have got on, some before that.
		if rng.IntN(8) > 0 && killed < kills {
			for tick := time.NewTicker(time.Millisecond); ; {
				<-tick.C
				now, _ := os.ReadFile(state)
				if !bytes.Equal(now, before) || len(done) > 0 {
					tick.Stop()
					break
				}
			}
		}
		if killed < kills {
			time.Sleep(time.Duration(rng.Int64N(int64(300 * time.Millisecond)))) // the random point, not a wait for anything
			cmd.Process.Kill()
		}
		<-done
		if code := cmd.ProcessState.ExitCode(); code < 0 {
			killed++
			over = false
			continue
		} else if code != 3 {
			t.Fatalf("exit status %d: %s", code, errs.String())
		}
		ended++
		over = true
		sameFiles(t, whole, got)
		for _, name := range []string{state, state + ".rows"} {
			if _, err := os.Stat(name); err == nil {
				t.Errorf("%s is left after the end", name)
			}
		}
	}
	if len(places) < 4 {
		t.Errorf("runs went on from %d places only", len(places))
	}
	t.Logf("killed %d times, went on from %d places, ended %d times", killed, len(places), ended)
	if list, err := filepath.Glob(filepath.Join(work, ".*")); err != nil || len(list) > 0 {
		t.Errorf("%q is left, %v", list, err)
	}
}

// TestAuditShards joins the parts of runs: the report is that of one run.
func TestAuditShards(t *testing.T) {
	paths := slices.Insert(auditArchive(t, 120), 1, largeMbox(t))
	for _, tt := range []struct {
		name  string
		n     int
		flags []string
	}{
		{"3", 3, nil},
		{"5 with dedup", 5, []string{"--dedup"}},
		{"2 with a sample", 2, []string{"--sample", "40%"}},
		{"2 with filters", 2, []string{"--since", "2026-03-03", "--sender", "acme-mail.net", "--hourly", "3", "--daily", "10"}},
	} {
		if needs.UnderRace && tt.flags != nil && tt.n == 2 {
			continue // which goroutines there are depends on neither sample nor filter
		}
		t.Run(tt.name, func(t *testing.T) {
			whole, dir := t.TempDir(), t.TempDir()
			var out, errs bytes.Buffer
			want := process(context.Background(), slices.Concat([]string{"postern", "audit"}, tt.flags, auditFormatsIn(whole), paths), strings.NewReader(""), &out, &errs)
			var parts []string
			for i := range tt.n {
				part := filepath.Join(dir, fmt.Sprintf("part%d", i+1))
				parts = append(parts, part)
				out, errs := new(bytes.Buffer), new(bytes.Buffer)
				code := process(context.Background(), slices.Concat([]string{"postern", "audit", "--shard", fmt.Sprintf("%d/%d", i+1, tt.n), "--output", "part=" + part},
					tt.flags, paths), strings.NewReader(""), out, errs)
				if code == 2 {
					t.Fatalf("exit status %d: %s", code, errs)
				}
			}
			// In any order, some twice, some joined before.
			both := filepath.Join(dir, "both")
			joined := 3 // shards are missing
			if tt.n == 2 {
				joined = want
			}
			postern(t, joined, "audit", "merge", "--output", "part="+both, parts[1], parts[0])
			slices.Reverse(parts)
			got := t.TempDir()
			_, text := postern(t, want, slices.Concat([]string{"audit", "merge"}, auditFormatsIn(got), parts, []string{both})...)
			sameFiles(t, whole, got)
			if !strings.Contains(text, "2 parts were there twice and counted once") {
				t.Errorf("stderr %q", text)
			}
			if tt.n > 2 {
				if _, text = postern(t, 3, "audit", "merge", both); !strings.Contains(text, "missing") || !strings.Contains(text, "shards 3") {
					t.Errorf("stderr %q", text)
				}
			}
		})
	}
}

// TestAuditSegments reads an mbox in segments and as it comes, compressed: all that differs is its name.
func TestAuditSegments(t *testing.T) {
	plain := largeMbox(t)
	b, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	packed := plain + ".gz"
	if err := os.WriteFile(packed, z.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	want, _ := postern(t, 1, "audit", "--no-redact", "--format", "ndjson", "--dedup", packed)
	got, _ := postern(t, 1, "audit", "--no-redact", "--format", "ndjson", "--dedup", plain)
	want = strings.ReplaceAll(want, packed, plain)
	if n := strings.Count(got, "\n"); n != 46+1 || !strings.Contains(got, `"duplicates":14,`) || got != want {
		a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("%d lines, line %d of %d:\n%.1000s\nwant\n%.1000s", n, i, len(a), b[i], a[i])
			}
		}
		t.Fatalf("%d lines, want %d", n, len(a))
	}
}

// TestAuditRefuses: parts and states of other runs are not taken for those of this one.
func TestAuditRefuses(t *testing.T) {
	paths := auditArchive(t, 30)
	dir := t.TempDir()
	part := func(name string, args ...string) string {
		file := filepath.Join(dir, name)
		var out, errs bytes.Buffer
		process(context.Background(), slices.Concat([]string{"postern", "audit", "--output", "part=" + file}, args), strings.NewReader(""), &out, &errs)
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("%s: %s", name, errs.String())
		}
		return file
	}
	one := part("one", append([]string{"--shard", "1/2"}, paths...)...)
	other := part("other", append([]string{"--shard", "2/2", "--since", "2026-03-03"}, paths...)...)
	third := part("third", append([]string{"--shard", "2/3"}, paths...)...)
	b, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	damaged := bytes.Clone(b)
	damaged[len(damaged)-20] ^= 1
	if err := os.WriteFile(filepath.Join(filepath.Dir(paths[0]), "loose", "new.eml"), []byte(plainMessage), 0o644); err != nil {
		t.Fatal(err)
	}
	later := part("later", append([]string{"--shard", "2/2"}, paths...)...)
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"--since differ", []string{one, other}},
		{"in 3 shards", []string{one, third}},
		{"different mail", []string{one, later}},
		{"cut off", []string{write("short", b[:len(b)-1])}},
		{"damaged", []string{write("damaged", damaged)}},
		{"no part of an audit", []string{paths[0]}},
		{"no part of an audit", []string{write("nothing", nil)}},
		{"no such file", []string{filepath.Join(dir, "absent")}},
	} {
		if _, errs := postern(t, 2, append([]string{"audit", "merge"}, tt.args...)...); !strings.Contains(errs, tt.want) {
			t.Errorf("%q: %s", tt.want, errs)
		}
	}
	// A state that a run has left behind.
	state := filepath.Join(dir, "state")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	process(ctx, append([]string{"postern", "audit", "--resume", state}, paths...), strings.NewReader(""), &out, &errs)
	saved, err := auditState(paths, state)
	if err != nil {
		t.Fatal(err)
	}
	_, text := postern(t, 2, append([]string{"audit", "--resume", state, "--until", "2026-05-01"}, paths...)...)
	if !strings.Contains(text, "--until differ") || !strings.Contains(text, "remove it together with") {
		t.Errorf("other options: %s", text)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(paths[0]), "loose", "new.eml")); err != nil {
		t.Fatal(err)
	}
	mbox, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths[0], append([]byte("From a@example.org Mon Mar  2 09:00:00 2026\n"+plainMessage+"\n"), mbox...), 0o644); err != nil {
		t.Fatal(err)
	}
	_, text = postern(t, 2, append([]string{"audit", "--resume", state}, paths...)...)
	if !strings.Contains(text, "not what the paths hold now") {
		t.Errorf("other mail: %s", text)
	}
	if now, err := os.ReadFile(state); err != nil || !bytes.Equal(now, saved) {
		t.Errorf("a state that was refused has changed, %v", err)
	}
	if err := os.WriteFile(state, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, text = postern(t, 2, append([]string{"audit", "--resume", state}, paths...)...); !strings.Contains(text, "no state of an audit") {
		t.Errorf("no state: %s", text)
	}
}

// auditState begins a run and stops it in the middle. It gives what the state then holds.
func auditState(paths []string, state string) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for {
		cmd := exec.Command(program)
		cmd.Args = append([]string{"postern", "audit", "--checkpoint", "1us", "--resume", state}, paths...)
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		for len(done) == 0 {
			if b, err := os.ReadFile(state); err == nil && len(b) > 0 {
				cmd.Process.Kill()
				break
			}
		}
		<-done
		if b, err := os.ReadFile(state); err == nil {
			return b, nil
		}
	}
}

// TestAuditAnswers holds the report of a small archive against what was put into it.
func TestAuditAnswers(t *testing.T) {
	paths := auditArchive(t, 130)
	dir := t.TempDir()
	other := filepath.Join(dir, "strict.yaml")
	for name, text := range map[string]string{
		"strict.yaml": "severities:\n  rfc.body_line998: info\npolicies: [rules]\n",
		"rules/seven.rego": `# METADATA
# scope: package
# title: Number seven
# custom:
#   severity: error
#   remedy: Take another number.
package custom.postern.rules.house.seven

findings contains {"message": "it ends with 7"} if endswith(input.header.subject.text, "7")
`,
	} {
		if err := os.MkdirAll(filepath.Join(dir, "rules"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := postern(t, 3, slices.Concat([]string{"audit", "--no-redact", "--dedup", "--format", "json", "--what-if", other, "--hourly", "20"}, paths)...)
	var r audit.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	s := r.Summary
	// 130 in the mbox, 32 in the Maildir of which every third is a copy, one empty, two more.
	if s.Walked != 165 || s.Duplicates != 10 || s.Unjudged != 1 || s.Messages != 155 {
		t.Errorf("%+v", s)
	}
	tally := func(list []audit.Entry[string], key string) int64 {
		for _, e := range list {
			if e.Key == key {
				return e.Messages
			}
		}
		return -1
	}
	if n := tally(r.Senders, "shop@acme-mail.net"); n != 26 {
		t.Errorf("%d messages of the shop", n)
	}
	if n := tally(r.RecipientDomains, "neighbour-mail.net"); n != 153 {
		t.Errorf("%d messages to the neighbour", n)
	}
	if len(r.Unjudged) != 1 || !strings.HasSuffix(r.Unjudged[0].Name, "empty.eml") || r.Unjudged[0].Reason != "the message is empty" {
		t.Errorf("unjudged %+v", r.Unjudged)
	}
	// 26 messages of the shop, two of them without a date, 1.25 seconds apart.
	i := slices.IndexFunc(r.Pace.Senders, func(p audit.SenderPace) bool { return p.Sender == "shop@acme-mail.net" })
	if i < 0 {
		t.Fatalf("pace %+v", r.Pace)
	}
	if p := r.Pace.Senders[i]; p.Batches != 1 || p.Largest != 24 || p.Over != 0 || p.Fast != 23 || p.PeakHour != 24 || p.HourOver != 4 {
		t.Errorf("pace of the shop: %+v", p)
	}
	if len(r.Campaigns) != 1 || r.Campaigns[0].Different != 26 || r.Campaigns[0].Messages != 26 || r.Campaigns[0].Senders[0] != "shop@acme-mail.net" {
		t.Errorf("campaigns %+v", r.Campaigns)
	}
	w := r.WhatIf
	if w == nil || w.NewlyFailing == 0 || w.NewlyPassing == 0 || len(w.Failing) == 0 || len(w.Passing) == 0 {
		t.Fatalf("what if %+v", w)
	}
	if i := slices.IndexFunc(w.Rules, func(x audit.RuleChange) bool { return x.Rule == "rfc.body_line998" }); i < 0 || w.Rules[i].Graver != w.Rules[i].Now || w.Rules[i].Newly != 0 {
		t.Errorf("rules %+v", w.Rules)
	}
	for _, m := range w.Failing {
		if m.Verdict != "pass" || m.WhatIf != "fail" || !strings.HasSuffix(m.Subject, "7") || !slices.Contains(m.WhatIfRules, "house.seven") {
			t.Errorf("newly failing: %+v", m)
		}
	}
	for _, m := range w.Passing {
		if m.Verdict != "fail" || m.WhatIf != "pass" || !slices.ContainsFunc(m.Findings, func(f audit.ShownFinding) bool { return f.Rule == "rfc.body_line998" }) {
			t.Errorf("newly passing: %+v", m)
		}
	}
	// The mbox has one folder, a message of it an offset.
	if n := tally(r.Folders, r.Messages[0].Folder); n != 130 || r.LargestMessages[0].Offset == 0 {
		t.Errorf("%d messages in %q, %+v", n, r.Messages[0].Folder, r.LargestMessages[0])
	}
}

// TestAuditRedacts: nothing that names a person is in a report, unless it is asked for.
func TestAuditRedacts(t *testing.T) {
	paths := auditArchive(t, 60)
	dir := t.TempDir()
	postern(t, 3, slices.Concat([]string{"audit"}, auditFormatsIn(dir), paths)...)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("an example of a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	joined := t.TempDir()
	postern(t, 3, slices.Concat([]string{"audit", "--redact-key", key}, auditFormatsIn(joined), paths[:1], paths[2:])...)
	again := t.TempDir()
	postern(t, 1, slices.Concat([]string{"audit", "--redact-key", key, "--rule", "rfc.date_missing"}, auditFormatsIn(again), paths[:1])...)
	for _, d := range []string{dir, joined, again} {
		for _, name := range []string{"text", "json", "ndjson", "csv", "html", "sqlite", "parquet"} {
			b, err := os.ReadFile(filepath.Join(d, "report."+name))
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"person1", "shop@", "Number 5", "alert(1)", "Archive.mbox", "Maildir", "loose/", "r5@"} {
				if bytes.Contains(b, []byte(secret)) {
					t.Errorf("%s of %s holds %q", name, d, secret)
				}
			}
		}
	}
	var first, second audit.Report
	for d, r := range map[string]*audit.Report{joined: &first, again: &second} {
		b, err := os.ReadFile(filepath.Join(d, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, r); err != nil {
			t.Fatal(err)
		}
	}
	shop := first.Senders[0].Key
	if shop != second.Senders[0].Key || !strings.HasSuffix(shop, "@acme-mail.net") || !first.Redacted {
		t.Errorf("%q and %q do not join", shop, second.Senders[0].Key)
	}
	out, _ := postern(t, 3, slices.Concat([]string{"audit", "--no-redact", "--format", "csv"}, paths)...)
	if !strings.Contains(out, "shop@acme-mail.net") || !strings.Contains(out, ",'=cmd@acme-mail.net,") {
		t.Errorf("the report of the owner: %s", out)
	}
}

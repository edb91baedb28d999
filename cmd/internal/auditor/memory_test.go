package auditor

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/audit"
	"postern/rules"
	"postern/rules/facts"
	_ "postern/rules/facts/decoders"
)

// rowsOf are the rows of an audit, and what its report counts.
func rowsOf(t *testing.T, e, other *rules.Engine, apart bool, paths ...string) (rows []string) {
	t.Helper()
	a := &Auditor{
		Paths: paths, Engine: e, Other: other, Filter: Filter{Sample: 1}, Campaigns: true, apart: apart,
		Facts: facts.Options{Now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)},
	}
	a.Prepare(t.Context())
	run, err := audit.Start(&audit.Head{}, audit.Options{Rows: true})
	if err != nil {
		t.Fatal(err)
	}
	a.Run = run
	if err := a.Audit(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
	if _, err := run.End(true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Difference(); err != nil {
		t.Fatal(err)
	}
	err = run.Each(func(r *audit.Row) error {
		rows = append(rows, fmt.Sprintf("%+v", *r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Done(true); err != nil {
		t.Fatal(err)
	}
	return rows
}

// manyMessages is an mbox of messages that are alike in places, and break many rules.
func manyMessages(t *testing.T, n int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(9, 10))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	address := func() string {
		return pick("", "\"Someone Else\" ", "Ann ", "=?utf-8?q?J=C3=BCrgen?= ", "\"support@bank.example\" ") + "<" +
			pick("Info", "a", "postmaster", "noreply", fmt.Sprint("user", rng.IntN(40))) + "@" + pick("example.com", "gmial.com", "gmail.com", "Mail.example.NET", fmt.Sprint("d", rng.IntN(9), ".org")) + ">"
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "From x Mon Mar  2 10:00:00 2026\nFrom: %s\nSubject: %s %d\n", address(), pick("Hello", "URGENT $100 NOW", "Re: {{name}}", "=?utf-8?q?=C3=BC?="), i)
		for range rng.IntN(9) {
			fmt.Fprintf(&b, "%s: %s, %s,\n\t%s\n", pick("To", "Cc", "Bcc", "Reply-To", "To"), address(), address(), address())
		}
		b.WriteString(pick("", "Date: Mon, 02 Mar 2026 10:00:00 +0000\n", "Date: today\n", "X-A: b\nX-B: c\n", "List-Unsubscribe: <mailto:a@example.com>\nPrecedence: bulk\n"))
		b.WriteString(pick("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello {{first}}\n--b\nContent-Type: text/html\n\n<a href=http://1.2.3.4/>www.bank.example</a>"+
			"\n--b\nContent-Disposition: attachment; filename=invoice.pdf.exe\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA\n--b--\n",
			"\nHello\n", "Content-Type: text/plain; charset=utf-8\n\nDear ,\nclick here to unsubscribe\n"))
		b.WriteString("\n")
	}
	name := filepath.Join(t.TempDir(), "many.mbox")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestAuditOutOfUsedMemory: the rows of an audit are the same whether the facts of a message are made out of the memory of those
// before or not. Under the race detector that memory is made useless first.
func TestAuditOutOfUsedMemory(t *testing.T) {
	paths := []string{manyMessages(t, 100), "../../../testdata/messages"}
	for name, o := range map[string]rules.Options{
		"guards": {Guards: rules.GuardsOn, Timeout: time.Minute}, "guards and OPA": {Guards: rules.GuardsVerify, Timeout: time.Minute, Only: []string{"recipients.role_account", "sender.display_name_spoof", "rfc.address_syntax"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := rules.New(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			other, err := rules.New(t.Context(), rules.Options{Guards: rules.GuardsOn, Timeout: time.Minute, Only: []string{"recipients.dummy", "sender.domain_typo"}})
			if err != nil {
				t.Fatal(err)
			}
			want := rowsOf(t, e, other, true, paths...)
			if len(want) < 100 {
				t.Fatalf("only %d rows", len(want))
			}
			if diff := cmp.Diff(want, rowsOf(t, e, other, false, paths...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

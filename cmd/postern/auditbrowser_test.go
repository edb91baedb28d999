package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
)

// TestAuditInBrowser opens the report of the SpamAssassin corpus: charts are drawn, sorting and filters work, and nothing is
// asked of the network. With POSTERN_SHOTS=DIR it leaves pictures there to be looked at.
func TestAuditInBrowser(t *testing.T) {
	needs.WithoutRace(t, "what is new here is the browser")
	corpus := filepath.Join("..", "..", "..", "shared", "corpora", "spamassassin-publiccorpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	chromium := needs.Program(t, "chromium")
	page := filepath.Join(t.TempDir(), "report.html")
	args := []string{"postern", "audit", "--output", "html=" + page, "--hourly", "20"}
	if os.Getenv("POSTERN_LONG") == "" {
		args = append(args, "--sample", "20%")
	}
	var out, errs bytes.Buffer
	if code := process(context.Background(), append(args, corpus), strings.NewReader(""), &out, &errs); code != 1 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	b := newBrowser(t, chromium)
	shoot := func(name string) {
		if dir := os.Getenv("POSTERN_SHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".png"), b.screenshot(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.size(1280, 900, false)
	b.open(page)
	b.is("document.querySelectorAll('figure svg').length > 5", "true")
	// A chart has as many columns as its ranges, each with a height and a colour.
	for _, chart := range []string{"Messages by month", "Messages by rule", "Messages by sender", "Messages by size", "Messages by number of recipients", "Sent too fast, by month"} {
		b.is(`(() => { const r = [...document.querySelectorAll('svg[aria-label="`+chart+`"] rect')].filter(x => x.getBoundingClientRect().width > 0 &&
			x.getBoundingClientRect().height > 0 && getComputedStyle(x).fill !== 'rgb(0, 0, 0)'); return r.length > 3 })()`, "true")
	}
	shoot("desktop")

	// Sorting: a column of numbers down and up, one of text.
	column := func(i int) []string {
		text := b.eval(`[...document.querySelectorAll("#senders-table tbody tr")].map(r => r.cells[` + strconv.Itoa(i) + `].dataset.v ?? r.cells[` + strconv.Itoa(i) + `].textContent.trim()).join("\n")`)
		s, err := strconv.Unquote(text)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(s, "\n")
	}
	numbers := func(list []string) (n []int) {
		for _, s := range list {
			x, err := strconv.Atoi(s)
			if err != nil {
				t.Fatal(err)
			}
			n = append(n, x)
		}
		return n
	}
	before := column(0)
	click := func(i int) {
		b.eval(`document.querySelectorAll("#senders-table th button")[` + strconv.Itoa(i) + `].click()`)
	}
	click(5)
	down := numbers(column(5))
	click(5)
	up := numbers(column(5))
	slices.Reverse(down)
	if len(up) < 20 || !slices.IsSorted(up) || !slices.Equal(up, down) || up[0] == up[len(up)-1] {
		t.Errorf("octets are not sorted: %d", up)
	}
	b.is(`document.querySelectorAll("#senders-table th")[5].getAttribute("aria-sort")`, `"ascending"`)
	click(0)
	if names := column(0); !slices.IsSorted(names) || slices.Equal(names, before) {
		t.Errorf("senders are not sorted: %q", names)
	}

	// Filtering by rule and by sender: only what matches is seen.
	visible := `[...document.querySelectorAll("#messages-table tbody tr")].filter(r => r.getClientRects().length > 0)`
	b.eval(`document.querySelector('#rules-table a[data-rule="rfc.mime_version"]').click()`)
	b.is(visible+`.length > 0 && `+visible+`.every(r => r.dataset.rules.split(" ").includes("rfc.mime_version"))`, "true")
	b.is(`[...document.querySelectorAll("#senders-table tbody tr")].filter(r => r.getClientRects().length > 0).length`, "12")
	b.is(`document.querySelector("form.filter output").textContent.includes("messages listed below match")`, "true")
	shoot("filtered")
	b.eval(`{ const i = document.querySelector("form.filter input"); i.value = "@spamassassin.taint.org"; i.dispatchEvent(new Event("input")) }`)
	b.is(visible+`.length > 0 && `+visible+`.every(r => r.dataset.sender.includes("@spamassassin.taint.org") && r.dataset.rules.includes("rfc.mime_version"))`, "true")
	b.eval(`document.querySelector("form.filter button[type=reset]").click()`)
	b.is(`document.querySelectorAll("tr.hidden").length`, "0")

	// A message can be opened.
	b.eval(`document.querySelector("#messages-table td details summary").click()`)
	b.is(`document.querySelector("#messages-table td details[open] li").getClientRects().length > 0`, "true")

	// On a phone nothing is wider than the screen.
	b.size(390, 844, true)
	b.open(page)
	b.is("document.documentElement.scrollWidth <= 390", "true")
	shoot("phone")
	complaints, requests := b.complaints(page)
	if len(complaints) > 0 || len(requests) > 0 {
		t.Errorf("complaints %q, requests %q", complaints, requests)
	}
	b.call("Emulation.clearDeviceMetricsOverride", nil, nil)
	pdf := b.pdf()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 20_000 {
		t.Errorf("%d octets of PDF", len(pdf))
	}
	if dir := os.Getenv("POSTERN_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// Without script everything is there.
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	b.size(1280, 900, false)
	b.open(page)
	b.is(`document.querySelectorAll("figure svg rect").length > 30`, "true")
	b.is(`[...document.querySelectorAll("#messages-table tbody tr")].every(r => r.getClientRects().length > 0)`, "true")
	b.is(`document.querySelector("form.filter").getClientRects().length`, "0")
}

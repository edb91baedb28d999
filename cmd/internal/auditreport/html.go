package auditreport

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

//go:embed page.html.tmpl
var pageSource string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// pages parses the page once, and only when it is needed.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"q": quote.Text, "comma": report.Comma, "none": none, "day": day, "range": rangeName, "different": different, "rules": ruleList,
		"many": func(i int) bool { return i >= shownRows }, "mb": report.Megabytes, "class": slug,
		"clean": func(s string) string { return strings.ToLower(quote.Text(s)) },
	}).Parse(pageSource))
})

const (
	maxTable  = 200 // lines of a table
	shownRows = 12  // lines that are shown at first where scripts run, and on paper
	maxBars   = 12  // of a chart across
	maxMonths = 60
)

// page is what page.html.tmpl shows.
type page struct {
	*audit.Report
	Title, Class, Style, Script string
	StyleText                   template.CSS
	ScriptText                  template.JS
	Headline, Period            string
	LeftOutLines, PaceLines     []string
	Charts                      []chart
	Tables                      []table
	RuleIDs                     []string
	Examples                    []audit.Message // those that fail first
	MaxTable                    int
}

type chart struct {
	Title string
	SVG   template.HTML
	Wide  bool
}

// table is a table of tallies.
type table struct {
	Title, Head string
	Sender      bool // its keys are senders, so that the filter goes for it
	Total       int
	List        []audit.Entry[string]
	Open        bool
}

var verdicts = []series{{"pass", "pass"}, {"fail", "fail"}, {"unjudged", "unjudged"}}

// HTML writes one page that needs nothing else: no file beside it and no network. Its Content-Security-Policy allows only its
// own style sheet and its own script, which sorts and filters; without the script everything is there too.
func HTML(w io.Writer, r *audit.Report) error {
	style, script := "\n"+pageStyle, "\n"+pageScript
	p := page{
		Report: r, Title: "pass", Class: "pass", Style: digest(style), Script: digest(script), StyleText: template.CSS(style), ScriptText: template.JS(script),
		Headline: headline(r), LeftOutLines: leftOut(r), PaceLines: paceLines(r.Pace), MaxTable: maxTable,
	}
	switch s := &r.Summary; {
	case s.Unjudged > 0 || !r.Complete || s.Messages == 0:
		p.Title, p.Class = "unjudged", "unjudged"
	case s.Fail > 0:
		p.Title, p.Class = "fail", "fail"
	}
	if r.Summary.First != "" {
		p.Period = day(r.Summary.First) + " to " + day(r.Summary.Last)
	}
	p.charts(r)
	for _, t := range []table{
		{Title: "Senders", Head: "sender", Sender: true, List: r.Senders, Open: true},
		{Title: "Domains of senders", Head: "domain", List: r.SenderDomains},
		{Title: "Domains of recipients", Head: "domain", List: r.RecipientDomains},
		{Title: "Folders", Head: "folder", List: r.Folders},
		{Title: "Months", Head: "month", List: newest(r.Months)},
		{Title: "Weeks", Head: "week from", List: newest(r.Weeks)},
		{Title: "Days", Head: "day", List: newest(r.Days)},
	} {
		t.Total = len(t.List)
		t.List = t.List[:min(len(t.List), maxTable)]
		if t.Total > 0 {
			p.Tables = append(p.Tables, t)
		}
	}
	for _, x := range r.Rules {
		p.RuleIDs = append(p.RuleIDs, x.ID)
	}
	slices.Sort(p.RuleIDs)
	p.Examples = slices.Clone(r.Messages)
	slices.SortStableFunc(p.Examples, func(a, b audit.Message) int { return gravity(a.Verdict) - gravity(b.Verdict) })
	// The page may be printed into the log of a CI server, which would take "##[" for a command.
	out := &hashes{w: bufio.NewWriterSize(w, 64<<10)}
	if err := pages().Execute(out, &p); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	return out.w.Flush()
}

// hashes is a writer that writes the second of two hashes in a row as a character reference, wherever pieces of the page end.
type hashes struct {
	w    *bufio.Writer
	open bool // the octet before is a hash that has no second one yet
}

func (h *hashes) Write(b []byte) (int, error) {
	from := 0
	for i, c := range b {
		second := h.open && c == '#'
		h.open = c == '#' && !second
		if second {
			h.w.Write(b[from:i])
			h.w.WriteString("&#35;")
			from = i + 1
		}
	}
	_, err := h.w.Write(b[from:])
	return len(b), err
}

func gravity(verdict string) int { return slices.Index([]string{"fail", "unjudged", "pass"}, verdict) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newest gives a list that is in order of time, the newest first.
func newest(list []audit.Entry[string]) []audit.Entry[string] {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

func (p *page) charts(r *audit.Report) {
	add := func(title string, wide bool, svg template.HTML) {
		if svg != "" {
			p.Charts = append(p.Charts, chart{title, svg, wide})
		}
	}
	// Few messages with absurd dates shall not be the chart: it begins at the first month that is near the next.
	// A date before there was mail is a wrong one. It stands in the tables, and does not squeeze the chart.
	list, by := since(r.Months, "1980"), "month"
	if len(list) <= 3 {
		list, by = since(r.Days, "1980"), "day"
	}
	bars, n := newestColumns(tallyBars(list))
	title := ofLatest("Messages by "+by, n, len(list))
	add(title, true, columnChart(title, verdicts, bars))
	bars = nil
	for i := range r.Rules {
		x := &r.Rules[i]
		b := bar{label: x.ID, values: make([]int64, 3)}
		b.values[slices.Index([]string{"error", "warning", "info"}, x.Worst())] = x.Messages
		bars = append(bars, b)
	}
	add("Rules: messages with findings", false, barChart("Messages by rule", []series{{"fail", "error"}, {"unjudged", "warning"}, {"other", "info"}}, first(bars)))
	failing := slices.Clone(r.Senders)
	slices.SortStableFunc(failing, func(a, b audit.Entry[string]) int { return int(min(max(b.Fail-a.Fail, -1), 1)) })
	add("Senders with the most failing messages", false, barChart("Messages by sender", verdicts, first(tallyBars(failing[:min(len(failing), maxBars)]))))
	one := []series{{"other", "messages"}}
	add("Size of messages, octets", false, columnChart("Messages by size", one, rangeBars(r.Sizes, size)))
	add("Recipients of a message", false, columnChart("Messages by number of recipients", one, rangeBars(r.Recipients, rangeShort)))
	bars = nil
	for _, d := range r.Pace.Days {
		if n := len(bars); n > 0 && bars[n-1].label == d.Day[:7] {
			bars[n-1].values[0] += d.Over
			bars[n-1].values[1] += d.Fast
			bars[n-1].values[2] += d.HourOver
			bars[n-1].values[3] += d.DayOver
		} else {
			bars = append(bars, bar{label: d.Day[:7], values: []int64{d.Over, d.Fast, d.HourOver, d.DayOver}})
		}
	}
	all := len(bars)
	bars, n = newestColumns(bars)
	title = ofLatest("Sent too fast, by month", n, all)
	add(title, true, columnChart(title, []series{
		{"fail", "batches of too many"}, {"unjudged", "messages too soon"}, {"other", "over the hourly limit"}, {"more", "over the daily limit"}}, bars))
}

// since gives what is not before a time of a list in order of time.
func since(list []audit.Entry[string], key string) []audit.Entry[string] {
	i, _ := slices.BinarySearchFunc(list, key, func(x audit.Entry[string], k string) int { return strings.Compare(x.Key, k) })
	return list[i:]
}

func first(list []bar) []bar { return list[:min(len(list), maxBars)] }

func tallyBars(list []audit.Entry[string]) []bar {
	var bars []bar
	for i := range list {
		x := &list[i]
		bars = append(bars, bar{label: none(x.Key), values: []int64{x.Pass, x.Fail, x.Unjudged}})
	}
	return bars
}

// rangeBars leaves out the empty ranges at both ends.
func rangeBars(list []audit.Range, name func(audit.Range) string) []bar {
	for len(list) > 0 && list[0].Messages == 0 {
		list = list[1:]
	}
	for len(list) > 0 && list[len(list)-1].Messages == 0 {
		list = list[:len(list)-1]
	}
	var bars []bar
	for _, x := range list {
		bars = append(bars, bar{label: name(x), values: []int64{x.Messages}})
	}
	return bars
}

// size is a range of octets in short: its end.
func size(x audit.Range) string {
	if x.To < 0 {
		return "over " + short(x.From-1)
	}
	return "to " + short(x.To)
}

func short(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%d MB", n/1_000_000)
	case n >= 1000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprint(n)
}

func rangeShort(x audit.Range) string {
	switch {
	case x.To < 0:
		return fmt.Sprintf("%d+", x.From)
	case x.From == x.To:
		return fmt.Sprint(x.To)
	}
	return fmt.Sprintf("%d-%d", x.From, x.To)
}

// ruleList gives the rules of a message, each once, with blanks between.
func ruleList(m audit.Message) string {
	var ids []string
	for _, f := range m.Findings {
		if !slices.Contains(ids, f.Rule) {
			ids = append(ids, f.Rule)
		}
	}
	return strings.Join(ids, " ")
}

// slug is the class of a severity or verdict.
func slug(s string) string {
	switch s {
	case "error":
		return "fail"
	case "warning":
		return "unjudged"
	case "info":
		return "other"
	}
	return s
}

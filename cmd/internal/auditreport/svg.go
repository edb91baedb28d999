package auditreport

import (
	"fmt"
	"html/template"
	"strings"

	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

// The charts are SVG without a viewBox: places across are per cent and places down are pixels, so that a chart is as wide as
// its page and its text stays as large as all other text, also on a phone. Colours come from the style sheet of the page.

// series is a kind of values: its class in the style sheet, and its name in the legend.
type series struct{ class, name string }

// bar is a column or line of a chart.
type bar struct {
	label  string
	values []int64 // like the series; none where nothing was counted
	gap    bool    // it stands for many columns without anything
}

func (b *bar) sum() (n int64) {
	for _, v := range b.values {
		n += v
	}
	return n
}

const (
	columnsHeight = 190 // of the columns
	labelHeight   = 26  // below them
	lineHeight    = 30  // of a bar across
)

// svg writes a chart.
type svg struct{ strings.Builder }

func esc(s string) string { return template.HTMLEscapeString(quote.Text(s)) }

func (s *svg) printf(format string, args ...any) { fmt.Fprintf(&s.Builder, format, args...) }

// percent is a share with two digits, without the cost of a float that prints differently elsewhere.
func percent(n, of int64) string {
	if of <= 0 {
		of = 1
	}
	h := (n*10_000 + of/2) / of
	return fmt.Sprintf("%d.%02d%%", h/100, h%100)
}

// columnChart draws stacked columns. About every nth label is written, so that they do not run into each other; of many columns
// those of both ends.
func columnChart(title string, kinds []series, list []bar) template.HTML {
	if len(list) == 0 {
		return ""
	}
	var most int64 = 1
	for i := range list {
		most = max(most, list[i].sum())
	}
	most = nice(most)
	var s svg
	s.head(title, kinds, columnsHeight+labelHeight)
	line := func(i int64) int64 { return columnsHeight - i*(columnsHeight-16)/4 }
	for i := int64(1); i <= 4; i++ {
		s.printf(`<line class="grid" x1="0" x2="100%%" y1="%d" y2="%d"/>`, line(i), line(i))
	}
	n := int64(len(list))
	every := max((n+4)/5, 1)
	for i := range list {
		b := &list[i]
		i := int64(i)
		s.printf(`<g><title>%s: %s</title>`, esc(b.label), esc(describe(kinds, b)))
		y := int64(columnsHeight)
		for k, v := range b.values {
			h := (v*(columnsHeight-16) + most/2) / most
			if v > 0 && h == 0 {
				h = 1
			}
			if h == 0 {
				continue
			}
			y -= h
			s.printf(`<rect class="%s" x="%s" y="%d" width="%s" height="%d"/>`, kinds[k].class, percent(i*10+1, n*10), y, percent(8, n*10), h)
		}
		if b.gap {
			s.printf(`<text class="axis" text-anchor="middle" x="%s" y="%d">&#8943;</text>`, percent(i*10+5, n*10), columnsHeight-4)
		}
		s.printf(`</g>`)
		labelled := i%every == 0
		if n >= 10 { // at the ends and the quarters
			k := (i*4 + (n-1)/2) / (n - 1)
			labelled = (k*(n-1)+2)/4 == i
		}
		if !labelled || b.gap {
			continue
		}
		anchor, x := "middle", percent(i*10+5, n*10)
		switch {
		case i == 0:
			anchor, x = "start", percent(1, n*10)
		case (i*10+5)*100 > 92*n*10:
			anchor, x = "end", percent(i*10+9, n*10)
		case every >= 4: // the columns are so narrow that a label in the middle of one would reach into the first, on a phone
			anchor, x = "start", percent(i*10+1, n*10)
		}
		s.printf(`<text class="axis" text-anchor="%s" x="%s" y="%d">%s</text>`, anchor, x, columnsHeight+16, esc(b.label))
	}
	// The numbers stand before the columns, which would hide them.
	for i := int64(1); i <= 4; i++ {
		s.printf(`<text class="axis scale" x="2" y="%d">%s</text>`, line(i)-3, report.Comma(most*i/4))
	}
	s.printf(`<line class="base" x1="0" x2="100%%" y1="%d" y2="%d"/></svg>`, columnsHeight, columnsHeight)
	s.legend(kinds)
	return template.HTML(s.String())
}

// barChart draws stacked bars across, each under its label.
func barChart(title string, kinds []series, list []bar) template.HTML {
	if len(list) == 0 {
		return ""
	}
	var most int64 = 1
	for i := range list {
		most = max(most, list[i].sum())
	}
	var s svg
	s.head(title, kinds, len(list)*lineHeight+4)
	for i := range list {
		b := &list[i]
		y := i * lineHeight
		s.printf(`<g><title>%s: %s</title><text class="name" x="0" y="%d">%s</text><text class="axis" text-anchor="end" x="100%%" y="%d">%s</text>`,
			esc(b.label), esc(describe(kinds, b)), y+14, esc(shorten(b.label, 44)), y+14, report.Comma(b.sum()))
		var at int64
		for k, v := range b.values {
			if v > 0 {
				s.printf(`<rect class="%s" x="%s" y="%d" width="%s" height="7"/>`, kinds[k].class, percent(at, most), y+19, percent(v, most))
			}
			at += v
		}
		s.printf(`</g>`)
	}
	s.printf(`</svg>`)
	s.legend(kinds)
	return template.HTML(s.String())
}

func (s *svg) head(title string, kinds []series, height int) {
	s.printf(`<svg role="img" aria-label="%s" width="100%%" height="%d">`, esc(title), height)
}

// legend names the kinds, if there are several.
func (s *svg) legend(kinds []series) {
	if len(kinds) < 2 {
		return
	}
	s.printf(`<p class="legend">`)
	for _, k := range kinds {
		s.printf(`<span><svg width="12" height="12" aria-hidden="true"><rect class="%s" width="12" height="12"/></svg> %s</span> `, k.class, esc(k.name))
	}
	s.printf(`</p>`)
}

func describe(kinds []series, b *bar) string {
	var parts []string
	for k, v := range b.values {
		if v > 0 || len(kinds) == 1 {
			parts = append(parts, report.Comma(v)+" "+kinds[k].name)
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// shorten takes the middle out of a long label.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n*2/3]) + "\u2026" + string(r[len(r)-(n/3-1):])
}

// nice is the next number from n on that can be divided by 4 into round ones.
func nice(n int64) int64 {
	if n <= 4 {
		return 4
	}
	unit := int64(1)
	for {
		for _, m := range []int64{4, 8, 12, 20, 40} {
			if m*unit >= n {
				return m * unit
			}
		}
		unit *= 10
	}
}

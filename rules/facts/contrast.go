package facts

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	// maxContrasts bounds the pairs of colours that are kept.
	maxContrasts = 50
	// enoughContrast is the highest ratio that WCAG 2.2 asks for, in hundredths (success criterion 1.4.6).
	enoughContrast = 700
)

// ink is what an element's text is written with and on, as far as inline styles say it.
type ink struct {
	text, ground int // 0xRRGGBB, unknown if negative
	px           float64
	bold         bool
	sizeUnknown  bool
	// inherited tells that one of the colours is that of an element around, which a style sheet can overrule.
	inherited bool
}

// noInk is the ink of a document that states nothing.
var noInk = ink{text: -1, ground: -1, px: 16}

// ink works out the ink of an element from what it states and what it inherits.
func (h *htmlReader) ink(name string, a *attributes, s *style, outer ink) ink {
	k := outer
	k.inherited = true
	fg, bg := s.color, s.background
	if fg < 0 && name == "font" {
		fg = parseColour(a.color)
	}
	switch {
	case fg >= 0:
		k.text = fg
	case s.hasColour || a.color != "" && name != "body" || name == "a" || name == "table":
		// A colour that is not understood, that of links, and tables, which inherit none in old documents.
		k.text = -1
	}
	if bg < 0 {
		bg = parseColour(a.bgcolor)
	}
	switch {
	case s.hasImage || a.background != "" || s.opacity != "":
		k.ground = -1
	case bg >= 0:
		k.ground = bg
		k.inherited = fg < 0
	case s.hasBackground && s.transparent, a.bgcolor == "" && !s.hasBackground:
	default:
		k.ground = -1
	}
	switch name {
	case "b", "strong", "th", "h3", "h4", "h5", "h6":
		k.bold = true
	case "h1":
		k.bold, k.px, k.sizeUnknown = true, 32, false
	case "h2":
		k.bold, k.px, k.sizeUnknown = true, 24, false
	}
	switch w := s.fontWeight; {
	case w == "bold", w == "bolder", len(w) == 3 && w >= "700":
		k.bold = true
	case w != "":
		k.bold = false
	}
	if s.fontSize != "" {
		px, ok := pixels(s.fontSize)
		k.px, k.sizeUnknown = px, !ok
	}
	return k
}

// pixels reads a size of text in px or pt.
func pixels(s string) (float64, bool) {
	factor := 1.0
	n, ok := strings.CutSuffix(s, "px")
	if !ok {
		if n, ok = strings.CutSuffix(s, "pt"); !ok {
			return 0, false
		}
		factor = 4.0 / 3
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
	return v * factor, err == nil
}

// contrast notes how a text stands out from its ground.
func (h *htmlReader) contrast(k *ink, text string) {
	if k.text < 0 || k.ground < 0 || len(h.contrasts) >= maxContrasts || countChars(text) == 0 {
		return
	}
	ratio := contrastRatio(k.text, k.ground)
	if ratio >= enoughContrast {
		return
	}
	c := Contrast{
		Colour: fmt.Sprintf("#%06x", k.text), Ground: fmt.Sprintf("#%06x", k.ground), Ratio: ratio,
		// A size that is not known could be a large one.
		Large: k.sizeUnknown || k.px >= 24 || k.bold && k.px >= 18.66,
	}
	for i := range h.contrasts {
		o := &h.contrasts[i]
		if o.Colour == c.Colour && o.Ground == c.Ground && o.Large == c.Large && h.inherited[i] == k.inherited {
			return
		}
	}
	c.Text = clipRunes(strings.Join(strings.Fields(cut(text, 4*maxSpotText)), " "), maxSpotText)
	c.Path, c.Line = h.c.path(h.part), h.c.lineOf(h.at())
	h.contrasts = append(h.contrasts, c)
	h.inherited = append(h.inherited, k.inherited)
}

// keepContrasts hands over what was noted. What an element only inherits is known where no style sheet speaks of colours.
func (h *htmlReader) keepContrasts() {
	css := viewOf(h.css)
	sheet := strings.Contains(css, "color") || strings.Contains(css, "background") || len(css) >= maxCSS
	for i, c := range h.contrasts {
		if all := &h.c.f.HTML.Contrasts; (!sheet || !h.inherited[i]) && len(*all) < maxContrasts {
			*all = append(*all, c)
		}
	}
}

// contrastRatio is that of WCAG 2.2, in hundredths, rounded down.
func contrastRatio(a, b int) int64 {
	x, y := luminance(a), luminance(b)
	// The addition keeps 4.5:1 from becoming 4.49 by the errors of binary fractions.
	return int64((max(x, y)+0.05)/(min(x, y)+0.05)*100 + 1e-9)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(colour int) float64 {
	channel := func(shift int) float64 {
		c := float64(colour>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

package facts

// minAlternativeWords is how many different words each of two alternatives must have before they are compared.
const minAlternativeWords = 20

// compareAlternatives tells whether the text of some multipart/alternative is another message than its HTML: under a third
// of its different words occur there.
func (c *contents) compareAlternatives() {
	for i := range c.texts {
		plain := &c.texts[i]
		if plain.html || plain.words == nil || plain.words.n < minAlternativeWords {
			continue
		}
		alt := c.parts[plain.part].alternative
		for j := range c.texts {
			html := &c.texts[j]
			if !html.html || html.words == nil || html.words.n < minAlternativeWords || html.cut || c.parts[html.part].alternative != alt {
				continue
			}
			if html.words.differ(plain.words) {
				c.f.Text.AlternativeDiffers = true
				return
			}
		}
	}
}

// alternatives reports HTML that has no text beside it, and text after the HTML where the last alternative is the one that is
// shown (RFC 2046 section 5.1.4).
func (c *contents) alternatives() {
	order := map[int]int{} // multipart/alternative: first child that holds HTML
	reported := map[int]bool{}
	html, words := -1, c.f.Text.PlainWords > 0
	covered := false
	for i := range c.res.Parts {
		p := &c.res.Parts[i]
		if p.Embedded || c.parts[i].disposition == "attachment" || p.MediaType != "text/plain" && p.MediaType != "text/html" {
			continue
		}
		alt := c.parts[i].alternative
		if p.MediaType == "text/html" {
			if html < 0 && c.isText(i) {
				html = i
			}
			if alt >= 0 {
				if _, ok := order[alt]; !ok {
					order[alt] = c.under(i, alt)
				}
			}
			continue
		}
		covered = covered || alt >= 0
		if alt < 0 || p.Parent != alt || p.EncodedBytes == 0 {
			continue
		}
		if first, ok := order[alt]; ok && first < i && !reported[alt] {
			reported[alt] = true
			c.problem("rfc.mime_alt_order", alt, p.Header.Line, "")
		}
	}
	if html >= 0 && !covered && !words {
		c.problem("rfc.mime_alt_missingtext", html, c.res.Parts[html].Header.Line, "")
	}
}

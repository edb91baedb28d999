// Command caniemail writes policies/template/css_unsupported/data.yaml from the data of caniemail.com as the npm package
// caniemail carries it (MIT licence). It keeps, for each feature that rules/facts can find, the large mail programs whose last
// test says "not supported" on every platform.
//
//	npm pack caniemail@2.0.2 && tar xzf caniemail-2.0.2.tgz
//	go run ./testdata/caniemail package/dist/data/caniemail.json 2.0.2 > policies/template/css_unsupported/data.yaml
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// head is the beginning of the file.
const head = `# HTML and CSS that mail programs do not support: the feature as rules/facts names it, and the programs. Written by
# testdata/caniemail, not by hand, from the data of caniemail.com as the npm package caniemail carries it.
#
# MIT License. Copyright (c) Rémi Parmentier and the contributors of hteumeuleu/caniemail (data); Copyright (c) Avi Goldman,
# Copyright (c) Andrew Powell (package).
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
# files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
# modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
# is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be
# included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY
# KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
# NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
# WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR
# OTHER DEALINGS IN THE SOFTWARE.
`

// clients are the mail programs that are told of, each with the platforms that must all fail.
var clients = []struct {
	name      string
	family    string
	platforms []string
}{
	{"Gmail", "gmail", []string{"desktop-webmail", "ios", "android", "mobile-webmail"}},
	{"Outlook (Windows)", "outlook", []string{"windows"}},
	{"Outlook (Mac)", "outlook", []string{"macos"}},
	{"Outlook (web)", "outlook", []string{"outlook-com"}},
	{"Apple Mail", "apple-mail", []string{"macos", "ios"}},
	{"Yahoo", "yahoo", []string{"desktop-webmail", "ios", "android"}},
}

// names are the features of rules/facts that a title does not give.
var names = map[string][]string{
	"css-at-media-device-pixel-ratio":     {"@media (device-pixel-ratio)", "@media (min-device-pixel-ratio)"},
	"css-at-media-hover":                  {"@media (hover)", "@media (any-hover)"},
	"css-block-inline-size":               {"block-size", "inline-size"},
	"css-color-scheme":                    {"color-scheme"},
	"css-column-layout-properties":        {"columns", "column-rule", "column-span", "column-fill", "column-width"},
	"css-display-flex":                    {"display: flex", "display: inline-flex"},
	"css-display-grid":                    {"display: grid", "display: inline-grid"},
	"css-flex-direction":                  {"flex-direction: column"},
	"css-flex-wrap":                       {"flex-wrap: wrap"},
	"css-gap":                             {"gap", "column-gap", "row-gap"},
	"css-grid-template":                   {"grid-template", "grid-template-columns", "grid-template-rows", "grid-template-areas"},
	"css-intrinsic-size":                  {"fit-content", "min-content", "max-content"},
	"css-left-right-top-bottom":           {"left", "right", "top", "bottom"},
	"css-margin-block-start-end":          {"margin-block-start", "margin-block-end"},
	"css-margin-inline-block":             {"margin-inline", "margin-block"},
	"css-margin-inline-start-end":         {"margin-inline-start", "margin-inline-end"},
	"css-max-height":                      {"max-height"},
	"css-min-height":                      {"min-height"},
	"css-min-width":                       {"min-width"},
	"css-modern-color":                    {"lch()", "oklch()", "lab()", "oklab()"},
	"css-nesting":                         {"nested rules"},
	"css-padding-block-start-end":         {"padding-block-start", "padding-block-end"},
	"css-padding-inline-block":            {"padding-inline", "padding-block"},
	"css-padding-inline-start-end":        {"padding-inline-start", "padding-inline-end"},
	"css-pseudo-class-has":                {":has"},
	"css-pseudo-class-lang":               {":lang"},
	"css-pseudo-class-nth-of-type":        {":nth-of-type"},
	"css-scroll-snap":                     {"scroll-snap-type", "scroll-snap-align"},
	"css-selector-adjacent-sibling":       {"+ selector"},
	"css-selector-attribute":              {"[attribute] selector"},
	"css-selector-child":                  {"> selector"},
	"css-selector-general-sibling":        {"~ selector"},
	"css-sytem-ui":                        {"system-ui", "ui-serif", "ui-sans-serif", "ui-rounded", "ui-monospace"},
	"css-unit-calc":                       {"calc()"},
	"css-unit-initial":                    {"initial"},
	"css-variables":                       {"var()"},
	"html-button-submit":                  {"<button type=submit>"},
	"html-button-reset":                   {"<button type=reset>"},
	"html-hidden":                         {"[hidden]"},
	"html-input-checkbox":                 {"<input type=checkbox>"},
	"html-input-radio":                    {"<input type=radio>"},
	"html-input-submit":                   {"<input type=submit>"},
	"html-input-reset":                    {"<input type=reset>"},
	"html-input-text":                     {"<input type=text>"},
	"html-loading-attribute":              {"[loading]"},
	"html-meta-color-scheme":              {"<meta name=color-scheme>"},
	"html-popover":                        {"[popover]"},
	"html-required":                       {"[required]"},
	"html-srcset":                         {"[srcset]"},
	"html-svg":                            {"<svg>"},
	"css-border-inline-block":             {"border-inline", "border-block"},
	"css-border-radius-logical":           {"border-start-start-radius", "border-start-end-radius", "border-end-start-radius", "border-end-end-radius"},
	"css-border-inline-block-longhand":    {"border-inline-color", "border-inline-style", "border-inline-width", "border-block-color", "border-block-style", "border-block-width"},
	"css-border-inline-block-individual":  {"border-inline-start", "border-inline-end", "border-block-start", "border-block-end"},
	"css-at-media-prefers-color-scheme":   {"@media (prefers-color-scheme)"},
	"css-at-media-prefers-reduced-motion": {"@media (prefers-reduced-motion)"},
	"css-at-media-orientation":            {"@media (orientation)"},
}

// silent features fail without harm, or are in every message: a word on them would help nobody.
var silent = []string{
	"html-doctype", "html-body", "html-target", "html-semantics", "html-abbr", "html-acronym", "html-wbr", "html-input-hidden", "css-selector-chaining",
	"css-selector-universal", "css-height", "css-word-break", "css-text-justify", "css-table-layout", "css-cursor", "css-orphans", "css-widows", "css-pseudo-class-link",
	"css-pseudo-class-visited", "css-pseudo-class-active", "css-pseudo-class-focus", "css-border-spacing", "css-overflow-wrap", "css-word-wrap", "css-at-media",
}

var plain = regexp.MustCompile(`^(?:(?:::?|@)?[a-z]+(?:-[a-z]+)*(?:\(\))?|[a-z]+ unit|<[a-z]+>)$`)

type feature struct {
	Slug, Title, Category string
	Tested                string                                  `json:"last_test_date"`
	Stats                 map[string]map[string]map[string]string // family, platform, version
}

// last gives the result of the newest version that was tested: versions are numbers or months, of the same form in one list.
func last(versions map[string]string) string {
	newest := ""
	for v := range versions {
		if newest == "" || compare(v, newest) > 0 {
			newest = v
		}
	}
	result, _, _ := strings.Cut(versions[newest], " ")
	return result
}

func compare(a, b string) int {
	split := func(s string) []int {
		var all []int
		for f := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < '0' || r > '9' }) {
			n := 0
			fmt.Sscan(f, &n)
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(split(a), split(b))
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: caniemail caniemail.json version")
		os.Exit(2)
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var doc struct {
		Updated string `json:"last_update_date"`
		Data    []feature
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%ssource: https://www.caniemail.com\nversion: %q\ndate: %q\nfeatures:\n", head, os.Args[2], doc.Updated[:10])
	slices.SortFunc(doc.Data, func(a, b feature) int { return strings.Compare(a.Slug, b.Slug) })
	seen := map[string]bool{}
	for _, f := range doc.Data {
		if f.Category != "css" && f.Category != "html" || slices.Contains(silent, f.Slug) {
			continue
		}
		fails := failing(&f)
		all := names[f.Slug]
		if title := strings.TrimSuffix(f.Title, " element"); all == nil && plain.MatchString(title) {
			all = []string{title}
		}
		if len(fails) == 0 || len(all) == 0 {
			continue
		}
		for _, name := range all {
			if seen[name] {
				continue
			}
			seen[name] = true
			fmt.Printf("  %q: %s\n", name, strings.Join(fails, ", "))
		}
	}
}

// failing gives the mail programs that support the feature on none of their platforms.
func failing(f *feature) []string {
	var fails []string
	for _, c := range clients {
		tested, failed := 0, 0
		for _, p := range c.platforms {
			switch last(f.Stats[c.family][p]) {
			case "":
			case "n":
				tested, failed = tested+1, failed+1
			default:
				tested++
			}
		}
		if tested > 0 && failed == tested {
			fails = append(fails, c.name)
		}
	}
	return fails
}

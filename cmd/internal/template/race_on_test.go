//go:build race

package template

// everyNth thins out the corpora: the library's Handlebars lexer is some fifty times slower under the race detector.
const everyNth = 11

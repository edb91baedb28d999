package settings

import (
	"strings"

	"postern/rules/pattern"
)

var envName = pattern.Of(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// maxQuotedLines bounds a quoted value that goes over several lines.
const maxQuotedLines = 200

// envFile reads a .env file: NAME=value, with export before it, quotes around it or a comment after it.
func envFile(f *file) {
	var vars []variable
	lines := strings.Split(strings.ReplaceAll(f.text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		n, line := i+1, strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "export "))
		if !ok || !envName().MatchString(name) {
			if ok || !strings.HasPrefix(line, "export ") && !strings.HasPrefix(line, "set ") {
				f.fail(n, "is neither NAME=value nor a comment")
			}
			continue
		}
		value = strings.TrimLeft(value, " \t")
		if value != "" && (value[0] == '"' || value[0] == '\'' || value[0] == '`') {
			quote := value[0]
			text := value[1:]
			end := closing(text, quote)
			for more := 0; end < 0 && more < maxQuotedLines && i+1+more < len(lines); more++ {
				if next := closing(lines[i+1+more], quote); next >= 0 {
					// Such values are keys and certificates; none of them is read here.
					i += more + 1
					text, end = "", 0
				}
			}
			if end < 0 {
				f.fail(n, "a quote is not closed")
				continue
			}
			value = text[:end]
			if quote == '\'' {
				value = strings.ReplaceAll(value, "$", "$$")
			}
		} else {
			if j := commentAt(value); j >= 0 {
				value = value[:j]
			}
			value = strings.TrimSpace(value)
		}
		vars = append(vars, variable{strings.ToUpper(name), value, n})
	}
	f.variables("env", "", vars)
}

// closing is the index of the quote that ends a value, -1 without one. A backslash hides a double quote.
func closing(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote:
			return i
		}
	}
	return -1
}

// commentAt is the index of a # at the beginning or after a blank, -1 without one.
func commentAt(s string) int {
	for i := range len(s) {
		if s[i] == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
			return i
		}
	}
	return -1
}

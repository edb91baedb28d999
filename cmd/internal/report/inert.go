package report

import "strings"

// inert gives a line of text in which CI servers see no command. GitHub Actions obeys "::" at the beginning of a line, also
// after blanks; GitHub and Azure obey "##[" and "##vso[" wherever they stand, TeamCity "##teamcity[".
func inert(line string) string {
	if strings.Contains(line, "##") {
		line = noHashes(line)
	}
	if rest := strings.TrimLeft(line, " \t"); strings.HasPrefix(rest, "::") {
		line = line[:len(line)-len(rest)] + `\u{3a}` + rest[1:]
	}
	return line
}

// noHashes takes apart what could begin a command of the form "##[".
func noHashes(s string) string { return strings.ReplaceAll(s, "##", `#\u{23}`) }

package mailbox

import (
	"path"
	"slices"
	"strings"
)

// mailNames are the name endings of files that hold mail.
var mailNames = []string{".eml", ".emlx", ".email", ".mbox", ".mbx", ".msg", ".raw"}

// packed are the endings that compression adds to a name.
var packed = []string{".gz", ".bz2", ".xz", ".zst", ".zip", ".z"}

// nameIsMail tells whether a file of that name in a directory is taken as mail: always (named), or only if it begins like a
// message (sniff), which goes for plain text files and files without extension.
func nameIsMail(name string) (named, sniff bool) {
	lower := strings.ToLower(name)
	for _, p := range packed {
		// archive.mbox.gz is mail; pictures.zip is something else.
		if rest, ok := strings.CutSuffix(lower, p); ok {
			named, _ := nameIsMail(rest)
			return named, false
		}
	}
	for _, s := range mailNames {
		if strings.HasSuffix(lower, s) {
			return true, false
		}
	}
	ext := path.Ext(lower)
	return false, ext == "" || ext == ".txt"
}

// archives are the endings of archives.
var archives = []string{".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".zip"}

// isArchiveName tells whether a file is named like an archive, or like one file that was compressed.
func isArchiveName(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(archives, func(s string) bool { return strings.HasSuffix(lower, s) }) || unpackedName(lower) != lower
}

// unpackedName is a name without an ending that compression added.
func unpackedName(name string) string {
	for _, p := range packed {
		if rest, ok := cutSuffixFold(name, p); ok && rest != "" {
			return rest
		}
	}
	return name
}

package mailbox

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// folderOf is the mail folder that a file lies in, as its user knows it. rel is its path below what was named, with slashes;
// mbox tells that the file is the folder itself.
func folderOf(rel string, mbox bool) string {
	dir, name := path.Split(rel)
	parts := strings.FieldsFunc(dir, func(r rune) bool { return r == '/' })
	if !mbox && len(parts) > 0 && (parts[len(parts)-1] == "cur" || parts[len(parts)-1] == "new") {
		return maildirFolder(parts[:len(parts)-1])
	}
	if mbox {
		parts = append(parts, mboxFolder(name))
	}
	for i := len(parts) - 1; i >= 0; i-- {
		// Mail of Apple keeps a folder X in X.mbox/mbox, or below X.mbox/Messages.
		if rest, ok := cutSuffixFold(parts[i], ".mbox"); ok && rest != "" {
			parts[i] = rest
			parts = parts[:i+1]
		}
		// Thunderbird keeps the folders inside X in X.sbd.
		if rest, ok := cutSuffixFold(parts[i], ".sbd"); ok && rest != "" {
			parts[i] = rest
		}
	}
	if len(parts) > 2 && parts[0] == "Takeout" {
		parts = parts[2:] // Takeout/Mail, which has a name in each language
	}
	return strings.Join(parts, "/")
}

// maildirFolder is the folder of a Maildir, or of a Maildir++ folder in one.
func maildirFolder(parts []string) string {
	if len(parts) == 0 {
		return "INBOX"
	}
	last := parts[len(parts)-1]
	if len(last) > 1 && last[0] == '.' && last != ".." {
		parts = append(slices.Clone(parts[:len(parts)-1]), strings.Split(last[1:], ".")...)
	}
	return strings.Join(parts, "/")
}

// mboxFolder is the name of an mbox without its endings.
func mboxFolder(name string) string {
	name = unpackedName(name)
	for _, ending := range mboxEndings {
		if rest, ok := cutSuffixFold(name, ending); ok && rest != "" {
			return rest
		}
	}
	return name
}

func cutSuffixFold(s, ending string) (string, bool) {
	if len(s) >= len(ending) && strings.EqualFold(s[len(s)-len(ending):], ending) {
		return s[:len(s)-len(ending)], true
	}
	return s, false
}

// maildirFlags are the flags in the name of a Maildir file, in order: behind ":2,", or ";2," or "!2," where the file system
// has no colon.
func maildirFlags(p string) string {
	if !inMaildir(p) {
		return ""
	}
	name := path.Base(p)
	i := strings.LastIndex(name, "2,")
	if i < 1 || !strings.ContainsRune(":;!", rune(name[i-1])) {
		return ""
	}
	var b strings.Builder
	for _, letter := range "DFPRST" {
		if strings.ContainsRune(name[i+2:], letter) {
			b.WriteRune(letter)
		}
	}
	return b.String()
}

// mhFolder holds the sequences of an MH folder that are flags.
type mhFolder struct {
	unseen, flagged, replied []span
	// known tells that there is a sequence of the unseen; without one nothing is known.
	known bool
}

// readMH reads .mh_sequences.
func readMH(text string) *mhFolder {
	var f mhFolder
	for line := range strings.Lines(text) {
		name, numbers, _ := strings.Cut(line, ":")
		var list []span
		for s := range strings.FieldsSeq(numbers) {
			first, last, isRange := strings.Cut(s, "-")
			if !isRange {
				last = first
			}
			from, err1 := strconv.ParseInt(first, 10, 64)
			to, err2 := strconv.ParseInt(last, 10, 64)
			if err1 == nil && err2 == nil {
				list = append(list, span{from, to})
			}
		}
		slices.SortFunc(list, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
		switch name {
		case "unseen":
			f.unseen, f.known = list, true
		case "flagged":
			f.flagged = list
		case "replied":
			f.replied = list
		}
	}
	return &f
}

// flags are the flags of a message by the name of its file.
func (f *mhFolder) flags(name string) string {
	n, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return ""
	}
	in := func(list []span) bool {
		i, found := slices.BinarySearchFunc(list, n, func(s span, n int64) int { return int(min(max(s.from-n, -1), 1)) })
		return found || i > 0 && n <= list[i-1].to
	}
	flags := ""
	if in(f.flagged) {
		flags += "F"
	}
	if in(f.replied) {
		flags += "R"
	}
	if f.known && !in(f.unseen) {
		flags += "S"
	}
	return flags
}

// isNumber tells whether a file is named like a message of an MH folder.
func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

package mailbox

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// emlxHead is the number of octets that begins an .emlx file of Apple's Mail; the message follows, and a property list.
func emlxHead(head []byte) (count int64, length int, ok bool) {
	line, _, found := bytes.Cut(head[:min(len(head), 32)], []byte{'\n'})
	digits := bytes.TrimRight(line, " \t\r")
	if !found || len(digits) == 0 || len(digits) > 15 {
		return 0, 0, false
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || n < 0 || digits[0] == '-' || digits[0] == '+' {
		return 0, 0, false
	}
	return n, len(line) + 1, true
}

func isEmlxName(name string) bool {
	_, ok := cutSuffixFold(unpackedName(name), ".emlx")
	return ok
}

// emlx yields the message of an .emlx file, and gives true if it is one.
func (w *walker) emlx(f *file, size int64, pl place, head []byte) bool {
	count, begin, ok := emlxHead(head)
	named := isEmlxName(pl.rel)
	if !ok {
		return false
	}
	rest := size - int64(begin)
	plist := make([]byte, 0)
	if count <= rest {
		plist = make([]byte, min(rest-count, 64<<10))
		if n, err := f.ReadAt(plist, int64(begin)+count); n < len(plist) && err != io.EOF {
			w.failAt(pl, "", int64(begin)+count, reason(err), "")
			return true
		}
	}
	isList := bytes.HasPrefix(bytes.TrimLeft(plist, " \t\r\n"), []byte("<?xml"))
	switch {
	case !named && !isList:
		return false
	case count > rest:
		w.failAt(pl, ErrEmlx, int64(begin), fmt.Errorf("is cut off: its first line says %d octets, %d are there", count, rest), "")
		return true
	}
	pl.flags = emlxFlags(plist)
	m := Message{
		Name: pl.name, Path: pl.name, FirstLine: 2, Offset: int64(begin), StoredSize: count, Size: count,
		Reader: section(f, int64(begin), count), hold: f.retain(),
	}
	if _, ok := cutSuffixFold(unpackedName(pl.rel), ".partial.emlx"); ok {
		m.Notes = append(m.Notes, Note{NotePartial, "Mail keeps the attachments of this message in other files, so it is smaller than it was"})
	}
	w.found1(m, pl)
	return true
}

var emlxFlagsKey = regexp.MustCompile(`<key>flags</key>\s*<integer>(\d{1,18})</integer>`)

// emlxFlags gives the flags of the property list as letters of Maildir.
func emlxFlags(plist []byte) string {
	m := emlxFlagsKey.FindSubmatch(plist)
	if m == nil {
		return ""
	}
	n, _ := strconv.ParseInt(string(m[1]), 10, 64)
	var b strings.Builder
	for _, f := range []struct {
		bit    int
		letter byte
	}{{6, 'D'}, {4, 'F'}, {8, 'P'}, {2, 'R'}, {0, 'S'}, {1, 'T'}} {
		if n>>f.bit&1 != 0 {
			b.WriteByte(f.letter)
		}
	}
	return b.String()
}

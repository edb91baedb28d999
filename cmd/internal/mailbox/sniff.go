package mailbox

import (
	"bytes"
	"io"
	"strings"
)

// magics are the beginnings of files that hold no message, or hold it packed.
var magics = []struct {
	at   int
	text string
	what string
	hint string
}{
	{0, "\x1f\x9d", "compress data", "unpack it first, for example: gzip -dc FILE | postern check -"},
	{0, "\x5d\x00\x00", "lzma data", "unpack it first, for example: lzma -dc FILE | postern check -"},
	{0, "LZIP", "lzip data", "unpack it first, for example: lzip -dc FILE | postern check -"},
	{0, "\x04\x22\x4d\x18", "lz4 data", "unpack it first, for example: lz4 -dc FILE | postern check -"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first and check the directory"},
	{0, "Rar!\x1a\x07", "a RAR archive", "unpack it first and check the directory"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Outlook .msg file", "save it as .eml; the octets that were sent are not in it"},
	{0, "!BDN", "an Outlook data file (.pst)", "export its messages as .eml or mbox"},
	{0, "\xcf\xad\x12\xfe", "a folder of Outlook Express (.dbx)", "export its messages as .eml or mbox"},
	{0, "version https://git-lfs.github.com/spec/", "a pointer of Git LFS", "git lfs pull brings the message itself"},
}

// unreadStore names a file that holds messages as they were sent, in a form that is not read here, and what to do; "" otherwise.
func unreadStore(head []byte) (what, hint string) {
	line, _, _ := bytes.Cut(head[:min(len(head), 128)], newline)
	switch line := string(bytes.TrimSuffix(line, []byte{'\r'})); {
	case line == "\x01\x01\x01\x01":
		return "an MMDF mailbox", "convert it to an mbox first, for example: open it with mutt -f FILE, tag all and save them in a new mbox"
	case strings.HasPrefix(line, "BABYL OPTIONS:"):
		return "a Babyl mailbox", "convert it to an mbox first, for example with M-x unrmail in Emacs"
	case line == "*mbx*":
		return "a mailbox of UW-IMAP (mbx)", "convert it to an mbox first, for example with its mailutil"
	case isPostfixQueue(line):
		return "a file of Postfix's queue", "take its message out, for example: postcat -bh FILE | postern check -"
	case isEximSpool(line):
		return "a file of Exim's spool", "take its message out, for example: exim -Mvc ID | postern check -"
	}
	return "", ""
}

// isPostfixQueue tells whether s begins with the first record of a queue file: "C", its length, and numbers, padded with blanks.
func isPostfixQueue(s string) bool {
	if len(s) < 2 || s[0] != 'C' || s[1] >= 0x80 || len(s)-2 < int(s[1]) {
		return false
	}
	fields := strings.Fields(s[2:][:s[1]])
	for _, f := range fields {
		if !isNumber(f) {
			return false
		}
	}
	return len(fields) > 2
}

// isEximSpool tells whether s is the first line of a spool file, its name: the id of the message, and H or D.
func isEximSpool(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != 4 || parts[3] != "H" && parts[3] != "D" {
		return false
	}
	a, b, c := len(parts[0]), len(parts[1]), len(parts[2])
	return a == 6 && (b == 6 && c == 2 || b == 11 && c == 4) && !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r != '-' && !isWord(byte(r)) })
}

// foreign names what a file is whose first octets show that it is not a message as it is sent, and what to do; "" otherwise.
func foreign(head []byte) (what, hint string) {
	for _, m := range magics {
		if len(head) >= m.at+len(m.text) && string(head[m.at:m.at+len(m.text)]) == m.text {
			return m.what, m.hint
		}
	}
	return unreadStore(head)
}

// LooksLikeMail tells whether the first octets of a file begin like a message: with an mbox postmark, or with a header block
// that holds a field which only mail has.
func LooksLikeMail(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte(bom))
	head = bytes.TrimLeft(head, "\r\n")
	if bytes.HasPrefix(head, []byte("From ")) || bytes.HasPrefix(head, []byte(">From ")) {
		return true
	}
	if what, _ := foreign(head); what != "" || packedAs(head) != nil || isZip(head) || isTar(head) {
		return false
	}
	for line := range bytes.FieldsFuncSeq(head, func(r rune) bool { return r == '\n' || r == '\r' }) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if ok && mailFields[strings.ToLower(string(bytes.TrimRight(name, " \t")))] {
			return true
		}
	}
	return false
}

// isMail is LooksLikeMail for files of any name, which are mail seldom: every line up to the first empty one is a field or goes
// on with one, and two fields or more are those of mail.
func isMail(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte(bom))
	if beginsMessage(head) {
		return true
	}
	known, last := 0, len(head) < headBytes
	for i := 0; len(head) > 0; i++ {
		line, rest, found := bytes.Cut(head, []byte{'\n'})
		head = rest
		if !found && !last {
			break // not seen whole
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			break
		}
		if i > 0 && (line[0] == ' ' || line[0] == '\t') {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte{':'})
		if !ok || len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return false
		}
		if mailFields[strings.ToLower(string(name))] {
			known++
		}
	}
	return known >= 2
}

// mailFields are field names that show that a text is mail (RFC 5322 section 3.6 and what submission programs add).
var mailFields = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "subject": true, "date": true, "message-id": true, "sender": true, "reply-to": true,
	"received": true, "return-path": true, "mime-version": true, "content-type": true, "delivered-to": true, "dkim-signature": true,
	"resent-from": true, "resent-to": true, "in-reply-to": true, "references": true, "list-id": true, "list-unsubscribe": true,
}

// beginsLikeMail looks at the beginning of r. What cannot be read counts as mail, so that the error is met and told later.
func beginsLikeMail(r io.ReaderAt) bool {
	head := make([]byte, 4096)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return true
	}
	// A packed or empty file of such a name is something else than mail.
	return LooksLikeMail(head[:n])
}

package sendmail

import (
	"crypto/rand"
	"time"

	"postern/mimesize"
)

// Missing says what is written into a message that has no Date or no Message-ID, as servers of submission may do it (RFC 6409 sections
// 8.2 and 8.3) and every sendmail does. A field that is there stays as it is, whatever it holds.
type Missing struct {
	Date time.Time
	// Domain is the right side of a Message-ID; where it is "" none is written.
	Domain string
}

// fields gives the fields that a header lacks, with their ends of lines, and their names.
func (m *Missing) fields(header []byte, fields []mimesize.Field) (text []byte, names []string) {
	has := map[string]bool{}
	for _, f := range fields {
		has[lowerName(header, f)] = true
	}
	if !has["date"] {
		text = m.Date.AppendFormat(text, "Date: Mon, 02 Jan 2006 15:04:05 -0700\n")
		names = append(names, "Date")
	}
	if !has["message-id"] && m.Domain != "" {
		text = append(text, "Message-ID: <"+rand.Text()+"@"+m.Domain+">\n"...)
		names = append(names, "Message-ID")
	}
	return text, names
}

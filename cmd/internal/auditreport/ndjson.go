package auditreport

import (
	"math"
	"strconv"
	"time"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/report"
)

// line makes a line of NDJSON. There is one for each message, so it is put together by hand: report.Encoder takes most of the time
// that a whole audit has for one. Its octets are those that report.Encoder gives for the same keys.
type line struct {
	b   []byte
	enc report.Encoder
	err error
}

// record makes b the line of a message. Keys are those of columns.
func (l *line) record(r *audit.Row) error {
	l.b, l.err = append(l.b[:0], `{"type":"message","name":`...), nil
	l.text(r.Name)
	l.key(`,"path":`).text(r.Path)
	l.key(`,"offset":`).int(r.Offset)
	l.key(`,"line":`).int(r.Line)
	l.key(`,"folder":`).text(r.Folder)
	l.key(`,"date":`).date(r.Unix)
	l.key(`,"sender":`).text(r.Sender)
	l.key(`,"sender_domain":`).text(r.Domain)
	l.key(`,"subject":`).text(r.Subject)
	l.key(`,"octets":`).int(r.Octets)
	l.key(`,"recipients":`).int(r.Recipients)
	l.key(`,"recipients_uncertain":`)
	l.b = strconv.AppendBool(l.b, r.Uncertain)
	l.key(`,"recipient_domains":[`)
	for i, d := range r.Domains {
		l.comma(i).text(d)
	}
	l.key(`],"attachments":[`)
	for i := range r.Attachments {
		a := &r.Attachments[i]
		l.comma(i).key(`{"name":`).text(a.Name)
		l.key(`,"type":`).text(a.Type)
		l.key(`,"encoded_bytes":`).int(a.Encoded)
		l.key(`,"decoded_bytes":`).int(a.Decoded)
		l.key(`}`)
	}
	l.key(`],"verdict":"`).key(audit.OutcomeName(r.Outcome))
	l.key(`","reason":`).text(r.Reason)
	l.key(`,"notes":[`)
	for i, s := range audit.NoteTexts(r.Notes) {
		l.comma(i).text(s)
	}
	l.key(`],"text_hash":"`)
	if r.Compared {
		l.key(audit.TextHash(r.Body))
	}
	l.key(`","findings":[`)
	for i := range r.Findings {
		f := &r.Findings[i]
		l.comma(i).key(`{"rule":`).text(f.Rule)
		l.key(`,"severity":"`).key(audit.SeverityName(f.Severity))
		l.key(`","line":`).int(f.Line)
		l.key(`,"message":`).text(f.Message)
		l.key(`,"value":`).number(f.Value, f.HasValue)
		l.key(`,"limit":`).number(f.Limit, f.HasLimit)
		l.key(`}`)
	}
	l.key(`],"what_if_verdict":`)
	if r.WhatIf {
		l.key(`"`).key(audit.OutcomeName(r.OtherOutcome)).key(`","what_if_rules":[`)
		for i, id := range audit.RuleIDs(r.Other) {
			l.comma(i).text(id)
		}
	} else {
		l.key(`null,"what_if_rules":[`)
	}
	l.key("]}\n")
	return l.err
}

// key appends s as it is.
func (l *line) key(s string) *line {
	l.b = append(l.b, s...)
	return l
}

func (l *line) comma(i int) *line {
	if i > 0 {
		l.b = append(l.b, ',')
	}
	return l
}

func (l *line) int(n int64) { l.b = strconv.AppendInt(l.b, n, 10) }

func (l *line) date(unix int64) {
	if unix == audit.NoDate {
		l.key("null")
		return
	}
	l.b = append(time.Unix(unix, 0).UTC().AppendFormat(append(l.b, '"'), time.RFC3339), '"')
}

// exact bounds the whole numbers that a float64 holds exactly.
const exact = 1 << 53

func (l *line) number(f float64, known bool) {
	switch {
	case !known:
		l.key("null")
	case f == math.Trunc(f) && math.Abs(f) < exact && f != 0:
		l.int(int64(f))
	default:
		l.other(f)
	}
}

// plain are the octets that a JSON string holds as they are. Of hashes only those that stand alone are (see report.Encode).
var plain = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = c != '"' && c != '\\' && c != '#'
	}
	return t
}()

func (l *line) text(s string) {
	at := len(l.b)
	l.b = append(l.b, '"')
	from := 0
	for i := 0; ; i++ {
		for i < len(s) && plain[s[i]] {
			i++
		}
		if i == len(s) {
			break
		}
		switch c := s[i]; {
		case c == '#' && (i == 0 || s[i-1] != '#'):
		case c == '"' || c == '\\':
			l.b = append(append(l.b, s[from:i]...), '\\')
			from = i
		default:
			l.b = l.b[:at]
			l.other(s)
			return
		}
	}
	l.b = append(append(l.b, s[from:]...), '"')
}

// other is for what is rare.
func (l *line) other(v any) {
	b, err := l.enc.Encode(v)
	if err != nil && l.err == nil {
		l.err = err
	}
	l.b = append(l.b, b...)
}

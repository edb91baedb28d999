package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// markdown writes GitHub flavoured Markdown for job summaries and comments: the counts first, then a table for each message
// that has findings or was not judged. The tables are kept in a spool until the counts are known.
type markdown struct {
	out   sink
	o     Options
	body  spool
	clean int
	// max, if not 0, is about how many octets of tables are written; what does not fit is counted.
	max  int
	left int
}

func newMarkdown(w io.Writer, o Options) *markdown { return &markdown{out: sink{w: w}, o: o} }

// Item takes the table of one message.
func (m *markdown) Item(it *Item) error {
	all := it.All()
	if it.Verdict.Outcome == rules.Pass && len(all) == 0 {
		m.clean++
		return m.out.err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n### %s %s\n\n", verdictWord(it.Verdict.Outcome), codeSpan(it.Name))
	if it.Verdict.Outcome == rules.Unjudged {
		b.WriteString("Could not be judged: " + escapeMarkdown(why(it)) + "\n\n")
	}
	if len(all) > 0 {
		b.WriteString("| severity | place | finding | rule |\n|---|---|---|---|\n")
	}
	for i := range all {
		f := &all[i]
		p := m.o.place(it, f)
		where := p.file
		if p.sure {
			where = fmt.Sprintf("%s:%d", p.file, p.line)
		}
		severity := string(f.Severity)
		if f.BaselineState == Absent {
			severity = "gone"
		} else if f.Suppressed != nil {
			severity = "accepted"
		}
		text := escapeCell(sentence(f))
		if f.Suppressed != nil {
			text += "<br>" + escapeCell(accepted(f))
		} else if f.Remedy != "" {
			text += "<br>**Remedy:** " + escapeCell(f.Remedy)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", severity, cellSpan(where), text, cellSpan(f.Rule))
	}
	if m.max > 0 && m.body.Len()+int64(b.Len()) > int64(m.max) {
		m.left++
		return m.out.err
	}
	if _, err := m.body.Write(b.Bytes()); err != nil && m.out.err == nil {
		m.out.err = err
	}
	return m.out.err
}

// Close writes the report.
func (m *markdown) Close(s *Summary) error {
	s.finish()
	outcome := s.outcome(m.o.noun())
	m.out.string("## postern: " + verdictWord(outcome) + "\n\n" + counts(s, m.o.noun()) + "\n")
	if text := incomplete(s, m.o.noun()); text != "" {
		m.out.string("\n**" + escapeMarkdown(text) + "**\n")
	}
	if m.out.err == nil {
		_, m.out.err = m.body.WriteTo(m.out.w)
	}
	if m.left > 0 {
		m.out.string("\n" + Count(m.left, "message is", "messages are") + " not shown, because the report would be too long\n")
	}
	if len(s.Notes) > 0 {
		m.out.string("\n### Notes\n\n")
		for i := range s.Notes {
			m.out.string("- " + codeSpan(s.Notes[i].place()) + ": " + escapeMarkdown(s.Notes[i].Text) + "\n")
		}
	}
	if len(s.Skipped) > 0 {
		m.out.string("\n### Rules that were skipped\n\n")
		var order []string
		ids := map[string][]string{}
		for _, k := range s.Skipped {
			if ids[k.Reason] == nil {
				order = append(order, k.Reason)
			}
			ids[k.Reason] = append(ids[k.Reason], codeSpan(k.Rule))
		}
		for _, reason := range order {
			list := ids[reason]
			m.out.string("- " + Count(len(list), "rule", "rules") + ", " + escapeMarkdown(reason) + ": ")
			if len(list) > maxSkipped {
				m.out.string(strings.Join(list[:fewSkipped], ", ") + fmt.Sprintf(" and %d more\n", len(list)-fewSkipped))
			} else {
				m.out.string(strings.Join(list, ", ") + "\n")
			}
		}
	}
	return m.out.err
}

func verdictWord(o rules.Outcome) string {
	switch o {
	case rules.Pass:
		return "PASS"
	case rules.Fail:
		return "FAIL"
	}
	return "UNJUDGED"
}

// escapeMarkdown gives text that Markdown shows as it is. Words that a code host would turn into links or notifications
// (addresses, mentions, references to issues) become code, where nothing has a meaning; in all others the
// characters that mean something inside a line are escaped (CommonMark section 2.4). The result must not begin a line.
func escapeMarkdown(s string) string { return inline(s, codeSpan) }

// escapeCell is escapeMarkdown for a cell of a table.
func escapeCell(s string) string { return inline(s, cellSpan) }

func inline(s string, code func(string) string) string {
	words := strings.Fields(quote.Text(s))
	var b strings.Builder
	for i := 0; i < len(words); i++ {
		if i > 0 {
			b.WriteByte(' ')
		}
		if !linkable(words[i]) {
			for j := 0; j < len(words[i]); j++ {
				if c := words[i][j]; special(c) {
					b.WriteByte('\\')
				}
				b.WriteByte(words[i][j])
			}
			continue
		}
		from := i
		for i+1 < len(words) && linkable(words[i+1]) {
			i++
		}
		b.WriteString(code(strings.Join(words[from:i+1], " ")))
	}
	return b.String()
}

// linkable tells whether a code host might make a link of a word.
func linkable(word string) bool {
	if strings.ContainsAny(word, "@#`<") || strings.Contains(strings.ToLower(word), "www.") || hexWord(word) {
		return true
	}
	// An address, or a short name of a picture; a colon at the end is only a colon.
	i := strings.IndexByte(word, ':')
	return i >= 0 && i < len(word)-1
}

// hexWord tells whether a word looks like the name of a commit.
func hexWord(word string) bool {
	if len(word) < 7 || len(word) > 64 {
		return false
	}
	return strings.IndexFunc(word, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }) < 0
}

// special tells whether c means something to Markdown inside a line.
func special(c byte) bool { return strings.IndexByte("\\`*_[]<>|~&$:", c) >= 0 }

// codeSpan gives text as a code span (CommonMark section 6.1): its fence is longer than any run of backticks inside.
func codeSpan(s string) string {
	s = noHashes(quote.Text(s))
	if s == "" {
		return ""
	}
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if run++; s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	// A blank at both ends is taken away by readers: it keeps backticks and blanks of the text itself apart from the fence.
	if edge := s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' || s[len(s)-1] == ' '; edge && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cellSpan is codeSpan for a cell of a table. There "|" ends the cell even in code, unless an odd number of backslashes stands
// before it, the last of which is taken away.
func cellSpan(s string) string {
	s = codeSpan(s)
	var b strings.Builder
	slashes := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '|' && slashes%2 == 0:
			b.WriteByte('\\')
		case s[i] == '|':
			b.WriteString(`\\`) // shows one backslash too many rather than one too few
		}
		if slashes++; s[i] != '\\' {
			slashes = 0
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

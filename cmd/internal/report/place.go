package report

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"postern/cmd/internal/quote"
)

// place is where a finding stands.
type place struct {
	file string // as the user would write it, with slashes, relative to the root where it lies below
	line int64  // 1 or more
	sure bool   // line is the finding's own, not the first of the file for want of a better one
}

// place gives the file and line of a finding; f may be nil for the message as a whole.
func (o *Options) place(it *Item, f *Finding) place {
	p := place{file: it.Path, line: 1}
	if f != nil {
		if f.File != "" {
			p.file = f.File
		}
		if f.Line > 0 {
			p.line, p.sure = f.Line, true
		}
	}
	p.file = o.relative(p.file)
	return p
}

// relative gives a path as code hosts want it: with slashes, and relative to the root if it lies below it.
func (o *Options) relative(name string) string {
	name = filepath.ToSlash(name)
	if name == "" {
		return name
	}
	name = path.Clean(name)
	if o.Root != "" && path.IsAbs(name) {
		if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(o.Root, "/")+"/"); ok {
			return rest
		}
	}
	return name
}

// place is where a note stands, as people read it.
func (n *Note) place() string {
	if n.Line > 0 {
		return n.File + ":" + strconv.FormatInt(n.Line, 10)
	}
	return n.File
}

// sentence is the message of a finding, with the MIME part it speaks of. It is not quoted.
func sentence(f *Finding) string {
	if f.Path != "" && f.Path != "0" {
		return f.Message + " (part " + f.Path + ")"
	}
	return f.Message
}

// why is the reason of an unjudged message with its hint. It is not quoted.
func why(it *Item) string {
	reason := it.Verdict.Reason
	if reason == "" {
		reason = "could not be judged"
	}
	if it.Hint != "" {
		reason += " (" + it.Hint + ")"
	}
	return reason
}

// accepted says in a few words why a finding does not count, "" for one that does.
func accepted(f *Finding) string {
	s := f.Suppressed
	if s == nil {
		return ""
	}
	text := "accepted"
	if s.Until != "" {
		text += " until " + s.Until
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// details are the lines that explain a finding, each quoted: the clause and the remedy.
func details(f *Finding) []string {
	var out []string
	if c := clause(f.Clause, true); c != "" {
		out = append(out, "clause: "+quote.Text(c))
	}
	if f.Remedy != "" {
		out = append(out, "remedy: "+quote.Text(f.Remedy))
	}
	return out
}

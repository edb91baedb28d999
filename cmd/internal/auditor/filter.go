package auditor

import (
	"path"
	"strings"

	"postern/cmd/internal/audit"
)

// Filter says which messages are judged.
type Filter struct {
	// Since and Until are Unix times; Until is the first that is too late. They count if Dated is set.
	Since, Until int64
	Dated        bool
	// Senders are addresses, domains or patterns, Folders names or patterns, in lower case. An empty list takes all.
	Senders, Folders []string
	Sample           float64 // the share that is taken; 1 is all
}

// drawn tells whether a message with that number is in the sample.
func (f *Filter) drawn(n uint64) bool {
	return f.Sample >= 1 || float64(n>>11)/(1<<53) < f.Sample
}

// folder tells whether messages of a folder are wanted: by its whole name, or by the last part of it.
func (f *Filter) folder(name string) bool {
	if len(f.Folders) == 0 {
		return true
	}
	name = strings.ToLower(name)
	for _, p := range f.Folders {
		if match(p, name) || match(p, path.Base(name)) || match(p, strings.TrimLeft(path.Base(name), ".")) {
			return true
		}
	}
	return false
}

// kind says whether a message is wanted by what it is.
func (f *Filter) kind(row *audit.Row) audit.Kind {
	if !f.sender(row) {
		return audit.Filtered
	}
	if f.Dated {
		if row.Unix == audit.NoDate {
			return audit.Undated
		}
		if row.Unix < f.Since || row.Unix >= f.Until {
			return audit.Filtered
		}
	}
	return audit.Judged
}

func (f *Filter) sender(row *audit.Row) bool {
	if len(f.Senders) == 0 {
		return true
	}
	for _, p := range f.Senders {
		switch {
		case strings.Contains(p, "@") && !strings.HasPrefix(p, "@"):
			if match(p, row.Sender) {
				return true
			}
		default:
			p = strings.TrimPrefix(p, "@")
			if match(p, row.Domain) || strings.HasSuffix(row.Domain, "."+p) {
				return true
			}
		}
	}
	return false
}

func match(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok
}

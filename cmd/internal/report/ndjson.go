package report

import "io"

// ndjson writes one JSON object a line: a header with the versions, one for each message, at the end the summary. Each has a
// key "type" that says which it is.
type ndjson struct {
	out     sink
	o       Options
	started bool
}

func newNDJSON(w io.Writer, o Options) *ndjson { return &ndjson{out: sink{w: w}, o: o} }

func (n *ndjson) start() {
	if n.started {
		return
	}
	n.started = true
	n.line(struct {
		Type          string `json:"type"`
		SchemaVersion int    `json:"schema_version"`
		Version       string `json:"postern_version"`
	}{"postern", SchemaVersion, n.o.Version})
}

func (n *ndjson) line(v any) {
	n.out.json(v)
	n.out.string("\n")
}

// Item writes the line of one message.
func (n *ndjson) Item(it *Item) error {
	n.start()
	n.line(struct {
		Type string `json:"type"`
		jsonItem
	}{n.o.noun().One, itemOf(it)})
	return n.out.err
}

// Close writes the line of the summary.
func (n *ndjson) Close(s *Summary) error {
	n.start()
	s.finish()
	n.line(struct {
		Type string `json:"type"`
		*Summary
	}{"summary", s})
	return n.out.err
}

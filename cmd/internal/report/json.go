package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"postern/cmd/internal/quote"
	"postern/rules"
	"postern/rules/facts"
)

// JSON writes the report that programs read: one object, with one message a line, so that a run over many messages needs no
// memory for them. The summary comes last because it is known last.
type JSON struct {
	W io.Writer
	// Version is the version of postern that the report names.
	Version string
	// Noun is what is judged and the name of the list; the zero value means messages.
	Noun Noun

	started bool
	err     error
}

// jsonItem is a message as the report shows it. Keys are there always; what could not be known is null.
type jsonItem struct {
	Name       string          `json:"name"`
	Path       string          `json:"path"`
	Verdict    rules.Outcome   `json:"verdict"`
	Reason     *string         `json:"reason"`
	Hint       *string         `json:"hint"`
	Notes      []string        `json:"notes"`
	Size       *facts.Size     `json:"size"`
	Recipients *Recipients     `json:"recipients"`
	Findings   []Finding       `json:"findings"`
	Skipped    []rules.Skipped `json:"skipped"`
}

// Item writes one message.
func (j *JSON) Item(it *Item) error {
	sep := ","
	if !j.started {
		j.start()
		sep = ""
	}
	x := itemOf(it)
	b, err := Encode(x)
	if err != nil && j.err == nil {
		j.err = err
	}
	j.write(sep + "\n" + string(b))
	return j.err
}

func itemOf(it *Item) jsonItem {
	x := jsonItem{
		Name: it.Name, Path: it.Path, Verdict: it.Verdict.Outcome, Size: it.Size, Recipients: it.Recipients,
		Reason: orNull(it.Verdict.Reason), Hint: orNull(it.Hint), Findings: it.All(), Skipped: it.Verdict.Skipped,
	}
	if x.Notes = it.Notes; x.Notes == nil {
		x.Notes = []string{}
	}
	if x.Skipped == nil {
		x.Skipped = []rules.Skipped{}
	}
	return x
}

// Close writes the summary and ends the object.
func (j *JSON) Close(s *Summary) error {
	if !j.started {
		j.start()
	}
	s.finish()
	b, err := Encode(s)
	if err != nil && j.err == nil {
		j.err = err
	}
	j.write(fmt.Sprintf("\n],\n\"summary\": %s}\n", b))
	return j.err
}

func (j *JSON) start() {
	j.started = true
	if j.Noun == (Noun{}) {
		j.Noun = Messages
	}
	v, err := Encode(j.Version)
	if err != nil {
		j.err = err
	}
	j.write(fmt.Sprintf("{\"schema_version\": %d, \"postern_version\": %s, \"%s\": [", SchemaVersion, v, j.Noun.Many))
}

func (j *JSON) write(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.W, s)
	}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Encode gives v as JSON on one line, with all characters escaped that a terminal could act on, and < > & as they are.
func Encode(v any) ([]byte, error) { return new(Encoder).Encode(v) }

// Encoder is Encode for many values, which uses its memory again. The zero value is ready.
type Encoder struct {
	b   bytes.Buffer
	enc *json.Encoder
}

// Encode is the function Encode. What it gives is valid until the next call.
func (e *Encoder) Encode(v any) ([]byte, error) {
	if e.enc == nil {
		e.enc = json.NewEncoder(&e.b)
		e.enc.SetEscapeHTML(false)
	}
	e.b.Reset()
	if err := e.enc.Encode(v); err != nil {
		return nil, err
	}
	// See inert. Hashes can only stand in strings.
	text := bytes.TrimSuffix(e.b.Bytes(), []byte("\n"))
	if bytes.Contains(text, []byte("##")) {
		text = bytes.ReplaceAll(text, []byte("##"), []byte(`#\u0023`))
	}
	return quote.JSON(text), nil
}

// EncodeIndent is Encode over several lines, for objects that people look at.
func EncodeIndent(v any) ([]byte, error) {
	b, err := Encode(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

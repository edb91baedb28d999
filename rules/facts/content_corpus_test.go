package facts_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

func makeFile(t testing.TB, s *mimesize.Scanner, path string) (*facts.Facts, *mimesize.Result) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Scan(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Make(bytes.NewReader(b), int64(len(b)), r, nil, facts.Options{}), r
}

// attachmentDifferences are the messages whose attachments the oracle sees differently, with the reason.
var attachmentDifferences = map[string]string{
	"enmime/testdata/low-quality/bad-header-wrap.raw":                            "a folded line lacks its blank: the oracle ends the header there and loses the Content-Disposition",
	"james-mime4j/core/src/test/resources/mimetools-testmsgs/multi-badnames.msg": "the boundary is folded inside its quotes: the oracle finds no part",
}

// TestAttachmentsOracle compares attachments and their names with Python's standard library, wherever its two parsers give
// the same name.
func TestAttachmentsOracle(t *testing.T) {
	dir := facts.Corpora(t)
	var s mimesize.Scanner
	var messages, attachments, disagree int
	lines := bufio.NewScanner(bytes.NewReader(facts.OracleOutput(t)))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var m struct {
			Path        string
			MBox        json.RawMessage
			Attachments []struct {
				Filename *string `json:"filename"`
				Modern   *string `json:"filename_modern"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.MBox != nil {
			continue
		}
		messages++
		f, _ := makeFile(t, &s, filepath.Join(dir, m.Path))
		reason := attachmentDifferences[m.Path]
		if len(f.Attachments) != len(m.Attachments) {
			if reason == "" {
				t.Errorf("%s: %d attachments, want %d", m.Path, len(f.Attachments), len(m.Attachments))
			}
			continue
		}
		if reason != "" {
			t.Errorf("%s: no difference any more", m.Path)
		}
		for i, a := range m.Attachments {
			attachments++
			legacy, modern := text(a.Filename), text(a.Modern)
			if legacy != modern {
				disagree++
				if strings.ContainsRune(modern, '\ufffd') || strings.Contains(modern, "=?") || modern == "" {
					continue // the parser that decodes words lost the name
				}
			}
			if got := f.Attachments[i].Filename; got != modern {
				t.Errorf("%s: attachment %d is called %q, want %q", m.Path, i, got, modern)
			}
		}
	}
	if messages < 4000 || attachments < 200 {
		t.Fatalf("compared %d messages with %d attachments", messages, attachments)
	}
	t.Logf("%d messages, %d attachments, %d names on which the oracle's parsers disagree", messages, attachments, disagree)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TestDecodedOctets compares what is decoded with what mimesize counted without decoding, for every text and attachment.
func TestDecodedOctets(t *testing.T) {
	dir := facts.Corpora(t)
	var s mimesize.Scanner
	n := 0
	for _, p := range messageFiles(t, dir) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Scan(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Parts {
			part := &r.Parts[i]
			if part.Children > 0 || part.IsMultipart() || part.DecodedBytes < 0 {
				continue
			}
			body := bytes.NewReader(b[part.Body.Offset:part.Body.End()])
			eol := byte('\n')
			if l := &r.Lines; l.LF+l.CRLF == 0 {
				eol = '\r'
			}
			got, err := io.Copy(io.Discard, facts.TransferReader(part.Encoding, eol, body))
			if err != nil || got != part.DecodedBytes {
				t.Errorf("%s part %s (%s): decoded %d octets (%v), counted %d", p, r.Path(i), part.Encoding, got, err, part.DecodedBytes)
			}
			n++
		}
	}
	if n < 4000 {
		t.Fatalf("compared %d parts", n)
	}
}

// messageFiles gives the files of the corpora that hold one message each.
func messageFiles(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, "MESSAGES.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for line := range strings.Lines(string(list)) {
		if p, format, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t"); format != "mbox" {
			files = append(files, filepath.Join(dir, p))
		}
	}
	if len(files) < 4000 {
		t.Fatalf("found %d messages", len(files))
	}
	return files
}

// peerDifferences are the messages whose parts a peer sees differently, with the reason.
var peerDifferences = map[string]string{
	"stalwart malformed/000":                    "--:foo directly after a boundary line is a header field called \"--\"",
	"stalwart malformed/001":                    "the outer boundary has ended the inner multipart, so its boundary line --a is text",
	"stalwart malformed/004":                    "the same: neither --ab nor --ac is a boundary line of \"a\"",
	"stalwart malformed/007":                    "--ab ends the header of the part whose boundary is ab; it is not a boundary line of the outer a",
	"stalwart malformed/009":                    "the outer boundary ends an inner multipart that was not closed, and the next part is the outer one's",
	"stalwart malformed/011":                    "as 009",
	"stalwart malformed/012":                    "as 009",
	"stalwart malformed/013":                    "a boundary line at the very end begins a part that is empty",
	"stalwart malformed/014":                    "as 013",
	"stalwart malformed/016":                    "an outer boundary has ended the inner multiparts, so their later boundary lines are text",
	"stalwart malformed/017":                    "no semicolon before the boundary parameter: no boundary, and a problem",
	"stalwart malformed/020":                    "the inner multipart's first boundary line is missing; parts after it are the inner one's, the last is empty",
	"stalwart malformed/021":                    "as 020",
	"stalwart malformed/022":                    "a message/rfc822 part is entered even if no header is in it",
	"stalwart rfc/008":                          "message/rfc822 in base64, which RFC 2046 section 5.2.1 forbids, stays an attachment, with a problem",
	"stalwart thirdparty/015":                   "multiparts inside messages that have a header only are parts too",
	"stalwart thirdparty/015 names":             "as before: the name belongs to such a message",
	"mime4j multi-2gifs-base64":                 "message/rfc822 in base64 stays an attachment, with a problem",
	"mime4j bad-newlines-multiple-parts-base64": "message/rfc822 in base64 stays an attachment, with a problem",
	"mime4j base64encoded-rfc822message-nested": "message/rfc822 in base64 stays an attachment, with a problem",
	"mime4j base64encoded-rfc822message":        "message/rfc822 in base64 stays an attachment, with a problem",
	"mime4j ending-boundaries":                  "a boundary followed by text is no boundary line but mime.ambiguous_boundary_junk",
	"mime4j very-long-boundary":                 "blanks at the end of a boundary line do not count (RFC 2046 section 5.1.1), so it is one",
	"mime4j weird-boundary":                     "as very-long-boundary",
	"mime4j very-very-long-boundary":            "a boundary over 2,048 octets is not matched, with a problem",
}

// TestStalwartParts compares the media types of leaf parts, and attachments' names, with Stalwart's expected results.
func TestStalwartParts(t *testing.T) {
	dir := facts.Corpora(t)
	files, err := filepath.Glob(filepath.Join(dir, "stalwart-mail-parser/resources/eml/*/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s mimesize.Scanner
	n := 0
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimSuffix(file, ".json"), ".crlf")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want stalwart
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		f, _ := makeFile(t, &s, name+".eml")
		n++
		var ours, theirs []string
		for _, p := range f.Parts {
			ours = append(ours, p.MediaType)
		}
		theirs = want.types()
		rel := "stalwart " + strings.TrimPrefix(name, filepath.Join(dir, "stalwart-mail-parser/resources/eml")+"/")
		check(t, rel, strings.Join(ours, " "), strings.Join(theirs, " "))
		ours, theirs = nil, want.names()
		for _, a := range append(f.Attachments, f.Embedded...) {
			if a.Filename != "" {
				ours = append(ours, a.Filename)
			}
		}
		check(t, rel+" names", strings.Join(ours, ", "), strings.Join(theirs, ", "))
	}
	if n < 50 {
		t.Fatalf("compared %d messages", n)
	}
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	switch reason, known := peerDifferences[what]; {
	case got != want && !known:
		t.Errorf("%s\n got  %s\n want %s", what, got, want)
	case got == want && known:
		t.Errorf("%s: no difference any more (%s)", what, reason)
	}
}

// stalwart is Stalwart's expected result: parts refer to each other by index; a message inside has parts of its own.
type stalwart struct {
	Parts []struct {
		Headers []struct {
			Name  json.RawMessage
			Value json.RawMessage
		}
		Body json.RawMessage
	}
}

func (s *stalwart) types() []string {
	var types []string
	var walk func(i int, digest bool)
	walk = func(i int, digest bool) {
		p := s.Parts[i]
		mediaType := "text/plain"
		if digest {
			mediaType = "message/rfc822"
		}
		for _, h := range p.Headers {
			if ct := contentType(h.Name, h.Value, "content_type"); ct != nil {
				mediaType = strings.ToLower(ct.Type)
				if ct.Subtype != nil {
					mediaType += "/" + strings.ToLower(*ct.Subtype)
				}
			}
		}
		types = append(types, mediaType)
		var body struct {
			Multipart []int
			Message   *stalwart
		}
		_ = json.Unmarshal(p.Body, &body)
		for _, j := range body.Multipart {
			walk(j, mediaType == "multipart/digest")
		}
		if body.Message != nil {
			types = append(types, body.Message.types()...)
		}
	}
	if len(s.Parts) > 0 {
		walk(0, false)
	}
	return types
}

func (s *stalwart) names() []string {
	var names, inside []string
	for _, p := range s.Parts {
		name := ""
		for _, field := range []struct{ header, attribute string }{{"content_disposition", "filename"}, {"content_type", "name"}} {
			for _, h := range p.Headers {
				ct := contentType(h.Name, h.Value, field.header)
				if ct == nil || name != "" {
					continue
				}
				for _, a := range ct.Attributes {
					if a.Name == field.attribute {
						name = a.Value
						break
					}
				}
			}
		}
		var body struct {
			Multipart []int
			Message   *stalwart
		}
		_ = json.Unmarshal(p.Body, &body)
		if name != "" && len(body.Multipart) == 0 {
			names = append(names, name)
		}
		if body.Message != nil {
			inside = append(inside, body.Message.names()...)
		}
	}
	return append(names, inside...)
}

type stalwartType struct {
	Type       string  `json:"c_type"`
	Subtype    *string `json:"c_subtype"`
	Attributes []struct{ Name, Value string }
}

func contentType(name, value json.RawMessage, want string) *stalwartType {
	if string(name) != `"`+want+`"` {
		return nil
	}
	var v struct{ ContentType *stalwartType }
	if json.Unmarshal(value, &v) != nil {
		return nil
	}
	return v.ContentType
}

// TestMime4jParts compares the tree of parts with mime4j's expected event streams.
func TestMime4jParts(t *testing.T) {
	dir := facts.Corpora(t)
	files, err := filepath.Glob(filepath.Join(dir, "james-mime4j/core/src/test/resources/*/*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var s mimesize.Scanner
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_decoded.xml") {
			continue
		}
		want, err := mime4jTree(file)
		if err != nil {
			continue // holds octets that XML does not allow
		}
		f, r := makeFile(t, &s, strings.TrimSuffix(file, ".xml")+".msg")
		n++
		rel := "mime4j " + strings.TrimSuffix(filepath.Base(file), ".xml")
		check(t, rel, ourTree(f, r, 0), want)
	}
	if n < 50 {
		t.Fatalf("compared %d messages", n)
	}
}

// ourTree writes the parts as mime4jTree does.
func ourTree(f *facts.Facts, r *mimesize.Result, i int) string {
	p := &r.Parts[i]
	var children []string
	for j := i + 1; j < len(r.Parts); j++ {
		if r.Parts[j].Parent == i {
			children = append(children, ourTree(f, r, j))
		}
	}
	switch {
	case p.IsMultipart():
		return "(" + strings.Join(children, " ") + ")"
	case len(children) > 0:
		return "<" + strings.Join(children, " ") + ">"
	}
	return "."
}

// mime4jTree reads an event stream: "." is a body, "( )" a multipart, "< >" a message inside.
func mime4jTree(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	type node struct {
		name string
		kids []string
	}
	stack := []node{{}}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "message", "multipart", "body-part", "body":
				stack = append(stack, node{name: e.Name.Local})
			}
		case xml.EndElement:
			top := stack[len(stack)-1]
			if e.Name.Local != top.name {
				continue
			}
			stack = stack[:len(stack)-1]
			up := &stack[len(stack)-1]
			kids := strings.Join(top.kids, " ")
			switch top.name {
			case "body":
				up.kids = append(up.kids, ".")
			case "multipart":
				up.kids = append(up.kids, "("+kids+")")
			case "message":
				if len(stack) > 1 {
					kids = "<" + kids + ">"
				}
				up.kids = append(up.kids, kids)
			default:
				up.kids = append(up.kids, kids)
			}
		}
	}
	if len(stack) != 1 || len(stack[0].kids) != 1 {
		return "", fmt.Errorf("%s: no tree", file)
	}
	return stack[0].kids[0], nil
}

// TestEnmimeGolden reads what enmime's encoder writes, which is clean: no damage in the structure, and each attachment has
// its name.
func TestEnmimeGolden(t *testing.T) {
	dir := facts.Corpora(t)
	files, err := filepath.Glob(filepath.Join(dir, "enmime/testdata/encode/*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d files", len(files))
	}
	var s mimesize.Scanner
	for _, file := range files {
		f, _ := makeFile(t, &s, file)
		for _, p := range f.Problems {
			switch {
			case p.ID == "mime.ambiguous_missing_separator" && strings.HasSuffix(file, "part-message-rfc822.golden"):
				// Its message/rfc822 part holds a line of text instead of a message.
			case strings.HasPrefix(p.ID, "rfc.mime_boundary"), strings.HasPrefix(p.ID, "mime.ambiguous"), strings.HasPrefix(p.ID, "rfc.base64"), strings.HasPrefix(p.ID, "rfc.qp_syntax"):
				t.Errorf("%s: %s %s %s", filepath.Base(file), p.ID, p.Path, p.Detail)
			}
		}
		for _, a := range f.Attachments {
			if a.Filename == "" {
				t.Errorf("%s: attachment %s has no name", filepath.Base(file), a.Path)
			}
		}
	}
}

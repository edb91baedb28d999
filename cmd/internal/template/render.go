package template

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
)

// Part is a part of a rendered message and the file that it was made from.
type Part struct {
	// Path is the MIME path, "0" for the message itself.
	Path string
	// MediaType is "type/subtype", perhaps with parameters.
	MediaType string
	// File is "" for a multipart.
	File string
}

// Rendered is a finished message.
type Rendered struct {
	// Name is the unit's.
	Name string
	// Message is the message. One that was put together here has CRLF line ends. The output of a template that is a whole
	// message is kept octet for octet, but that a Date and a Message-ID field are put before it where its header has none: the
	// program that sends it adds them, or the server that takes it does (RFC 6409 sections 8.2 and 8.3).
	Message []byte
	// Kind is message, html or text: what the template was taken for.
	Kind string
	// Engine is the engine that rendered it, or "command".
	Engine string
	// Parts are the parts that were put together, in order. A whole message has one entry, for the message itself.
	Parts []Part
	// Absent are the header fields that neither the template nor what belongs to it states, of From, To and Subject. The
	// sending program adds them, so that they are missing proves nothing. It is empty for a whole message.
	Absent []string
	// Variables are the names that the templates of the message write. Of several messages of one template, with one sample
	// each, the first has them. Undeclared means that none of the samples has the name.
	Variables []Variable

	template string
	refs     []ref // one for each line of Message
	texts    map[string]textRefs
}

// textRefs are the lines of one part's decoded text.
type textRefs struct {
	file string
	refs []ref
}

// Source gives the file and line that a line of the message comes from. line counts from 1 in Message; path is the MIME path
// of the part that it lies in, which tells the file when the line does not. exact tells that the line is known; if it is
// not, line comes back as it was given and file is the template.
func (r *Rendered) Source(path string, line int64) (file string, sourceLine int64, exact bool) {
	if line >= 1 && line <= int64(len(r.refs)) {
		at := r.refs[line-1]
		if at.exact {
			return at.file, at.line, true
		}
		if at.file != "" {
			return at.file, line, false
		}
	}
	return r.fileOf(path), line, false
}

// TextSource is Source for a line of the decoded text of a part, counted from 1 in that text.
func (r *Rendered) TextSource(path string, line int64) (file string, sourceLine int64, exact bool) {
	t, ok := r.texts[path]
	if !ok {
		return r.fileOf(path), line, false
	}
	if line >= 1 && line <= int64(len(t.refs)) && t.refs[line-1].exact {
		return t.refs[line-1].file, t.refs[line-1].line, true
	}
	return t.file, line, false
}

// fileOf is the file of a part, or the template.
func (r *Rendered) fileOf(path string) string {
	for _, p := range r.Parts {
		if p.Path == path && p.File != "" {
			return p.File
		}
	}
	return r.template
}

// Render gives the message. An error is an *EngineError, or a *DataError if sample data, front matter or meta.json is at
// fault.
func (u Unit) Render(ctx context.Context) (*Rendered, error) {
	t, err := openTree(u.root)
	if err != nil {
		return nil, &EngineError{File: u.Template, Engine: u.spec.Engine, Message: err.Error()}
	}
	defer t.close()
	return u.render(ctx, t)
}

// rendering of one unit.
type unitJob struct {
	*Unit
	ctx  context.Context
	t    *tree
	set  settings
	src  source
	data map[string]any
}

func (u *Unit) render(ctx context.Context, t *tree) (*Rendered, error) {
	j := &unitJob{Unit: u, ctx: ctx, t: t}
	if err := j.read(); err != nil {
		return nil, err
	}
	main, engine, err := j.main()
	if err != nil {
		return nil, err
	}
	kind := j.set.kind
	if kind == "" {
		kind = kindOf(u.Template, main.text)
	}
	r := &Rendered{Name: u.Name, Kind: kind, Engine: engine, template: u.Template, Variables: j.variables(engine)}
	if kind == "message" {
		r.Message, r.refs = withMissing(u.Name, main.text, main.refs)
		r.Parts = []Part{{Path: "0", MediaType: "message/rfc822", File: u.Template}}
		return r, nil
	}
	return r, j.message(r, body{kind, *main})
}

// variables finds the names that the template, the other body and the header fields write, for the first unit of a template.
func (j *unitJob) variables(engine string) []Variable {
	if j.samples == nil {
		return nil
	}
	var d declared
	for _, name := range j.samples {
		data := j.data
		if name != j.Data {
			b, err := j.t.read(name, maxDataBytes)
			if err != nil {
				continue // told where it is rendered with
			}
			if data, err = decodeData(name, b); err != nil {
				continue
			}
		}
		d.add(data)
	}
	fam := engines[engine].family
	all := variables(fam, j.src, &d, j.spec.Functions)
	for _, pattern := range []string{j.set.text, j.set.html} {
		if pattern == "" {
			continue
		}
		if file := expand(pattern, j.Template); file != j.Template {
			if b, err := j.t.read(file, maxTemplateBytes); err == nil {
				_, text, _, line, _ := splitFront(b)
				all = append(all, variables(fam, source{file, string(text), line}, &d, j.spec.Functions)...)
			}
		}
	}
	for _, name := range sortedNames(j.set.headers) {
		if s := j.set.headers[name]; s.file != "" {
			all = append(all, variables(fam, source{s.file, s.value, s.line}, &d, j.spec.Functions)...)
		}
	}
	return all[:min(len(all), maxVariables)]
}

func sortedNames(m map[string]stated) []string { return slices.Sorted(maps.Keys(m)) }

// read reads what the message is made of.
func (j *unitJob) read() error {
	s := j.spec
	j.set = settings{
		engine: s.Engine, kind: s.Kind, layout: s.Layout, html: s.HTML, text: s.Text,
		attachments: s.Attachments, inline: s.Inline, headers: map[string]stated{},
	}
	for key, value := range map[string]string{"subject": s.Subject, "from": s.From, "to": s.To, "cc": s.Cc, "bcc": s.Bcc, "reply_to": s.ReplyTo} {
		if value != "" {
			j.set.headers[aliases[squash(key)]] = s.states(key, value)
		}
	}
	for name, value := range s.Headers {
		j.set.headers[canonicalField(name)] = s.states(name, value)
	}
	b, err := j.t.read(j.Template, maxTemplateBytes)
	if err != nil {
		return &EngineError{File: j.Template, Engine: j.engineName(), Message: err.Error()}
	}
	if err := j.set.addMeta(j.t, j.Template); err != nil {
		return err
	}
	front, text, yamlLine, bodyLine, ok := splitFront(b)
	if ok {
		if err := j.set.addFront(j.Template, front, yamlLine); err != nil {
			return err
		}
	}
	if j.set.engine != "" && !knownEngine(j.set.engine) {
		return &DataError{File: j.Template, Line: yamlLine, Message: "engine is none of " + strings.Join(engineNames(), ", ")}
	}
	if !slices.Contains([]string{"", "message", "html", "text"}, j.set.kind) {
		return &DataError{File: j.Template, Line: yamlLine, Message: "kind is none of message, html, text"}
	}
	j.src = source{j.Template, string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))), bodyLine}
	j.data = map[string]any{}
	if j.Data != "" {
		b, err := j.t.read(j.Data, maxDataBytes)
		if err != nil {
			return &DataError{File: j.Data, Message: err.Error()}
		}
		if j.data, err = decodeData(j.Data, b); err != nil {
			return err
		}
	}
	if _, ok := j.data["page"]; !ok && j.set.page != nil {
		j.data["page"] = j.set.page
	}
	return nil
}

func (j *unitJob) engineName() string {
	if len(j.spec.Command) > 0 {
		return "command"
	}
	return j.set.engine
}

// main renders the template itself.
func (j *unitJob) main() (*rendering, string, error) {
	if len(j.spec.Command) > 0 {
		var text []byte
		var err error
		if j.output != nil {
			text = []byte(*j.output)
		} else if text, err = j.command(j.ctx, j.t, j.data); err != nil {
			return nil, "", err
		}
		return &rendering{text, matchLines(text, j.src.text, j.src.file, j.src.line)}, "command", nil
	}
	engine, err := j.engineFor(j.src)
	if err != nil {
		return nil, "", err
	}
	job := j.job(engine, j.src)
	if j.set.layout != "" {
		if job.layout, err = j.layout(job); err != nil {
			return nil, "", err
		}
	}
	r, err := job.render(true)
	return r, engine, err
}

// engineFor is the engine that renders a file: the stated one, else what extension and content tell.
func (j *unitJob) engineFor(s source) (string, error) {
	engine := j.set.engine
	if engine == "" {
		var why string
		if engine, why = detectEngine(s.file, s.text); engine == "" {
			return "", &EngineError{File: s.file, Engine: "none", Message: why}
		}
	}
	if engine == engineGoHTML && kindOf(s.file, []byte(s.text)) == "text" {
		engine = engineGoText // escaping is for HTML
	}
	return engine, nil
}

func (j *unitJob) job(engine string, s source) *job {
	return &job{
		ctx: j.ctx, files: j.t, engine: engine, includes: j.spec.Includes, functions: j.spec.Functions,
		src: s, data: j.data, html: escapes(engine, j.kind(s)),
	}
}

// kind is what a file will be, as far as that is known before it is rendered.
func (j *unitJob) kind(s source) string {
	if j.set.kind != "" && s.file == j.Template {
		return j.set.kind
	}
	return kindOf(s.file, []byte(s.text))
}

// escapes tells whether an engine escapes values for HTML in a file of some kind. Jinja2 does it where frameworks turn it
// on, for HTML; a whole message is left to the engine's default.
func escapes(engine, kind string) bool {
	switch kind {
	case "html":
		return true
	case "text":
		return false
	}
	return engine != engineJinja
}

// layout finds the layout, which is named as an include or by its path below the root.
func (j *unitJob) layout(job *job) (*source, error) {
	name := j.set.layout
	job.family = engines[job.engine].family
	for _, n := range []string{name, path.Join("_layouts", name, "content"+path.Ext(j.Template))} {
		s, err := job.load(n, j.Template, 1)
		if err == nil {
			return s, nil
		}
		var ee *EngineError
		if errors.As(err, &ee) {
			return nil, err
		}
	}
	if file := path.Clean(name); fs.ValidPath(file) && j.t.exists(file) && file != j.Template {
		b, err := j.t.read(file, maxTemplateBytes)
		if err != nil {
			return nil, &EngineError{File: file, Engine: job.engine, Message: err.Error()}
		}
		_, text, _, line, _ := splitFront(b)
		s := &source{file, string(text), line}
		return s, job.check(*s)
	}
	return nil, &EngineError{File: j.Template, Engine: job.engine, Message: "layout " + quoteAll([]string{name})[0] + " is not there"}
}

// message puts the message together around the rendered template.
func (j *unitJob) message(r *Rendered, main body) error {
	bodies, files := []body{main}, []string{j.Template}
	for _, other := range []struct{ kind, pattern string }{{"text", j.set.text}, {"html", j.set.html}} {
		if other.pattern == "" || other.kind == main.kind {
			continue
		}
		b, file, err := j.sibling(other.kind, other.pattern)
		if err != nil {
			return err
		}
		if other.kind == "text" { // the plainest alternative stands first (RFC 2046 section 5.1.4)
			bodies, files = append([]body{*b}, bodies...), append([]string{file}, files...)
		} else {
			bodies, files = append(bodies, *b), append(files, file)
		}
	}
	headers, err := j.headers()
	if err != nil {
		return err
	}
	inline, err := j.attachments(j.set.inline)
	if err != nil {
		return err
	}
	attached, err := j.attachments(j.set.attachments)
	if err != nil {
		return err
	}
	for _, name := range []string{"From", "To", "Subject"} {
		if !slices.ContainsFunc(headers, func(h headerField) bool { return h.name == name }) {
			r.Absent = append(r.Absent, name)
		}
	}
	b := assemble(j.Name, headers, bodies, files, inline, attached)
	if b.out.Len() > maxMessageBytes {
		return &EngineError{File: j.Template, Engine: r.Engine, Message: string(errLarge)}
	}
	r.Message, r.refs, r.Parts = b.out.Bytes(), b.lines, b.parts
	r.texts = map[string]textRefs{}
	for _, p := range b.parts {
		for i, file := range files {
			if p.File == file && strings.HasPrefix(p.MediaType, "text/") {
				r.texts[p.Path] = textRefs{file, bodies[i].refs}
			}
		}
	}
	return nil
}

// sibling renders the template of the other body.
func (j *unitJob) sibling(kind, pattern string) (*body, string, error) {
	file := expand(pattern, j.Template)
	b, err := j.t.read(file, maxTemplateBytes)
	if err != nil {
		return nil, "", &EngineError{File: j.Template, Engine: j.engineName(), Message: kind + " part " + file + ": " + err.Error()}
	}
	_, text, _, line, _ := splitFront(b)
	s := source{file, string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))), line}
	engine, err := j.engineFor(s)
	if err != nil {
		return nil, "", err
	}
	if engine == engineGoHTML && kind == "text" {
		engine = engineGoText
	}
	job := j.job(engine, s)
	job.html = kind == "html"
	r, err := job.render(true)
	if err != nil {
		return nil, "", err
	}
	return &body{kind, *r}, file, nil
}

// headers renders the header fields, in the order in which mail programs write them.
func (j *unitJob) headers() ([]headerField, error) {
	order := []string{"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Message-ID"}
	var rest []string
	for name := range j.set.headers {
		if !slices.Contains(order, name) && !strings.HasPrefix(name, "Content-") && name != "MIME-Version" {
			rest = append(rest, name)
		}
	}
	sort.Strings(rest)
	var fields []headerField
	from := ""
	for _, name := range append(order, rest...) {
		s, ok := j.set.headers[name]
		switch {
		case ok:
			value, err := j.headerValue(s)
			if err != nil {
				return nil, err
			}
			if name == "From" {
				from = value
			}
			at := ref{file: s.file, line: s.line, exact: s.file != "" && s.line > 0}
			fields = append(fields, headerField{name, value, at})
		case name == "Date":
			fields = append(fields, headerField{name: name, value: Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")})
		case name == "Message-ID":
			fields = append(fields, headerField{name: name, value: messageID(j.Name, from)})
		}
	}
	return fields, nil
}

// headerValue renders one header field.
func (j *unitJob) headerValue(s stated) (string, error) {
	src := source{s.file, s.value, max(s.line, 1)}
	if src.file == "" {
		src.file, src.line = j.Template, 0
	}
	engine := j.set.engine
	if engine == "" {
		engine, _ = detectEngine(j.src.file, j.src.text)
	}
	if engine == "" || engine == engineNone {
		engine, _ = detectEngine("header", s.value)
	}
	switch engine {
	case "":
		return s.value, nil
	case engineGoHTML:
		engine = engineGoText
	}
	job := j.job(engine, src)
	job.html = false
	// What a field includes lies where the template's own includes do, wherever the field is stated.
	job.includes = append([]string{path.Dir(j.Template)}, job.includes...)
	r, err := job.render(false)
	if err != nil {
		var ee *EngineError
		if s.file == "" && errors.As(err, &ee) {
			ee.Line = 0
			ee.Message = "header field " + quoteAll([]string{s.value})[0] + ": " + ee.Message
		}
		return "", err
	}
	return string(r.text), nil
}

// attachments reads files. A path without {dir} is looked for beside the template, then below the root.
func (j *unitJob) attachments(patterns []string) ([]attachment, error) {
	var list []attachment
	total := 0
	for _, p := range patterns {
		file := expand(p, j.Template)
		if beside := path.Join(path.Dir(j.Template), file); !strings.Contains(p, "{dir}") && j.t.exists(beside) {
			file = beside
		}
		b, err := j.t.read(file, maxMessageBytes)
		if err != nil {
			return nil, &EngineError{File: j.Template, Engine: j.engineName(), Message: "attachment " + file + ": " + err.Error()}
		}
		if total += len(b); total > maxMessageBytes {
			return nil, &EngineError{File: j.Template, Engine: j.engineName(), Message: string(errLarge)}
		}
		list = append(list, attachment{file, b})
	}
	return list, nil
}

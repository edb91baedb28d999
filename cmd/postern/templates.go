package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/template"
)

// templates are the messages that the templates of postern.yaml make. The zero value has none.
type templates struct {
	root  string // directory of postern.yaml, absolute, without links
	file  string // postern.yaml relative to root; it states fields of the messages, and what they are made of
	shown string // the same as the user would write it
	specs []template.Spec
	units []template.Unit
	names map[string]int  // place in units by the name of the message
	parts map[string]bool // files that belong to units, relative to root
	// commands tells that programs of postern.yaml may be run: the user named the file, or works below its directory. A
	// directory that only was named as a path to check, a stranger's repository perhaps, runs nothing.
	commands bool

	renderer template.Renderer

	mu   sync.Mutex
	data []error // sample data that cannot be read
}

// newTemplates finds the templates of a configuration. An error is about its entries.
func newTemplates(cfg *config.Config) (*templates, error) {
	t := &templates{}
	if len(cfg.Templates) == 0 {
		return t, nil
	}
	return t, t.load(cfg, cfg.Dir())
}

// load reads the entries of cfg as if postern.yaml stood in dir.
func (t *templates) load(cfg *config.Config, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return &gate.Error{Cause: gate.Config, Err: err}
	}
	t.root = resolveDir(abs)
	t.shown = dir
	t.file = filepath.Base(cfg.File)
	t.commands = cfg.Named
	if wd, err := os.Getwd(); err == nil {
		if below, err := filepath.Rel(t.root, resolveDir(wd)); err == nil && filepath.IsLocal(below) {
			t.commands = true
		}
		// A path through many parents is no help to anybody.
		if rel, err := filepath.Rel(resolveDir(wd), t.root); err == nil && len(rel) <= len(t.root) {
			t.shown = rel
		}
	}
	for _, c := range cfg.Templates {
		t.specs = append(t.specs, template.Spec{
			Files: c.Files, Exclude: c.Exclude, Engine: c.Engine, Command: c.Command, Timeout: c.Timeout, Functions: c.Functions, Data: c.Data,
			Kind: c.Kind, HTML: c.HTML, Text: c.Text, Subject: c.Subject, From: c.From, To: c.To, Cc: c.Cc, Bcc: c.Bcc, ReplyTo: c.ReplyTo,
			Headers: c.Headers, File: filepath.Base(cfg.File), Lines: c.Lines, Includes: c.Includes, Layout: c.Layout, Attachments: c.Attachments, Inline: c.Inline,
		})
	}
	units, errs := template.Units(t.root, t.specs)
	t.units = units
	var bad config.Errors
	for _, err := range errs {
		var spec *template.SpecError
		var own *config.Error
		if !errors.As(err, &spec) {
			return &gate.Error{Cause: gate.Config, Err: err}
		}
		if errors.As(cfg.TemplateError(spec.Index, spec.Message, "paths are relative to "+config.FileName), &own) {
			bad = append(bad, own)
		}
	}
	if len(bad) > 0 {
		return &gate.Error{Cause: gate.Config, Err: bad}
	}
	t.names, t.parts = map[string]int{}, map[string]bool{}
	for i := range t.units {
		t.names[t.name(i)] = i
		for _, f := range t.units[i].Files() {
			t.parts[f] = true
		}
	}
	return nil
}

// show gives a file below the root as the user would write it.
func (t *templates) show(file string) string { return filepath.Join(t.shown, filepath.FromSlash(file)) }

// name is what the message of a unit is called.
func (t *templates) name(i int) string {
	u := &t.units[i]
	return t.show(u.Template) + strings.TrimPrefix(u.Name, u.Template)
}

// message stands for a unit until it is rendered: it has no Reader.
func (t *templates) message(i int) mailbox.Message {
	return mailbox.Message{Name: t.name(i), Path: t.show(t.units[i].Template), FirstLine: 1}
}

// below gives a path of the command line relative to the root; ok is false for one that lies elsewhere.
func (t *templates) below(p string) (rel string, ok bool) {
	abs, err := filepath.Abs(p)
	if err != nil || len(t.units) == 0 {
		return "", false
	}
	rel, err = filepath.Rel(t.root, resolveDir(abs))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// claimed tells whether a file is a template or a part of one, which is not judged by itself.
func (t *templates) claimed(p string) bool {
	rel, ok := t.below(p)
	if !ok {
		return false
	}
	if t.parts[rel] {
		return true
	}
	// Mail may lie anywhere, also where partials do.
	claim, _ := mailbox.Claims(p)
	return claim != mailbox.IsMail && slices.ContainsFunc(t.units, func(u template.Unit) bool { return u.Includes(rel) })
}

// of gives the units that a path of the command line stands for: those below a directory, those of a template, or those that
// a file is part of. all of them without a path.
func (t *templates) of(p string) []int {
	rel, ok := t.below(p)
	if !ok {
		return nil
	}
	if info, err := os.Stat(p); err == nil && info.IsDir() {
		return t.where(func(u *template.Unit) bool { return rel == "." || strings.HasPrefix(u.Template, rel+"/") })
	}
	if own := t.where(func(u *template.Unit) bool { return u.Template == rel }); len(own) > 0 {
		return own
	}
	return t.where(func(u *template.Unit) bool { return slices.Contains(u.Files(), rel) })
}

func (t *templates) where(is func(*template.Unit) bool) []int {
	var list []int
	for i := range t.units {
		if is(&t.units[i]) {
			list = append(list, i)
		}
	}
	return list
}

// changed gives the units whose message a change of files could change: one of their own files, one that they could include,
// or postern.yaml.
func (t *templates) changed(files []string) []int {
	var rels []string
	for _, f := range files {
		if rel, ok := t.below(f); ok {
			rels = append(rels, rel)
		}
	}
	templates := map[string]bool{}
	for i := range t.units {
		templates[t.units[i].Template] = true
	}
	return t.where(func(u *template.Unit) bool {
		own := u.Files()
		return slices.ContainsFunc(rels, func(rel string) bool {
			// Partials beside the template are found without being named in postern.yaml.
			claim, _ := mailbox.Claims(rel)
			beside := filepath.Dir(rel) == filepath.Dir(u.Template) && !templates[rel] && !t.parts[rel] && claim != mailbox.IsMail
			return slices.Contains(own, rel) || u.Includes(rel) || beside || rel == t.file
		})
	})
}

// walk yields the messages of paths as mailbox.Walk does, then those of templates: below the directories and under the files
// that paths names, or all of them if it names none.
func (t *templates) walk(ctx context.Context, paths []string, stdin io.Reader, opts mailbox.Options) iter.Seq2[mailbox.Message, error] {
	return func(yield func(mailbox.Message, error) bool) {
		seen := make([]bool, len(t.units))
		give := func(units []int) {
			for _, i := range units {
				if ctx.Err() != nil || !seen[i] && !yield(t.message(i), nil) {
					return
				}
				seen[i] = true
			}
		}
		if len(t.units) > 0 {
			opts.Claimed = t.claimed
		} else {
			// Whoever has said which files are templates has said it of all.
			opts.Template = isTemplate
		}
		if len(paths) == 0 {
			give(t.where(func(*template.Unit) bool { return true }))
			return
		}
		var mail []string
		var units []int
		for _, p := range paths {
			var own []int
			if p != mailbox.Stdin {
				own = t.of(p)
			}
			units = append(units, own...)
			if info, err := os.Stat(p); len(own) == 0 || err != nil || info.IsDir() {
				mail = append(mail, p)
			}
		}
		for m, err := range mailbox.Walk(ctx, mail, stdin, opts) {
			if !yield(m, err) {
				return
			}
		}
		give(units)
	}
}

// render makes the message of a unit. What is wrong with sample data is also kept for dataError.
func (t *templates) render(ctx context.Context, name string) (*template.Rendered, []byte, error) {
	u := t.units[t.names[name]]
	source, _ := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(u.Template)))
	if u.Program() && !t.commands {
		return nil, nil, &template.EngineError{
			File: t.show(u.Template), Engine: "command",
			Message: "not run, because its postern.yaml was only found on the way to this file: work in its directory, or name it with --config",
		}
	}
	r, err := t.renderer.Render(ctx, u)
	if err == nil {
		return r, source, nil
	}
	var engine *template.EngineError
	var data *template.DataError
	switch {
	case errors.As(err, &engine):
		shown := *engine
		shown.File = t.show(engine.File)
		err = &shown
	case errors.As(err, &data):
		shown := *data
		shown.File = t.show(data.File)
		err = &shown
		t.mu.Lock()
		if !slices.ContainsFunc(t.data, func(e error) bool { return e.Error() == err.Error() }) {
			t.data = append(t.data, err)
		}
		t.mu.Unlock()
	}
	return nil, nil, err
}

// dataError is what was wrong with the sample data of all messages that were rendered.
func (t *templates) dataError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.data) == 0 {
		return nil
	}
	slices.SortFunc(t.data, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return &gate.Error{Cause: gate.Config, Err: errors.Join(t.data...), Hint: "the messages that need it were not judged"}
}

// errNoTemplate is about a file that is named like a page or a template and holds neither mail nor anything to fill in.
var errNoTemplate = errors.New("is no message, and holds no placeholders that show it to be a template")

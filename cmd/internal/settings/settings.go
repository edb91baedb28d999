package settings

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/internal/config"
	"postern/cmd/internal/quote"
	"postern/rules/facts"
)

// Error is a file that could not be read, or a line of it that could not be understood. The rest of the file is read on.
type Error struct {
	File    string
	Line    int64 // 1-based, 0 when it is about the whole file
	Message string
}

// Error is "file:line: message"; it is safe to print and holds no value of the file.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", quote.Text(e.File), e.Line, e.Message)
	}
	return quote.Text(e.File) + ": " + e.Message
}

// Values that facts.Setting takes.
const (
	implicit = "implicit"
	starttls = "starttls"
	optional = "optional"
	none     = "none"
	unknown  = "unknown"
	on       = "on"
	off      = "off"
)

// pairlistKey is the key of postern.yaml that tells of a mailing list. It is a setting of its own, so that what is said of it
// has its line.
const pairlistKey = "account.pairlist_subscribers"

// maxSettings bounds what one run collects, far above what any machine has.
const maxSettings = 10_000

// Read gives the settings in paths, in the order of the paths and of the text. A directory stands for the files in it that
// have a known name. Without paths it is the submission part of cfg and the known files in the directory of cfg's file. What
// cannot be read is an error of its own; everything else is still given. A path that holds no submission settings is an
// error too, because to check nothing must not look like a check that passed.
func Read(paths []string, cfg *config.Config) ([]facts.Setting, []error) {
	if cfg == nil {
		cfg = &config.Config{}
	}
	r := &reader{cfg: cfg, seen: map[string]bool{}, access: map[string]access{}}
	if len(paths) == 0 {
		r.add(own(cfg)...)
		r.directory(cfg.Dir())
	}
	for _, p := range paths {
		before := len(r.settings) + len(r.errs)
		if st, err := os.Stat(p); err == nil && st.IsDir() {
			r.directory(p)
		} else {
			r.file(p, true)
		}
		if len(r.settings)+len(r.errs) == before && !r.again {
			r.errs = append(r.errs, &Error{File: p, Message: "holds no submission settings"})
		}
	}
	return r.settings, r.errs
}

type reader struct {
	cfg      *config.Config
	settings []facts.Setting
	errs     []error
	seen     map[string]bool // absolute paths
	again    bool            // the last path was read before
	access   map[string]access
}

// access is who can read a file. It is looked up once for each, because git is asked for it.
type access struct{ tracked, worldReadable bool }

// directory reads the files of known names in dir.
func (r *reader) directory(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.errs = append(r.errs, &Error{File: dir, Message: "cannot be read: " + reason(err)})
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.Name() == ".git":
			if conf := filepath.Join(path, "config"); regular(conf) {
				r.file(conf, false)
			}
		case e.Name() == config.FileName && r.cfg.File != "" && same(path, r.cfg.File):
			// It has been read as the configuration.
		case formatOfName(path) != "" && regular(path):
			r.file(path, false)
		}
	}
}

func regular(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func reason(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return quote.Text(err.Error())
}

// file reads one file; named tells that the user has named it.
func (r *reader) file(path string, named bool) {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	if r.again = r.seen[abs]; r.again {
		return
	}
	r.seen[abs] = true
	data, err := config.ReadFile(path)
	if err != nil {
		var bad *config.Error
		if errors.As(err, &bad) {
			err = &Error{File: path, Message: bad.Message}
		}
		r.errs = append(r.errs, err)
		return
	}
	if strings.IndexByte(string(data), 0) >= 0 {
		r.errs = append(r.errs, &Error{File: path, Message: "is no text file"})
		return
	}
	f := &file{path: path, text: strings.TrimPrefix(string(data), "\ufeff"), cfg: r.cfg}
	format := formatOfName(path)
	if format == "" {
		format = formatOfText(f.text)
	}
	parse, ok := parsers[format]
	if !ok {
		if named {
			r.errs = append(r.errs, &Error{File: path, Message: "is of no known kind; known are postern.yaml, msmtprc, main.cf, sasl_passwd, .gitconfig, remotes, php.ini, .env and compose.yaml"})
		}
		return
	}
	parse(f)
	slices.SortStableFunc(f.errs, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, e := range f.errs {
		r.errs = append(r.errs, e)
	}
	for _, other := range f.also {
		r.seen[absolute(other)] = true
	}
	r.add(f.settings...)
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func (r *reader) add(settings ...facts.Setting) {
	for _, s := range settings {
		if len(r.settings) == maxSettings {
			r.errs = append(r.errs, &Error{File: s.File, Message: fmt.Sprintf("more than %d settings; the rest is left out", maxSettings)})
			return
		}
		s = finished(s)
		who, ok := r.access[s.File]
		if !ok {
			who = access{tracked(s.File), worldReadable(s.File)}
			r.access[s.File] = who
		}
		s.Tracked, s.WorldReadable = who.tracked, who.worldReadable
		r.settings = append(r.settings, s)
	}
}

// finished puts a setting into the form that facts.Setting promises. Every text is copied, so that nothing keeps the text of
// the file alive, passwords and all.
func finished(s facts.Setting) facts.Setting {
	for _, p := range []*string{&s.TLS, &s.Verify, &s.Auth, &s.LoneDot} {
		if *p == "" {
			*p = unknown
		}
	}
	for _, p := range []*string{&s.File, &s.Name, &s.Host, &s.User, &s.From} {
		*p = strings.Clone(*p)
	}
	return s
}

// own gives all that postern.yaml itself states.
func own(cfg *config.Config) (list []facts.Setting) {
	if cfg.Submission != nil {
		list = append(list, submission(cfg))
	}
	if o, ok := cfg.Origin(pairlistKey); ok && o.File != "" {
		list = append(list, facts.Setting{File: o.File, Line: int64(o.Line), Format: "postern", Name: pairlistKey})
	}
	return list
}

// submission gives the settings of the submission server that postern.yaml states.
func submission(cfg *config.Config) facts.Setting {
	sub := cfg.Submission
	at := func(key string) int64 {
		if o, ok := cfg.Origin("submission." + key); ok {
			return int64(o.Line)
		}
		return 0
	}
	file, line := cfg.Pos("submission")
	s := facts.Setting{File: file, Line: int64(line), Format: "postern", Host: sub.Host, HostLine: at("host"), Port: sub.Port,
		PortLine: at("port"), TLS: sub.TLS, TLSLine: at("tls"), Verify: yesNo(sub.Verify), VerifyLine: at("verify"),
		Auth: yesNo(sub.Auth), AuthLine: at("auth")}
	if s.File == "" {
		s.File = cfg.File
	}
	return s
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return unknown
	case *b:
		return on
	}
	return off
}

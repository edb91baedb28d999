package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"postern/rules/pattern"
)

// FileName is the name that is used when none is given.
const FileName = ".postern-baseline.json"

// Version is the version of the file's form.
const Version = 1

// Bounds on the file. A line has some 200 octets.
const (
	maxFile    = 64 << 20
	maxEntries = 500_000
)

// Entry is a number of findings of one rule in one message.
type Entry struct {
	Rule string
	// Path is the message's name from the directory of the file, with slashes; see Escape.
	Path string
	// Fingerprint is what Fingerprint gives.
	Fingerprint string
	Count       int
	// Line is the entry's line in the file, 0 for one that was not read from a file.
	Line int
}

func (e Entry) key() [3]string { return [3]string{e.Rule, e.Path, e.Fingerprint} }

// Error says what is wrong with a baseline.
type Error struct {
	File string
	Line int // 0 when the file cannot be read
	// Message is a sentence without a full stop, Hint says what to do.
	Message, Hint string
}

// Error gives place and message.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Message)
}

// Read reads a baseline. An error is an *Error; there are then no entries.
func Read(name string) ([]Entry, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		hint := "check its name and permissions"
		if errors.Is(err, fs.ErrNotExist) {
			hint = "postern baseline write makes one"
		}
		return nil, &Error{File: name, Message: "cannot be read: " + bare(err).Error(), Hint: hint}
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, &Error{File: name, Message: "is not a regular file", Hint: "name the file that postern baseline write wrote"}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &Error{File: name, Message: "cannot be read: " + bare(err).Error()}
	}
	if len(data) > maxFile {
		return nil, &Error{File: name, Message: fmt.Sprintf("is larger than %d octets", maxFile), Hint: "check the name"}
	}
	list, line, err := parse(data)
	if err != nil {
		return nil, &Error{File: name, Line: line, Message: err.Error(),
			Hint: "nothing was taken as known; restore the file from git, or write it anew: postern baseline write"}
	}
	return list, nil
}

// bare takes the path out of an error that names it.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

var (
	ruleForm        = pattern.Of(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	fingerprintForm = pattern.Of(`^sha256:[0-9a-f]{64}$`)
	conflict        = pattern.Of(`(?m)^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)`)
)

// parse reads the file's text; line is that of the error.
func parse(data []byte) (list []Entry, line int, err error) {
	lineOf := func(at int64) int { return 1 + bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")) }
	if at := conflict().FindIndex(data); at != nil {
		return nil, lineOf(int64(at[0])), errors.New("holds the marks of a merge conflict")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, 1, errors.New("is empty")
	}
	r := &reader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	defer func() {
		if line = r.line(); err != nil {
			list = nil
		}
	}()
	version, entries := false, false
	err = r.object(func(key string) error {
		switch key {
		case "postern_baseline":
			n, err := r.number()
			if err == nil && n != Version {
				err = fmt.Errorf("is of version %d, and this postern reads version %d", n, Version)
			}
			version = true
			return err
		case "entries":
			if !version {
				return errors.New(`"postern_baseline" with the version has to stand first`)
			}
			entries = true
			return r.list(func() error {
				e, err := r.entry()
				if err == nil && len(list) >= maxEntries {
					err = fmt.Errorf("has more than %d entries", maxEntries)
				}
				list = append(list, e)
				return err
			})
		}
		return fmt.Errorf("the key %s is not known", strconv.QuoteToASCII(key))
	})
	if err == nil && !(version && entries) {
		err = errors.New(`is no baseline: "postern_baseline" and "entries" are not there`)
	}
	if err == nil {
		if _, more := r.dec.Token(); more != io.EOF {
			err = errors.New("something follows the end")
		}
	}
	if err != nil {
		return nil, 0, err
	}
	seen := make(map[[3]string]int, len(list))
	for _, e := range list {
		if first, twice := seen[e.key()]; twice {
			r.at = e.Line
			return nil, 0, fmt.Errorf("the entry of %s for %s stands here twice, first on line %d", e.Rule, strconv.QuoteToASCII(e.Path), first)
		}
		seen[e.key()] = e.Line
	}
	return list, 0, nil
}

// reader reads JSON and refuses what encoding/json lets pass: keys that are unknown or stand there twice.
type reader struct {
	data []byte
	dec  *json.Decoder
	at   int // line of the last error, if not where the decoder stands

	counted int64 // offset up to which lines were counted
	lines   int
}

// line is the line that the decoder has come to.
func (r *reader) line() int {
	if r.at > 0 {
		return r.at
	}
	off := min(r.dec.InputOffset(), int64(len(r.data)))
	r.lines += bytes.Count(r.data[r.counted:off], []byte("\n"))
	r.counted = off
	return r.lines + 1
}

func (r *reader) token() (json.Token, error) {
	t, err := r.dec.Token()
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		r.at = 1 + bytes.Count(bytes.TrimRight(r.data, "\n"), []byte("\n"))
		return nil, errors.New("ends early: the file was cut off")
	case err != nil:
		var s *json.SyntaxError
		if errors.As(err, &s) {
			r.at = 1 + bytes.Count(r.data[:min(s.Offset, int64(len(r.data)))], []byte("\n"))
			if s.Offset >= int64(len(bytes.TrimRight(r.data, " \t\r\n"))) {
				return nil, errors.New("ends early: the file was cut off")
			}
		}
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	return t, nil
}

// object reads an object and calls f at the value of each key.
func (r *reader) object(f func(key string) error) error {
	if t, err := r.token(); err != nil || t != json.Delim('{') {
		return cmp.Or(err, errors.New("an object was expected here"))
	}
	seen := map[string]bool{}
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return fmt.Errorf("the key %s stands here twice", strconv.QuoteToASCII(key))
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r *reader) list(f func() error) error {
	if t, err := r.token(); err != nil || t != json.Delim('[') {
		return cmp.Or(err, errors.New("a list was expected here"))
	}
	for r.dec.More() {
		if err := f(); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r *reader) text() (string, error) {
	t, err := r.token()
	s, ok := t.(string)
	if err == nil && !ok {
		err = errors.New("a text was expected here")
	}
	return s, err
}

func (r *reader) number() (int, error) {
	t, err := r.token()
	n, ok := t.(float64)
	if err == nil && (!ok || n != float64(int32(n))) {
		err = errors.New("a whole number was expected here")
	}
	return int(n), err
}

func (r *reader) entry() (e Entry, err error) {
	keys := 0
	err = r.object(func(key string) (err error) {
		e.Line = r.line()
		keys++
		switch key {
		case "rule":
			if e.Rule, err = r.text(); err == nil && !ruleForm().MatchString(e.Rule) {
				err = fmt.Errorf("%s is no rule id", strconv.QuoteToASCII(e.Rule))
			}
		case "path":
			if e.Path, err = r.text(); err == nil && e.Path == "" {
				err = errors.New("the path is empty")
			}
		case "fingerprint":
			if e.Fingerprint, err = r.text(); err == nil && !fingerprintForm().MatchString(e.Fingerprint) {
				err = fmt.Errorf("%s is no fingerprint", strconv.QuoteToASCII(e.Fingerprint))
			}
		case "count":
			if e.Count, err = r.number(); err == nil && e.Count < 1 {
				err = fmt.Errorf("a count of %d is none", e.Count)
			}
		default:
			err = fmt.Errorf("the key %s is not known", strconv.QuoteToASCII(key))
		}
		return err
	})
	if err == nil && keys != 4 {
		err = errors.New(`an entry has "rule", "path", "fingerprint" and "count"`)
	}
	return e, err
}

// Write writes a baseline so that it is there whole or not at all. The same entries in any order give the same octets.
func Write(name string, list []Entry) error {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n\"postern_baseline\": %d,\n\"entries\": [\n", Version)
	for i, e := range list {
		sep := ","
		if i == len(list)-1 {
			sep = ""
		}
		path, err := encode(e.Path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "{\"path\": %s, \"rule\": %q, \"count\": %d, \"fingerprint\": %q}%s\n", path, e.Rule, e.Count, e.Fingerprint, sep)
	}
	b.WriteString("]\n}\n")
	return replace(name, b.Bytes())
}

// encode gives a text as JSON, with < > & as they are.
func encode(s string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func replace(name string, data []byte) error {
	// A link stays one: it is the file that it points to that is replaced.
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to
	}
	mode := fs.FileMode(0o644)
	if st, err := os.Stat(name); err == nil {
		if !st.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", name)
		}
		mode = st.Mode().Perm()
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".postern-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

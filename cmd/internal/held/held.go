// Package held keeps refused mail until somebody has decided about it: a Maildir, so that any mail program can show it, with a
// record beside each message that says what was decided, by which rules, and about which octets.
//
// The directory belongs to the user that runs postern and to nobody else; a message appears in it when it and its record are
// on the disk, and not before.
package held

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"postern/rules"
)

// Record is what was decided about a message.
type Record struct {
	Version int       `json:"version"`
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	// SHA256 is the hash of the message, in hexadecimal, and Octets its size.
	SHA256 string `json:"sha256"`
	Octets int64  `json:"octets"`
	// Sender is the envelope sender, "" for the null sender. Recipients get the message when it is released.
	Sender     string   `json:"sender"`
	Recipients []string `json:"recipients"`
	// Notify, Return, EnvelopeID and Body are what the caller asked for besides (RFC 3461, RFC 6152).
	Notify     string `json:"notify,omitempty"`
	Return     string `json:"return,omitempty"`
	EnvelopeID string `json:"envelope_id,omitempty"`
	Body       string `json:"body,omitempty"`
	WebScript  bool   `json:"web_script,omitempty"`
	// Policy is the hash of the rules and settings that decided.
	Policy   string          `json:"policy_sha256"`
	Rule     string          `json:"rule"`
	Findings []rules.Finding `json:"findings"`
	// Released is set once it was sent after all.
	Released *Release `json:"released,omitempty"`
}

// Release is what became of a message that was let go.
type Release struct {
	Time   time.Time `json:"time"`
	Forced bool      `json:"forced"`
	Result string    `json:"result"`
}

// Entry is a message with its record.
type Entry struct {
	Record
	// State is "held", or "released" for one that was sent or is being sent.
	State string `json:"state"`
	name  string // of the file, from the directory
}

// Store is a directory of held mail.
type Store struct{ root *os.Root }

// dirs are the directories of a Maildir and our own two.
var dirs = []string{"tmp", "new", "cur", "released", "records"}

// Open opens a directory of held mail. It is made if it is missing and its parent is there. One that others could change or look
// into is an error.
func Open(dir string) (*Store, error) {
	if err := os.Mkdir(dir, 0o700); err == nil {
		if err := syncDir(os.Open(path.Dir(strings.TrimRight(dir, "/")))); err != nil {
			return nil, err
		}
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if err := own(dir, st); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{root}
	now, err := root.Stat(".")
	if err == nil && !os.SameFile(st, now) {
		err = fmt.Errorf("%s was changed while it was opened", dir)
	}
	made := false
	for _, d := range dirs {
		if err != nil {
			break
		}
		if root.Mkdir(d, 0o700) == nil {
			made = true
		}
		var sub fs.FileInfo
		if sub, err = root.Lstat(d); err == nil {
			err = own(path.Join(dir, d), sub)
		}
	}
	if err == nil && made {
		err = s.sync(".")
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return s, nil
}

// own tells whether a directory belongs to this user alone.
func own(name string, st fs.FileInfo) error {
	switch {
	case !st.IsDir():
		return fmt.Errorf("%s is no directory", name)
	case st.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s is open to other users (mode %04o); chmod 700 it", name, st.Mode().Perm())
	}
	if uid, _ := owner(st); uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d, and postern runs as user %d", name, uid, os.Geteuid())
	}
	return nil
}

// Close closes the directory.
func (s *Store) Close() error { return s.root.Close() }

func syncDir(d *os.File, err error) error {
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (s *Store) sync(dir string) error { return syncDir(s.root.Open(dir)) }

// Keep stores a message with its record, whose ID it sets. When it returns nil, both are on the disk under their names; after an
// error no such message is held.
func (s *Store) Keep(message io.Reader, r *Record) error {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	// The form of Maildir; a host's name can hold what its file names cannot.
	r.ID = fmt.Sprintf("%d.R%s.%s", r.Time.Unix(), hex.EncodeToString(random[:]), strings.NewReplacer("/", `\057`, ":", `\072`).Replace(host))
	r.Version = 1
	if err := s.write("new/"+r.ID, message, func() error { return s.record(r) }); err != nil {
		s.root.Remove("records/" + r.ID + ".json")
		return err
	}
	return nil
}

func (s *Store) record(r *Record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return s.write("records/"+r.ID+".json", strings.NewReader(string(text)+"\n"), nil)
}

// write makes a file appear under its name when it is on the disk as a whole. Before, if not nil, is done between the two.
func (s *Store) write(name string, r io.Reader, before func() error) (err error) {
	tmp := "tmp/" + path.Base(name)
	f, err := s.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.root.Remove(tmp)
		}
	}()
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && before != nil {
		err = before()
	}
	if err != nil {
		return err
	}
	if err = s.root.Rename(tmp, name); err != nil {
		return err
	}
	if err = s.sync(path.Dir(name)); err != nil {
		s.root.Remove(name)
	}
	return err
}

// List gives what is held and what was released, oldest first. A message without a readable record is an error of its own, given
// beside the others.
func (s *Store) List() (list []Entry, bad []error, err error) {
	for _, d := range []string{"new", "cur", "released"} {
		dir, err := s.root.Open(d)
		if err != nil {
			return nil, nil, err
		}
		names, err := dir.Readdirnames(-1)
		dir.Close()
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			e := Entry{State: "held", name: d + "/" + name}
			if d == "released" {
				e.State = "released"
			}
			// Mail programs add flags to the name of what they have shown.
			id, _, _ := strings.Cut(name, ":")
			if e.Record, err = s.read(id); err != nil {
				bad = append(bad, fmt.Errorf("%s: %w", e.name, err))
				continue
			}
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(bad, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return list, bad, nil
}

// maxRecord bounds a record; 10,000 recipients with many findings stay far below.
const maxRecord = 16 << 20

func (s *Store) read(id string) (r Record, err error) {
	f, err := s.regular("records/" + id + ".json")
	if err != nil {
		return r, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRecord))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("its record cannot be read: %w", err)
	}
	if r.ID != id || r.Version != 1 {
		return r, errors.New("its record is that of another message, or of another version of postern")
	}
	return r, nil
}

// regular opens a file that is no link, device or pipe, and has no second name.
func (s *Store) regular(name string) (*os.File, error) {
	f, err := s.root.OpenFile(name, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil {
		uid, names := owner(st)
		if !st.Mode().IsRegular() || names != 1 || uid != os.Geteuid() {
			err = fmt.Errorf("%s is not a file of postern's", name)
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ErrMissing is the error of an id that names nothing, ErrSeveral of one that names more than one message.
var (
	ErrMissing = errors.New("no held message has that id")
	ErrSeveral = errors.New("several messages have an id that begins so")
)

// Find gives the message whose id begins so, before or after its first dot and R.
func (s *Store) Find(id string) (Entry, error) {
	list, bad, err := s.List()
	if err != nil {
		return Entry{}, err
	}
	var found []Entry
	for _, e := range list {
		_, random, _ := strings.Cut(e.ID, ".R")
		switch {
		case e.ID == id:
			return e, nil
		case id != "" && (strings.HasPrefix(e.ID, id) || strings.HasPrefix(random, id)):
			found = append(found, e)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		for _, b := range bad {
			if id != "" && strings.Contains(b.Error(), id) {
				return Entry{}, b
			}
		}
		return Entry{}, ErrMissing
	}
	return Entry{}, ErrSeveral
}

// Message opens the message of an entry.
func (s *Store) Message(e Entry) (*os.File, error) { return s.regular(e.name) }

// Claim takes a message out of what is held, so that it can be sent by the caller and by nobody else. ErrMissing comes back if
// somebody else was faster.
func (s *Store) Claim(e *Entry) error {
	if e.State != "held" {
		return ErrMissing
	}
	return s.move(e, "released", "released")
}

// Return puts a message back that was claimed and certainly not sent.
func (s *Store) Return(e *Entry) error { return s.move(e, "cur", "held") }

func (s *Store) move(e *Entry, dir, state string) error {
	to := dir + "/" + e.ID
	err := s.root.Rename(e.name, to)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrMissing
	}
	if err == nil {
		err = errors.Join(s.sync(dir), s.sync(path.Dir(e.name)))
		e.name, e.State = to, state
	}
	return err
}

// Finish writes down what became of a message that was claimed.
func (s *Store) Finish(e *Entry, r Release) error {
	e.Released = &r
	return s.record(&e.Record)
}

// Drop removes a message and its record for ever.
func (s *Store) Drop(e Entry) error {
	if err := s.root.Remove(e.name); err != nil {
		return err
	}
	return errors.Join(s.sync(path.Dir(e.name)), s.root.Remove("records/"+e.ID+".json"))
}

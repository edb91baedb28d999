// Package decisions is the log of what was decided about mail on its way: a line of JSON for each decision. Whose mail it was can
// be looked for in it, but not read out of it: addresses are in it only as hashes with a key that lies beside it.
package decisions

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Entry is a decision.
type Entry struct {
	Time time.Time `json:"time"`
	// Message is the SHA-256 of the message in hexadecimal, Octets its size.
	Message string `json:"message_sha256"`
	Octets  int64  `json:"octets"`
	// Added are the names of header fields that postern wrote into it.
	Added []string `json:"added,omitempty"`
	// Recipients is how many there are; To has up to 100 of them.
	Recipients int      `json:"recipients"`
	Sender     string   `json:"sender"`
	To         []string `json:"to"`
	// Verdict is pass, fail or unjudged; Rules are the ids of the rules that found something, each once, gravest first.
	Verdict string   `json:"verdict"`
	Reason  string   `json:"reason,omitempty"`
	Rules   []string `json:"rules"`
	Policy  string   `json:"policy_sha256"`
	// Transport is exec or smtp. Result is what became of the message: "handed over" before the real sendmail takes the process
	// over, "sent", "refused", "held ID", or why it was not sent. Status is what the caller was told (RFC 3463).
	Transport string `json:"transport"`
	Result    string `json:"result"`
	Status    string `json:"status"`
}

// maxTo bounds the addresses of an entry.
const maxTo = 100

// Log is an open log.
type Log struct {
	file *os.File
	key  []byte // nil leaves addresses as they are
}

// Open opens a log to write. The key is made if it is missing; with clear, addresses are written as they are, and none is needed.
func Open(name, key string, clear bool) (*Log, error) {
	l := &Log{}
	if !clear {
		var err error
		if l.key, err = loadKey(key, true); err != nil {
			return nil, err
		}
	}
	f, err := openFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	l.file = f
	return l, nil
}

// Close closes the log.
func (l *Log) Close() error { return l.file.Close() }

// Write adds an entry in one piece. Sender and recipients are given as they are; what is written follows how the log was opened.
func (l *Log) Write(e Entry, sender string, to []string) error {
	e.Recipients = len(to)
	e.Sender = address(l.key, sender)
	e.To = []string{}
	for _, a := range to[:min(len(to), maxTo)] {
		e.To = append(e.To, address(l.key, a))
	}
	if e.Rules == nil {
		e.Rules = []string{}
	}
	line := e.appendLine(nil)
	// A line that a crash has cut short must not swallow this one.
	if end, err := l.file.Seek(0, io.SeekEnd); err == nil && end > 0 {
		var last [1]byte
		if _, err := l.file.ReadAt(last[:], end-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	_, err := l.file.Write(line)
	return err
}

// address gives what stands for an address: "" for the null sender, the address itself without a key.
func address(key []byte, a string) string {
	if a == "" || key == nil {
		return a
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.ToLower(a)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

const keyOctets = 32

// loadKey reads the key, or makes it if it is missing and create is set.
func loadKey(name string, create bool) ([]byte, error) {
	f, err := openFile(name, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err := makeKey(name); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		f, err = openFile(name, os.O_RDONLY)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s is open to other users (mode %04o); chmod 600 it", name, st.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, 1000))
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != keyOctets {
		return nil, fmt.Errorf("%s is no key: it holds %d hexadecimal digits", name, 2*keyOctets)
	}
	return key, nil
}

// makeKey writes a new key. It appears under its name as a whole, and never in the place of another.
func makeKey(name string) error {
	var key [keyOctets]byte
	if _, err := rand.Read(key[:]); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".postern-key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}

// Filter chooses entries. Its zero value takes all.
type Filter struct {
	Since, Until           time.Time
	Verdict, Rule, Message string // Message is the beginning of the hash
	// Address is one that sent or got the message.
	Address string
}

// maxLine bounds a line of the log.
const maxLine = 1 << 20

// Read gives the entries of a log that f takes to emit, in the order of the file, and the number of lines that are no entries. The
// key is needed only for an address, and only if the log holds hashes.
func Read(name, keyFile string, f Filter, emit func(*Entry) error) (damaged int, err error) {
	file, err := openFile(name, os.O_RDONLY)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	hash := ""
	if f.Address != "" {
		key, err := loadKey(keyFile, false)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		hash = address(key, f.Address)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Verdict == "" {
			damaged++
			continue
		}
		if f.takes(&e, hash) {
			if err := emit(&e); err != nil {
				return damaged, err
			}
		}
	}
	return damaged, lines.Err()
}

func (f *Filter) takes(e *Entry, hash string) bool {
	switch {
	case !f.Since.IsZero() && e.Time.Before(f.Since), !f.Until.IsZero() && e.Time.After(f.Until):
		return false
	case f.Verdict != "" && e.Verdict != f.Verdict, !strings.HasPrefix(e.Message, strings.ToLower(f.Message)):
		return false
	case f.Rule != "" && !contains(e.Rules, f.Rule):
		return false
	case f.Address != "" && !contains(append(e.To, e.Sender), hash) && !contains(append(e.To, e.Sender), f.Address):
		return false
	}
	return true
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// rowsSuffix is added to the name of a state: the log that belongs to it.
const rowsSuffix = ".rows"

// formatName names the format of states and parts.
const formatName = "postern audit 2"

// checkpoint is what a state file holds.
type checkpoint struct {
	Format string `json:"format"`
	Head   Head   `json:"head"`
	Shard  Shard  `json:"shard"`
	// Rows is the length of the log, Walked the digest of the files of the walk up to that of its last row.
	Rows   int64  `json:"rows_bytes"`
	Walked string `json:"walked"`
}

// Chain is a digest of the files of a walk. Parts belong together only if they were made of the same files by name and size; a
// run goes on only if the files that it passes over have the times of change too that they had.
type Chain struct {
	sum   [sha256.Size]byte
	h     hash.Hash
	Items uint64
}

// Add takes in the next file.
func (c *Chain) Add(name string, size, changed int64) {
	if c.h == nil {
		c.h = sha256.New()
	}
	c.h.Reset()
	c.h.Write(c.sum[:])
	var b [24]byte
	binary.LittleEndian.PutUint64(b[0:], uint64(size))
	binary.LittleEndian.PutUint64(b[8:], uint64(changed))
	binary.LittleEndian.PutUint64(b[16:], c.Items)
	c.h.Write(b[:])
	io.WriteString(c.h, name)
	c.h.Sum(c.sum[:0])
	c.Items++
}

// String gives the digest.
func (c *Chain) String() string { return hex.EncodeToString(c.sum[:]) }

// State is the progress of a run on disk: a small file that is only ever replaced as a whole, and the log beside it.
type State struct {
	name  string
	saved checkpoint
	rows  *os.File
}

// ErrOther is the error of a state or part that belongs to another run.
var ErrOther = errors.New("belongs to another run")

// OpenState opens the state called name, or begins it. What the log has beyond the state is cut off: it was not yet certain.
func OpenState(name string, head *Head, shard Shard) (*State, error) {
	s := &State{name: name, saved: checkpoint{Format: formatName, Head: *head, Shard: shard}}
	b, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(name + rowsSuffix); err == nil {
			// A run that was killed before its first checkpoint leaves rows that nothing vouches for.
			b, err := os.Open(name + rowsSuffix)
			if err != nil {
				return nil, err
			}
			defer b.Close()
			var magic [len(logMagic)]byte
			if n, _ := io.ReadFull(b, magic[:]); n > 0 && string(magic[:n]) != logMagic[:n] {
				return nil, fmt.Errorf("%s%s is in the way and is no log of postern", name, rowsSuffix)
			}
		}
	case err != nil:
		return nil, err
	default:
		var old checkpoint
		if json.Unmarshal(b, &old) != nil || old.Format != formatName || old.Rows < int64(len(logMagic)) {
			return nil, errors.New("it is no state of an audit, or one of another version")
		}
		if old.Head.Settings.ID() != head.Settings.ID() {
			return nil, fmt.Errorf("it %w: %s differ", ErrOther, old.Head.Settings.differ(&head.Settings))
		}
		if old.Shard != shard {
			return nil, fmt.Errorf("it %w: it is of %s, not of %s", ErrOther, old.Shard, shard)
		}
		s.saved = old
	}
	f, err := os.OpenFile(name+rowsSuffix, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s.rows = f
	if err := lock(f); err != nil {
		f.Close()
		return nil, errors.New("another run is using it")
	}
	// A run that was killed while it saved has left its new state under another name.
	left, _ := os.ReadDir(filepath.Dir(name))
	for _, x := range left {
		if n := x.Name(); strings.HasPrefix(n, "."+filepath.Base(name)+".") && strings.HasSuffix(n, ".tmp") {
			os.Remove(filepath.Join(filepath.Dir(name), n))
		}
	}
	if s.saved.Rows == 0 {
		err = errors.Join(f.Truncate(0), writeAt(f, logMagic, 0))
		s.saved.Rows = int64(len(logMagic))
	} else if info, e := f.Stat(); e != nil || info.Size() < s.saved.Rows {
		err = fmt.Errorf("its log %s%s is too short", name, rowsSuffix)
	} else {
		err = f.Truncate(s.saved.Rows)
	}
	if err == nil {
		_, err = f.Seek(s.saved.Rows, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// logMagic begins a log on disk.
const logMagic = "postern audit rows 2\n"

func writeAt(f *os.File, s string, off int64) error {
	_, err := f.WriteAt([]byte(s), off)
	return err
}

// save makes everything up to now certain. The log comes first: a state never vouches for rows that are not on disk.
func (s *State) save(l *Log, walked string) error {
	if err := l.w.Flush(); err != nil {
		return err
	}
	if err := s.rows.Sync(); err != nil {
		return err
	}
	s.saved.Rows, s.saved.Walked = l.n, walked
	b, err := json.Marshal(&s.saved)
	if err != nil {
		return err
	}
	return replaceFile(s.name, append(b, '\n'))
}

// replaceFile writes a file as a whole or not at all.
func replaceFile(name string, b []byte) error {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Close leaves the state for another run.
func (s *State) Close() error { return s.rows.Close() }

// Remove takes the state away: the run is over and its report is written.
func (s *State) Remove() error {
	err := os.Remove(s.name)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(s.name+rowsSuffix), s.rows.Close())
}

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// openSQLite opens one file. It is written through to the disk at each commit, and many processes can use it, on one machine: a
// file on a network's file system would not be safe.
func openSQLite(ctx context.Context, file string, o Options) (Ledger, error) {
	if file == "" || strings.HasPrefix(file, ":") || strings.HasPrefix(file, "file:") {
		return nil, fault("write the path of a file, such as /var/lib/postern/ledger.db", "%q is no file", file)
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fault("", "%w", err)
	}
	if err := safeDir(filepath.Dir(file)); err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		switch {
		case err == nil:
			if err := errors.Join(f.Close(), syncDir(filepath.Dir(file))); err != nil {
				return nil, fault("", "%w", err)
			}
		case !errors.Is(err, fs.ErrExist):
			return nil, fault("make its directory and let the user who sends write there", "%w", err)
		}
	}
	if err := private(file); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fault("it is made when the first message is sent", "there is no ledger %s", file)
		}
		return nil, err
	}
	if o.KeyFile == "" {
		o.KeyFile = file + ".key"
	}
	k, err := readKey(o.KeyFile, !o.ReadOnly)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: file, RawQuery: url.Values{
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", o.Timeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "trusted_schema(OFF)",
			// Each process that finds nobody else at the file reads what is not written back yet, before it does anything.
			"wal_autocheckpoint(100)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fault("", "%w", err)
	}
	db.SetMaxOpenConns(4)
	wall := o.now
	if wall == nil {
		wall = func() int64 { return time.Now().UnixMilli() }
	}
	s := &sqlStore{db: db, turn: make(chan struct{}, 1), dialect: dialect{
		name: "sqlite", integer: "INTEGER", blob: "BLOB", queue: o.KeyFile,
		wall:    func(context.Context, *sql.Tx) (int64, error) { return wall(), nil },
		check:   integrity,
		explain: explainSQLite,
	}}
	l := &opened{store: s, key: k, o: o, windows: seconds(o.Windows)}
	s.keep = l.keep()
	// SQLite waits for locks, but not here: of two programs that make the same new file a ledger it refuses one at once.
	for locked(db.PingContext(ctx)) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := s.prepare(ctx, k, o.ReadOnly); err != nil {
		db.Close()
		return nil, l.explain(ctx, err)
	}
	return l, nil
}

// locked tells that another program holds the file.
func locked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == lib.SQLITE_BUSY || e.Code()&0xff == lib.SQLITE_LOCKED)
}

func explainSQLite(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	if locked(err) {
		return fault("another program holds the file; if none does, postern ledger verify looks closer", "the ledger is locked: %w", err)
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return damaged(err)
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return fault("the user who sends must be able to write the file and its directory", "the ledger cannot be written: %w", err)
	case lib.SQLITE_FULL:
		return fault("make room on the disk", "the disk of the ledger is full: %w", err)
	}
	return err
}

// integrity lets SQLite read every page.
func integrity(ctx context.Context, db *sql.DB) error {
	var answer string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&answer); err != nil {
		return explainSQLite(err)
	}
	if answer != "ok" {
		return damaged(errors.New(answer))
	}
	return nil
}

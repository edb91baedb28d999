package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

const schemaVersion = 1

// dialect is what SQLite and PostgreSQL do differently. Parameters are written ?1.
type dialect struct {
	name string
	// schema has {int} and {blob} for the names of the types.
	integer, blob string
	// lock makes a transaction wait for all others; "" when beginning one does so.
	lock string
	// queue is a file at which programs wait for their turn to write; "" where the lock gives each its turn.
	queue string
	// wall gives the store's clock in milliseconds.
	wall func(ctx context.Context, tx *sql.Tx) (int64, error)
	// check finds what is wrong with the files of the store.
	check func(ctx context.Context, db *sql.DB) error
	// explain names an error of the store.
	explain func(error) error
}

// sqlStore keeps rows in a database. All writes are ordered by the database's own lock: the order in which reservations are
// numbered is the order in which they are seen.
type sqlStore struct {
	dialect
	db   *sql.DB
	turn chan struct{} // one writer of this process at a time: the database's own lock is polled, and many waiters would starve
	keep int64
}

const schema = `
CREATE TABLE IF NOT EXISTS postern_state (one {int} PRIMARY KEY CHECK (one = 1), version {int} NOT NULL, wall {int} NOT NULL,
	ledger {int} NOT NULL, seq {int} NOT NULL, key_check TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS postern_host (boot TEXT PRIMARY KEY, since {int} NOT NULL, ledger {int} NOT NULL);
CREATE TABLE IF NOT EXISTS postern_entry (id TEXT PRIMARY KEY, seq {int} NOT NULL, account TEXT NOT NULL, sender TEXT NOT NULL,
	at {int} NOT NULL, lease {int} NOT NULL, octets {int} NOT NULL, recipients {int} NOT NULL, hashes {blob} NOT NULL,
	web {int} NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS postern_entry_account ON postern_entry (account, at);
CREATE INDEX IF NOT EXISTS postern_entry_at ON postern_entry (at)`

// q writes a statement in the dialect.
func (s *sqlStore) q(text string) string {
	if s.name == "postgres" {
		return strings.ReplaceAll(text, "?", "$")
	}
	return text
}

// prepare makes the tables, or finds them made, and holds the key against the one that they were made with.
func (s *sqlStore) prepare(ctx context.Context, k key, readOnly bool) error {
	state := func() (version int64, check string, err error) {
		err = s.db.QueryRowContext(ctx, `SELECT version, key_check FROM postern_state`).Scan(&version, &check)
		return version, check, err
	}
	version, check, err := state()
	if err != nil && readOnly {
		return s.named(err)
	}
	if err != nil {
		if err := s.write(ctx, func(tx *sql.Tx) error {
			for stmt := range strings.SplitSeq(strings.NewReplacer("{int}", s.integer, "{blob}", s.blob).Replace(schema), ";\n") {
				if _, err := tx.ExecContext(ctx, stmt); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, s.q(`INSERT INTO postern_state (one, version, wall, ledger, seq, key_check) VALUES (1, ?1, 0, 0, 0, ?2)
				ON CONFLICT (one) DO NOTHING`), schemaVersion, k.check())
			return err
		}); err != nil {
			return err
		}
		if version, check, err = state(); err != nil {
			return s.named(err)
		}
	}
	switch {
	case version != schemaVersion:
		return fault("use the version of postern that wrote it", "the ledger is of version %d, not %d", version, schemaVersion)
	case check != k.check():
		return fault("every host needs the same key file; to begin anew remove the ledger and its key", "the key file is not the one that the ledger was made with")
	}
	return nil
}

func (s *sqlStore) named(err error) error {
	if err == nil || errors.Is(err, ErrEnded) {
		return err
	}
	return s.explain(err)
}

// write runs f in a transaction that no other write overlaps.
func (s *sqlStore) write(ctx context.Context, f func(*sql.Tx) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.queue != "" {
		leave, err := enter(ctx, s.queue)
		if err != nil {
			return err
		}
		defer leave()
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.named(err)
	}
	defer tx.Rollback()
	if s.lock != "" {
		if _, err := tx.ExecContext(ctx, s.lock); err != nil {
			return s.named(err)
		}
	}
	if err := f(tx); err != nil {
		return s.named(err)
	}
	return s.named(tx.Commit())
}

// time moves the ledger's time on, and its number of messages by more, and gives both.
func (s *sqlStore) time(ctx context.Context, tx *sql.Tx, more int64) (now, seq int64, err error) {
	var last ticks
	if err := tx.QueryRowContext(ctx, `SELECT wall, ledger, seq FROM postern_state`).Scan(&last.wall, &last.ledger, &seq); err != nil {
		return 0, 0, err
	}
	wall, err := s.wall(ctx, tx)
	if err != nil {
		return 0, 0, err
	}
	boot, since := sinceBoot()
	var host mark
	if boot != "" {
		err := tx.QueryRowContext(ctx, s.q(`SELECT since, ledger FROM postern_host WHERE boot = ?1`), boot).Scan(&host.since, &host.ledger)
		if host.known = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, 0, err
		}
	}
	next := tick(last, host, wall, since)
	seq += more
	if _, err := tx.ExecContext(ctx, s.q(`UPDATE postern_state SET wall = ?1, ledger = ?2, seq = ?3`), next.wall, next.ledger, seq); err != nil {
		return 0, 0, err
	}
	// A mark that is a second old counts as well as a new one.
	if boot != "" && !(host.known && since-host.since < 1000 && since >= host.since) {
		_, err = tx.ExecContext(ctx, s.q(`INSERT INTO postern_host (boot, since, ledger) VALUES (?1, ?2, ?3)
			ON CONFLICT (boot) DO UPDATE SET since = excluded.since, ledger = excluded.ledger`), boot, since, next.ledger)
	}
	return next.ledger, seq, err
}

func (s *sqlStore) add(ctx context.Context, r *row, lease, longest int64) ([]row, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		now, seq, err := s.time(ctx, tx, 1)
		if err != nil {
			return err
		}
		r.seq, r.at, r.lease = seq, now, now+lease
		if seq%32 == 0 {
			if _, err := tx.ExecContext(ctx, s.q(`DELETE FROM postern_entry WHERE at < ?1`), now-s.keep); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, s.q(`INSERT INTO postern_entry
			(id, seq, account, sender, at, lease, octets, recipients, hashes, web, fingerprint)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`),
			r.id, r.seq, r.account, r.sender, r.at, r.lease, r.octets, r.recipients, r.pack(), truth(r.web), r.fingerprintText())
		return err
	})
	if err != nil {
		return nil, err
	}
	// The others are read after the transaction, so that it is short. Those of a lower number are all there: they were written
	// before this one was numbered.
	return s.query(ctx, `WHERE account = ?1 AND at > ?2 AND seq <= ?3 LIMIT ?4`, r.account, r.at-longest-1, r.seq, maxEntries+1)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (s *sqlStore) query(ctx context.Context, where string, args ...any) ([]row, error) {
	found, err := s.db.QueryContext(ctx, s.q(`SELECT seq, account, sender, at, lease, octets, recipients, hashes, web, fingerprint
		FROM postern_entry `+where), args...)
	if err != nil {
		return nil, s.named(err)
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		var hashes []byte
		var web int64
		var fingerprint string
		if err := found.Scan(&r.seq, &r.account, &r.sender, &r.at, &r.lease, &r.octets, &r.recipients, &hashes, &web, &fingerprint); err != nil {
			return nil, s.named(err)
		}
		if err := r.unpack(hashes); err != nil {
			return nil, damaged(err)
		}
		r.web = web != 0
		r.fingerprint, r.similar = parseFingerprint(fingerprint)
		rows = append(rows, r)
	}
	return rows, s.named(found.Err())
}

func damaged(err error) error {
	return fault("postern ledger verify looks closer; to begin anew, move the ledger away", "the ledger is damaged: %w", err)
}

func (s *sqlStore) rows(ctx context.Context, account string, longest int64) (int64, []row, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, nil, s.named(err)
	}
	defer tx.Rollback()
	now, err := s.peek(ctx, tx)
	if err != nil {
		return 0, nil, s.named(err)
	}
	tx.Rollback()
	if account == "" {
		rows, err := s.query(ctx, `WHERE at > ?1 ORDER BY seq`, now-longest)
		return now, rows, err
	}
	rows, err := s.query(ctx, `WHERE account = ?1 AND at > ?2 ORDER BY seq LIMIT ?3`, account, now-longest, maxEntries+1)
	return now, rows, err
}

// peek gives the ledger's time without moving it on.
func (s *sqlStore) peek(ctx context.Context, tx *sql.Tx) (int64, error) {
	var last ticks
	if err := tx.QueryRowContext(ctx, `SELECT wall, ledger FROM postern_state`).Scan(&last.wall, &last.ledger); err != nil {
		return 0, err
	}
	wall, err := s.wall(ctx, tx)
	if err != nil {
		return 0, err
	}
	boot, since := sinceBoot()
	var host mark
	err = tx.QueryRowContext(ctx, s.q(`SELECT since, ledger FROM postern_host WHERE boot = ?1`), boot).Scan(&host.since, &host.ledger)
	if host.known = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	return tick(last, host, wall, since).ledger, nil
}

func (s *sqlStore) commit(ctx context.Context, account, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		now, _, err := s.time(ctx, tx, 0)
		if err != nil {
			return err
		}
		var lease int64
		err = tx.QueryRowContext(ctx, s.q(`SELECT lease FROM postern_entry WHERE id = ?1 AND account = ?2`), id, account).Scan(&lease)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && lease != 0 && lease <= now:
			return ErrEnded
		case err != nil || lease == 0:
			return err
		}
		_, err = tx.ExecContext(ctx, s.q(`UPDATE postern_entry SET lease = 0, at = ?1 WHERE id = ?2`), now, id)
		return err
	})
}

func (s *sqlStore) release(ctx context.Context, account, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q(`DELETE FROM postern_entry WHERE id = ?1 AND account = ?2`), id, account)
		return err
	})
}

func (s *sqlStore) prune(ctx context.Context, keep int64) (n int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		now, _, err := s.time(ctx, tx, 0)
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, s.q(`DELETE FROM postern_entry WHERE at < ?1 OR (lease <> 0 AND lease < ?2)`), now-keep, now)
		if err != nil {
			return err
		}
		if n, err = done.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, s.q(`DELETE FROM postern_host WHERE ledger < ?1`), now-MaxWindow.Milliseconds())
		return err
	})
	return n, err
}

func (s *sqlStore) verify(ctx context.Context) error {
	if s.check != nil {
		if err := s.check(ctx, s.db); err != nil {
			return err
		}
	}
	var ahead int64
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM postern_entry e, postern_state s WHERE e.seq > s.seq OR e.at > s.ledger`).Scan(&ahead)
	if err == nil && ahead > 0 {
		return damaged(fmt.Errorf("%d messages are later than the ledger itself", ahead))
	}
	return s.named(err)
}

func (s *sqlStore) warnings() []string { return nil }

func (s *sqlStore) close() error { return s.db.Close() }

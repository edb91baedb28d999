package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens a ledger that several hosts share. All of them need the same key file.
func openPostgres(ctx context.Context, where string, o Options) (Ledger, error) {
	k, err := sharedKey(o)
	if err != nil {
		return nil, err
	}
	cfg, err := pgx.ParseConfig(where)
	if err != nil {
		return nil, fault("it looks like postgres://user@host/database", "the URL cannot be used") // the error repeats the URL
	}
	password, err := readPassword(o.PasswordFile)
	if err != nil {
		return nil, err
	}
	if password != "" {
		cfg.Password = password
	}
	// Without sslmode the client tries TLS first and then does without.
	encrypted := cfg.TLSConfig != nil
	for _, f := range cfg.Fallbacks {
		encrypted = encrypted && f.TLSConfig != nil
	}
	if err := clearPassword(cfg.Host, encrypted, cfg.Password, "add sslmode=verify-full to the URL"); err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(4)
	s := &sqlStore{db: db, turn: make(chan struct{}, 1), dialect: dialect{
		name: "postgres", integer: "BIGINT", blob: "BYTEA",
		lock: `SELECT pg_advisory_xact_lock(7310875219)`, // a number of our own
		wall: func(ctx context.Context, tx *sql.Tx) (ms int64, err error) {
			if o.now != nil {
				return o.now(), nil
			}
			return ms, tx.QueryRowContext(ctx, `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`).Scan(&ms)
		},
		explain: explainPostgres,
	}}
	l := &opened{store: s, key: k, o: o, windows: seconds(o.Windows)}
	s.keep = l.keep()
	if err := s.prepare(ctx, k, o.ReadOnly); err != nil {
		db.Close()
		return nil, l.explain(ctx, err)
	}
	return l, nil
}

// sharedKey reads the key of a ledger on a server.
func sharedKey(o Options) (key, error) {
	if o.KeyFile == "" {
		return nil, fault("name one as ledger.key_file; every host that uses the ledger needs a copy of it", "a ledger on a server needs a key file")
	}
	return readKey(o.KeyFile, !o.ReadOnly)
}

func explainPostgres(err error) error {
	var connect *pgconn.ConnectError
	var e *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		return fault("see that PostgreSQL runs and lets this user in", "PostgreSQL cannot be reached: %w", err)
	case errors.As(err, &e) && e.Code == "42P01":
		return fault("it is made when the first message is sent", "there is no ledger in this database")
	case errors.As(err, &e) && e.Code == "42501":
		return fault("the user needs CREATE on the schema once, then SELECT, INSERT, UPDATE and DELETE on its tables", "PostgreSQL refuses: %w", err)
	}
	return err
}

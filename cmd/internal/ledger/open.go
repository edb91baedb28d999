package ledger

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"postern/rules/facts"
)

// store keeps rows. Each of its operations is one transaction.
type store interface {
	// add gives r its seq, at and lease, and keeps it. rows are those of the account that count, r among them, none of a higher seq.
	add(ctx context.Context, r *row, lease, longest int64) (rows []row, err error)
	// rows gives the rows of an account, or of all for "", not older than longest.
	rows(ctx context.Context, account string, longest int64) (now int64, rows []row, err error)
	commit(ctx context.Context, account, id string) error
	release(ctx context.Context, account, id string) error
	// prune removes rows older than keep.
	prune(ctx context.Context, keep int64) (int64, error)
	// verify checks what only the store itself can.
	verify(ctx context.Context) error
	warnings() []string
	close() error
}

// opened is a Ledger over a store.
type opened struct {
	store   store
	key     key
	o       Options
	windows []int64
}

// longest is how far back, in milliseconds, histories look.
func (l *opened) longest() int64 {
	if len(l.windows) == 0 {
		return 0
	}
	return l.windows[len(l.windows)-1] * 1000
}

func (l *opened) Reserve(ctx context.Context, e Entry) (Reservation, error) {
	if e.Account == "" || e.Sender == "" {
		return Reservation{}, fault("", "a message without account or sender cannot be counted")
	}
	ctx, cancel := context.WithTimeout(ctx, l.o.Timeout)
	defer cancel()
	r := l.key.row(e)
	raw := make([]byte, 12)
	rand.Read(raw)
	r.id = hex.EncodeToString(raw)
	id := base64.RawURLEncoding.EncodeToString([]byte(r.account)) + "." + r.id
	rows, err := l.store.add(ctx, &r, l.o.Lease.Milliseconds(), l.longest())
	if err == nil && len(rows) > maxEntries {
		err = fault("limits of fewer messages make this needless", "more than %d messages of the account are within its longest window", maxEntries)
	}
	if err != nil {
		// The reservation may stand. Nobody will commit it; without this its lease would end it.
		clean, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		l.store.release(clean, r.account, r.id)
		return Reservation{}, l.explain(ctx, err)
	}
	return Reservation{ID: id, History: history(rows, &r, r.at, l.windows)}, nil
}

// parseID takes the id of a reservation apart.
func parseID(s string) (account, id string, err error) {
	label, id, ok := strings.Cut(s, ".")
	raw, bad := base64.RawURLEncoding.DecodeString(label)
	if !ok || bad != nil || len(id) != 24 {
		return "", "", fault("", "%q is not the id of a reservation", s)
	}
	return string(raw), id, nil
}

func (l *opened) Commit(ctx context.Context, s string) error { return l.end(ctx, s, l.store.commit) }

func (l *opened) Release(ctx context.Context, s string) error { return l.end(ctx, s, l.store.release) }

func (l *opened) end(ctx context.Context, s string, f func(ctx context.Context, account, id string) error) error {
	account, id, err := parseID(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.o.Timeout)
	defer cancel()
	return l.explain(ctx, f(ctx, account, id))
}

func (l *opened) History(ctx context.Context, e Entry) (*facts.History, error) {
	ctx, cancel := context.WithTimeout(ctx, l.o.Timeout)
	defer cancel()
	r := l.key.row(e)
	now, rows, err := l.store.rows(ctx, r.account, l.longest())
	if err != nil {
		return nil, l.explain(ctx, err)
	}
	r.at = now
	return history(rows, &r, now, l.windows), nil
}

func (l *opened) Snapshot(ctx context.Context, account string) (*Book, error) {
	ctx, cancel := context.WithTimeout(ctx, l.o.Timeout)
	defer cancel()
	now, rows, err := l.store.rows(ctx, l.key.label(account), l.longest())
	if err != nil {
		return nil, l.explain(ctx, err)
	}
	return newBook(l.key, l.o.Windows, rows, now), nil
}

func (l *opened) Accounts(ctx context.Context, window time.Duration) ([]Account, error) {
	longest := window.Milliseconds()
	if window <= 0 {
		longest = MaxWindow.Milliseconds()
	}
	now, rows, err := l.store.rows(ctx, "", longest)
	if err != nil {
		return nil, l.explain(ctx, err)
	}
	list := []Account{}
	seen := map[[2]string]map[uint64]struct{}{}
	for i := range rows {
		r := &rows[i]
		if !r.counts(now) {
			continue
		}
		who := [2]string{r.account, r.sender}
		at := slices.IndexFunc(list, func(a Account) bool { return a.Account == r.account && a.Sender == r.sender })
		if at < 0 {
			at = len(list)
			list = append(list, Account{Account: r.account, Sender: r.sender, LastSeconds: (now - r.at) / 1000})
			seen[who] = map[uint64]struct{}{}
		}
		a := &list[at]
		a.Messages++
		a.Recipients += r.recipients
		a.Octets += r.octets
		a.Addresses += r.recipients - int64(len(r.hashes))
		a.LastSeconds = min(a.LastSeconds, max(0, now-r.at)/1000)
		if r.lease != 0 {
			a.Reserved++
		}
		for _, h := range r.hashes {
			if _, twice := seen[who][h]; !twice {
				seen[who][h] = struct{}{}
				a.Addresses++
			}
		}
	}
	slices.SortFunc(list, func(a, b Account) int {
		if c := strings.Compare(a.Account, b.Account); c != 0 {
			return c
		}
		return strings.Compare(a.Sender, b.Sender)
	})
	return list, nil
}

func (l *opened) Verify(ctx context.Context) (int64, error) {
	if err := l.store.verify(ctx); err != nil {
		return 0, l.explain(ctx, err)
	}
	_, rows, err := l.store.rows(ctx, "", MaxWindow.Milliseconds())
	return int64(len(rows)), l.explain(ctx, err)
}

func (l *opened) Prune(ctx context.Context, keep time.Duration) (int64, error) {
	n, err := l.store.prune(ctx, max(keep.Milliseconds(), l.keep()))
	return n, l.explain(ctx, err)
}

// keep is how long rows are kept at least, in milliseconds.
func (l *opened) keep() int64 { return max(l.longest(), minKeep.Milliseconds()) }

func (l *opened) Warnings() []string { return l.store.warnings() }
func (l *opened) Close() error       { return l.store.close() }

// explain makes an error of a store one that people understand.
func (l *opened) explain(ctx context.Context, err error) error {
	var own *Error
	switch {
	case err == nil || errors.As(err, &own) || errors.Is(err, ErrEnded):
		return err
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault("another program holds it, or the server does not answer; nothing was counted", "no answer within %s: %w", l.o.Timeout, err)
	}
	return fault("postern ledger verify looks closer", "%w", err)
}

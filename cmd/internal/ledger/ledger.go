package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"postern/rules/facts"
)

// Ledger is one store of sent messages. It can be used by many goroutines and many processes at once.
type Ledger interface {
	// Reserve counts a message that is about to be judged and gives the history with it in. The reservation ends by itself
	// after Options.Lease unless it is committed.
	Reserve(ctx context.Context, e Entry) (Reservation, error)
	// Commit makes a reservation last: it must come before the hand-over begins. ErrEnded says that the lease was over, so that
	// others may have taken the place: the message must be reserved and judged again. To commit twice is no error.
	Commit(ctx context.Context, id string) error
	// Release takes a message out that was refused, or that was certainly not sent; also one that was committed. To release
	// what is not there is no error.
	Release(ctx context.Context, id string) error
	// History gives the history that a message would be judged by now, without counting it.
	History(ctx context.Context, e Entry) (*facts.History, error)
	// Accounts lists what is counted now, by account and sender, in order of their names. window 0 is all that is kept.
	Accounts(ctx context.Context, window time.Duration) ([]Account, error)
	// Snapshot gives what is counted of one account, for planning. It changes nothing.
	Snapshot(ctx context.Context, account string) (*Book, error)
	// Verify reads everything and tells how many messages there are, or what is wrong with the store.
	Verify(ctx context.Context) (entries int64, err error)
	// Prune removes what is older than keep and gives the number of messages that it removed. What a window still needs is
	// never removed.
	Prune(ctx context.Context, keep time.Duration) (int64, error)
	// Warnings say what the store cannot promise; nil for a store that keeps all promises.
	Warnings() []string
	Close() error
}

// Entry is a message that is to be sent.
type Entry struct {
	// Account is the account with the provider whose limits count, such as its username.
	Account string
	// Sender is the authenticated identity or the user (uid:1000) that sends. It is never taken from the message: whoever can
	// write a From field could otherwise use up another's quota.
	Sender string
	// Recipients are those of the envelope. They are kept as keyed hashes only. Letters are compared without regard to case.
	Recipients []string
	// Octets are those on the wire (facts.Size.WireBytes).
	Octets int64
	// Fingerprint is facts.Text.Fingerprint, "" for a text too short to compare.
	Fingerprint string
	// WebScript is facts.Facts.WebScript.
	WebScript bool
}

// Reservation is a message that is counted.
type Reservation struct {
	ID string
	// History counts this message too.
	History *facts.History
}

// Account is what one sender of one account has in the ledger.
type Account struct {
	Account    string `json:"account"`
	Sender     string `json:"sender"`
	Messages   int64  `json:"messages"`
	Recipients int64  `json:"recipients"`
	Addresses  int64  `json:"addresses"`
	Octets     int64  `json:"octets"`
	// Reserved messages are among Messages and not yet committed.
	Reserved int64 `json:"reserved"`
	// LastSeconds is how long ago the last of them was.
	LastSeconds int64 `json:"last_seconds"`
}

// Options of Open. The zero value has no windows, and the key beside the file.
type Options struct {
	// Windows are the lengths that histories have, as rules.Engine.Windows gives them.
	Windows []time.Duration
	// KeyFile holds the key of the hashes. "" is the file of the store with .key behind its name; stores of several hosts need one, the
	// same on all of them. It is made if it does not exist.
	KeyFile string
	// PasswordFile holds the password for PostgreSQL or Redis; "" is none, or what the server's own client would use.
	PasswordFile string
	// Lease is how long a reservation counts without a commit; 0 is DefaultLease.
	Lease time.Duration
	// Timeout bounds one operation, waiting for others included; 0 is DefaultTimeout.
	Timeout time.Duration
	// ReadOnly opens a store that exists, for reading. Without it a file is made.
	ReadOnly bool

	now func() int64 // milliseconds; for tests
}

const (
	// DefaultLease is long enough to judge a message and to wait for its turn.
	DefaultLease = 15 * time.Minute
	// DefaultTimeout is how long one operation may take.
	DefaultTimeout = 10 * time.Second
	// MaxWindow is the longest window.
	MaxWindow = 31 * 24 * time.Hour
	// minKeep is how long messages are kept at least, so that programs with shorter windows do not take from others what they count.
	minKeep = 24 * time.Hour
	// maxEntries bounds the messages of one account that are counted, and so the time and memory of an operation.
	maxEntries = 100_000
	// maxHashes bounds the recipients of one message that are told apart. Each one beyond counts as a different one.
	maxHashes = 1000
)

// ErrEnded says that a reservation is over.
var ErrEnded = errors.New("the reservation has ended")

// Error is an error of a ledger with the way out of it.
type Error struct {
	Err  error
	Hint string
}

func (e *Error) Error() string { return "ledger: " + e.Err.Error() }

// Unwrap gives the error inside.
func (e *Error) Unwrap() error { return e.Err }

// Hint gives the way out of an error of a ledger, "" if there is none.
func Hint(err error) string {
	var own *Error
	if errors.As(err, &own) {
		return own.Hint
	}
	return ""
}

func fault(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint}
}

// Open opens the ledger at a URL: the path of a file for SQLite (also sqlite:PATH), redis://, rediss:// or unix:// for Redis, postgres://
// for PostgreSQL. A file and its key are made if they are not there; they must be the user's alone.
func Open(ctx context.Context, where string, o Options) (Ledger, error) {
	if o.Lease <= 0 {
		o.Lease = DefaultLease
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	for _, w := range o.Windows {
		if w < time.Second || w > MaxWindow {
			return nil, fault("", "a window of %s is not between 1s and %s", w, MaxWindow)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	kind, err := Kind(where)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "redis":
		return openRedis(ctx, where, o)
	case "postgres":
		return openPostgres(ctx, where, o)
	}
	return openSQLite(ctx, strings.TrimPrefix(strings.TrimPrefix(where, "sqlite://"), "sqlite:"), o)
}

// Kind tells what a URL leads to: sqlite, redis or postgres. A password in it is refused: it would be shown by ps or kept in a
// repository.
func Kind(where string) (string, error) {
	scheme, _, ok := strings.Cut(where, ":")
	kind := "sqlite"
	switch scheme {
	case "redis", "rediss", "unix":
		kind = "redis"
	case "postgres", "postgresql":
		kind = "postgres"
	case "sqlite":
	default:
		switch {
		case where == "":
			return "", fault("name a file, or a URL that begins with redis:// or postgres://", "no place is given")
		case ok && strings.Contains(where, "://"):
			return "", fault("it is a file, or begins with redis://, rediss://, unix:// or postgres://", "%s:// is no kind of ledger", scheme)
		}
		return kind, nil
	}
	if kind == "sqlite" {
		return kind, nil
	}
	u, err := url.Parse(where)
	if err != nil {
		return "", fault("it looks like postgres://user@host/database or redis://host:6379/0", "the URL cannot be read")
	}
	if _, has := u.User.Password(); has || u.Query().Has("password") || u.Query().Has("sslpassword") {
		return "", fault("put it into a file of mode 0600 and name that as ledger.password_file", "the URL holds a password")
	}
	return kind, nil
}

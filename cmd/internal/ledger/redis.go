package ledger

import (
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed redis.lua
var redisScript string

// redisStore keeps rows in Redis. Each operation is one script, which Redis runs alone.
type redisStore struct {
	client *redis.Client
	script *redis.Script
	keep   int64
	warn   []string
}

// The keys share a hash tag, so that a cluster keeps them together.
const (
	redisState   = "{postern}:state"
	redisHosts   = "{postern}:hosts"
	redisNames   = "{postern}:accounts"
	redisEntries = "{postern}:entries:" // and the account
	redisTimes   = "{postern}:times:"   // and the account
)

// quiet keeps the client's own log off standard error: what is wrong comes back as an error.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func openRedis(ctx context.Context, where string, o Options) (Ledger, error) {
	k, err := sharedKey(o)
	if err != nil {
		return nil, err
	}
	opts, err := redis.ParseURL(where)
	if err != nil {
		return nil, fault("it looks like redis://host:6379/0", "the URL cannot be used")
	}
	if opts.Password, err = readPassword(o.PasswordFile); err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(opts.Addr)
	if err := clearPassword(host, opts.TLSConfig != nil, opts.Password, "write rediss:// in place of redis://"); err != nil {
		return nil, err
	}
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = o.Timeout, o.Timeout, o.Timeout
	opts.ContextTimeoutEnabled = true
	opts.DisableIdentity = true
	redis.SetLogger(quiet{})
	s := &redisStore{client: redis.NewClient(opts), script: redis.NewScript(redisScript)}
	l := &opened{store: s, key: k, o: o, windows: seconds(o.Windows)}
	s.keep = l.keep()
	if err := s.prepare(ctx, k, o.ReadOnly); err != nil {
		s.client.Close()
		return nil, l.explain(ctx, err)
	}
	return l, nil
}

// prepare refuses a server that may throw counts away, and says what another may lose.
func (s *redisStore) prepare(ctx context.Context, k key, readOnly bool) error {
	info, err := s.client.Info(ctx).Result()
	if err != nil {
		return s.named(err)
	}
	says := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			says[name] = value
		}
	}
	switch policy := says["maxmemory_policy"]; {
	case policy == "":
		return fault("let its user run INFO", "Redis does not say what it does when its memory is full")
	case policy != "noeviction":
		return fault("set maxmemory-policy to noeviction", "Redis throws keys away when its memory is full (maxmemory-policy %s)", policy)
	case says["role"] == "slave":
		return fault("name the server that takes writes", "this Redis is a replica")
	}
	if says["aof_enabled"] == "0" {
		s.warn = append(s.warn, "Redis keeps no append-only file: what was sent since its last snapshot is forgotten when it stops (set appendonly yes)")
	}
	if n := says["connected_slaves"]; n != "" && n != "0" {
		s.warn = append(s.warn, "Redis has replicas: a failover forgets what they had not received, and as many messages too many can pass then")
	}
	check, err := s.client.HGet(ctx, redisState, "key").Result()
	if errors.Is(err, redis.Nil) && readOnly {
		return fault("it is made when the first message is sent", "there is no ledger in this Redis")
	}
	if errors.Is(err, redis.Nil) {
		if err = s.client.HSetNX(ctx, redisState, "key", k.check()).Err(); err == nil {
			check, err = s.client.HGet(ctx, redisState, "key").Result()
		}
	}
	if err != nil {
		return s.named(err)
	}
	if check != k.check() {
		return fault("every host needs the same key file; to begin anew remove the ledger and its key", "the key file is not the one that the ledger was made with")
	}
	return nil
}

func (s *redisStore) named(err error) error {
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch {
	case err == nil:
		return nil
	case strings.HasPrefix(text, "NOAUTH"), strings.HasPrefix(text, "WRONGPASS"):
		return fault("put the password into ledger.password_file", "Redis refuses: %w", err)
	case strings.HasPrefix(text, "OOM"):
		return fault("give it more memory", "the memory of Redis is full: %w", err)
	case strings.HasPrefix(text, "READONLY"):
		return fault("name the server that takes writes", "this Redis is a replica: %w", err)
	}
	var e redis.Error
	if errors.As(err, &e) {
		return err
	}
	return fault("see that Redis runs", "Redis cannot be reached: %w", err)
}

// run runs one operation of the script.
func (s *redisStore) run(ctx context.Context, op, account, id string, args ...any) ([]any, error) {
	boot, since := sinceBoot()
	keys := []string{redisState, redisHosts, redisNames, redisEntries + account, redisTimes + account}
	v, err := s.script.Run(ctx, s.client, keys, append([]any{op, account, id, boot, since, s.keep, MaxWindow.Milliseconds()}, args...)...).Slice()
	return v, s.named(err)
}

func (s *redisStore) add(ctx context.Context, r *row, lease, longest int64) ([]row, error) {
	tail := fmt.Sprintf("%s|%d|%d|%d|%s|%s", r.sender, r.octets, r.recipients, truth(r.web), r.fingerprintText(), hex.EncodeToString(r.pack()))
	v, err := s.run(ctx, "add", r.account, r.id, lease, tail)
	if err != nil {
		return nil, err
	}
	now, rows, err := readRows(r.account, v)
	if err != nil {
		return nil, damaged(err)
	}
	for i := range rows {
		if rows[i].id == r.id {
			*r = rows[i]
			return rows, nil
		}
	}
	return nil, damaged(fmt.Errorf("the reservation is not there at %d", now))
}

// readRows reads what the script gives: the time, then ids and values.
func readRows(account string, v []any) (now int64, rows []row, err error) {
	if len(v) == 0 || len(v)%2 == 0 {
		return 0, nil, errors.New("an answer of the wrong shape")
	}
	texts := make([]string, len(v))
	for i := range v {
		var ok bool
		if texts[i], ok = v[i].(string); !ok {
			return 0, nil, errors.New("an answer of the wrong kind")
		}
	}
	if now, err = strconv.ParseInt(texts[0], 10, 64); err != nil {
		return 0, nil, err
	}
	for i := 1; i < len(texts); i += 2 {
		r, err := parseRow(texts[i+1])
		if err != nil {
			return 0, nil, err
		}
		r.account, r.id = account, texts[i]
		rows = append(rows, r)
	}
	return now, rows, nil
}

func parseRow(s string) (r row, err error) {
	f := strings.Split(s, "|")
	if len(f) != 9 {
		return r, fmt.Errorf("a message has %d fields, not 9", len(f))
	}
	number := func(s string) int64 {
		n, bad := strconv.ParseInt(s, 10, 64)
		if bad != nil {
			err = errors.New("a message holds what is no number")
		}
		return n
	}
	r.seq, r.at, r.lease, r.sender = number(f[0]), number(f[1]), number(f[2]), f[3]
	r.octets, r.recipients, r.web = number(f[4]), number(f[5]), f[6] == "1"
	r.fingerprint, r.similar = parseFingerprint(f[7])
	hashes, bad := hex.DecodeString(f[8])
	if err != nil || bad != nil {
		return r, errors.Join(err, bad)
	}
	if f[6] != "0" && f[6] != "1" || f[7] != "" && !r.similar {
		return r, errors.New("a message holds what no program of ours has written")
	}
	return r, r.unpack(hashes)
}

func (s *redisStore) rows(ctx context.Context, account string, longest int64) (now int64, all []row, err error) {
	names := []string{account}
	if account == "" {
		if names, err = s.client.SMembers(ctx, redisNames).Result(); err != nil {
			return 0, nil, s.named(err)
		}
		if len(names) == 0 {
			names = []string{""}
		}
	}
	for _, name := range names {
		v, err := s.run(ctx, "read", name, "")
		if err != nil {
			return 0, nil, err
		}
		at, rows, err := readRows(name, v)
		if err != nil {
			return 0, nil, damaged(err)
		}
		now = max(now, at)
		for _, r := range rows {
			if r.at > at-longest {
				all = append(all, r)
			}
		}
	}
	return now, all, nil
}

func (s *redisStore) commit(ctx context.Context, account, id string) error {
	v, err := s.run(ctx, "commit", account, id)
	if err == nil && len(v) == 1 && v[0] == "ended" {
		return ErrEnded
	}
	return err
}

func (s *redisStore) release(ctx context.Context, account, id string) error {
	_, err := s.run(ctx, "release", account, id)
	return err
}

func (s *redisStore) prune(ctx context.Context, keep int64) (total int64, err error) {
	names, err := s.client.SMembers(ctx, redisNames).Result()
	if err != nil {
		return 0, s.named(err)
	}
	for _, name := range names {
		v, err := s.run(ctx, "prune", name, "", keep)
		if err != nil {
			return total, err
		}
		if len(v) == 1 {
			text, _ := v[0].(string)
			n, _ := strconv.ParseInt(text, 10, 64)
			total += n
		}
	}
	return total, nil
}

func (s *redisStore) verify(ctx context.Context) error { return s.named(s.client.Ping(ctx).Err()) }

func (s *redisStore) warnings() []string { return s.warn }

func (s *redisStore) close() error { return s.client.Close() }

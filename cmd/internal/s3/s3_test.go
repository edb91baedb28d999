package s3

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"postern/cmd/internal/mailbox"
)

// server is storage in memory, with what a test puts before it.
type server struct {
	*httptest.Server
	t       *testing.T
	backend gofakes3.Backend
	// before, if set, answers a request itself and says true.
	before func(w http.ResponseWriter, r *http.Request) bool
	octets atomic.Int64 // of answers
	gets   atomic.Int64 // of objects
}

func serve(t *testing.T) *server {
	s := &server{t: t, backend: s3mem.New()}
	inner := gofakes3.New(s.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.before != nil && s.before(w, r) {
			return
		}
		if r.Header.Get("Range") != "" {
			s.gets.Add(1)
		}
		inner.ServeHTTP(&counted{w, &s.octets}, r)
	}))
	t.Cleanup(s.Close)
	if err := s.backend.CreateBucket("mail"); err != nil {
		t.Fatal(err)
	}
	return s
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

func (s *server) put(key, text string) {
	s.t.Helper()
	if _, err := s.backend.PutObject("mail", key, map[string]string{"Last-Modified": "Mon, 02 Mar 2026 09:00:00 GMT"}, strings.NewReader(text), int64(len(text)), nil); err != nil {
		s.t.Fatal(err)
	}
}

// environment asks s, as somebody whom it does not check.
func (s *server) environment() map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": s.URL, "POSTERN_S3_ANONYMOUS": "true", "AWS_EC2_METADATA_DISABLED": "true"}
}

// open makes a store that does not wait long.
func (s *server) open(env map[string]string) *store {
	s.t.Helper()
	st, err := open(func(k string) string { return env[k] })
	if err != nil {
		s.t.Fatal(err)
	}
	st.pause, st.attempts = time.Millisecond, 3
	return st
}

// walk gives what a walk over a path finds: the octets of messages by their names, and errors.
func (s *server) walk(st *store, opts mailbox.Options, paths ...string) (map[string]string, []error) {
	s.t.Helper()
	mailbox.Register(Scheme, func() (mailbox.Store, error) { return st, nil })
	found, errs := map[string]string{}, []error{}
	for m, err := range mailbox.Walk(s.t.Context(), paths, nil, opts) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Name, err))
		} else {
			found[m.Name] = string(b)
		}
		m.Close()
	}
	return found, errs
}

func message(i int, body string) string {
	return fmt.Sprintf("From: a@example.org\nTo: b@example.net\nSubject: Number %d\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n\n%s\n", i, body)
}

func mbox(n, size int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "From a@example.org Mon Mar  2 09:00:00 2026\n%s\n", message(i, strings.Repeat(strings.Repeat("x", 70)+"\n", size/71)))
	}
	return b.String()
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWalk(t *testing.T) {
	s := serve(t)
	s.put("a/one.eml", message(1, "one"))
	s.put("a/two.eml.gz", packed(t, message(2, "two")))
	s.put("a/old/box.mbox", mbox(3, 100))
	s.put("a/Maildir/cur/1:2,S", message(3, "three"))
	s.put("a/Maildir/tmp/1700000000.x.host", message(4, "four"))
	s.put("a/Maildir/", "")
	s.put("a/notes.pdf", "%PDF")
	s.put("a+b c/ü%20.eml", message(5, "five"))
	s.put("another.eml", message(6, "six"))
	st := s.open(s.environment())
	skipped := map[string]int{}
	opts := mailbox.Options{Skipped: func(k mailbox.Skip) { skipped[k.Reason]++ }}
	for _, path := range []string{"s3://mail/a", "s3://mail/a/"} {
		clear(skipped)
		got, errs := s.walk(st, opts, path)
		names := slices.Sorted(maps.Keys(got))
		want := []string{"s3://mail/a/Maildir/cur/1:2,S", "s3://mail/a/old/box.mbox#1", "s3://mail/a/old/box.mbox#2", "s3://mail/a/old/box.mbox#3", "s3://mail/a/one.eml", "s3://mail/a/two.eml.gz"}
		if !slices.Equal(names, want) || len(errs) > 0 {
			t.Errorf("%s: %q, %v", path, names, errs)
		}
		if got["s3://mail/a/two.eml.gz"] != message(2, "two") || got["s3://mail/a/one.eml"] != message(1, "one") {
			t.Errorf("%q", got)
		}
		if skipped[mailbox.SkippedName] != 1 || skipped[mailbox.SkippedTmp] != 1 || len(skipped) != 2 {
			t.Errorf("left out: %v", skipped)
		}
	}
	for path, want := range map[string]string{"s3://mail/a+b c/ü%20.eml": message(5, "five"), "s3://mail/another.eml": message(6, "six"), "s3://mail/a+b c": message(5, "five")} {
		got, errs := s.walk(st, opts, path)
		if len(got) != 1 || slices.Collect(maps.Values(got))[0] != want || len(errs) > 0 {
			t.Errorf("%s: %q, %v", path, got, errs)
		}
	}
	if got, errs := s.walk(st, opts, "s3://mail"); len(got) != 8 || len(errs) > 0 {
		t.Errorf("the bucket: %d, %v", len(got), errs)
	}
	for path, want := range map[string]string{
		"s3://mail/absent": "no message found", "s3://mail/anoth": "no message found", "s3://absent/x": "no such bucket",
		"s3://a/x": "is s3://bucket/prefix", "s3://": "is s3://bucket/prefix",
	} {
		got, errs := s.walk(st, opts, path)
		if len(got) > 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%s: %v, %v", path, got, errs)
		}
	}
}

// TestLarge: an object of any size is read by parts of which few are kept, and each octet about once.
func TestLarge(t *testing.T) {
	s := serve(t)
	text := mbox(300, 100_000)
	s.put("big.mbox", text)
	st := s.open(s.environment())
	st.cache.room = 8 * blockBytes
	got, errs := s.walk(st, mailbox.Options{}, "s3://mail/big.mbox")
	if len(got) != 300 || len(errs) > 0 {
		t.Fatalf("%d messages, %v", len(got), errs)
	}
	total := 0
	for _, m := range got {
		total += len(m)
	}
	if want := len(text) - 300*len("From a@example.org Mon Mar  2 09:00:00 2026\n\n"); total != want {
		t.Errorf("%d octets, want %d", total, want)
	}
	if n := s.octets.Load(); n > int64(len(text))*11/10 {
		t.Errorf("%d octets were sent for %d", n, len(text))
	}
	if st.cache.used > 0 {
		t.Errorf("%d octets are kept after the end", st.cache.used)
	}
}

// TestPieces: what a walk would read can be read piece by piece, and a large object segment by segment: each reads little more
// than itself.
func TestPieces(t *testing.T) {
	s := serve(t)
	text := mbox(300, 100_000)
	s.put("big.mbox", text)
	s.put("one.eml", message(1, "one"))
	s.put("notes.pdf", "%PDF")
	whole, errs := s.walk(s.open(s.environment()), mailbox.Options{OffsetNames: true}, "s3://mail/")
	if len(whole) != 301 || len(errs) > 0 {
		t.Fatalf("%d messages, %v", len(whole), errs)
	}
	st := s.open(s.environment())
	mailbox.Register(Scheme, func() (mailbox.Store, error) { return st, nil })
	all := map[string]string{}
	take := func(m mailbox.Message, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[m.Name]; twice {
			t.Errorf("%s is there twice", m.Name)
		}
		all[m.Name] = string(b)
		m.Close()
	}
	opts := mailbox.Options{OffsetNames: true}
	var said []string
	before := s.octets.Load()
	pieces := slices.Collect(mailbox.Pieces(t.Context(), []string{"s3://mail/"}, nil, opts))
	if n := s.octets.Load() - before; n > 4096 {
		t.Errorf("%d octets were sent for a list", n)
	}
	for _, p := range pieces {
		said = append(said, fmt.Sprint(p.Name, " ", p.Size, " ", p.End, " ", p.Skip != nil))
		switch {
		case !p.Readable():
		case p.IsMbox(t.Context(), opts):
			for n := int64(0); n < 4; n++ {
				before := s.octets.Load()
				seg := &mailbox.Segment{From: p.Size * n / 4, To: p.Size * (n + 1) / 4, At: -1, Back: 1}
				for m, err := range p.Segment(t.Context(), opts, seg) {
					take(m, err)
				}
				// What was asked for ahead may still be under way when the next one begins.
				if n := s.octets.Load() - before; n > p.Size/4+(4+2*ahead)*blockBytes {
					t.Errorf("%d octets of %d were sent", n, p.Size)
				}
			}
		default:
			p.Ahead()
			for m, err := range p.Read(t.Context(), opts) {
				take(m, err)
			}
		}
	}
	if !maps.Equal(all, whole) {
		t.Errorf("%d messages in all pieces, %d in one run", len(all), len(whole))
	}
	want := []string{fmt.Sprintf("s3://mail/big.mbox %d false false", len(text)), "s3://mail/notes.pdf 0 false true", fmt.Sprintf("s3://mail/one.eml %d false false", len(message(1, "one"))), "s3://mail/ 0 true false"}
	if !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
}

// TestAhead: short objects are asked for before their turn.
func TestAhead(t *testing.T) {
	s := serve(t)
	for i := range 1500 {
		s.put(fmt.Sprintf("m/%04d.eml", i), message(i, "short"))
	}
	var now, most atomic.Int64
	held := make(chan struct{})
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") != "" {
			n := now.Add(1)
			defer now.Add(-1)
			if most.Store(max(most.Load(), n)); n >= 4 {
				select {
				case <-held:
				default:
					close(held)
				}
			}
			// Nobody gets an answer before four are asking.
			select {
			case <-held:
			case <-time.After(30 * time.Second):
			}
		}
		return false
	}
	got, errs := s.walk(s.open(s.environment()), mailbox.Options{}, "s3://mail/m")
	if len(got) != 1500 || len(errs) > 0 {
		t.Fatalf("%d messages, %v", len(got), errs)
	}
	if most.Load() < 4 || s.gets.Load() != 1500 {
		t.Errorf("%d at once, %d in all", most.Load(), s.gets.Load())
	}
}

// TestInterrupted: a run that is interrupted does not wait for the storage.
func TestInterrupted(t *testing.T) {
	s := serve(t)
	s.put("one.eml", message(1, "one"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	end := make(chan struct{})
	defer close(end)
	for _, kind := range []string{"list-type", "Range"} {
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has(kind) || r.Header.Get(kind) != "" {
				cancel()
				<-end
			}
			return false
		}
		st := s.open(s.environment())
		mailbox.Register(Scheme, func() (mailbox.Store, error) { return st, nil })
		for m, err := range mailbox.Walk(ctx, []string{"s3://mail/"}, nil, mailbox.Options{}) {
			t.Errorf("%v, %v", m.Name, err)
		}
	}
}

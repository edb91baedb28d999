package s3

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/mailbox"
)

const secret = "do-not-show-this-secret"

// part answers a request for a part of an object.
func part(w http.ResponseWriter, r *http.Request, text, etag string) {
	var from, to int
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to)
	w.Header().Set("ETag", `"`+etag+`"`)
	w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(text)))
	w.Header().Set("Content-Length", fmt.Sprint(to-from+1))
	w.WriteHeader(http.StatusPartialContent)
	w.Write([]byte(text[from : to+1]))
}

func page(w http.ResponseWriter, more string, keys ...string) {
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprint(w, `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>mail</Name>`)
	if more != "" {
		fmt.Fprintf(w, "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>", more)
	}
	for _, k := range keys {
		fmt.Fprintf(w, `<Contents><Key>%s</Key><Size>10</Size><ETag>"e"</ETag><LastModified>2026-03-02T09:00:00.000Z</LastModified></Contents>`, k)
	}
	fmt.Fprint(w, "</ListBucketResult>")
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>\u202emessage</Message></Error>", code)
}

// TestHostile: whatever a server does, a walk ends with an error that says what it was, and never gives a message that is not
// the one that is stored.
func TestHostile(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request went to another host: %s %v", r.URL, r.Header)
	}))
	defer elsewhere.Close()
	text := message(1, strings.Repeat("one\n", 100))
	var pages atomic.Int64
	get := func(f func(w http.ResponseWriter, r *http.Request)) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") != "" {
				f(w, r)
				return true
			}
			return false
		}
	}
	list := func(f func(w http.ResponseWriter, r *http.Request)) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("list-type") {
				f(w, r)
				return true
			}
			return false
		}
	}
	for _, tt := range []struct {
		name   string
		before func(w http.ResponseWriter, r *http.Request) bool
		want   string // "" is the message
	}{
		{"honest", nil, ""},
		{"short body", get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(text)-1, len(text)))
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(text[:50]))
		}), "changed after it was listed"},
		{"cut off", get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(text)-1, len(text)))
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(text[:50]))
		}), "ends after 50 of"},
		{"wrong length", get(func(w http.ResponseWriter, r *http.Request) { part(w, r, text+"more", "x") }), "changed after it was listed"},
		{"longer", get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(text)-1, len(text)))
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(text + "more"))
			w.(http.Flusher).Flush()
		}), "longer than what was asked for"},
		{"another part", get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 1-%d/%d", len(text)-1, len(text)))
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(text[1:]))
		}), "gives other parts"},
		{"another object", get(func(w http.ResponseWriter, r *http.Request) {
			part(w, r, strings.ReplaceAll(text, "one", "two"), "another")
		}), "changed after it was listed"},
		{"precondition", get(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 412, "PreconditionFailed") }), "changed after it was listed"},
		{"gone", get(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, "NoSuchKey") }), "no such object"},
		{"archived", get(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "InvalidObjectState") }), "archived"},
		{"busy", get(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 503, "SlowDown") }), "SlowDown (status 503)"},
		{"a page of HTML", get(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>log in</html>")) }), "does not answer as it should"},
		{"slow drip", get(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(text)-1, len(text)))
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			w.WriteHeader(http.StatusPartialContent)
			for i := 0; i < len(text) && r.Context().Err() == nil; i++ {
				w.Write([]byte(text[i : i+1]))
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		}), "no complete answer within"},
		{"connection closed", get(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }), "does not answer as it should"},
		{"redirect", get(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}), "is elsewhere"},
		{"redirected list", list(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.String(), http.StatusMovedPermanently)
		}), "is elsewhere"},
		{"redirect of S3", list(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(301)
			fmt.Fprintf(w, "<Error><Code>PermanentRedirect</Code><Endpoint>%s</Endpoint></Error>", elsewhere.URL)
		}), "is elsewhere"},
		{"denied", list(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "AccessDenied") }), "access is denied"},
		{"refused", list(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "SignatureDoesNotMatch") }), "credentials are refused"},
		{"hostile code", list(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 400, "a&#10;message") }), "an unknown code"},
		{"keys from elsewhere", list(func(w http.ResponseWriter, _ *http.Request) { page(w, "", "other/x.eml") }), "do not begin as was asked"},
		{"unsorted", list(func(w http.ResponseWriter, _ *http.Request) { page(w, "", "m/b.pdf", "m/a.pdf") }), "not in the order"},
		{"the same page", list(func(w http.ResponseWriter, _ *http.Request) { page(w, "again", "m/a.pdf") }), "not in the order"},
		{"endless", list(func(w http.ResponseWriter, _ *http.Request) { page(w, fmt.Sprint(pages.Add(1))) }), "has no end"},
		{"no list", list(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html></html>") }), "does not answer as it should"},
		{"too large a list", list(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<ListBucketResult><Name>")
			b := []byte(strings.Repeat("x", 1<<20))
			for range 64 {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}), "does not answer as it should"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t)
			s.put("m/x.eml", text)
			s.before = tt.before
			st := s.open(map[string]string{"AWS_ENDPOINT_URL": s.URL, "AWS_EC2_METADATA_DISABLED": "true"})
			if tt.name == "slow drip" {
				st.timeout = time.Second
			}
			got, errs := s.walk(st, mailbox.Options{}, "s3://mail/m/")
			if tt.want == "" {
				if len(errs) > 0 || got["s3://mail/m/x.eml"] != text {
					t.Errorf("%v, %v", got, errs)
				}
				return
			}
			var e *mailbox.Error
			if len(got) > 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), tt.want) || !errors.As(errs[0], &e) {
				t.Fatalf("%v, %v; want %q", got, errs, tt.want)
			}
			if e.Hint == "" && tt.name != "hostile code" {
				t.Errorf("no hint with %v", e)
			}
			if strings.Contains(errs[0].Error()+e.Hint, secret) || strings.Contains(errs[0].Error(), "message") {
				t.Errorf("%q", errs[0])
			}
		})
	}
}

// TestPassing: what is over the next time is no error.
func TestPassing(t *testing.T) {
	for name, fail := range map[string]func(w http.ResponseWriter){
		"503":    func(w http.ResponseWriter) { refuse(w, 503, "SlowDown") },
		"500":    func(w http.ResponseWriter) { w.WriteHeader(500) },
		"closed": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.put("m/x.eml", message(1, "one"))
			seen := map[string]int{}
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				kind := "list"
				if r.Header.Get("Range") != "" {
					kind = "get"
				}
				if seen[kind]++; seen[kind] < 3 {
					fail(w)
					return true
				}
				return false
			}
			got, errs := s.walk(s.open(s.environment()), mailbox.Options{}, "s3://mail/m/")
			if len(errs) > 0 || got["s3://mail/m/x.eml"] != message(1, "one") || seen["list"] != 3 || seen["get"] != 3 {
				t.Errorf("%v, %v, %v", got, errs, seen)
			}
		})
	}
}

// TestBrokenMiddle: what was read before an error is judged, and what an archive in S3 holds is not called damaged because the
// network was.
func TestBrokenMiddle(t *testing.T) {
	s := serve(t)
	box := mbox(60, 100_000)
	s.put("box.mbox", box)
	s.put("box.mbox.gz", packed(t, mboxOfNoise()))
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") != "" && !strings.HasPrefix(r.Header.Get("Range"), "bytes=0-") {
			refuse(w, 503, "SlowDown")
			return true
		}
		return false
	}
	got, errs := s.walk(s.open(s.environment()), mailbox.Options{}, "s3://mail/")
	plain := 0
	for name := range got {
		if !strings.Contains(name, ".gz") {
			plain++
		}
	}
	if plain < 9 || plain > 12 || len(got) == plain || len(errs) != 2 {
		t.Fatalf("%d and %d messages, %v", plain, len(got)-plain, errs)
	}
	for _, err := range errs {
		if !strings.Contains(err.Error(), "SlowDown") || strings.Contains(err.Error(), "archive.") || strings.Contains(err.Error(), "mbox.truncated") {
			t.Errorf("%v", err)
		}
	}
}

// mboxOfNoise does not become short when it is packed.
func mboxOfNoise() string {
	var b strings.Builder
	x := uint32(1)
	for b.Len() < 4<<20 {
		fmt.Fprintf(&b, "From a@example.org Mon Mar  2 09:00:00 2026\n%s", message(1, ""))
		for range 300 {
			x = x*1664525 + 1013904223
			fmt.Fprintf(&b, "%08x%08x\n", x, x*2654435761)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { page(w, "") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	w := &server{t: t}
	env := map[string]string{"AWS_ENDPOINT_URL_S3": s.URL, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "POSTERN_S3_ANONYMOUS": "true"}
	_, errs := w.walk(w.open(env), mailbox.Options{}, "s3://mail/m/")
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "cannot prove its name") {
		t.Errorf("%v", errs)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	env["AWS_CA_BUNDLE"] = bundle
	if _, errs = w.walk(w.open(env), mailbox.Options{}, "s3://mail/m/"); len(errs) != 1 || !strings.Contains(errs[0].Error(), "no message found") {
		t.Errorf("%v", errs)
	}
}

// TestCredentials: they are found where all tools look, signed with, and never shown.
func TestCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[other]\naws_access_key_id = FILEKEY\naws_secret_access_key = "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string // in the Authorization field; "" is none
	}{
		{"environment", map[string]string{"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "eu-central-1"}, "Credential=ENVKEY/"},
		{"profile", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_PROFILE": "other"}, "Credential=FILEKEY/"},
		{"none", nil, ""},
		{"anonymous", map[string]string{"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": secret, "POSTERN_S3_ANONYMOUS": "true"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"} {
				t.Setenv(name, tt.env[name])
			}
			t.Setenv("HOME", t.TempDir())
			s := serve(t)
			s.put("m/x.eml", message(1, "one"))
			var last atomic.Value
			last.Store("")
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				last.Store(r.Header.Get("Authorization"))
				refuse(w, 403, "AccessDenied")
				return true
			}
			env := s.environment()
			delete(env, "POSTERN_S3_ANONYMOUS")
			for k, v := range tt.env {
				env[k] = v
			}
			_, errs := s.walk(s.open(env), mailbox.Options{}, "s3://mail/m/")
			got := last.Load().(string)
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("Authorization: %q, want %q", got, tt.want)
			}
			if region := env["AWS_REGION"]; region != "" && !strings.Contains(got, "/"+region+"/s3/") {
				t.Errorf("Authorization: %q, want %s", got, region)
			}
			var e *mailbox.Error
			if len(errs) != 1 || !errors.As(errs[0], &e) || strings.Contains(e.Error()+e.Hint, secret) {
				t.Fatalf("%v", errs)
			}
			if want := "without credentials"; strings.Contains(e.Error(), want) != (tt.want == "") {
				t.Errorf("%v", e)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, env := range []map[string]string{
		{"AWS_ENDPOINT_URL": "https://user:" + secret + "@host"},
		{"AWS_ENDPOINT_URL": "host:9000"},
		{"AWS_ENDPOINT_URL": "https://host/path"},
		{"AWS_ENDPOINT_URL": "ftp://host"},
		{"AWS_CA_BUNDLE": "/no/such/file"},
		{"POSTERN_S3_ADDRESSING": "x"},
	} {
		s, err := open(func(k string) string { return env[k] })
		if err == nil || s != nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%v: %v", env, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for path, want := range map[string]string{
		"s3://mail/a//b?c#d": "mail a//b?c#d", "s3://mail": "mail ", "s3://mail/": "mail ", "s3://KEY:" + secret + "@mail/x": "", "s3:///x": "", "s3://m a/x": "", "s3://mail:80/x": "", "/mail": "",
	} {
		bucket, key, err := Split(path)
		if (err != nil) != (want == "") || err == nil && bucket+" "+key != want || err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %q, %q, %v", path, bucket, key, err)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// TestS3 reads mail from storage: the audit of a bucket is that of the same files on disk, in one run and in shards, and the
// commands that read messages read objects.
func TestS3(t *testing.T) {
	paths := auditArchive(t, 60)
	dir := filepath.Dir(paths[0])
	backend := s3mem.New()
	if err := backend.CreateBucket("mail"); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		key := "2026" + filepath.ToSlash(strings.TrimPrefix(p, dir))
		_, err = backend.PutObject("mail", key, map[string]string{"Last-Modified": "Mon, 02 Mar 2026 09:00:00 GMT"}, bytes.NewReader(b), int64(len(b)), nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	denied := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if denied {
			http.Error(w, "<Error><Code>AccessDenied</Code></Error>", http.StatusForbidden)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "KEY")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "do-not-show-this")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	same := func(want, got string) {
		t.Helper()
		if got = strings.ReplaceAll(got, "s3://mail/2026", dir); got != want {
			t.Errorf("from S3:\n%s\nfrom disk:\n%s", got, want)
		}
	}
	want, _ := postern(t, 3, "audit", "--no-redact", "--format", "ndjson", dir)
	got, _ := postern(t, 3, "audit", "--no-redact", "--format", "ndjson", "s3://mail/2026")
	same(want, got)
	parts := t.TempDir()
	for i := 1; i <= 3; i++ {
		postern(t, 0, "audit", "--shard", fmt.Sprintf("%d/3", i), "--exit-zero", "--output", fmt.Sprintf("part=%s/%d.part", parts, i), "s3://mail/2026")
	}
	got, _ = postern(t, 3, "audit", "merge", "--no-redact", "--format", "ndjson", parts)
	same(want, got)
	for _, command := range []string{"check --no-config", "facts", "size"} {
		args := strings.Fields(command)
		var out, errs bytes.Buffer
		code := process(context.Background(), append(append([]string{"postern"}, args...), dir+"/loose/one.eml"), nil, &out, &errs)
		got, _ := postern(t, code, append(args, "s3://mail/2026/loose/one.eml")...)
		same(out.String(), got)
	}
	// What cannot be had is unjudged, and the way out is said.
	for path, want := range map[string]string{
		"s3://mail/2025": "there is no object of that name or below it", "s3://nobody/x": "see to the name, and to AWS_ENDPOINT_URL",
	} {
		if out, errs := postern(t, 3, "check", path); !strings.Contains(out+errs, want) {
			t.Errorf("%s: %s%s", path, out, errs)
		}
	}
	denied = true
	if out, errs := postern(t, 3, "check", "s3://mail/2026"); !strings.Contains(out+errs, "access is denied") || !strings.Contains(out+errs, "s3:ListBucket") {
		t.Errorf("%s%s", out, errs)
	}
	if out, errs := postern(t, 3, "audit", "--no-redact", "s3://mail/2026"); !strings.Contains(out+errs, "access is denied") {
		t.Errorf("%s%s", out, errs)
	}
	for _, command := range []string{"check", "audit", "size", "facts"} {
		out, errs := postern(t, 2, command, "s3://KEY:do-not-show-this@mail/x")
		if strings.Contains(out+errs, "do-not-show") || !strings.Contains(errs, "AWS_ACCESS_KEY_ID") {
			t.Errorf("%s: %s%s", command, out, errs)
		}
	}
}

// Package s3 reads objects of S3-compatible storage as mailbox reads files. It lists and gets, and never writes.
//
// An object is read by ranges, of which a bounded number is kept, whatever its size is. Each range is asked for with the ETag
// that the object had when it was listed, and is taken only if it is what was asked for, octet for octet: a server that sends
// less, more or something else is an error, never the end of a file.
//
// Where the storage is and who asks is taken from the environment that all tools for S3 have: AWS_ENDPOINT_URL_S3 or
// AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION, AWS_CA_BUNDLE, and credentials in AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), in the profile AWS_PROFILE of the shared credentials file, or those of the role of
// the container or machine. POSTERN_S3_ANONYMOUS=true asks without any, and POSTERN_S3_ADDRESSING is path or virtual where the
// name of the bucket shall stand in the path or before the host; without it that depends on the endpoint.
package s3

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/cmd/internal/mailbox"
)

// Scheme begins the paths of objects.
const Scheme = "s3"

// Register makes mailbox read paths that begin with Scheme.
func Register() {
	mailbox.Register(Scheme, func() (mailbox.Store, error) { return open(os.Getenv) })
}

// Split takes a path apart. The key is taken as it is, without any escapes. The error does not hold the path, which may hold
// a secret.
func Split(path string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(path, Scheme+"://")
	if !ok {
		return "", "", errors.New("the path does not begin with " + Scheme + "://")
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if strings.ContainsAny(bucket, "@:") {
		return "", "", errors.New("a path of S3 has no user, password or port; it is s3://bucket/prefix")
	}
	if len(bucket) < 3 || len(bucket) > 255 || strings.ContainsFunc(bucket, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_')
	}) {
		return "", "", errors.New("a path of S3 is s3://bucket/prefix, and no bucket is called so")
	}
	return bucket, key, nil
}

const (
	blockBytes = 1 << 20
	// ahead is how many blocks are asked for before their turn when an object is read from its beginning to its end.
	ahead = 4
	// objectsAhead is how many objects are, that are no longer than a block.
	objectsAhead = 32
	// maxBody bounds every answer. A page of a list holds 1000 keys of at most 1024 octets.
	maxBody = 16 << 20
)

// store is a mailbox.Store.
type store struct {
	core      minio.Core
	cache     *cache
	anonymous func() bool
	attempts  int
	pause     time.Duration // before the second attempt; it doubles
	timeout   time.Duration // of one attempt, from its beginning to its last octet
}

// open makes a store that has not connected yet.
func open(getenv func(string) string) (*store, error) {
	s := &store{attempts: 5, pause: 200 * time.Millisecond, timeout: time.Minute}
	// What is kept of all objects: enough for those that are worked on and for what is asked for ahead of its turn.
	s.cache = newCache(int64(8+4*runtime.GOMAXPROCS(0)) * blockBytes)
	endpoint, secure, err := endpointOf(getenv)
	if err != nil {
		return nil, err
	}
	transport, err := s.transport(getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return nil, err
	}
	lookup := minio.BucketLookupAuto
	switch v := getenv("POSTERN_S3_ADDRESSING"); v {
	case "", "auto":
	case "path":
		lookup = minio.BucketLookupPath
	case "virtual":
		lookup = minio.BucketLookupDNS
	default:
		return nil, &mailbox.StoreError{Err: fmt.Errorf("POSTERN_S3_ADDRESSING cannot be %q", v), Hint: "it is path, virtual or auto"}
	}
	creds := credentialsOf(getenv)
	s.anonymous = func() bool {
		v, err := creds.GetWithContext(nil)
		return err == nil && v.AccessKeyID == ""
	}
	region := cmp.Or(getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION"))
	if region == "" && endpoint != amazon {
		region = "us-east-1" // what servers of one place take; they need not be asked
	}
	c, err := minio.NewCore(endpoint, &minio.Options{
		Creds: creds, Secure: secure, Region: region, BucketLookup: lookup,
		Transport: transport, MaxRetries: 1, // it is tried again here
	})
	if err != nil {
		return nil, &mailbox.StoreError{Err: fmt.Errorf("the endpoint cannot be used: %w", err), Hint: "AWS_ENDPOINT_URL is written as https://host:port"}
	}
	s.core = *c
	return s, nil
}

const amazon = "s3.amazonaws.com"

// endpointOf is the host of the storage. Without one it is that of Amazon.
func endpointOf(getenv func(string) string) (host string, secure bool, err error) {
	for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"} {
		v := getenv(name)
		if v == "" {
			continue
		}
		u, err := url.Parse(v)
		// The text is not shown: it may hold a password.
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return "", false, &mailbox.StoreError{Err: fmt.Errorf("%s cannot be used", name), Hint: "write it as https://host:port, without user, password or path"}
		}
		return u.Host, u.Scheme == "https", nil
	}
	return amazon, true, nil
}

// credentialsOf looks for credentials where all tools look, with the first request that needs them.
func credentialsOf(getenv func(string) string) *credentials.Credentials {
	if getenv("POSTERN_S3_ANONYMOUS") == "true" {
		return credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	}
	list := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}
	named := getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") + getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") + getenv("AWS_WEB_IDENTITY_TOKEN_FILE")
	if named != "" || getenv("AWS_EC2_METADATA_DISABLED") != "true" {
		// Where there is no such service nothing answers.
		list = append(list, &credentials.IAM{Client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext, TLSHandshakeTimeout: 3 * time.Second,
		}}})
	}
	return credentials.New(&chain{Chain: credentials.Chain{Providers: list}})
}

// chain is a chain that does not look again when it has found nothing: to look for a role takes a second where there is none.
type chain struct {
	credentials.Chain
	none bool
}

func (c *chain) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	v, err := c.Chain.RetrieveWithCredContext(cc)
	c.none = err == nil && v.AccessKeyID == ""
	return v, err
}

func (c *chain) Retrieve() (credentials.Value, error) { return c.RetrieveWithCredContext(nil) }

func (c *chain) IsExpired() bool { return !c.none && c.Chain.IsExpired() }

func (s *store) transport(bundle string) (http.RoundTripper, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   objectsAhead,
		MaxConnsPerHost:       objectsAhead,
		// What is stored with Content-Encoding: gzip is read as it is stored.
		DisableCompression: true,
		TLSClientConfig:    &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if bundle != "" {
		b, err := os.ReadFile(bundle)
		if err != nil {
			return nil, &mailbox.StoreError{Err: fmt.Errorf("AWS_CA_BUNDLE: %w", err)}
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(b) {
			return nil, &mailbox.StoreError{Err: fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate", bundle), Hint: "it holds certificates in PEM form"}
		}
	}
	return &bounded{t, s}, nil
}

// bounded gives every request an end, and every answer a size.
type bounded struct {
	next http.RoundTripper
	s    *store
}

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), b.s.timeout)
	resp, err := b.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &body{io.LimitReader(resp.Body, maxBody), resp.Body, cancel}
	return resp, nil
}

// body is the body of an answer.
type body struct {
	io.Reader
	inner  io.Closer
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.cancel()
	return b.inner.Close()
}

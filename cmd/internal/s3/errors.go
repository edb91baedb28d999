package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"

	"postern/cmd/internal/mailbox"
)

// errAgain is an answer that was not what was asked for and may be the next time.
type errAgain struct{ error }

// again does f until it is done, has an error that will come again, or was tried often enough.
func (s *store) again(ctx context.Context, f func(context.Context) error) error {
	pause := s.pause
	for i := 1; ; i++ {
		err := f(ctx)
		if err == nil || ctx.Err() != nil || i >= s.attempts || !passing(err) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		// Many that were refused at the same time do not come back at the same time.
		t := time.NewTimer(pause/2 + rand.N(pause/2+1))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
		pause *= 2
	}
}

// passing tells whether an error may be gone the next time.
func passing(err error) bool {
	var again errAgain
	if errors.As(err, &again) {
		return true
	}
	var certificate *tls.CertificateVerificationError
	var known *mailbox.StoreError
	if errors.As(err, &certificate) || errors.As(err, &known) {
		return false
	}
	if r, ok := answer(err); ok {
		if r.StatusCode == 0 {
			return false // the library does not understand the answer
		}
		switch r.Code {
		case "SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests":
			return true
		}
		return r.StatusCode >= 500 || r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusRequestTimeout
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return !dns.IsNotFound
	}
	return true // the connection
}

// answer is the error that the server states.
func answer(err error) (minio.ErrorResponse, bool) {
	var r minio.ErrorResponse
	ok := errors.As(err, &r)
	return r, ok && r.Code != ""
}

// explain makes of an error what the user is told. What the server wrote is not part of it but for its code, of letters only.
func (s *store) explain(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var known *mailbox.StoreError
	if errors.As(err, &known) {
		return known
	}
	say := func(hint, format string, args ...any) error {
		return &mailbox.StoreError{Err: fmt.Errorf(format, args...), Hint: hint}
	}
	r, ok := answer(err)
	if !ok {
		var certificate *tls.CertificateVerificationError
		var web *url.Error
		var dns *net.DNSError
		switch {
		case errors.As(err, &certificate):
			return say("AWS_CA_BUNDLE names a file with the certificate of your own authority", "the server cannot prove its name: %w", certificate.Err)
		case errors.Is(err, context.DeadlineExceeded):
			return say("the server is too slow, or the network is; try again", "no complete answer within %s, %d times", s.timeout, s.attempts)
		case errors.As(err, &dns):
			return say("see to AWS_ENDPOINT_URL, AWS_REGION and the name of the bucket", "the host %s is not known", dns.Name)
		case errors.As(err, &web):
			err = web.Err
		}
		return say("see to AWS_ENDPOINT_URL and the network, and try again", "the storage does not answer as it should: %w", err)
	}
	switch r.Code {
	case "NoSuchBucket":
		return say("see to the name, and to AWS_ENDPOINT_URL", "there is no such bucket")
	case "NoSuchKey", "NotFound":
		return say("it may have been removed after it was listed", "there is no such object")
	case "AccessDenied", "AllAccessDisabled", "Forbidden":
		if s.anonymous() {
			return say("none were found in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the profile AWS_PROFILE of ~/.aws/credentials or in a role of this machine",
				"access is denied to a reader without credentials")
		}
		return say("the credentials need s3:ListBucket for the bucket and s3:GetObject for its objects", "access is denied")
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired", "InvalidSecurity":
		return say("see to AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or log in again", "the credentials are refused (%s)", r.Code)
	case "RequestTimeTooSkewed":
		return say("set the clock", "the clock of this machine is not that of the storage")
	case "PermanentRedirect", "TemporaryRedirect", "MovedPermanently", "Found", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "InvalidRegion":
		return say("set AWS_REGION to the region of the bucket, or AWS_ENDPOINT_URL to its server; other hosts are not followed", "the bucket is elsewhere (%s)", letters(r.Code))
	case "InvalidObjectState":
		return say("restore it first", "the object is archived")
	case "PreconditionFailed":
		return say("begin the run again when nobody writes", "the object was changed after it was listed")
	}
	if r.StatusCode >= 300 && r.StatusCode < 400 {
		return say("set AWS_REGION to the region of the bucket, or AWS_ENDPOINT_URL to its server; other hosts are not followed", "the bucket is elsewhere (status %d)", r.StatusCode)
	}
	if r.StatusCode == 0 {
		return say("it is not compatible with S3 in this", "the storage does not answer as it should: %s", r.Message)
	}
	hint := ""
	if passing(err) {
		hint = fmt.Sprintf("it was tried %d times; try again later", s.attempts)
	}
	return say(hint, "the storage says %s (status %d)", letters(r.Code), r.StatusCode)
}

// letters is a code of an error as it may be shown.
func letters(code string) string {
	for i, c := range code {
		if i > 50 || !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return "an unknown code"
		}
	}
	return code
}

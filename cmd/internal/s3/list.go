package s3

import (
	"context"
	"errors"
	"iter"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"

	"postern/cmd/internal/mailbox"
)

// maxEmpty is how many pages without a key may follow each other in a list.
const maxEmpty = 100

// List yields the object of exactly that key first, if there is one, then those whose keys have it as a directory.
func (s *store) List(ctx context.Context, p string, fetch func(mailbox.Object) bool) iter.Seq2[mailbox.Object, error] {
	return func(yield func(mailbox.Object, error) bool) {
		bucket, key, err := Split(p)
		if err != nil {
			yield(mailbox.Object{}, &mailbox.StoreError{Err: err})
			return
		}
		l := &lister{s: s, ctx: ctx, bucket: bucket, fetch: fetch}
		prefix := key
		if key != "" && !strings.HasSuffix(key, "/") {
			info, ok, err := l.named(key)
			if err != nil {
				yield(mailbox.Object{}, s.explain(err))
				return
			}
			if ok && !yield(l.object(info, path.Base(key), true), nil) {
				return
			}
			if l.only {
				return
			}
			prefix += "/"
		}
		l.below(prefix, yield)
	}
}

// lister is one List.
type lister struct {
	s      *store
	ctx    context.Context
	bucket string
	fetch  func(mailbox.Object) bool
	only   bool // nothing but one object can be read
}

// named looks for the object of a key.
func (l *lister) named(key string) (info minio.ObjectInfo, ok bool, err error) {
	// The shortest key comes first. A list tells why it is refused; a question for the object alone does not.
	page, err := l.page(key, "", 1)
	if err == nil {
		if len(page.Contents) > 0 && page.Contents[0].Key == key {
			return page.Contents[0], true, nil
		}
		return info, false, nil
	}
	if r, _ := answer(err); r.Code != "AccessDenied" {
		return info, false, err
	}
	stat := l.s.again(l.ctx, func(ctx context.Context) (err error) {
		info, err = l.s.core.StatObject(ctx, l.bucket, key, minio.StatObjectOptions{})
		return err
	})
	if stat != nil {
		return info, false, err
	}
	l.only = true
	info.Key = key
	return info, true, nil
}

// page gets a page of a list.
func (l *lister) page(prefix, token string, most int) (page minio.ListBucketV2Result, err error) {
	err = l.s.again(l.ctx, func(ctx context.Context) error {
		type result struct {
			page minio.ListBucketV2Result
			err  error
		}
		// The function takes no context. It ends by the timeout of its request.
		done := make(chan result, 1)
		go func() {
			page, err := l.s.core.ListObjectsV2(l.bucket, prefix, "", token, "", most)
			done <- result{page, err}
		}()
		select {
		case r := <-done:
			if page = r.page; r.err == nil && page.Name == "" {
				// Any XML is taken for a list of nothing.
				return &mailbox.StoreError{Err: errors.New("the storage does not answer as it should: it sends something else than a list"), Hint: "see to AWS_ENDPOINT_URL"}
			}
			return r.err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return page, err
}

// below yields the objects whose keys begin with prefix.
func (l *lister) below(prefix string, yield func(mailbox.Object, error) bool) {
	bad := func(text string) {
		yield(mailbox.Object{}, &mailbox.StoreError{Err: errors.New(text), Hint: "the storage is not compatible with S3 in this; copy the objects elsewhere"})
	}
	token, last, empty := "", "", 0
	for {
		page, err := l.page(prefix, token, 0)
		if err != nil {
			yield(mailbox.Object{}, l.s.explain(err))
			return
		}
		var list []mailbox.Object
		for _, info := range page.Contents {
			switch {
			case !strings.HasPrefix(info.Key, prefix):
				bad("the list has keys that do not begin as was asked")
				return
			case info.Key <= last && last != "":
				bad("the list is not in the order of keys")
				return
			case info.Size < 0:
				bad("the list has an object without a size")
				return
			}
			last = info.Key
			rel := info.Key[len(prefix):]
			if info.Size == 0 && (rel == "" || strings.HasSuffix(rel, "/")) {
				continue // stands for a directory
			}
			if rel == "" {
				rel = "/" // something in the place of a directory
			}
			list = append(list, l.object(info, rel, false))
		}
		if !l.each(list, yield) || !page.IsTruncated {
			return
		}
		if empty++; len(page.Contents) > 0 {
			empty = 0
		}
		if empty > maxEmpty || page.NextContinuationToken == token {
			bad("the list has no end")
			return
		}
		token = page.NextContinuationToken
	}
}

// each yields objects. Those that are short are asked for before their turn, as long as there is room.
func (l *lister) each(list []mailbox.Object, yield func(mailbox.Object, error) bool) bool {
	next := 0
	var waiting int64
	for i, o := range list {
		for ; next < len(list) && next <= i+objectsAhead; next++ {
			n := list[next]
			if n.Size == 0 || n.Size > blockBytes || l.fetch == nil || !l.fetch(n) {
				continue
			}
			if waiting+n.Size > l.s.cache.room/2 {
				break
			}
			waiting += n.Size
			n.Reader.(*object).ask(0)
		}
		if next > i && o.Size <= blockBytes && o.Reader.(*object).asked {
			waiting -= o.Size
		}
		if next <= i {
			next = i + 1
		}
		if !yield(o, nil) {
			return false
		}
	}
	return true
}

func (l *lister) object(info minio.ObjectInfo, rel string, named bool) mailbox.Object {
	o := &object{s: l.s, ctx: l.ctx, bucket: l.bucket, key: info.Key, etag: strings.Trim(info.ETag, `"`), size: info.Size}
	x := mailbox.Object{Name: Scheme + "://" + l.bucket + "/" + info.Key, Rel: rel, Named: named, Size: info.Size, ModTime: info.LastModified, Reader: o, Closer: o}
	if info.Size > 0 && info.Size <= blockBytes {
		x.Ahead = func() { l.s.cache.get(o, 0) }
	}
	return x
}

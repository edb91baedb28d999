package s3

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"postern/cmd/internal/mailbox"
)

// object is an object that was listed. It is read by blocks.
type object struct {
	s           *store
	ctx         context.Context
	bucket, key string
	size        int64
	asked       bool // before its turn

	mu   sync.Mutex
	etag string
}

// ReadAt reads what lies at off. The octets are those of the object as it was listed.
func (o *object) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= o.size {
			return n, io.EOF
		}
		i := at / blockBytes
		b := o.block(i)
		select {
		case <-b.done:
		case <-o.ctx.Done():
			return n, o.ctx.Err()
		}
		if b.err != nil {
			return n, b.err
		}
		n += copy(p[n:], b.data[at-i*blockBytes:])
	}
	return n, nil
}

// Close gives back what is kept of the object.
func (o *object) Close() error {
	o.s.cache.drop(o)
	return nil
}

// ask has a block fetched before anybody reads it.
func (o *object) ask(i int64) {
	o.asked = true
	o.s.cache.get(o, i)
}

// block gives the block with that number. If the one before it is there, the object is read from one end to the other, and those
// behind it are fetched.
func (o *object) block(i int64) *block {
	c := o.s.cache
	b := c.get(o, i)
	if i > 0 && c.has(o, i-1) {
		for j := i + 1; j <= i+ahead && j*blockBytes < o.size; j++ {
			c.get(o, j)
		}
	}
	return b
}

// fetch gets n octets at off.
func (o *object) fetch(off, n int64) (data []byte, err error) {
	err = o.s.again(o.ctx, func(ctx context.Context) error {
		data, err = o.get(ctx, off, n)
		return err
	})
	if err != nil {
		return nil, o.s.explain(err)
	}
	return data, nil
}

// get is one attempt of fetch.
func (o *object) get(ctx context.Context, off, n int64) ([]byte, error) {
	o.mu.Lock()
	etag := o.etag
	o.mu.Unlock()
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+n-1); err != nil {
		return nil, err
	}
	if etag != "" {
		if err := opts.SetMatchETag(etag); err != nil {
			return nil, err
		}
	}
	body, info, header, err := o.s.core.GetObject(ctx, o.bucket, o.key, opts)
	if err != nil {
		if r, ok := answer(err); ok && r.Code == "InvalidRange" {
			return nil, o.changed() // it is shorter now
		}
		return nil, err
	}
	defer body.Close()
	if header.Get("Content-Encoding") == "aws-chunked" {
		return nil, o.odd("sends it in chunks that nobody asked for")
	}
	got := header.Get("Content-Range")
	switch {
	case got == fmt.Sprintf("bytes %d-%d/%d", off, off+n-1, o.size), got == "" && off == 0 && n == o.size && info.Size == n:
	case got == "":
		return nil, o.odd("does not give parts of it")
	case !strings.HasSuffix(got, fmt.Sprintf("/%d", o.size)):
		return nil, o.changed()
	default:
		return nil, o.odd("gives other parts of it than were asked for")
	}
	switch {
	case etag == "":
		o.mu.Lock()
		o.etag = info.ETag
		o.mu.Unlock()
	case info.ETag != "" && info.ETag != etag:
		return nil, o.changed()
	}
	data := make([]byte, n)
	if k, err := io.ReadFull(body, data); err != nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, errAgain{fmt.Errorf("the answer ends after %d of %d octets", k, n)}
	}
	if k, _ := body.Read(make([]byte, 1)); k > 0 {
		return nil, errAgain{errors.New("the answer is longer than what was asked for")}
	}
	return data, nil
}

func (o *object) changed() error {
	return &mailbox.StoreError{Err: errors.New("the object was changed after it was listed"), Hint: "begin the run again when nobody writes"}
}

func (o *object) odd(what string) error {
	return &mailbox.StoreError{Err: errors.New("the storage " + what), Hint: "it is not compatible with S3 in this; copy the object elsewhere"}
}

// cache keeps blocks of all objects, the last that were used.
type cache struct {
	room   int64
	mu     sync.Mutex
	used   int64
	blocks map[blockID]*list.Element // of *block
	order  list.List                 // the last used in front
}

type blockID struct {
	o *object
	i int64
}

// block is a piece of an object, good when done is closed.
type block struct {
	id   blockID
	size int64
	done chan struct{}
	data []byte
	err  error
}

func newCache(room int64) *cache { return &cache{room: room, blocks: map[blockID]*list.Element{}} }

// get gives a block, which is fetched if it is not there.
func (c *cache) get(o *object, i int64) *block {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := blockID{o, i}
	if e := c.blocks[id]; e != nil {
		c.order.MoveToFront(e)
		return e.Value.(*block)
	}
	b := &block{id: id, size: min(blockBytes, o.size-i*blockBytes), done: make(chan struct{})}
	c.blocks[id] = c.order.PushFront(b)
	c.used += b.size
	for e := c.order.Back(); e != nil && c.used > c.room; {
		before := e.Prev()
		old := e.Value.(*block)
		select {
		case <-old.done: // what is under way stays
			c.remove(e)
		default:
		}
		e = before
	}
	go func() {
		defer close(b.done)
		if b.data, b.err = o.fetch(i*blockBytes, b.size); b.err != nil {
			// Who reads it next tries anew.
			c.mu.Lock()
			if e := c.blocks[id]; e != nil && e.Value == b {
				c.remove(e)
			}
			c.mu.Unlock()
		}
	}()
	return b
}

// has tells whether a block is there.
func (c *cache) has(o *object, i int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.blocks[blockID{o, i}] != nil
}

func (c *cache) remove(e *list.Element) {
	b := e.Value.(*block)
	delete(c.blocks, b.id)
	c.order.Remove(e)
	c.used -= b.size
}

// drop forgets the blocks of an object.
func (c *cache) drop(o *object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := int64(0); i*blockBytes < o.size && len(c.blocks) > 0; {
		if e := c.blocks[blockID{o, i}]; e != nil {
			c.remove(e)
		}
		i++
	}
}

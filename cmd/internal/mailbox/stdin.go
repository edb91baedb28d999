package mailbox

import (
	"context"
	"errors"
	"io"
)

// stdin yields the messages of standard input. An mbox or an archive is read as it comes; a single message is read whole
// before it is judged.
func (w *walker) stdin(r io.Reader) {
	if w.stdinRead {
		w.fail(StdinName, errors.New("is named twice"), "standard input can be read only once")
		return
	}
	w.stdinRead = true
	in := newPatient(w.ctx, r)
	defer in.stop()
	opts := w.opts
	if w.opts.SpoolMemory <= 0 {
		w.opts.SpoolMemory = defaultSpoolMemory
	}
	root := &outer{size: -1, tell: w.opts.Progress}
	before := w.found
	pl := place{path: StdinName, name: StdinName, rel: StdinName, claim: IsMail, root: root, counted: true}
	w.guarded(pl, func() { w.content(source{r: &counter{r: in, add: root.add}, size: -1}, pl) })
	w.opts = opts
	if w.found == before && !w.done && w.ctx.Err() == nil {
		w.fail(StdinName, errNoMessage, "")
	}
}

// patient reads from a terminal or a pipe, where a read may not end when the run is cancelled, so that the run does not wait
// for it.
type patient struct {
	ctx    context.Context
	blocks chan []byte
	back   chan []byte
	ended  chan struct{}
	err    error
	rest   []byte
	block  []byte
}

func newPatient(ctx context.Context, r io.Reader) *patient {
	p := &patient{ctx: ctx, blocks: make(chan []byte), back: make(chan []byte, 2), ended: make(chan struct{})}
	for range 2 {
		p.back <- make([]byte, 64<<10)
	}
	go func() {
		defer close(p.blocks)
		for {
			var b []byte
			select {
			case b = <-p.back:
			case <-p.ended:
				return
			}
			n, err := r.Read(b)
			if n > 0 {
				select {
				case p.blocks <- b[:n]:
				case <-p.ended:
					return
				}
			} else if err == nil {
				p.back <- b
			}
			if err != nil {
				p.err = err // seen by who sees that blocks is closed
				return
			}
		}
	}()
	return p
}

// stop ends the reading when the read that is under way ends.
func (p *patient) stop() { close(p.ended) }

func (p *patient) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.block != nil {
			p.back <- p.block[:cap(p.block)]
			p.block = nil
		}
		select {
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		case block, ok := <-p.blocks:
			if !ok {
				return 0, p.err
			}
			p.block, p.rest = block, block
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

package template

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"postern/cmd/internal/cache"
)

// What goes between the program and the processes that render for it: a frame is its length, in 8 octets, and what Format makes of a
// unit or an answer. Both ends are the same program.
var (
	unitFormat   = cache.Format{Magic: "postern unit\x00\x00\x00\x00", Version: 1}
	answerFormat = cache.Format{Magic: "postern answer\x00\x00", Version: 1}
)

// maxFrame bounds a frame: a message, and what is told of it.
const maxFrame = 4 * maxMessageBytes

// answer is what comes of a unit.
type answer struct {
	made   Rendered
	engine *EngineError
	data   *DataError
	other  string // any other error
	// last says that the process has no use any more: something in it runs on.
	last bool
}

func (a *answer) err() error {
	switch {
	case a.engine != nil:
		return a.engine
	case a.data != nil:
		return a.data
	case a.other != "":
		return errors.New(a.other)
	}
	return nil
}

// failed notes an error.
func (a *answer) failed(err error) {
	switch {
	case err == nil:
	case errors.As(err, &a.engine), errors.As(err, &a.data):
	default:
		a.other = err.Error()
	}
}

func writeFrame(w io.Writer, b []byte) error {
	if len(b) > maxFrame {
		return errLarge
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(b)))); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxFrame {
		return nil, fmt.Errorf("a frame of %d octets", n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

// code lists what a unit holds.
func (u *Unit) code(c *cache.Coder) {
	if c.Reading() {
		u.spec = &Spec{}
	}
	s := u.spec
	for _, t := range []*string{
		&u.Name, &u.Template, &u.Data, &u.root, &s.Engine, &s.Kind, &s.HTML, &s.Text, &s.Subject, &s.From, &s.To, &s.Cc, &s.Bcc, &s.ReplyTo,
		&s.File, &s.Layout,
	} {
		c.Text(t)
	}
	for _, l := range []*[]string{&s.Files, &s.Exclude, &s.Command, &s.Functions, &s.Data, &s.Includes, &s.Attachments, &s.Inline} {
		c.Texts(l)
	}
	timeout := int64(s.Timeout)
	if c.Number(&timeout); c.Reading() { // units of one entry share it while they are written
		s.Timeout = time.Duration(timeout)
	}
	codeMap(c, &s.Headers, c.Text)
	codeMap(c, &s.Lines, func(n *int) { codeInt(c, n) })
	first := u.samples != nil // nil and empty are not the same
	c.Truth(&first)
	if c.Texts(&u.samples); first && u.samples == nil {
		u.samples = []string{}
	}
	codePointer(c, &u.output, c.Text)
}

// code lists what an answer holds.
func (a *answer) code(c *cache.Coder) {
	r := &a.made
	c.Text(&r.Name)
	message := string(r.Message)
	c.Text(&message)
	if c.Reading() {
		r.Message = []byte(message)
	}
	c.Text(&r.Kind)
	c.Text(&r.Engine)
	cache.List(c, &r.Parts, 12, func(p *Part) {
		c.Text(&p.Path)
		c.Text(&p.MediaType)
		c.Text(&p.File)
	})
	c.Texts(&r.Absent)
	cache.List(c, &r.Variables, 20, func(v *Variable) {
		c.Text(&v.Name)
		c.Text(&v.File)
		c.Number(&v.Line)
		for _, t := range []*bool{&v.Undeclared, &v.Default, &v.Guarded, &v.HasDefault} {
			c.Truth(t)
		}
	})
	c.Text(&r.template)
	codeRefs(c, &r.refs)
	codeMap(c, &r.texts, func(t *textRefs) {
		c.Text(&t.file)
		codeRefs(c, &t.refs)
	})
	codePointer(c, &a.engine, func(e *EngineError) {
		c.Text(&e.File)
		c.Number(&e.Line)
		c.Text(&e.Engine)
		c.Text(&e.Message)
	})
	codePointer(c, &a.data, func(e *DataError) {
		c.Text(&e.File)
		c.Number(&e.Line)
		c.Text(&e.Message)
	})
	c.Text(&a.other)
	c.Truth(&a.last)
}

// codeRefs codes the lines, whose files are few.
func codeRefs(c *cache.Coder, refs *[]ref) {
	var files []string
	number := map[string]int32{}
	if !c.Reading() {
		for i := range *refs {
			if f := (*refs)[i].file; i == 0 || f != (*refs)[i-1].file {
				if _, ok := number[f]; !ok {
					number[f] = int32(len(files))
					files = append(files, f)
				}
			}
		}
	}
	c.Texts(&files)
	cache.List(c, refs, 13, func(r *ref) {
		n := number[r.file]
		c.Small(&n)
		if c.Reading() {
			if n < 0 || int(n) >= len(files) {
				c.Refuse()
				return
			}
			r.file = files[n]
		}
		c.Number(&r.line)
		c.Truth(&r.exact)
	})
}

func codeInt(c *cache.Coder, n *int) {
	m := int64(*n)
	if c.Number(&m); c.Reading() {
		*n = int(m)
	}
}

// codePointer codes what p may point to.
func codePointer[T any](c *cache.Coder, p **T, item func(*T)) {
	there := *p != nil
	if c.Truth(&there); !there {
		return
	}
	if c.Reading() {
		*p = new(T)
	}
	item(*p)
}

// codeMap codes a mapping in the order of its names.
func codeMap[T any](c *cache.Coder, m *map[string]T, item func(*T)) {
	type entry struct {
		name  string
		value T
	}
	var list []entry
	if !c.Reading() {
		for _, name := range slices.Sorted(maps.Keys(*m)) {
			list = append(list, entry{name, (*m)[name]})
		}
	}
	cache.List(c, &list, 5, func(e *entry) {
		c.Text(&e.name)
		item(&e.value)
	})
	if c.Reading() && len(list) > 0 {
		*m = make(map[string]T, len(list))
		for _, e := range list {
			(*m)[e.name] = e.value
		}
	}
}

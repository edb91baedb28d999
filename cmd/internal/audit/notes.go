package audit

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"slices"
)

// notes keeps texts about numbered things on disk, in the order in which they come. The zero value is empty.
type notes struct {
	file *os.File
	w    *bufio.Writer
	buf  []byte
	err  error
}

// add notes two texts; the second may be empty.
func (n *notes) add(id uint32, a, b string) {
	n.buf = append(append(n.buf[:0], a...), b...)
	n.put(id, n.buf[:len(a)], n.buf[len(a):])
}

func (n *notes) put(id uint32, a, b []byte) {
	if n.err != nil {
		return
	}
	if n.file == nil {
		if n.file, n.err = temporary(); n.err != nil {
			return
		}
		n.w = bufio.NewWriterSize(n.file, 16<<10)
	}
	h := binary.AppendUvarint(n.w.AvailableBuffer(), uint64(id))
	h = binary.AppendUvarint(h, uint64(len(a)))
	h = binary.AppendUvarint(h, uint64(len(b)))
	n.w.Write(h) // an error comes again
	n.w.Write(a)
	_, err := n.w.Write(b)
	n.err = spilled(err)
}

// each yields the texts about what is wanted. They are valid until the next.
func (n *notes) each(wanted func(id uint32) bool, yield func(id uint32, a, b []byte)) error {
	if n.err != nil || n.file == nil {
		return n.err
	}
	if err := n.w.Flush(); err != nil {
		return spilled(err)
	}
	r := bufio.NewReaderSize(io.NewSectionReader(n.file, 0, 1<<62), 16<<10)
	for {
		id, err := binary.ReadUvarint(r)
		if err == io.EOF {
			return nil
		}
		var a, b uint64
		if err == nil {
			a, err = binary.ReadUvarint(r)
		}
		if err == nil {
			b, err = binary.ReadUvarint(r)
		}
		if err == nil && (a > maxRow || b > maxRow) {
			err = errRow
		}
		switch {
		case err != nil:
		case !wanted(uint32(id)):
			_, err = r.Discard(int(a + b))
		default:
			n.buf = slices.Grow(n.buf[:0], int(a+b))[:a+b]
			if _, err = io.ReadFull(r, n.buf); err == nil {
				yield(uint32(id), n.buf[:a], n.buf[a:])
			}
		}
		if err != nil {
			return spilled(noEnd(err))
		}
	}
}

// keep leaves only what is about the wanted, so that the file does not grow for ever.
func (n *notes) keep(wanted func(id uint32) bool) {
	var left notes
	err := n.each(wanted, left.put)
	n.close()
	*n = left
	if n.err == nil {
		n.err = err
	}
}

func (n *notes) close() {
	if n.file != nil {
		n.file.Close()
	}
	n.file, n.w = nil, nil
}

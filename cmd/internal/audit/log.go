package audit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A log is a row after the other, each as its length, its octets and their CRC-32C: a torn or damaged log is seen.

// maxRow bounds the octets of a row that is read; no row that is written comes near it.
const maxRow = 16 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Log writes rows.
type Log struct {
	w    *bufio.Writer
	n    int64
	head []byte
}

// newLog makes a log that goes on after n octets.
func newLog(w io.Writer, n int64) *Log { return &Log{w: bufio.NewWriterSize(w, 64<<10), n: n} }

// add writes the octets of a row.
func (l *Log) add(row []byte) error {
	l.head = binary.AppendUvarint(l.head[:0], uint64(len(row)))
	n := len(l.head)
	l.head = binary.LittleEndian.AppendUint32(l.head, crc32.Checksum(row, castagnoli))
	l.w.Write(l.head[:n]) // an error comes again
	l.w.Write(row)
	_, err := l.w.Write(l.head[n:])
	l.n += int64(len(l.head) + len(row))
	return err
}

// reader reads the rows of a log.
type reader struct {
	r   *bufio.Reader
	buf []byte
	row Row
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 64<<10)} }

var errLog = errors.New("the log of rows is damaged")

// next gives the next row and its octets, or io.EOF. They are valid until the next call.
func (r *reader) next() (*Row, []byte, error) {
	n, err := binary.ReadUvarint(r.r)
	if err == io.EOF {
		return nil, nil, io.EOF
	}
	if err != nil || n > maxRow {
		return nil, nil, errLog
	}
	if need := int(n) + 4; cap(r.buf) < need {
		r.buf = make([]byte, need, need*2)
	} else {
		r.buf = r.buf[:need]
	}
	if _, err := io.ReadFull(r.r, r.buf); err != nil {
		return nil, nil, errLog
	}
	if crc32.Checksum(r.buf[:n], castagnoli) != binary.LittleEndian.Uint32(r.buf[n:]) {
		return nil, nil, errLog
	}
	b := r.buf[:n]
	if err := r.row.decode(b); err != nil {
		return nil, nil, err
	}
	return &r.row, b, nil
}

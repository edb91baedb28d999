package mailbox

import "io"

// Octets are those of a message that is in memory whole. They can be looked at where they are, and must not be changed.
type Octets []byte

// ReadAt is that of io.ReaderAt.
func (o Octets) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(o)) {
		return 0, io.EOF
	}
	n := copy(p, o[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// InMemory gives all octets.
func (o Octets) InMemory() []byte { return o }

// section is what f holds in n octets from off on. Where there are less of them, reading tells.
func section(f *file, off, n int64) io.ReaderAt {
	if o, ok := f.ReaderAt.(Octets); ok && 0 <= off && off <= int64(len(o)) && 0 <= n && n <= int64(len(o))-off {
		return o[off : off+n : off+n]
	}
	return io.NewSectionReader(f, off, n)
}

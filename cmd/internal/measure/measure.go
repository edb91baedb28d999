// Package measure makes the facts of a message that was found, so that every command judges the same.
package measure

import (
	"errors"
	"fmt"
	"io"

	"postern/cmd/internal/mailbox"
	"postern/mimesize"
	"postern/rules/facts"
)

// The errors of what is there and cannot be judged.
var (
	ErrEmpty   = errors.New("the message is empty")
	ErrChanged = errors.New("the file changed while it was read")
)

// Facts makes the facts of a message. An error means that there is nothing to judge.
func Facts(scanner *mimesize.Scanner, m *mailbox.Message, env *facts.Envelope, opts facts.Options) (*facts.Facts, error) {
	if m.Size == 0 {
		return nil, ErrEmpty
	}
	res, err := scan(scanner, m)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if res.Prefix.Length+res.StoredBytes != m.Size {
		return nil, ErrChanged
	}
	if res.StoredBytes == 0 {
		return nil, ErrEmpty // only a postmark or a byte order mark
	}
	return facts.Make(m.Reader, m.Size, res, env, opts), nil
}

func scan(scanner *mimesize.Scanner, m *mailbox.Message) (*mimesize.Result, error) {
	if o, ok := m.Reader.(mailbox.Octets); ok {
		return scanner.ScanBytes(o[:min(m.Size, int64(len(o)))]), nil
	}
	return scanner.Scan(io.NewSectionReader(m.Reader, 0, m.Size))
}

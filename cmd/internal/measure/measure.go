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

// Passer has the scanner take in messages as they are found. Facts has to be called with the same scanner before the next message
// is looked for.
func Passer(scanner *mimesize.Scanner) mailbox.Passer { return passer{scanner} }

type passer struct{ *mimesize.Scanner }

// Pass is that of mailbox.Passer. A message that it cannot take is left to Facts, so that a fault ends no more than its judging.
func (p passer) Pass(b []byte, first bool) (n int) {
	defer p.fault(&n)
	return p.Scanner.Pass(b, first)
}

// Lead is that of mailbox.Passer, and leaves what it cannot take as Pass does.
func (p passer) Lead(b []byte, first bool) (t mailbox.Taken) {
	defer p.fault(&t.Octets)
	return mailbox.Taken(p.Scanner.Lead(b, first))
}

// fault ends the passing of a message that has made the scanner panic.
func (p passer) fault(octets *int) {
	if recover() != nil {
		*p.Scanner, *octets = mimesize.Scanner{Limits: p.Limits, SizesOnly: p.SizesOnly}, -1
	}
}

func scan(scanner *mimesize.Scanner, m *mailbox.Message) (*mimesize.Result, error) {
	if m.Passed > 0 {
		return scanner.Finish(m.Rest), nil
	}
	if o, ok := m.Reader.(mailbox.Octets); ok {
		return scanner.ScanBytes(o[:min(m.Size, int64(len(o)))]), nil
	}
	return scanner.Scan(io.NewSectionReader(m.Reader, 0, m.Size))
}

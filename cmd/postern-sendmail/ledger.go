//go:build unix && ledger

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"postern/cmd/internal/front"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/sendmail"
	"postern/rules/facts"
)

// With the tag ledger this program counts messages itself. It starts more slowly then, also for those who have no ledger.
func init() { reserve = reserveInFile }

// ledgerPlace is a place in a ledger that is open.
type ledgerPlace struct {
	ledger ledger.Ledger
	id     string
}

func reserveInFile(at *front.Ledger, f *facts.Facts, recipients []string) (place, *facts.History, *sendmail.Error) {
	o := ledger.Options{KeyFile: at.KeyFile}
	for _, w := range at.Windows {
		o.Windows = append(o.Windows, time.Duration(w)*time.Second)
	}
	l, err := ledger.Open(context.Background(), at.File, o)
	if err != nil {
		return nil, nil, uncounted(err)
	}
	r, err := l.Reserve(context.Background(), ledger.Entry{
		Account: at.Account, Sender: fmt.Sprintf("uid:%d", os.Getuid()), Recipients: recipients, Octets: f.Size.WireBytes,
		Fingerprint: f.Text.Fingerprint, WebScript: f.WebScript,
	})
	if err != nil {
		return nil, nil, uncounted(err)
	}
	return &ledgerPlace{l, r.ID}, r.History, nil
}

func (p *ledgerPlace) commit() *sendmail.Error {
	return uncounted(p.ledger.Commit(context.Background(), p.id))
}

func (p *ledgerPlace) release() *sendmail.Error {
	return uncounted(p.ledger.Release(context.Background(), p.id))
}

func uncounted(err error) *sendmail.Error {
	if err == nil {
		return nil
	}
	return sendmail.Uncounted(err, ledger.Hint(err))
}

package ledger

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Another program is just making the ledger: this one waits for it.
func TestOpenWaitsForTheMaker(t *testing.T) {
	file := filepath.Join(privateDir(t), "ledger.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	maker, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		l, err := Open(t.Context(), file, Options{Timeout: time.Minute})
		if err == nil {
			err = l.Close()
		}
		opened <- err
	}()
	select {
	case err = <-opened:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(200 * time.Millisecond): // a refusal comes at once, on most machines
		if err := maker.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := <-opened; err != nil {
			t.Error(err)
		}
	}
}

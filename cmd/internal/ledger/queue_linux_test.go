package ledger

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// Who writes waits behind those who asked before, as long as an operation may take, and gives its turn on.
func TestWritersQueue(t *testing.T) {
	file := filepath.Join(privateDir(t), "ledger.db")
	l := mustOpen(t, file, Options{Windows: []time.Duration{time.Hour}, Timeout: 200 * time.Millisecond})
	leave, err := enter(t.Context(), file+".key")
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Reserve(t.Context(), letter(1))
	failing(t, err, "no answer within 200ms")
	if h, err := l.History(t.Context(), letter(1)); err != nil || h.Windows[0].Account.Messages != 1 {
		t.Errorf("who only reads waits: %+v, %v", h, err)
	}
	waiting, err := Open(t.Context(), file, Options{Windows: []time.Duration{time.Hour}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { waiting.Close() })
	done := make(chan error, 1)
	go func() {
		_, err := waiting.Reserve(context.Background(), letter(2))
		done <- err
	}()
	select {
	case err := <-done:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond): // enough to see one that does not wait, on most machines
	}
	leave()
	if err := <-done; err != nil {
		t.Error(err)
	}
	// What gave up leaves the queue.
	if _, err := mustOpen(t, file, Options{Windows: []time.Duration{time.Hour}, Timeout: time.Minute}).Reserve(t.Context(), letter(3)); err != nil {
		t.Error(err)
	}
}

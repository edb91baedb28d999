package progress

import (
	"bytes"
	"testing"
	"time"
)

func TestLeft(t *testing.T) {
	for _, tt := range []struct {
		done, total int64
		after       time.Duration
		want        string
	}{
		{25, 100, 10 * time.Second, "about 30s left"},
		{0, 100, 10 * time.Second, ""},
		{100, 100, 10 * time.Second, ""},
		{150, 100, 10 * time.Second, ""},
		{1, 100, 10 * time.Millisecond, ""},
		{1, 0, time.Hour, ""},
	} {
		if got := left(tt.done, tt.total, tt.after); got != tt.want {
			t.Errorf("%d of %d after %s: %q, want %q", tt.done, tt.total, tt.after, got, tt.want)
		}
	}
}

// TestOff: where no bar is wanted nothing is written, and what counts goes on.
func TestOff(t *testing.T) {
	var b bytes.Buffer
	bar := Start(&b, false, func() (int64, bool) { t.Error("asked for the total"); return 0, false })
	bar.Bytes(5)
	bar.Messages(1, 0, 3)
	bar.Stop()
	if b.Len() > 0 {
		t.Errorf("%q", b.String())
	}
}

func TestOn(t *testing.T) {
	var b bytes.Buffer
	asked := make(chan bool)
	bar := Start(&b, true, func() (int64, bool) { close(asked); return 100, true })
	<-asked
	bar.Bytes(500) // more than there should be
	bar.Messages(1, 1, 3)
	bar.Stop()
	bar.Stop()
}

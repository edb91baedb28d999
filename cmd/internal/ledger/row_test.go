package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/rules/facts"
)

// More recipients than are told apart count as different ones: never too few.
func TestManyRecipients(t *testing.T) {
	b := NewBook([]time.Duration{time.Hour})
	e := Entry{Account: "a", Sender: "b"}
	for i := range 3 * maxHashes {
		e.Recipients = append(e.Recipients, fmt.Sprintf("r%d@example.org", i))
	}
	for i := range 2 {
		if c := b.History(e).Windows[0].Account; c.Recipients != int64((i+1)*3*maxHashes) || c.Addresses != int64(maxHashes+(i+1)*2*maxHashes) {
			t.Errorf("%d sent before: %d recipients, %d addresses", i, c.Recipients, c.Addresses)
		}
		b.Send(e)
	}
}

// Later is bounded, and what it leaves out makes the answer later, not earlier.
func TestLaterIsBounded(t *testing.T) {
	b := NewBook([]time.Duration{time.Hour})
	for i := range 1000 {
		b.Send(letter(i))
		b.Wait(time.Second)
	}
	c := b.History(letter(1000)).Windows[0].Account
	if c.Messages != 1001 || len(c.Later) > maxSteps || len(c.Later) < maxSteps/2 {
		t.Fatalf("%d messages, %d steps", c.Messages, len(c.Later))
	}
	for i, step := range c.Later {
		// Message n leaves n seconds after the first, which has 2,600 seconds left.
		if want := 1001 - (step.Seconds - 2600) - 1; step.Messages != want {
			t.Errorf("step %d: %d messages after %d s, want %d", i, step.Messages, step.Seconds, want)
		}
	}
	if last := c.Later[len(c.Later)-1]; last.Messages != 1 || last.Seconds != 3599 {
		t.Errorf("the last step is %+v", last)
	}
}

// A message is similar to those whose fingerprint differs in few bits, and to none without one.
func TestSimilar(t *testing.T) {
	b := NewBook([]time.Duration{time.Hour})
	entry := func(i int, print string) Entry {
		e := letter(i)
		e.Fingerprint = print
		return e
	}
	b.Send(entry(1, "00000000000003ff")) // 10 bits from 0
	b.Send(entry(2, "00000000000007ff")) // 11 bits
	b.Send(entry(3, ""))
	b.Send(entry(4, "nonsense"))
	if facts.SimilarBits != 10 {
		t.Fatal("the bits of this test are for 10")
	}
	if c := b.History(entry(5, "0000000000000000")).Windows[0].Similar; c.Messages != 2 || c.Addresses != 2 {
		t.Errorf("%+v", c)
	}
	if c := b.History(entry(5, "")).Windows[0].Similar; c.Messages != 0 || c.Later == nil {
		t.Errorf("without a fingerprint: %+v", c)
	}
}

// FuzzRedisRow: whatever stands in Redis is read as a row that means the same when it is written again, or is an error.
func FuzzRedisRow(f *testing.F) {
	f.Add("1|2|3|uid:1|100|1|0||00112233445566ff")
	f.Add("1|2|0|#ab|100|0|1|0123456789abcdef|")
	f.Add("||||||||")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseRow(s)
		if err != nil {
			return
		}
		if len(r.hashes) > maxHashes || r.recipients < int64(len(r.hashes)) {
			t.Fatalf("%q: %+v", s, r)
		}
		again, err := parseRow(fmt.Sprintf("%d|%d|%d|%s|%d|%d|%d|%s|%x", r.seq, r.at, r.lease, r.sender, r.octets, r.recipients, truth(r.web), r.fingerprintText(), r.pack()))
		if diff := cmp.Diff(r, again, cmp.AllowUnexported(row{})); err != nil || diff != "" {
			t.Fatalf("%q: %v\n%s", s, err, diff)
		}
	})
}

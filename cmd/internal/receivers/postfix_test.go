//go:build linux

package receivers_test

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"postern/mimesize"
)

// TestPostfixAgrees sends 200 messages to a real Postfix whose message_size_limit is the predicted size, and to one whose
// limit is an octet less. The first must take both the announced size and the message, the second must refuse both.
//
// What Postfix 3.7.11 was seen to count:
//   - smtpd counts every line with two octets for its end, whatever ended it on the wire, without the stuffed dot; the
//     size announced with SIZE is compared with the same number. That is Result.DataBytes to the octet.
//   - smtpd reads a line in pieces of line_length_limit octets (2,048) and counts two octets for each piece, see
//     TestPostfixLongLines. Lines here are shorter.
//   - smtpd drops a CR before a CRLF and does not count it. No message here ends a line in CR CR LF.
//   - cleanup applies the limit once more, to the queue file with the envelope and Postfix's own Received; see
//     TestPostfixQueueFile. Here its limit is lifted, so that the answer is smtpd's own.
func TestPostfixAgrees(t *testing.T) {
	const count = 200
	targets := []int64{4_000, 20_000, 40_001, 80_000, 120_003, 180_000, 240_000, 320_000}
	batches := make(map[int64][][]byte)
	variants := make(map[string]int)
	for i := range count {
		message, variant := variedMessage(uint64(i))
		padded, target := padTo(t, message, targets)
		batches[target] = append(batches[target], padded)
		variants[variant]++
	}
	if len(variants) < 30 {
		t.Errorf("only %d kinds of message", len(variants))
	}
	var services []postfixService
	for target := range batches {
		services = append(services, postfixService{limit: target}, postfixService{limit: target - 1})
	}
	server := startPostfix(t, services)
	var group errgroup.Group
	group.SetLimit(4)
	for target, messages := range batches {
		group.Go(func() error { return acceptAll(server, target, messages) })
		group.Go(func() error { return refuseAll(server, target, messages) })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// acceptAll sends messages of exactly limit octets.
func acceptAll(server *postfix, limit int64, messages [][]byte) error {
	c, err := server.dial(postfixService{limit: limit})
	if err != nil {
		return err
	}
	defer c.conn.Close()
	if c.size != limit {
		return fmt.Errorf("SIZE %d announced, want %d", c.size, limit)
	}
	for i, m := range messages {
		if err := want("250 ")(c.mail(limit)); err != nil {
			return fmt.Errorf("message %d, MAIL with SIZE=%d, which is the limit: %w\n%.300q", i, limit, err, m)
		}
		if err := want("250 ")(c.data(wireForm(m))); err != nil {
			return fmt.Errorf("message %d, DATA of %d octets, which is the limit: %w\n%.300q", i, limit, err, m)
		}
	}
	return nil
}

// refuseAll sends messages of size octets where the limit is an octet less.
func refuseAll(server *postfix, size int64, messages [][]byte) error {
	c, err := server.dial(postfixService{limit: size - 1})
	if err != nil {
		return err
	}
	defer c.conn.Close()
	for i, m := range messages {
		if err := want("552 5.3.4 ")(c.mail(size)); err != nil {
			return fmt.Errorf("message %d, MAIL with SIZE=%d, one over the limit: %w\n%.300q", i, size, err, m)
		}
		if err := c.reset(); err != nil { // Postfix remembers the announced size until then
			return err
		}
		if err := want("250 ")(c.mail(-1)); err != nil {
			return err
		}
		if err := want("552 5.3.4 ")(c.data(wireForm(m))); err != nil {
			return fmt.Errorf("message %d, DATA of %d octets, one over the limit: %w\n%.300q", i, size, err, m)
		}
	}
	return nil
}

// TestPostfixLongLines shows where Postfix counts more than RFC 1870 does: two octets for every whole 2,048 of a line. Such
// a line is over the limit of RFC 5322 section 2.1.1 in any case.
func TestPostfixLongLines(t *testing.T) {
	const limit = 20_000
	s := postfixService{limit: limit}
	server := startPostfix(t, []postfixService{s})
	for _, line := range []int{998, 2047, 2048, 2049, 4096, 4097, 10_000} {
		message := header + "\r\n" + strings.Repeat("y", line) + "\r\n"
		counted := 2 * (line / 2048)
		if got := server.send(t, s, fillTo(message, limit-counted)); got != 250 {
			t.Errorf("line of %d octets in a message of limit-%d: %d, want 250", line, counted, got)
		}
		if got := server.send(t, s, fillTo(message, limit-counted+1)); got != 552 {
			t.Errorf("line of %d octets in a message of limit-%d: %d, want 552", line, counted-1, got)
		}
	}
}

// TestPostfixQueueFile measures what an installed Postfix, whose cleanup has the limit too, leaves of it for the message:
// with Postfix 3.7.11, one recipient and short names about 850 octets less. The envelope, Postfix's own Received field and its
// bookkeeping take the rest ("552 5.3.4 Error: message file too big"). This is why a message should stay some kilobytes
// below a limit.
func TestPostfixQueueFile(t *testing.T) {
	const limit, reserve = 20_000, 2_000
	s := postfixService{limit: limit, cleanup: true}
	server := startPostfix(t, []postfixService{s})
	message := header + "\r\n"
	if got := server.send(t, s, fillTo(message, limit)); got != 552 {
		t.Errorf("message of as many octets as the limit: %d, want 552", got)
	}
	if got := server.send(t, s, fillTo(message, limit-reserve)); got != 250 {
		t.Errorf("message of %d octets less than the limit: %d, want 250", reserve, got)
	}
	n := sort.Search(reserve, func(n int) bool { return server.send(t, s, fillTo(message, limit-n)) == 250 })
	t.Logf("the largest message that is accepted has %d octets less than the limit", n)
}

// header is one that Postfix adds nothing to.
const header = "From: alice@example.com\r\nTo: bob@example.net\r\nDate: Mon, 23 Nov 2026 09:30:00 +0000\r\n" +
	"Message-ID: <1@example.com>\r\nSubject: x\r\n"

// fillTo adds lines to a message in wire form until it has size octets.
func fillTo(message string, size int) []byte {
	for rest := size - len(message); rest > 0; rest = size - len(message) {
		n := min(rest, 78)
		if rest > n && rest-n < 2 {
			n -= 2
		}
		message += strings.Repeat("z", n-2) + "\r\n"
	}
	return []byte(message)
}

// send sends one message without announcing its size and gives the code of the reply to its end.
func (p *postfix) send(t *testing.T, s postfixService, wire []byte) (code int) {
	t.Helper()
	c, err := p.dial(s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := want("250 ")(c.mail(-1)); err != nil {
		t.Fatal(err)
	}
	code, _, err = c.data(wire)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// want gives an error unless a reply begins with prefix.
func want(prefix string) func(code int, text string, err error) error {
	return func(code int, text string, err error) error {
		if reply := fmt.Sprintf("%d %s", code, text); err == nil && !strings.HasPrefix(reply, prefix) {
			err = fmt.Errorf("reply %q, want %q", reply, prefix)
		}
		return err
	}
}

// wireForm is the message as RFC 5321 section 4.1.1.4 sends it: each LF with a CR before it, and a line end at the end.
func wireForm(message []byte) []byte {
	wire := bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n"))
	wire = bytes.ReplaceAll(wire, []byte("\n"), []byte("\r\n"))
	if !bytes.HasSuffix(wire, []byte("\n")) {
		wire = append(wire, "\r\n"...)
	}
	return wire
}

// padTo puts header fields before message until its predicted size is the next of targets.
func padTo(t *testing.T, message []byte, targets []int64) (padded []byte, target int64) {
	t.Helper()
	size := predicted(t, message)
	i, _ := slices.BinarySearch(targets, size+10)
	if i == len(targets) {
		t.Fatalf("message of %d octets", size)
	}
	target = targets[i]
	eol := "\n"
	if bytes.Contains(message, []byte("\r\n")) {
		eol = "\r\n"
	}
	var pad bytes.Buffer
	for rest := target - size; rest > 0; {
		n := min(rest, 76)
		if rest > n && rest-n < 10 {
			n -= 10
		}
		pad.WriteString("X-Pad: " + strings.Repeat("p", int(n)-9) + eol)
		rest -= n
	}
	padded = append(pad.Bytes(), message...)
	if got := predicted(t, padded); got != target {
		t.Fatalf("padded to %d octets, want %d:\n%.300q", got, target, padded)
	}
	return padded, target
}

func predicted(t *testing.T, message []byte) int64 {
	t.Helper()
	result, err := mimesize.Scan(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	return result.DataBytes
}

package measure

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/cmd/internal/mailbox"
	"postern/mimesize"
)

// TestPasser holds the scan of messages that pass while they are found against that of what is yielded.
func TestPasser(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	bodies := []string{
		"Some text that is not quoted.\n", "\n", strings.Repeat("QUJD", 19) + "\n", ">From here on\n", "From nowhere, which is no postmark\n", ".\n", "--b\n",
		strings.Repeat("x", 90_000), "\r\n", "\r", "Content-Type: text/plain; charset=utf-8\n\n", "From ", "=46=\n",
	}
	passed, quoted := 0, 0
	for round := range 20 {
		messages, most := 1+random.IntN(8), 700<<10
		if round%2 == 1 {
			messages, most = 60, 4000
		}
		var b strings.Builder
		for i := range messages {
			var body strings.Builder
			size := random.IntN(most)
			if i%3 == 0 {
				size = random.IntN(3000)
			}
			few := bodies[:2+random.IntN(len(bodies)-2)]
			for body.Len() < size {
				s := few[random.IntN(len(few))]
				for n := 1 + random.IntN(200); n > 0 && body.Len() < size; n-- {
					body.WriteString(s)
				}
			}
			if body.Len() > 0 && !strings.HasSuffix(body.String(), "\n") {
				body.WriteString("\n")
			}
			b.WriteString("From a@example.com Sat Jan  3 01:05:34 2026\nFrom: a@example.com\n")
			switch random.IntN(4) {
			case 0:
				fmt.Fprintf(&b, "Content-Length: %d\n", body.Len())
			case 1:
				b.WriteString("Content-Type: multipart/mixed; boundary=b\n")
			case 2:
				b.WriteString("Content-Transfer-Encoding: base64\n")
			}
			b.WriteString("\n" + body.String())
			if random.IntN(4) > 0 {
				b.WriteString("\n")
			}
		}
		text := b.String()
		if random.IntN(3) == 0 {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		file := filepath.Join(t.TempDir(), "m.mbox")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var names []string
		for m, err := range mailbox.Walk(t.Context(), []string{file}, nil, mailbox.Options{OffsetNames: true}) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, fmt.Sprint(m.Name, m.Size))
			m.Close()
		}
		var scanner, other mimesize.Scanner
		for m, err := range mailbox.Walk(t.Context(), []string{file}, nil, mailbox.Options{OffsetNames: true, Passer: Passer(&scanner)}) {
			if err != nil {
				t.Fatal(err)
			}
			if len(names) == 0 || fmt.Sprint(m.Name, m.Size) != names[0] {
				t.Fatalf("%s of %d octets, want %q", m.Name, m.Size, names)
			}
			names = names[1:]
			if m.Passed > 0 {
				passed++
				all := make([]byte, m.Size)
				if _, err := m.Reader.ReadAt(all, 0); err != nil && err != io.EOF {
					t.Fatal(err)
				}
				if m.Passed+int64(len(m.Rest)) != m.Size || !bytes.HasSuffix(all, m.Rest) {
					t.Fatalf("%s of %d octets: %d have passed, %d are the rest", m.Name, m.Size, m.Passed, len(m.Rest))
				}
			} else if m.Size != m.StoredSize {
				quoted++
			}
			got, err := scan(&scanner, &m)
			if err != nil {
				t.Fatal(err)
			}
			want, err := other.Scan(io.NewSectionReader(m.Reader, 0, m.Size))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(mimesize.Part{}), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%s (-read +passed):\n%s", m.Name, d)
			}
			m.Close()
		}
		if len(names) > 0 {
			t.Fatalf("not yielded: %q", names)
		}
	}
	if passed == 0 || quoted == 0 {
		t.Fatalf("%d messages have passed, %d were quoted", passed, quoted)
	}
	t.Logf("%d messages have passed, %d were quoted", passed, quoted)
}

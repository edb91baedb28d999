package audit

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func exampleRow() Row {
	return Row{
		Place: Place{7, 1, 12}, Size: 1234, Hash: [16]byte{1, 2}, Hashed: true, Name: "a.mbox@12", Path: "a.mbox", Folder: "Sent", Offset: 12, Line: 3, Outcome: Fail,
		Reason: "why", Skipped: "x: y", Octets: 1300, Unix: -5, Sender: "a@b", Domain: "b", Subject: "\u00fcber", Recipients: 3, Uncertain: true,
		Notes: []Note{{"n", "a note"}}, Domains: []string{"c", "d"}, Hashes: []uint32{1, 1 << 31}, Attachments: []Attachment{{"f", "t", 5, -1}}, AttachmentOctets: 5, Body: 1 << 63, Compared: true,
		Findings: []Finding{{"r.a", 0, 9, "text", 2.5, 1, true, true}, {"r.b", 2, 0, "", 0, 0, false, false}}, WhatIf: true, OtherOutcome: Unjudged,
		Other: []Finding{{"r.c", 1, 0, "", 0, 0, false, false}},
	}
}

func TestRowsComeBack(t *testing.T) {
	in := []Row{
		exampleRow(), {Place: Place{8, 0, 1}, Kind: Duplicate, Size: 5, Unix: NoDate}, {Place: Place{File: 9}, Kind: Broken, Unix: NoDate, Reason: "gone", Outcome: Unjudged},
		{Place: Place{File: 10}, Kind: LeftOut, Reason: "why", Unix: NoDate}, {Place: Place{11, 3, math.MaxUint64}, Kind: SegmentEnd, First: -1, Next: 1 << 40, Lines: 9, Unix: NoDate},
		{Place: Place{File: 12}, Kind: PathEnd, Name: "dir", Dir: true, Unix: NoDate},
	}
	var b bytes.Buffer
	l := newLog(&b, 0)
	for i := range in {
		if err := l.add(in[i].append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	l.w.Flush()
	if int64(b.Len()) != l.n {
		t.Errorf("%d octets written, %d counted", b.Len(), l.n)
	}
	whole := bytes.Clone(b.Bytes())
	r := newReader(&b)
	for i := range in {
		got, _, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(fmt.Sprintf("%+v", in[i]), fmt.Sprintf("%+v", *got)); d != "" {
			t.Error(d)
		}
	}
	if _, _, err := r.next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	// No damage goes unnoticed.
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x10
		r, n := newReader(bytes.NewReader(bad)), 0
		var err error
		for err == nil {
			if _, _, err = r.next(); err == nil {
				n++
			}
		}
		if err == io.EOF && n == len(in) {
			t.Errorf("octet %d is damaged and nobody sees it", i)
		}
	}
}

// TestAppend gives rows of any length their length.
func TestAppend(t *testing.T) {
	for n := range 400 {
		r := Row{Kind: LeftOut, Reason: strings.Repeat("x", n*n/9)}
		b := r.Append([]byte("before"))
		row, rest, ok := cut(b[6:])
		var got Row
		if err := got.decode(row); err != nil || !ok || len(rest) > 0 || got.Reason != r.Reason {
			t.Fatalf("%d octets: %v, %d left", n*n/9, err, len(rest))
		}
		for i := range len(b) - 6 {
			if _, _, ok := cut(b[6 : 6+i]); ok {
				t.Fatalf("%d of %d octets are taken for a row", i, len(b)-6)
			}
		}
	}
}

func FuzzRow(f *testing.F) {
	r := exampleRow()
	f.Add(r.append(nil))
	f.Add((&Row{Kind: Filtered}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Row
		if r.decode(b) != nil {
			return
		}
		var again Row
		if err := again.decode(r.append(nil)); err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", r) {
			t.Errorf("%v\n%+v\n%+v", err, r, again)
		}
	})
}

func TestSorterOnDisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var memory, disk sorter[sending, *sending]
	disk.max = 5
	defer disk.close()
	values := func(s *sorter[sending, *sending]) (list []sending) {
		for x := range s.all() {
			list = append(list, *x)
		}
		return list
	}
	for i := range 12345 {
		x := sending{uint64(rng.IntN(9)), int64(rng.IntN(100)) - 50, uint64(i), uint32(i)}
		memory.add(x)
		disk.add(x)
	}
	want, got := values(&memory), values(&disk)
	if len(want) != 12345 || !slices.Equal(want, got) || !slices.IsSortedFunc(got, func(a, b sending) int { return a.compare(&b) }) || disk.disk.err != nil {
		t.Errorf("%d and %d sendings, %v", len(want), len(got), disk.disk.err)
	}
	if again := values(&disk); !slices.Equal(again, got) {
		t.Error("the second reading is not the first")
	}
	if n := len(disk.disk.levels); n < 3 {
		t.Errorf("%d levels on disk", n)
	}
}

// TestTableOnDisk counts exactly, however little of a table is in memory.
func TestTableOnDisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var memory, disk table
	memory.max, disk.max = 1<<20, 5
	want := map[string]int64{}
	for i := range 20_000 {
		key := fmt.Sprint(rng.IntN(3000) * rng.IntN(2))
		d := Tally{Messages: 1, Fail: int64(i % 2), Octets: int64(i), Recipients: -1}
		memory.add(key, &d)
		disk.addHashed(Label(key), key[:1], key[1:], &d)
		want[key]++
	}
	if len(disk.disk.levels) < 2 {
		t.Errorf("%d levels on disk", len(disk.disk.levels))
	}
	last := uint64(0)
	for x := range disk.all() { // for the first of two times
		if x.hash < last || x.hash != Label(string(x.key)) {
			t.Fatalf("%q comes at the wrong place", x.key)
		}
		last = x.hash
	}
	a, errA := memory.list(100)
	b, errB := disk.list(100)
	if d := cmp.Diff(a, b); d != "" || errA != nil || errB != nil {
		t.Errorf("%v, %v, %s", errA, errB, d)
	}
	if memory.others != disk.others || memory.left != disk.left || int(disk.left)+len(b) != len(want) {
		t.Errorf("others: %+v and %+v, %d and %d of %d keys", memory.others, disk.others, memory.left, disk.left, len(want))
	}
	sum := disk.others.Messages
	for i, e := range b {
		sum += e.Messages
		if e.Messages != want[e.Key] || i > 0 && byMessages(b[i-1], e) >= 0 {
			t.Errorf("place %d: %+v, want %d", i, e, want[e.Key])
		}
	}
	if sum != 20_000 {
		t.Errorf("%d messages", sum)
	}
	for _, e := range b {
		delete(want, e.Key)
	}
	for key, n := range want {
		if last := b[len(b)-1]; n > last.Messages || n == last.Messages && key < last.Key {
			t.Errorf("%q with %d messages is not listed, and %+v is", key, n, last)
		}
	}
}

// TestNoRoom has the directory for temporary files gone: the run ends at once, and the error names the directory.
func TestNoRoom(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	t.Setenv("TMPDIR", dir)
	for name, tt := range map[string]func(*Totals, *Row){
		"nothing":   func(*Totals, *Row) {},
		"table":     func(x *Totals, _ *Row) { x.senders.max = 1 },
		"sendings":  func(x *Totals, _ *Row) { x.sendings.max = 1 },
		"campaigns": func(x *Totals, _ *Row) { x.head.Settings.Campaign = 2 },
		"messages":  func(_ *Totals, r *Row) { r.Outcome = Fail },
	} {
		r, err := Start(&Head{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			row := exampleRow()
			row.Place.Seq += uint64(i)
			row.Sender, row.Unix = fmt.Sprint(i, "@b"), 5
			row.Findings, row.Outcome = nil, Pass
			tt(r.Totals, &row)
			if err = r.Add(row.Append(nil), func(uint64) string { return "" }); err != nil {
				break
			}
		}
		if (err == nil) != (name == "nothing") || err != nil && !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
		r.Done(false)
	}
}

func TestPace(t *testing.T) {
	at := func(unix int64, n uint32) sending { return sending{sender: 1, unix: unix, recipients: n} }
	limits := Pace{Batch: 25, Seconds: 3, Gap: 60, Hour: 30, Day: 100}
	for _, tt := range []struct {
		name string
		list []sending
		want SenderPace
	}{
		{"25 addresses 3 seconds apart", func() (l []sending) {
			for i := range 25 {
				l = append(l, at(int64(i)*3, 1))
			}
			return l
		}(), SenderPace{}},
		{"26 addresses", []sending{at(0, 13), at(60, 13)}, SenderPace{Batches: 1, Over: 1, Largest: 26, PeakHour: 26, PeakDay: 26}},
		{"a pause between", []sending{at(0, 25), at(61, 1), at(63, 1)}, SenderPace{Batches: 2, Fast: 1, Largest: 25, PeakHour: 27, PeakDay: 27}},
		{"the hour", []sending{at(0, 20), at(3599, 11), at(3600, 0)}, SenderPace{Batches: 2, Fast: 1, Largest: 20, PeakHour: 31, PeakDay: 31, HourOver: 1}},
		{"an hour later", []sending{at(0, 20), at(3600, 11), at(3603, 1)}, SenderPace{}},
		{"the day", []sending{at(0, 25), at(20000, 25), at(40000, 25), at(60000, 25), at(86399, 1)}, SenderPace{Batches: 5, Largest: 25, PeakHour: 25, PeakDay: 101, DayOver: 1}},
	} {
		var s sorter[sending, *sending]
		for _, x := range tt.list {
			s.add(x)
		}
		r, err := paceOf(&s, limits, func(uint64) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		var got SenderPace
		if len(r.Senders) > 0 {
			got = r.Senders[0]
			got.LargestAt, got.Started = 0, ""
		}
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	for day, want := range map[int64]string{0: "1969-12-29 1970-01", 3: "1969-12-29 1970-01", 4: "1970-01-05 1970-01", -1: "1969-12-29 1969-12", 20513: "2026-02-23 2026-03", 20514: "2026-03-02 2026-03"} {
		if got := dayName(weekOf(day)) + " " + monthOf(day); got != want {
			t.Errorf("day %d: %s, want %s", day, got, want)
		}
	}
}

func TestCampaignsAreBounded(t *testing.T) {
	c := campaigns{max: 50}
	c.reached.max = 10
	defer c.close()
	rng := rand.New(rand.NewPCG(5, 6))
	senders := []string{}
	for i := range 2000 {
		body, sender := rng.Uint64(), fmt.Sprint(i, "@example.org")
		if i%2 == 0 {
			body = 0x0123456789abcdef ^ 1<<(i%64) // one bit is always different
			sender = fmt.Sprint(i%60, "@example.org")
			if len(senders) < maxBehind && !slices.Contains(senders, sender) {
				senders = append(senders, sender)
			}
		}
		c.add(&Row{Body: body, Compared: true, Unix: NoDate, Recipients: 1, Hashes: []uint32{uint32(i % 500)}, Sender: sender, Subject: fmt.Sprint("s", i), Name: fmt.Sprint("n", i)}, Label(sender))
	}
	if len(c.list) > 50 || c.dropped == 0 {
		t.Errorf("%d texts, %d dropped", len(c.list), c.dropped)
	}
	if len(c.reached.disk.levels) < 2 {
		t.Errorf("%d levels on disk", len(c.reached.disk.levels))
	}
	list, total, err := c.largest(2, 10)
	if err != nil || total != 1 {
		t.Fatalf("%d, %+v, %v", total, list, err)
	}
	want := Campaign{ID: hex64(0x0123456789abcdef ^ 1), Messages: 1000, Recipients: 1000, Different: 250, Subject: "s0", Name: "n0", Senders: senders}
	if d := cmp.Diff(want, list[0]); d != "" {
		t.Error(d)
	}
}

func TestRedactor(t *testing.T) {
	x := NewRedactor([]byte("key"), []RuleInfo{{ID: "a.b", Title: "Title"}})
	y := NewRedactor([]byte("another"), nil)
	for _, f := range []func(*Redactor, string) string{(*Redactor).Address, (*Redactor).Subject, (*Redactor).Folder, (*Redactor).Place, (*Redactor).File} {
		const secret = "ada.lovelace@example.org"
		if a, b := f(x, secret), f(x, secret); a != b || a == f(y, secret) || a == f(x, "b"+secret) || len(a) < 10 || bytes.Contains([]byte(a), []byte("ada")) {
			t.Errorf("%q and %q", a, b)
		}
		if f(nil, secret) != secret || f(x, "") != "" {
			t.Error("a nil Redactor changes text, or an empty text is no longer empty")
		}
	}
	if got := x.Place("dir/ada.mbox@1234"); got != x.Place("dir/ada.mbox")+"@1234" || got[10:] != ".mbox@1234" {
		t.Errorf("place %q", got)
	}
	if got := x.Reason("no room for ada@example.org here"); got != "no room for "+x.Address("ada@example.org")+" here" {
		t.Errorf("reason %q", got)
	}
	if x.Sentence("a.b", "of ada") != "Title" {
		t.Error("the sentence of a finding is shown")
	}
	if got := x.Folder("/home/ada/Maildir/.Sent"); got[10:] != " sent" {
		t.Errorf("folder %q", got)
	}
}

package facts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// lastDay is that of the dates of all tests.
var lastDay usualDay

// checkDate holds the dates that are read in one go equal to what the libraries read.
func checkDate(t testing.TB, s string) (usual bool) {
	t.Helper()
	unix, usual := lastDay.date(s)
	if other, ok := new(usualDay).date(s); ok != usual || other != unix {
		t.Fatalf("%q: %d %t after another, %d %t by itself", s, unix, usual, other, ok)
	}
	if !usual {
		return false
	}
	weekday, stated := lastDay.weekday, lastDay.stated
	want, err := parseDate(s)
	if err != nil {
		t.Fatalf("%q: read, but %v", s, err)
	}
	if unix != want.Unix() || weekdays[weekday:][:3] != want.Weekday().String()[:3] || weekdays[stated:][:3] != s[:3] {
		t.Fatalf("%q: %d, a %s that says %s, want %d, a %s", s, unix, weekdays[weekday:][:3], weekdays[stated:][:3], want.Unix(), want.Weekday())
	}
	return true
}

// TestUsualDate reads every day of some years, and what lies close to a date.
func TestUsualDate(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	day := time.Date(1895, 12, 31, 0, 0, 0, 0, time.UTC)
	for range 100_000 {
		when := day.Add(time.Duration(rng.Int64N(86400)) * time.Second)
		zone := rng.IntN(2*24*60-1) - 24*60 + 1
		day = day.AddDate(0, 0, 1)
		for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 -0700 (MST)"} {
			s := when.In(time.FixedZone("ABC", zone*60)).Format(layout)
			if !checkDate(t, s) {
				t.Fatalf("%q is no usual date", s)
			}
		}
	}
	usual := 0
	const octets = "0123456789 ,:+-()JanFebMarSunMonTueABC\t"
	for range 500_000 {
		b := []byte(fmt.Sprintf("%s, %02d %s %04d %02d:%02d:%02d %c%04d", weekdays[3*rng.IntN(7):][:3], rng.IntN(33), months[3*rng.IntN(12):][:3], rng.IntN(10000),
			rng.IntN(25), rng.IntN(61), rng.IntN(61), "+-"[rng.IntN(2)], rng.IntN(2500)))
		for range rng.IntN(3) {
			b[rng.IntN(len(b))] = octets[rng.IntN(len(octets))]
		}
		if checkDate(t, string(b)) {
			usual++
		}
	}
	if usual < 50_000 {
		t.Errorf("only %d usual dates", usual)
	}
	for _, s := range []string{
		"Mon, 31 Apr 2023 10:00:00 +0000", "Wed, 29 Feb 2023 10:00:00 +0000", "Mon, 02 Mar 2026 24:00:00 +0000", "Mon, 02 Mar 2026 10:00:60 +0000",
		"mon, 02 Mar 2026 10:00:00 +0000", "Mon, 02 Mar 2026 10:00:00 0000", "Mon, 02 Mar 2026 10:00:00 +0000 (a b)", "Mon, 02 Mar 2026 10:00:00 +0000x", "Mon, 02 Mar 26 10:00:00 +0000",
	} {
		if checkDate(t, s) {
			t.Errorf("%q is a usual date", s)
		}
	}
}

// TestDateZone: a zone that has a name means what RFC 5322 section 4.3 says, wherever the machine stands.
func TestDateZone(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	for _, place := range []*time.Location{time.UTC, time.FixedZone("EST", 10*3600), time.FixedZone("CEST", 2*3600)} {
		time.Local = place
		for zone, want := range map[string]int64{
			"EST": 5, "EDT": 4, "CST": 6, "CDT": 5, "MST": 7, "MDT": 6, "PST": 8, "PDT": 7, "pst": 8, "EST (winter)": 5,
			"GMT": 0, "UT": 0, "Z": 0, "A": 0, "y": 0, "CEST": 0, "JST": 0, "-0500 (EST)": 5, "+0200 (CEST)": -2, "+1000": -10,
		} {
			for _, day := range []string{"Mon, 2 Mar 2026 10:00:00 ", "2 Mar 2026 10:00 ", "Mon, 02 Mar 26 10:00:00  ", "Mon,\t2 (x) Mar\t2026  10:00 "} {
				unix, _, wrong, ok := readDate(day+zone, &lastDay)
				if got := time.Unix(unix, 0).UTC(); !ok || wrong || got != time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).Add(time.Duration(want)*time.Hour) {
					t.Errorf("%q in %s: %v (%t, wrong day %t)", day+zone, place, got, ok, wrong)
				}
			}
		}
		for _, s := range []string{"Mon, 2 Mar 2026 10:00:00 AM", "Mon, 2 Mar 2026 10:00:00 J", "Mon, 2 Mar 2026 10:00:00", "Mon, 2 Mar", "GMT", ""} {
			if unix, _, _, ok := readDate(s, &lastDay); ok {
				t.Errorf("%q is the date %d", s, unix)
			}
		}
	}
}

// FuzzDate: what is read as a usual date is read alike by the libraries.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 02 Mar 2026 10:00:00 +0000", "Sat, 1 Jan 0000 00:00:00 -0030 (PST)", "Thu, 29 Feb 2024 23:59:59 +1400", strings.Repeat(" ", 31)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkDate(t, s) })
}

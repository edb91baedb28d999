package facts_test

import (
	"syscall"
	"bytes"
	"os"
	"testing"
	"time"

	"postern/mimesize"
	"postern/rules/facts"
)

func devMail(b *testing.B) (out [][]byte, total int64) {
	raw, err := os.ReadFile(os.Getenv("MBOX"))
	if err != nil {
		b.Skip()
	}
	for i, m := range bytes.SplitAfter(raw, []byte("\n\nFrom ")) {
		if i >= 2000 {
			break
		}
		if i > 0 {
			m = append([]byte("From "), m...)
		}
		m = bytes.TrimSuffix(m, []byte("From "))
		out = append(out, m)
		total += int64(len(m))
	}
	return
}

func BenchmarkDevScan(b *testing.B) {
	all, _ := devMail(b)
	var s mimesize.Scanner
	b.ReportAllocs()
	i := 0
	t0 := rusage()
	defer func() { b.ReportMetric(float64(rusage()-t0)/float64(i), "cpu-ns/op") }()
	for b.Loop() {
		m := all[i%len(all)]
		i++
		s.Scan(bytes.NewReader(m))
	}
}

func BenchmarkDevMake(b *testing.B) {
	all, _ := devMail(b)
	var s mimesize.Scanner
	b.ReportAllocs()
	i := 0
	t0 := rusage()
	defer func() { b.ReportMetric(float64(rusage()-t0)/float64(i), "cpu-ns/op") }()
	for b.Loop() {
		m := all[i%len(all)]
		i++
		r := bytes.NewReader(m)
		res, _ := s.Scan(r)
		facts.Make(r, int64(len(m)), res, nil, facts.Options{Now: time.Unix(1790000000, 0)})
	}
}

func BenchmarkDevPolicy(b *testing.B) {
	all, _ := devMail(b)
	var s mimesize.Scanner
	b.ReportAllocs()
	i := 0
	t0 := rusage()
	defer func() { b.ReportMetric(float64(rusage()-t0)/float64(i), "cpu-ns/op") }()
	for b.Loop() {
		m := all[i%len(all)]
		i++
		r := bytes.NewReader(m)
		res, _ := s.Scan(r)
		facts.Make(r, int64(len(m)), res, nil, facts.Options{Now: time.Unix(1790000000, 0), Later: true, Without: facts.Damage|facts.Names}).Forget()
	}
}
func BenchmarkDevLeast(b *testing.B) {
	all, _ := devMail(b)
	var s mimesize.Scanner
	b.ReportAllocs()
	i := 0
	t0 := rusage()
	defer func() { b.ReportMetric(float64(rusage()-t0)/float64(i), "cpu-ns/op") }()
	for b.Loop() {
		m := all[i%len(all)]
		i++
		r := bytes.NewReader(m)
		res, _ := s.Scan(r)
		facts.Make(r, int64(len(m)), res, nil, facts.Options{Now: time.Unix(1790000000, 0), Without: ^facts.Set(0)})
	}
}

func rusage() int64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}

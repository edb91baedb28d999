package suffix

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

// The data is that of the version that go.mod names.
func TestData(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, have := range map[string]string{"text": text, "nodes": nodes, "children": children} {
		want, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "data", name))
		if err != nil || have != string(want) {
			t.Errorf("data/%s is not that of golang.org/x/net (run go generate): %v", name, err)
		}
	}
}

// check compares with golang.org/x/net.
func check(t *testing.T, domain string) {
	t.Helper()
	got, icann := Public(domain)
	if want, of := publicsuffix.PublicSuffix(domain); got != want || icann != of {
		t.Errorf("%q: suffix %q, ICANN %v, want %q, %v", domain, got, icann, want, of)
	}
	r, ok := Registrable(domain)
	if want, err := publicsuffix.EffectiveTLDPlusOne(domain); r != want || ok != (err == nil) {
		t.Errorf("%q: registrable %q, %v, want %q, %v", domain, r, ok, want, err)
	}
}

// Every label of the list, below every top level domain that has any, gets the answer of golang.org/x/net.
func TestAnswers(t *testing.T) {
	for _, d := range []string{"", ".", "..", "a.", ".a", "com", "example.com", "a.b.example.co.uk", "192.0.2.1", "::1", "www.ck", "a.www.ck", "x.ck", "a.x.ck", "city.kawasaki.jp", "a.b.kawasaki.jp", "nothing", "a.nothing"} {
		check(t, d)
	}
	r := rand.New(rand.NewPCG(1, 2))
	n := uint32(len(nodes) / nodeOctets)
	for i := range n {
		check(t, label(i))
		for range 8 {
			d := label(i) + "." + label(r.Uint32N(topLevel))
			check(t, d)
			check(t, "a."+label(r.Uint32N(n))+"."+d)
		}
	}
	// What really lies below each node.
	var walk func(lo, hi uint32, below string)
	count := 0
	walk = func(lo, hi uint32, below string) {
		for i := lo; i < hi; i++ {
			d := label(i) + below
			for _, d := range []string{d, "x." + d, "y.x." + d, "z.y.x." + d} {
				check(t, d)
			}
			count++
			c := number(children[node(i)>>(16+6+1)&(1<<10-1)*4:][:4])
			walk(uint32(c&(1<<14-1)), uint32(c>>14&(1<<14-1)), "."+d)
		}
	}
	walk(0, topLevel, "")
	if count < 9000 {
		t.Errorf("only %d rules", count)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add("a.b.co.uk")
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

package front

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"path/filepath"

	"postern/cmd/internal/locate"
)

// Policies reckons the SHA-256 of policies: names and octets, in their order.
type Policies struct{ h hash.Hash }

// Add adds a file.
func (p *Policies) Add(name, source string) {
	if p.h == nil {
		p.h = sha256.New()
	}
	for _, s := range []string{name, source} {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		p.h.Write(n[:])
		p.h.Write([]byte(s))
	}
}

// Sum gives it; zero without any files.
func (p *Policies) Sum() (sum [sha256.Size]byte) {
	if p.h != nil {
		p.h.Sum(sum[:0])
	}
	return sum
}

// current is the sum of the policies as they are now, by their names in a postern.yaml of that directory; false if one cannot be read.
func current(dir string, names []string) (sum [sha256.Size]byte, ok bool) {
	var p Policies
	seen := map[string]bool{}
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		files, message, _ := locate.Policies(name)
		if message != "" {
			return sum, false
		}
		for _, f := range files {
			if seen[f] {
				continue
			}
			seen[f] = true
			data, bad := locate.ReadFile(f)
			if bad != nil || len(seen) > locate.MaxPolicies {
				return sum, false
			}
			p.Add(f, string(data))
		}
	}
	return p.Sum(), true
}

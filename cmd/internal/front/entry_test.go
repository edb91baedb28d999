package front

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/cache"
	"postern/rules/guard"
)

// fill puts something else into every exported field, so that what is forgotten is seen.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(0, r.Int64N(1<<60))))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(r, v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", r.IntN(1e6)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(1 + r.IntN(1<<30)))
	case reflect.Uint8:
		v.SetUint(uint64(1 + r.IntN(255)))
	case reflect.Uint64:
		v.SetUint(1 + r.Uint64N(1<<60))
	case reflect.Float64:
		v.SetFloat(r.Float64() + 1)
	default:
		panic(v.Kind().String())
	}
}

func some(seed uint64) *Entry {
	var e Entry
	fill(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(&e).Elem())
	return &e
}

func encode(t testing.TB, e *Entry) []byte {
	t.Helper()
	data, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// body is what lies between the magic and the checksum.
func body(t testing.TB, e *Entry) []byte {
	data := encode(t, e)
	return data[len(format.Magic) : len(data)-8]
}

// An entry is read as it was written, with every field that it and the guards have.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(50) {
		want := some(seed)
		got, err := Decode(encode(t, want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
			f, ok := p.Last().(cmp.StructField)
			return ok && f.Name()[0] >= 'a' // what Prepare makes
		}, cmp.Ignore()), cmp.AllowUnexported(guard.Program{})); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
	if got, err := Decode(encode(t, &Entry{})); err != nil || len(got.Guards.Nodes) != 0 {
		t.Errorf("an empty entry: %v", err)
	}
}

// No change of an entry goes unseen: of any bit, and of its length.
func TestDamage(t *testing.T) {
	good := encode(t, some(7))
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, err := Decode(bad); err == nil {
				t.Fatalf("bit %d of octet %d was changed and not missed", bit, i)
			}
		}
		if _, err := Decode(good[:i]); err == nil {
			t.Fatalf("%d octets of %d are an entry", i, len(good))
		}
		swapped := bytes.Clone(good)
		j := (i + 16) % len(good)
		if swapped[i], swapped[j] = swapped[j], swapped[i]; swapped[i] != swapped[j] {
			if _, err := Decode(swapped); err == nil {
				t.Fatalf("octets %d and %d were exchanged", i, j)
			}
		}
	}
	if _, err := Decode(append(bytes.Clone(good), 0)); err == nil {
		t.Error("an octet was added")
	}
}

// FuzzDecode holds that no octets, however hostile, make an entry that cannot be looked at. The checksum is put right, so that what lies
// behind it is reached.
func FuzzDecode(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(body(f, some(seed)))
	}
	f.Add(body(f, &Entry{Guards: guard.Program{Version: guard.Version, Registers: 1, Nodes: []guard.Node{{}, {Op: guard.False}}, Rules: []guard.Rule{{}}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := &Entry{}
		if err := format.DecodeBody(bytes.Clone(data), e.code); err != nil {
			return
		}
		if again, err := Decode(encode(t, e)); err != nil || again.Config != e.Config || len(again.Guards.Nodes) != len(e.Guards.Nodes) {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		e.Guards.Version = guard.Version
		if e.Guards.Prepare() == nil {
			e.check(e.Build, e.Config, e.ConfigSum, e.Full, e.Written)
		}
	})
}

// Of many that write the same entry at once one does it, and whoever reads gets a whole one.
func TestSaveOnce(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("skip: needs a system that has a sendmail")
	}
	old := cache.SystemDir
	defer func() { cache.SystemDir = old }()
	dir := t.TempDir()
	cache.SystemDir = filepath.Join(dir, "system")
	env := []string{"XDG_CACHE_HOME=" + dir}
	e := some(3)
	made := 0
	path, err := Save(env, "/x/postern.yaml", 0o644, os.Getgid(), func() (*Entry, error) {
		made++
		if _, err := Save(env, "/x/postern.yaml", 0o644, os.Getgid(), nil); err == nil {
			t.Error("two wrote at once")
		}
		return e, nil
	})
	if err != nil || made != 1 {
		t.Fatalf("%v, made %d times", err, made)
	}
	got, doubt := read(filepath.Dir(path), "/x/postern.yaml")
	if doubt != nil || got.Digest != e.Digest {
		t.Errorf("%+v", doubt)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", st, err)
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(names) != 1 {
		t.Errorf("left: %q", names)
	}
}

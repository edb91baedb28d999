package snapshot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/needs"
	"postern/rules"
	"postern/rules/facts"
	"postern/rules/guard"
)

const house = `# METADATA
# scope: package
# title: Minutes are not sent by mail
# custom:
#   severity: error
#   remedy: Send them by post.
package custom.postern.rules.house.minutes

findings contains {"message": "these are minutes"} if input.header.subject.text == "Minutes"
`

func options() rules.Options {
	return rules.Options{
		Account:  &rules.Account{Username: "acme", Created: "2015-01-01", Domains: []string{"acme.example"}, Addresses: []string{}},
		Limits:   map[string]map[string]any{"recipients.count": {"max": int64(40)}},
		Policies: []rules.Module{{Name: "minutes.rego", Source: house}},
		Timeout:  time.Minute,
	}
}

// start makes an engine as a run does, and tells whether it came from a snapshot.
func start(t testing.TB, o rules.Options, dir string) (e *rules.Engine, warm bool) {
	t.Helper()
	e, leave, err := Engine(t.Context(), o, dir)
	if err != nil {
		t.Fatal(err)
	}
	if leave != nil {
		leave()
	}
	return e, leave == nil
}

// An engine is made of a snapshot where there is one, and is the same.
func TestEngine(t *testing.T) {
	dir, o := filepath.Join(t.TempDir(), "postern"), options()
	o.Limits = nil
	cold, warm := start(t, o, dir)
	if warm {
		t.Fatal("the first is warm")
	}
	again, warm := start(t, o, dir)
	if !warm {
		t.Fatal("the second is cold")
	}
	if !reflect.DeepEqual(cold.Rules(), again.Rules()) {
		t.Error(cmp.Diff(cold.Rules(), again.Rules(), cmpopts.IgnoreUnexported(rules.Rule{})))
	}
	want, err := cold.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	data, err := cache.Read(dir, only(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	var got file
	if err := format.Decode(data, got.code); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &got.rules, cmpopts.IgnoreUnexported(guard.Program{}, rules.Rule{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if st, err := os.Stat(filepath.Join(dir, only(t, dir))); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	// How an engine runs makes no difference to what it is made of.
	o.FailOn, o.Timeout, o.Guards = rules.SeverityInfo, time.Second, rules.GuardsVerify
	if e, warm := start(t, o, dir); !warm || !e.Fails(rules.SeverityInfo) {
		t.Errorf("warm %v", warm)
	}
	// Without guards, and without a directory, there is nothing to start from and nothing to leave.
	o.Guards = rules.GuardsOff
	if _, leave, err := Engine(t.Context(), o, dir); err != nil || leave != nil {
		t.Errorf("no guards: %v", err)
	}
	o.Guards = rules.GuardsLater
	if _, leave, err := Engine(t.Context(), o, ""); err != nil || leave != nil {
		t.Errorf("no directory: %v", err)
	}
}

// only gives the name of the one snapshot of a directory.
func only(t testing.TB, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0].Name()
}

// Every option that decides what an engine is made of has a snapshot of its own, and so has every program.
func TestKey(t *testing.T) {
	needs.WithoutRace(t, "one goroutine")
	base := options()
	base.Only, base.Disabled, base.Severities = []string{"a.b"}, []string{"c.d"}, map[string]rules.Severity{"e.f": rules.SeverityInfo}
	k, ok := keyOf(&base)
	if !ok {
		t.Skip("skip: needs a system that tells what file a program is")
	}
	if again, _ := keyOf(&base); again != k {
		t.Error("the key of the same options is another")
	}
	// Every field of the options, and of the account, is changed in turn.
	var vary func(path string, v reflect.Value)
	seen := map[key]string{k: "none"}
	check := func(path string, counts bool) {
		t.Helper()
		got, ok := keyOf(&base)
		if !ok {
			t.Errorf("%s: no key", path)
		}
		if was, known := seen[got]; known == counts {
			t.Errorf("%s: the key is that of %q", path, was)
		}
		seen[got] = path
	}
	loose := []string{"FailOn", "Timeout", "Guards", "LimitPlaces"}
	vary = func(path string, v reflect.Value) {
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			f := v.Field(i)
			was := reflect.New(f.Type()).Elem()
			was.Set(f)
			switch f.Kind() {
			case reflect.String:
				f.SetString("other " + name)
			case reflect.Bool:
				f.SetBool(!f.Bool())
			case reflect.Int, reflect.Int64:
				f.SetInt(f.Int() + 77)
			case reflect.Slice:
				if f.Type().Elem().Kind() == reflect.String {
					f.Set(reflect.ValueOf(append(slices.Clone(f.Interface().([]string)), name)))
				} else {
					f.Set(reflect.ValueOf([]rules.Module{{Name: "minutes.rego", Source: house + "\n"}}))
				}
			case reflect.Map:
				switch f.Interface().(type) {
				case map[string]map[string]any:
					f.Set(reflect.ValueOf(map[string]map[string]any{"recipients.count": {"max": int64(41)}}))
				case map[string]map[string]string:
					f.Set(reflect.ValueOf(map[string]map[string]string{"recipients.count": {"max": "postern.yaml:3"}}))
				case map[string]rules.Severity:
					f.Set(reflect.ValueOf(map[string]rules.Severity{"e.f": rules.SeverityError}))
				default:
					t.Fatalf("%s%s is of a type that this test does not know", path, name)
				}
			case reflect.Pointer:
				vary(path+name+".", f.Elem())
				f.Set(reflect.Zero(f.Type()))
			default:
				t.Fatalf("%s%s is of a type that this test does not know", path, name)
			}
			check(path+name, !slices.Contains(loose, name))
			f.Set(was)
		}
	}
	vary("", reflect.ValueOf(&base).Elem())
	// Types of limits count, and so does what belongs to what.
	for _, v := range []any{40, uint64(40), 40.0, "40", true, []any{int64(40)}, []string{"40"}, []any{}, nil} {
		base.Limits = map[string]map[string]any{"recipients.count": {"max": v}}
		check(fmt.Sprintf("limit %T %v", v, v), true)
	}
	base.Limits = map[string]map[string]any{"recipients.count": {"max": map[string]any{}}}
	if _, ok := keyOf(&base); ok {
		t.Error("a limit that is none has a key")
	}
	base.Limits = map[string]map[string]any{"recipients.count": {"max": []any{[]any{1}}}}
	if _, ok := keyOf(&base); ok {
		t.Error("a limit that is a list of lists has a key")
	}
	base.Limits = nil
	base.Policies = []rules.Module{{Name: "ab", Source: "c"}}
	check("names", true)
	base.Policies = []rules.Module{{Name: "a", Source: "bc"}}
	check("sources", true)
}

// Bad policies are told as without a cache, and leave nothing.
func TestBadPolicies(t *testing.T) {
	needs.WithoutRace(t, "one goroutine")
	dir := filepath.Join(t.TempDir(), "postern")
	good := options()
	good.Limits = nil
	start(t, good, dir)
	for what, change := range map[string]func(*rules.Options){
		"syntax": func(o *rules.Options) { o.Policies = []rules.Module{{Name: "minutes.rego", Source: house + "}"}} },
		"no such field": func(o *rules.Options) {
			o.Policies = []rules.Module{{Name: "minutes.rego", Source: house[:len(house)-30] + "\n"}}
		},
		"no such rule":  func(o *rules.Options) { o.Disabled = []string{"pair.nothing"} },
		"no such limit": func(o *rules.Options) { o.Limits = map[string]map[string]any{"pair.size_limit": {"nothing": 1}} },
		"fail on":       func(o *rules.Options) { o.FailOn = "often" },
		"timeout":       func(o *rules.Options) { o.Timeout = -1 },
	} {
		o := good
		change(&o)
		_, want := rules.New(t.Context(), o)
		for range 2 {
			e, leave, err := Engine(t.Context(), o, dir)
			if e != nil || leave != nil || err == nil || want == nil || err.Error() != want.Error() {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
	}
	only(t, dir)
}

// A snapshot in which anything is not as it should be is not used, and another takes its place.
func TestDoubts(t *testing.T) {
	needs.WithoutRace(t, "one goroutine")
	dir, o := filepath.Join(t.TempDir(), "postern"), rules.Options{Only: []string{"pair.size_limit"}}
	start(t, o, dir)
	name := only(t, dir)
	path := filepath.Join(dir, name)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := rules.Options{Only: []string{"bulk.list_id"}}
	otherDir := filepath.Join(t.TempDir(), "postern")
	start(t, other, otherDir)
	others, err := os.ReadFile(filepath.Join(otherDir, only(t, otherDir)))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 4
	write := func(data []byte) func() {
		return func() {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what   string
		damage func()
		warm   bool // it is not written anew either
	}{
		{"as it is", write(good), true},
		{"gone", func() { must(os.Remove(path)) }, false},
		{"empty", write(nil), false},
		{"truncated", write(good[:len(good)-1]), false},
		{"half", write(good[:len(good)/2]), false},
		{"longer", write(append(bytes.Clone(good), 0)), false},
		{"a bit", write(flipped), false},
		{"of other options", write(others), false},
		{"others can write it", func() { must(os.Chmod(path, 0o622)) }, false},
		{"the group can write it", func() { must(os.Chmod(path, 0o620)) }, false},
		{"a link", func() {
			must(os.WriteFile(path+"x", good, 0o600))
			must(os.Remove(path))
			must(os.Symlink(path+"x", path))
		}, false},
		{"a directory", func() { must(os.Remove(path)); must(os.Mkdir(path, 0o700)) }, false},
		{"a pipe", func() { os.Remove(path); must(syscall.Mkfifo(path, 0o600)) }, false},
		{"too large", func() { os.Remove(path); write(nil)(); must(os.Truncate(path, 1<<40)) }, false},
	} {
		c.damage()
		if _, warm := start(t, o, dir); warm != c.warm {
			t.Errorf("%s: warm %v", c.what, warm)
		}
		if c.what == "a directory" {
			must(os.Remove(path)) // nothing else takes the place of one
			continue
		}
		if _, warm := start(t, o, dir); !warm {
			t.Errorf("%s: it was not written anew", c.what)
		}
	}
	os.Remove(path + "x")
	// A directory that others can write, or that is a link, has no snapshots.
	must(os.Chmod(dir, 0o777))
	if _, warm := start(t, o, dir); warm {
		t.Error("a directory that others can write")
	}
	must(os.Chmod(dir, 0o700))
	must(os.Symlink(dir, dir+"link"))
	if _, warm := start(t, o, dir+"link"); warm {
		t.Error("a link to a directory")
	}
	if _, warm := start(t, o, dir); !warm {
		t.Error("the directory is as before")
	}
}

// What others own is not believed.
func TestOwner(t *testing.T) {
	needs.Root(t)
	dir, o := filepath.Join(t.TempDir(), "postern"), rules.Options{Only: []string{"pair.size_limit"}}
	start(t, o, dir)
	path := filepath.Join(dir, only(t, dir))
	for _, p := range []string{path, dir} {
		if err := os.Chown(p, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if e, leave, err := Engine(t.Context(), o, dir); e == nil || leave == nil || err != nil {
			t.Errorf("%s of another user: %v", p, err)
		}
		if err := os.Chown(p, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, warm := start(t, o, dir); !warm {
		t.Error("it is as before")
	}
}

// Many at once do each other no harm.
func TestMany(t *testing.T) {
	dir, o := filepath.Join(t.TempDir(), "postern"), rules.Options{Only: []string{"pair.size_limit"}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				start(t, o, dir)
			}
		})
	}
	wg.Wait()
	only(t, dir)
	if _, warm := start(t, o, dir); !warm {
		t.Error("nobody has left a snapshot")
	}
}

// The cache is bounded; the newest stay.
func TestBounded(t *testing.T) {
	needs.WithoutRace(t, "one goroutine")
	dir, o := filepath.Join(t.TempDir(), "postern"), rules.Options{Only: []string{"pair.size_limit"}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for i := range 40 {
		name := filepath.Join(dir, fmt.Sprintf("%s%02d", prefix, i))
		if err := os.WriteFile(name, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(name, old, old.Add(time.Duration(i)*time.Second))
	}
	for _, name := range []string{"0123456789", prefix + "left.new"} {
		os.WriteFile(filepath.Join(dir, name), nil, 0o600)
		os.Chtimes(filepath.Join(dir, name), old, old)
	}
	start(t, o, dir)
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(list) != maxFiles+1 {
		t.Errorf("%d files", len(list))
	}
	for _, name := range []string{prefix + "39", "0123456789"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{prefix + "00", prefix + "left.new"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	// So are its octets.
	for i := range 20 {
		os.Truncate(filepath.Join(dir, fmt.Sprintf("%s%02d", prefix, 20+i)), 3<<20)
	}
	o.Only = []string{"bulk.list_id"}
	start(t, o, dir)
	sum := int64(0)
	list, _ = filepath.Glob(filepath.Join(dir, prefix+"*"))
	for _, name := range list {
		if st, err := os.Stat(name); err == nil {
			sum += st.Size()
		}
	}
	if sum > maxOctets || sum < 3<<20 {
		t.Errorf("%d octets", sum)
	}
	if _, warm := start(t, o, dir); !warm {
		t.Error("the newest has gone")
	}
}

// A user without a home, or without a right to write in it, is served as ever, and nothing is made where there is no home.
func TestNoPlace(t *testing.T) {
	o := rules.Options{Only: []string{"pair.size_limit"}}
	nowhere := filepath.Join(t.TempDir(), "no-home")
	dir, err := Directory([]string{"HOME=" + nowhere})
	if err != nil || dir == "" {
		t.Fatal(dir, err)
	}
	start(t, o, dir)
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("it has made a home")
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	start(t, o, filepath.Join(file, "postern"))
	if _, warm := start(t, o, dir); warm {
		t.Error("a snapshot from nowhere")
	}
}

// What root left in the home of another, the other could not remove.
func TestHomeOfAnother(t *testing.T) {
	needs.Root(t)
	home := t.TempDir()
	if err := os.Chown(home, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	dir, err := Directory([]string{"HOME=" + home})
	if err != nil {
		t.Fatal(err)
	}
	start(t, rules.Options{Only: []string{"pair.size_limit"}}, dir)
	if list, err := os.ReadDir(home); err != nil || len(list) > 0 {
		t.Errorf("root has left %v in it", list)
	}
}

func TestDirectory(t *testing.T) {
	for _, tt := range []struct {
		env  []string
		want string
		bad  bool
	}{
		{nil, "", false},
		{[]string{"HOME=/h"}, "/h/.cache/postern", false},
		{[]string{"HOME=/h", "POSTERN_CACHE=off"}, "", false},
		{[]string{"HOME=/h", "POSTERN_CACHE=on"}, "/h/.cache/postern", false},
		{[]string{"HOME=/h", "POSTERN_CACHE="}, "/h/.cache/postern", false},
		{[]string{"HOME=/h", "POSTERN_CACHE=/tmp"}, "", true},
		{[]string{"HOME=/h", "XDG_CACHE_HOME=/c"}, "/c/postern", false},
	} {
		if got, err := Directory(tt.env); got != filepath.FromSlash(tt.want) || (err != nil) != tt.bad {
			t.Errorf("%q: %q, %v", tt.env, got, err)
		}
	}
}

// few gives a snapshot of only the rules that are applied: small inputs are changed in more ways.
func few(s *rules.Snapshot) rules.Snapshot {
	out := rules.Snapshot{Everything: s.Everything, Wanted: s.Wanted, Guards: s.Guards}
	for i, from := range []rules.SnapshotSet{s.Message, s.Opaque, s.Settings} {
		to := []*rules.SnapshotSet{&out.Message, &out.Opaque, &out.Settings}[i]
		to.Guards = from.Guards
		if len(from.Skipped) > 0 {
			to.Skipped = from.Skipped[:1]
		}
		for _, at := range from.Rules {
			r := s.Rules[at]
			n := slices.IndexFunc(out.Rules, func(o rules.SnapshotRule) bool { return o.ID == r.ID })
			if n < 0 {
				n = len(out.Rules)
				out.Rules = append(out.Rules, r)
			}
			to.Rules = append(to.Rules, int32(n))
		}
	}
	return out
}

// FuzzDecode holds that no octets make a snapshot that panics when it is resumed. The checksum is not looked at, so that what lies behind it is
// reached.
func FuzzDecode(f *testing.F) {
	needs.WithoutRace(f, "one goroutine")
	for _, o := range []rules.Options{
		{Only: []string{"pair.size_limit"}}, {Only: []string{"bulk.list_id", "rfc.nul"}, History: true},
		{Only: []string{"house.minutes"}, Policies: options().Policies},
	} {
		e, err := rules.New(f.Context(), o)
		if err != nil {
			f.Fatal(err)
		}
		s, err := e.Snapshot()
		if err != nil {
			f.Fatal(err)
		}
		x := file{rules: few(s)}
		data, err := format.Encode(x.code)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[len(format.Magic) : len(data)-8])
		if _, err := rules.Resume(&x.rules, o); err != nil || len(data) > 40_000 {
			f.Fatalf("%v, %d octets", err, len(data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var x file
		if format.DecodeBody(bytes.Clone(data), x.code) != nil {
			return
		}
		again, err := format.Encode(x.code)
		if err != nil {
			t.Fatal("what was read cannot be written")
		}
		var y file
		if err := format.Decode(again, y.code); err != nil || len(y.rules.Rules) != len(x.rules.Rules) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		x.rules.Guards.Version = guard.Version
		e, err := rules.Resume(&x.rules, rules.Options{Guards: rules.GuardsOn})
		if err != nil {
			return
		}
		e.Rules()
		q, err := e.Quiet()
		if err != nil {
			return
		}
		m := facts.New(facts.KindMessage)
		for _, r := range q.Program.Run(m, q.Rules, nil) {
			q.Program.Find(m, q.Rules[r], nil)
		}
	})
}

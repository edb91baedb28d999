package rules

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

// TestInputIsFacts holds the input that is built by hand equal to the facts' JSON, whatever the facts hold.
func TestInputIsFacts(t *testing.T) {
	zero := &facts.Facts{}
	fill(reflect.ValueOf(zero).Elem(), func(v reflect.Value, depth int) bool {
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		return v.Kind() == reflect.Struct
	}, 0)
	full := &facts.Facts{}
	n := 0
	fill(reflect.ValueOf(full).Elem(), func(v reflect.Value, _ int) bool {
		n++ // no two fields alike, so that swapped ones are found
		switch v.Kind() {
		case reflect.String:
			v.SetString(string(rune('a'+n%26)) + string(rune(0x100+n)))
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int, reflect.Int64:
			v.SetInt(int64(n) * 1_000_003)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
		}
		return true
	}, 0)
	cases := map[string]*facts.Facts{"zero": zero, "full": full}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		f := &facts.Facts{}
		fill(reflect.ValueOf(f).Elem(), func(v reflect.Value, depth int) bool {
			switch v.Kind() {
			case reflect.String:
				v.SetString([]string{"", "x", "\x00\"\\\u2028", "long text of a header", "ä"}[random.IntN(5)])
			case reflect.Bool:
				v.SetBool(random.IntN(2) == 0)
			case reflect.Int, reflect.Int64:
				v.SetInt([]int64{0, 1, -1, 1023, 1024, 1 << 40, -1 << 62}[random.IntN(7)])
			case reflect.Slice:
				size := random.IntN(4)
				v.Set(reflect.MakeSlice(v.Type(), size, size))
			case reflect.Pointer:
				if random.IntN(2) == 0 {
					return false
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			return true
		}, 0)
		cases["random "+string(rune('A'+i))] = f
	}
	for name, f := range cases {
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ast.ValueFromReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		got := inputOf(f)
		if got.Value.Compare(want) != 0 {
			t.Errorf("%s: built by hand (-) and by way of JSON (+) differ\n%s", name, cmp.Diff(got.String(), want.String()))
		}
		if got.Hash() != want.Hash() {
			t.Errorf("%s: hashes differ", name)
		}
		if !got.IsGround() {
			t.Errorf("%s: not ground", name)
		}
	}
}

// A nil list is an empty one: an undefined field would pass.
func TestInputOfNilLists(t *testing.T) {
	got := inputOf(&facts.Facts{})
	for _, path := range []string{"problems", "parts", "settings"} {
		v, err := got.Value.Find(ast.Ref{ast.StringTerm(path)})
		if err != nil || v.Compare(ast.NewArray()) != 0 {
			t.Errorf("%s = %v, %v; want []", path, v, err)
		}
	}
}

// fill visits v and all that it holds; set says whether to go on inside.
func fill(v reflect.Value, set func(v reflect.Value, depth int) bool, depth int) {
	if !set(v, depth) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), set, depth+1)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), set, depth+1)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), set, depth+1)
		}
	}
}

package template

import (
	"encoding/base64"
	"fmt"
	"sort"
	"strings"

	"github.com/osteele/liquid/values"
)

// liquidMember is the value of an entry's name. An entry that lacks it ends the rendering, as in every other place.
func liquidMember(entry any, key string) (any, error) {
	switch e := entry.(type) {
	case *liquidMap:
		if v, ok := e.m[key]; ok {
			return v, nil
		}
	case map[string]any:
		if v, ok := e[key]; ok {
			return v, nil
		}
	}
	return nil, undefinedName(key)
}

// liquidSort is sort and, with fold, sort_natural: null first, and entries that are equal stay in order.
func liquidSort(list []any, key any, fold bool) ([]any, error) {
	type entry struct{ by, v any }
	all := make([]entry, len(list))
	for i, v := range list {
		by := v
		if key != nil {
			var err error
			if by, err = liquidMember(v, fmt.Sprint(key)); err != nil {
				return nil, err
			}
		}
		if s, ok := by.(string); ok && fold {
			by = strings.ToLower(s)
		}
		all[i] = entry{by, v}
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i].by, all[j].by
		if a == nil || b == nil {
			return a == nil && b != nil
		}
		return values.Less(a, b)
	})
	out := make([]any, len(all))
	for i := range all {
		out[i] = all[i].v
	}
	return out, nil
}

// liquidWhere keeps the entries whose value of a name is want, or is true in the sense of conditions without want.
func liquidWhere(list []any, key string, want func(any) any) ([]any, error) {
	out := []any{}
	none := new(int) // what want gives when the filter has one argument
	w := want(none)
	for _, entry := range list {
		v, err := liquidMember(entry, key)
		if err != nil {
			return nil, err
		}
		if w == none && v != nil && v != false || w != none && values.Equal(v, w) {
			out = append(out, entry)
		}
	}
	return out, nil
}

// missing adds the filters of Liquid that the library lacks.
func (l *liquidJob) missing() {
	l.cfg.AddFilter("at_least", func(a, b any) any {
		if values.Less(a, b) {
			return b
		}
		return a
	})
	l.cfg.AddFilter("at_most", func(a, b any) any {
		if values.Less(b, a) {
			return b
		}
		return a
	})
	l.cfg.AddFilter("base64_encode", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })
	l.cfg.AddFilter("base64_decode", func(s string) (string, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		return string(b), err
	})
	l.cfg.AddFilter("replace_last", replaceLast)
	l.cfg.AddFilter("remove_last", func(s, old string) (string, error) { return replaceLast(s, old, "") })
	l.cfg.AddFilter("sum", liquidSum)
}

func replaceLast(s, old, new string) (string, error) {
	i := strings.LastIndex(s, old)
	if i < 0 {
		return s, nil
	}
	return bounded(s[:i] + new + s[i+len(old):])
}

// liquidSum adds the entries of a list, or what they have under a name. Whole numbers stay whole.
func liquidSum(list []any, key any) (any, error) {
	whole, all, fraction := 0, 0.0, false
	for _, v := range list {
		if key != nil {
			var err error
			if v, err = liquidMember(v, fmt.Sprint(key)); err != nil {
				return nil, err
			}
		}
		switch n := v.(type) {
		case int:
			whole += n
			all += float64(n)
		case float64:
			fraction = true
			all += n
		case nil:
		default:
			return nil, fmt.Errorf("sum: %v is no number", v)
		}
	}
	if fraction {
		return all, nil
	}
	return whole, nil
}

package snapshot

import (
	"maps"
	"slices"

	"postern/cmd/internal/cache"
	"postern/rules"
)

// file is what a file holds.
type file struct {
	key   key
	rules rules.Snapshot
}

var format = cache.Format{Magic: "postern rules\n\x00\x00", Version: 2}

func (f *file) code(c *cache.Coder) {
	c.Octets(f.key[:])
	s := &f.rules
	cache.List(c, &s.Rules, 100, func(r *rules.SnapshotRule) { codeRule(c, r) })
	for _, set := range s.Sets() {
		c.Smalls(&set.Rules)
		c.Smalls(&set.Guards)
		cache.List(c, &set.Skipped, 12, func(s *rules.Skipped) {
			c.Text(&s.Rule)
			c.Text(&s.Reason)
			c.Text(&s.Remedy)
		})
	}
	c.Truth(&s.Everything)
	c.Texts(&s.Wanted)
	c.Program(&s.Guards)
}

func codeRule(c *cache.Coder, r *rules.SnapshotRule) {
	for _, t := range []*string{
		&r.ID, &r.Title, &r.Description, (*string)(&r.Severity), (*string)(&r.DefaultSeverity), (*string)(&r.Elevated), &r.Clause.Text,
		&r.Clause.Source, &r.Clause.Read, &r.Remedy, (*string)(&r.Input), &r.Origin, &r.Ref,
	} {
		c.Text(t)
	}
	for _, b := range []*bool{&r.Opaque, &r.Temporary, &r.Enabled, &r.Configured} {
		c.Truth(b)
	}
	c.Texts(&r.References)
	c.Texts(&r.Requires)
	c.Texts(&r.Fields)
	cache.List(c, &r.Limits, 30, func(l *rules.Limit) {
		for _, t := range []*string{&l.Name, &l.Status, &l.Quote, &l.Source, &l.Read, &l.Why} {
			c.Text(t)
		}
		codeAny(c, &l.Value, true)
		codeAny(c, &l.Default, true)
	})
	if c.Reading() {
		// These are never nil: reports show an empty list.
		r.References, r.Requires, r.Limits = listed(r.References), listed(r.Requires), listed(r.Limits)
	}
}

func listed[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// codeAny codes the value of a limit with its type, and a list of such values.
func codeAny(c *cache.Coder, v *any, list bool) {
	kind := kindOf(*v)
	was := *v
	if c.Octet(&kind); c.Reading() {
		was = zeroOf(kind)
	}
	switch x := was.(type) {
	case nil:
		if kind != kindNil {
			c.Refuse()
		}
	case bool:
		c.Truth(&x)
		was = x
	case int:
		n := int64(x)
		c.Number(&n)
		was = int(n)
	case int64:
		c.Number(&x)
		was = x
	case uint64:
		c.Unsigned(&x)
		was = x
	case float64:
		c.Float(&x)
		was = x
	case string:
		c.Text(&x)
		was = x
	case []string:
		c.Texts(&x)
		was = listed(x)
	case []any:
		if !list { // no limit is a list of lists
			c.Refuse()
			return
		}
		cache.List(c, &x, 1, func(v *any) { codeAny(c, v, false) })
		was = listed(x)
	default:
		c.Refuse()
	}
	if c.Reading() {
		*v = was
	}
}

const (
	kindNil uint8 = iota
	kindBool
	kindInt
	kindInt64
	kindUint64
	kindFloat
	kindText
	kindTexts
	kindList
	kindNone
)

func kindOf(v any) uint8 {
	switch v.(type) {
	case nil:
		return kindNil
	case bool:
		return kindBool
	case int:
		return kindInt
	case int64:
		return kindInt64
	case uint64:
		return kindUint64
	case float64:
		return kindFloat
	case string:
		return kindText
	case []string:
		return kindTexts
	case []any:
		return kindList
	}
	return kindNone
}

// zeroOf is a value of a kind, nil for what is none.
func zeroOf(kind uint8) any {
	if all := [...]any{nil, false, 0, int64(0), uint64(0), 0.0, "", []string(nil), []any(nil)}; int(kind) < len(all) {
		return all[kind]
	}
	return nil
}

// codeOptions lists the options that decide what an engine is made of. It only writes.
func codeOptions(c *cache.Coder, o rules.Options) {
	c.Text(&o.Provider)
	told := o.Account != nil
	if c.Truth(&told); told {
		a := *o.Account
		number, subscribers := int64(a.ServerNumber), int64(a.PairlistSubscribers)
		for _, t := range []*string{&a.Username, &a.Created, &a.Plan} {
			c.Text(t)
		}
		c.Number(&number)
		c.Number(&subscribers)
		for _, l := range []*[]string{&a.Domains, &a.Addresses, &a.DMARC} {
			c.Texts(l)
		}
	}
	c.Truth(&o.History)
	c.Number(&o.ServerSize)
	each(c, o.Limits, func(limits *map[string]any) { each(c, *limits, func(v *any) { codeAny(c, v, true) }) })
	each(c, o.Severities, func(s *rules.Severity) { c.Text((*string)(s)) })
	c.Texts(&o.Disabled)
	c.Texts(&o.Only)
	cache.List(c, &o.Policies, 8, func(m *rules.Module) {
		c.Text(&m.Name)
		c.Text(&m.Source)
	})
}

// each writes a map in the order of its keys.
func each[V any](c *cache.Coder, m map[string]V, value func(*V)) {
	n := int32(len(m))
	c.Small(&n)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		c.Text(&k)
		value(&v)
	}
}

package rules

import (
	"math/rand/v2"
	"reflect"
	"strings"

	"postern/rules/facts"
	"postern/rules/guard"
)

// factMaker makes facts at random, near the limits of rules: what it puts in are the constants that the rules compare with, and
// what is a little beside them.
type factMaker struct {
	random  *rand.Rand
	numbers []int64
	texts   []string
	nearby  *nearby // of the rule that is meant; nil for none
}

// nearby are the constants that a rule compares with.
type nearby struct {
	numbers []int64
	texts   []string
}

// nearbyOf finds the constants in the guard of a rule.
func nearbyOf(p *guard.Program, rule int32) (near nearby) {
	var constant func(c *guard.Const)
	constant = func(c *guard.Const) {
		switch c.Kind {
		case guard.ConstInt:
			near.numbers = append(near.numbers, c.Int)
		case guard.ConstFloat:
			near.numbers = append(near.numbers, int64(c.Float))
		case guard.ConstText:
			near.texts = append(near.texts, c.Text)
		}
		near.texts = append(near.texts, c.Keys...)
		for _, item := range c.Items {
			constant(&p.Consts[item])
		}
	}
	for at := range reached(p, p.Rules[rule].Root) {
		switch n := p.Nodes[at]; n.Op {
		case guard.Value:
			constant(&p.Consts[n.A])
		case guard.FieldInt, guard.FieldText, guard.FieldCount:
			constant(&p.Consts[p.Args[n.D]])
		}
	}
	return near
}

// reached gives the nodes that others lead to, with them.
func reached(p *guard.Program, roots ...int32) map[int32]bool {
	seen := map[int32]bool{}
	var look func(nodes ...int32)
	look = func(nodes ...int32) {
		for _, at := range nodes {
			if seen[at] {
				continue
			}
			seen[at] = true
			switch n := p.Nodes[at]; n.Op {
			case guard.Let, guard.Each, guard.Once, guard.One, guard.Join:
				look(n.B, n.C)
			case guard.Compare:
				look(n.A, n.B, n.C)
			case guard.Not, guard.If, guard.Holds:
				look(n.A, n.C)
			case guard.Any:
				look(p.Args[n.A : n.A+n.B]...)
			case guard.Memo:
				look(p.Memos[n.A], n.C)
			case guard.Add, guard.Total, guard.Take, guard.Collect, guard.Gather:
				look(n.B)
			case guard.Item, guard.Lookup:
				look(n.A, n.B)
			case guard.Call:
				look(p.Args[n.B : n.B+n.C]...)
			case guard.FieldTrue, guard.FieldInt, guard.FieldText, guard.FieldCount, guard.Reset:
				look(n.C)
			case guard.Emit:
				for i := n.A; i < n.A+2*n.B; i += 2 {
					look(p.Args[i+1])
				}
			}
		}
	}
	look(roots...)
	return seen
}

func newFactMaker(seed uint64, p *guard.Program) *factMaker {
	m := &factMaker{
		random:  rand.New(rand.NewPCG(seed, 7)),
		numbers: []int64{0, 0, 0, 1, 2, 3, -1, 1 << 40, 1<<62 + 1, -1 << 63},
		texts: []string{
			"", "", "example.com", "sub.example.com", "example.org", "xexample.com", "exampel.com", "bob@example.com", "Alice@Pair.com",
			"alice@pair.com", "alice.pairserver.com", "taint.org", "list.taint.org", "gmail.com", "gmial.com", "gmai.com", "Re: x", "ÄÖ", "日本.jp", "a b", "x@y", ".", "..",
			"127.0.0.1", "::1", "::ffff:10.0.0.1", "10.1.2.3.4", "www.bit.ly", "no-reply", "No.Reply+x", "WWW-Data", "order confirmation", "auto-", "AUTO-REPLIED", "list.id",
		},
	}
	for _, c := range p.Consts {
		for i, key := range c.Keys {
			if i%7 == 0 && !strings.Contains(key, " ") {
				m.texts = append(m.texts, key)
			}
		}
		switch c.Kind {
		case guard.ConstInt:
			m.numbers = append(m.numbers, c.Int-1, c.Int, c.Int, c.Int+1)
		case guard.ConstText:
			if len(c.Text) > 20 {
				break // the texts of findings
			}
			m.texts = append(m.texts, c.Text)
			if m.random.IntN(8) == 0 {
				m.texts = append(m.texts, "x."+c.Text, strings.ToUpper(c.Text), c.Text+"x")
			}
		}
	}
	return m
}

// make gives facts of a clean message with some fields changed.
func (m *factMaker) make() *facts.Facts {
	f := benchFacts()
	f.Problems = []facts.Problem{}
	f.Header.Date.Count, f.Header.MessageID.Count = 1, 1
	all := reflect.ValueOf(f).Elem()
	for i := range all.NumField() {
		m.change(all.Field(i), []float64{0.01, 0.03, 0.15, 0.5}[m.random.IntN(4)])
	}
	f.SchemaVersion, f.Kind = facts.SchemaVersion, facts.KindMessage
	f.Size.StoredBytes = max(f.Size.StoredBytes, 1)
	f.Origin = []string{facts.OriginMessage, facts.OriginTemplate}[m.random.IntN(2)]
	f.Opaque = m.random.IntN(10) == 0
	return f
}

func (m *factMaker) change(v reflect.Value, rate float64) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			m.change(v.Field(i), rate)
		}
		return
	case reflect.Pointer:
		if m.random.Float64() < rate {
			v.SetZero()
			return
		}
		if v.IsNil() && m.random.Float64() < rate || !v.IsNil() {
			fresh := reflect.New(v.Type().Elem())
			if !v.IsNil() {
				fresh.Elem().Set(v.Elem())
			}
			m.change(fresh.Elem(), max(rate, 0.3))
			v.Set(fresh)
		}
		return
	case reflect.Slice:
		if m.random.Float64() < 2*rate {
			n := []int{0, 1, 1, 2, 3, 6}[m.random.IntN(6)]
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				m.change(v.Index(i), 0.4)
			}
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			m.change(fresh.Index(i), rate)
		}
		v.Set(fresh)
		return
	}
	if m.random.Float64() >= rate {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(m.random.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(m.number(v.Int()))
	case reflect.String:
		v.SetString(m.text(v.String()))
	}
}

// number gives a number at or beside a constant, or beside the old one.
func (m *factMaker) number(old int64) int64 {
	n := m.numbers[m.random.IntN(len(m.numbers))]
	switch how := m.random.IntN(10); {
	case how < 6 && m.nearby != nil && len(m.nearby.numbers) > 0:
		n = m.nearby.numbers[m.random.IntN(len(m.nearby.numbers))]
	case how == 9:
		n = old
	}
	return n + []int64{0, 0, 0, 1, -1}[m.random.IntN(5)]
}

// text gives one of the constants, or something like it or like the old one.
func (m *factMaker) text(old string) string {
	pick := func() string {
		if m.nearby != nil && len(m.nearby.texts) > 0 && m.random.IntN(2) == 0 {
			return m.nearby.texts[m.random.IntN(len(m.nearby.texts))]
		}
		return m.texts[m.random.IntN(len(m.texts))]
	}
	s := pick()
	if m.random.IntN(6) == 0 {
		s = old
	}
	if len(s) > 300 {
		s = s[:300]
	}
	switch m.random.IntN(16) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return strings.ToLower(s)
	case 2:
		return s + pick()
	case 3:
		return pick() + []string{" ", "@", ".", ",", "/", "://", "\r\n"}[m.random.IntN(7)] + s
	case 4:
		return s[min(1, len(s)):]
	case 5:
		return s[:max(len(s)-1, 0)]
	}
	return s
}

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
}

func newFactMaker(seed uint64, p *guard.Program) *factMaker {
	m := &factMaker{
		random:  rand.New(rand.NewPCG(seed, 7)),
		numbers: []int64{0, 0, 0, 1, 2, 3, -1, 1 << 40, 1<<62 + 1, -1 << 63},
		texts: []string{
			"", "", "example.com", "sub.example.com", "example.org", "xexample.com", "exampel.com", "bob@example.com", "Alice@Pair.com",
			"alice@pair.com", "alice.pairserver.com", "taint.org", "list.taint.org", "gmail.com", "gmial.com", "gmai.com", "Re: x", "ÄÖ", "日本.jp", "a b", "x@y", ".", "..",
			"127.0.0.1", "::1", "10.1.2.3.4", "www.bit.ly", "no-reply", "No.Reply+x", "WWW-Data", "order confirmation", "auto-", "AUTO-REPLIED", "list.id",
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
		v.SetInt(m.numbers[m.random.IntN(len(m.numbers))])
	case reflect.String:
		v.SetString(m.texts[m.random.IntN(len(m.texts))])
	}
}

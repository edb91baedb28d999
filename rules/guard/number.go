package guard

import (
	"math"
	"math/big"
)

func plus(a, b value) value {
	if a.kind == integer && b.kind == integer {
		if c := a.n + b.n; (c > a.n) == (b.n > 0) {
			return whole(c)
		}
		return value{}
	}
	if a.number() && b.number() {
		return broken(a.float() + b.float())
	}
	return value{}
}

// added is what Add makes of a sum.
func added(sum, v value, how int32) value {
	if how == Sum {
		return plus(sum, v)
	}
	if sum.kind == undefined && v.number() {
		return v
	}
	switch c, ok := compare(sum, v); {
	case !ok || !v.number():
		return value{}
	case c < 0 == (how == Most):
		return v
	}
	return sum
}

// arithmetic is exact on whole numbers, and on others where findings are made. It gives up where they overflow, and where OPA has an
// error.
func (m *machine) arithmetic(f int32, a, b value) value {
	var v value
	both := a.kind == integer && b.kind == integer
	if m.exact && !(both && (f != Divide || b.n != 0 && a.n%b.n == 0)) {
		if v, ok := m.precisely[numbers{f, a, b}]; ok {
			return v
		}
		if x, y := a.exact(), b.exact(); x != nil && y != nil {
			return m.remember(numbers{f, a, b}, m.precise(f, x, y))
		}
	}
	switch {
	case !a.number() || !b.number():
	case f == Plus:
		v = plus(a, b)
	case f == Minus && both:
		if c := a.n - b.n; (c < a.n) == (b.n > 0) {
			v = whole(c)
		}
	case f == Minus:
		v = broken(a.float() - b.float())
	case f == Times && both:
		const most = math.MaxInt32
		if c := a.n * b.n; -most < a.n && a.n < most && -most < b.n && b.n < most || b.n != 0 && c/b.n == a.n && b.n != -1 && a.n != -1 {
			v = whole(c)
		} else if b.n == 0 {
			v = whole(0)
		}
	case f == Times:
		v = broken(a.float() * b.float())
	case f == Remainder && both && b.n > 0:
		v = whole(a.n % b.n)
	case f == Divide && b.kind == integer && b.n == 0, f == Remainder:
	case f == Divide && both && max(a.n, -a.n) > 1<<53:
	case f == Divide && both && a.n%b.n == 0:
		v = whole(a.n / b.n)
	case f == Divide && b.float() != 0:
		v = broken(a.float() / b.float())
	}
	if v.kind == undefined {
		m.giveUp()
	}
	return v
}

// numbers are what a function is asked about.
type numbers struct {
	f    int32
	a, b value
}

// maxPrecisely bounds the results that are remembered.
const maxPrecisely = 256

// remember keeps what precise numbers come to: rules compute with the same ones for each message, those of their limits and lists. Who
// computes with a result finds its own again, since that is the same number.
func (m *machine) remember(of numbers, v value) value {
	switch {
	case v.kind == undefined:
		return v
	case m.precisely == nil:
		m.precisely = map[numbers]value{}
	case len(m.precisely) >= maxPrecisely:
		clear(m.precisely)
	}
	m.precisely[of] = v
	return v
}

// precise computes as OPA does with numbers that are not whole.
func (m *machine) precise(f int32, x, y *big.Float) (v value) {
	switch f {
	case Plus:
		v = exactly(new(big.Float).Add(x, y))
	case Minus:
		v = exactly(new(big.Float).Sub(x, y))
	case Times:
		v = exactly(new(big.Float).Mul(x, y))
	case Divide:
		if y.Sign() != 0 {
			v = exactly(new(big.Float).Quo(x, y))
		}
	}
	if v.kind == undefined {
		m.giveUp()
	}
	return v
}

// preciselyRounded rounds as OPA does, which takes what is between -1 and 0 for 0 or 1.
func preciselyRounded(f int32, x *big.Float) value {
	if f == Abs {
		return exactly(new(big.Float).Abs(x))
	}
	if f == Round {
		half := big.NewFloat(0.5)
		if x.Signbit() {
			half.Neg(half)
		}
		x = new(big.Float).Add(x, half)
	}
	n, _ := x.Int(nil)
	if !n.IsInt64() || n.BitLen() > 62 {
		return value{}
	}
	i := n.Int64()
	whole := whole(i)
	if at := new(big.Float).SetInt(n); f == Ceil && i >= 0 && x.Cmp(at) != 0 {
		whole.n++
	} else if f == Floor && i < 0 && x.Cmp(at) != 0 {
		whole.n--
	}
	return whole
}

// rounded gives up where the number is too close to where the result changes.
func (m *machine) rounded(f int32, a value) value {
	if a.kind == integer {
		if f == Abs && a.n < 0 {
			if a.n == math.MinInt64 {
				m.giveUp()
				return value{}
			}
			return whole(-a.n)
		}
		return a
	}
	if p := a.exact(); m.exact && p != nil {
		if v, ok := m.precisely[numbers{f: f, a: a}]; ok {
			return v
		}
		v := preciselyRounded(f, p)
		if v.kind == undefined {
			m.giveUp()
		}
		return m.remember(numbers{f: f, a: a}, v)
	}
	x := a.float()
	if f == Abs {
		return broken(math.Abs(x))
	}
	edge := x // changes at whole numbers, round at those and a half
	if f == Round {
		edge += 0.5
	}
	// Between -1 and 0 OPA's floor gives 0 and its ceil 1.
	if math.Abs(x) > 1e12 || math.Abs(edge-math.Round(edge)) < 1e-6 || -1 < x && x < 0 {
		m.giveUp()
		return value{}
	}
	switch f {
	case Round:
		return whole(int64(math.Round(x)))
	case Floor:
		return whole(int64(math.Floor(x)))
	}
	return whole(int64(math.Ceil(x)))
}

// extreme gives the largest or least of some numbers.
func (m *machine) extreme(f int32, args []int32) value {
	var best value
	for i, a := range args {
		v := m.eval(a)
		if !v.number() {
			m.giveUp()
			return value{}
		}
		if i == 0 {
			best = v
			continue
		}
		c, ok := compare(v, best)
		if !ok {
			m.giveUp()
			return value{}
		}
		if c > 0 == (f == Largest) && c != 0 {
			best = v
		}
	}
	return best
}

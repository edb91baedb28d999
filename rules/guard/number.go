package guard

import "math"

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

// arithmetic is exact on whole numbers. It gives up where they overflow, and where OPA has an error.
func (m *machine) arithmetic(f int32, a, b value) value {
	var v value
	both := a.kind == integer && b.kind == integer
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

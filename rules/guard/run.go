package guard

import (
	"strings"
	"sync"
	"unsafe"

	"postern/rules/facts"
)

// maxSteps bounds the work on one rule: one that takes longer is asked. It is far more than any message of ordinary size needs.
const maxSteps = 200_000

// machine carries one run.
type machine struct {
	p      *Program
	regs   []value
	memo   []verdict
	seen   [][]value
	sums   []value
	lists  [][]string
	found  []Found // from before on those of the rule that is run
	places []int32 // where in found those of this rule are, from 1, by their hash; once there are many
	room   []byte  // of texts that functions make
	keep   []byte  // of texts that findings hold
	steps  int
	// what precise numbers came to
	precisely map[numbers]value

	before int
	exact  bool // numbers are wanted to the last digit
	// gaveUp tells that the rule has to be asked, whatever comes out.
	gaveUp bool
}

// verdict is what is known of a shared condition.
type verdict uint8

const (
	open verdict = iota
	never
	holds
	doubtful
)

var machines = sync.Pool{New: func() any { return new(machine) }}

// Run appends to may the places in which of the rules stand that may find something in f. rules are indexes of p.Rules.
func (p *Program) Run(f *facts.Facts, rules []int32, may []int) []int {
	m := machines.Get().(*machine)
	m.reset(p)
	m.regs[0] = value{kind: record, p: unsafe.Pointer(f)}
	for i, r := range rules {
		if m.rule(p.Rules[r].Root) {
			may = append(may, i)
		}
	}
	m.regs[0] = value{}
	machines.Put(m)
	return may
}

// May tells whether a rule may find something in f, and whether that is certain: it is not where the program gave up.
func (p *Program) May(f *facts.Facts, rule int32) (may, certain bool) {
	m := machines.Get().(*machine)
	m.reset(p)
	m.regs[0] = value{kind: record, p: unsafe.Pointer(f)}
	may = m.rule(p.Rules[rule].Root)
	certain = !m.gaveUp
	m.regs[0] = value{}
	machines.Put(m)
	return may, certain
}

func (m *machine) rule(root int32) bool {
	m.gaveUp, m.steps, m.room = false, 0, m.room[:0]
	return m.holds(root) || m.gaveUp
}

// maxRoom is how much room a machine keeps from message to message.
const maxRoom = 16 << 10

func (m *machine) reset(p *Program) {
	if m.p != p {
		m.p = p
		m.regs = make([]value, p.Registers)
		m.memo = make([]verdict, len(p.Memos))
		m.seen = make([][]value, p.Sets)
		m.sums = make([]value, p.Sums)
		m.lists = make([][]string, p.Lists)
	}
	clear(m.memo)
	if cap(m.room) > maxRoom {
		m.room = nil
	}
}

// giveUp ends the work on a rule.
func (m *machine) giveUp() bool {
	m.gaveUp = true
	m.steps = maxSteps
	return true
}

// holds tells whether a condition holds for some way to fill the registers.
func (m *machine) holds(at int32) bool {
	nodes := m.p.Nodes
	for {
		if m.steps++; m.steps > maxSteps {
			return m.giveUp()
		}
		n := &nodes[at]
		switch n.Op {
		case True:
			return true
		case False:
			return false
		case Give:
			return m.giveUp()
		case FieldTrue, FieldInt, FieldCount, FieldText:
			base := m.regs[n.A].p
			if base == nil {
				return m.giveUp()
			}
			if !m.field(n, base) {
				return false
			}
		case Memo:
			v := m.memo[n.A]
			if v == open {
				v = m.shared(n.A)
			}
			switch v {
			case never:
				return false
			case doubtful:
				return m.giveUp()
			}
		case Not:
			if m.holds(n.A) {
				return m.gaveUp
			}
		case If:
			if !m.holds(n.A) {
				return false
			}
		case Any:
			for _, a := range m.p.Args[n.A : n.A+n.B-1] {
				if m.holds(a) {
					return true
				}
			}
			at = m.p.Args[n.A+n.B-1]
			continue
		case Let:
			v := m.eval(n.B)
			if v.kind == undefined {
				return m.gaveUp
			}
			m.regs[n.A] = v
		case Each:
			var v value
			if from := &m.p.Nodes[n.B]; from.Op == Get {
				a, base := &m.p.access[from.B], m.regs[from.A].p
				if base == nil {
					return m.giveUp()
				}
				if a.complete(base); a.shape >= Texts && a.slice(base).n == 0 {
					return false // as most lists are
				}
				v = a.get(base)
			} else {
				v = m.eval(n.B)
			}
			if v.kind != list {
				return m.each(n, v)
			}
			for i := range v.n {
				m.regs[n.A] = v.item(i)
				if n.D >= 0 {
					m.regs[n.D] = whole(i)
				}
				if m.holds(n.C) {
					return true
				}
			}
			return m.gaveUp
		case Holds:
			if v := m.eval(n.A); v.kind == undefined || v.kind == boolean && v.n == 0 {
				return m.gaveUp
			}
		case Compare:
			a, b := m.eval(n.A), m.eval(n.B)
			if a.kind == undefined || b.kind == undefined {
				return m.gaveUp
			}
			c, ok := compare(a, b)
			if !ok {
				return m.giveUp()
			}
			if !fits(c, n.D) {
				return m.gaveUp
			}
		case Reset:
			m.seen[n.A] = m.seen[n.A][:0]
		case Once:
			if !m.once(n) {
				return m.gaveUp
			}
		case Add:
			if v := m.eval(n.B); v.kind != undefined {
				if m.sums[n.A] = added(m.sums[n.A], v, n.D); m.sums[n.A].kind == undefined {
					return m.giveUp()
				}
			}
			return m.gaveUp
		case One:
			m.regs[n.A] = value{}
			if m.holds(n.B); m.gaveUp || m.regs[n.A].kind == undefined {
				return m.gaveUp
			}
		case Take:
			switch v := m.eval(n.B); {
			case v.kind == undefined:
			case !m.take(n.A, v):
				return m.giveUp()
			case n.D != 0:
				return true
			}
			return m.gaveUp
		case Collect:
			switch v := m.eval(n.B); {
			case v.kind == undefined:
			case v.kind != words || len(m.lists[n.A]) >= maxCollected:
				return m.giveUp()
			default:
				m.lists[n.A] = append(m.lists[n.A], v.text())
			}
			return m.gaveUp
		case Emit:
			return m.emit(m.p.Args[n.A : n.A+2*n.B])
		default:
			return m.giveUp()
		}
		at = n.C
	}
}

// shared works out a shared condition.
func (m *machine) shared(memo int32) verdict {
	v := never
	switch h := m.holds(m.p.Memos[memo]); {
	case m.gaveUp:
		v = doubtful
	case h:
		v = holds
	}
	m.memo[memo] = v
	return v
}

// field compares a field of the record at base.
func (m *machine) field(n *Node, base unsafe.Pointer) bool {
	a := &m.p.access[n.B]
	a.complete(base)
	if n.Op == FieldTrue {
		return a.truth(base) == (n.D != 0)
	}
	with, how := &m.p.values[m.p.Args[n.D]], m.p.Args[n.D+1]
	switch n.Op {
	case FieldInt:
		return fitsInt(a.int(base), with.n, how)
	case FieldCount:
		return fitsInt(int64(a.slice(base).n), with.n, how)
	}
	return (a.text(base) == with.text()) == (how == Equal)
}

func fitsInt(x, y int64, how int32) bool {
	switch how {
	case Equal:
		return x == y
	case NotEqual:
		return x != y
	case Less:
		return x < y
	case LessEqual:
		return x <= y
	case Greater:
		return x > y
	}
	return x >= y
}

// each tries the elements of a list that is not one of the facts.
func (m *machine) each(n *Node, v value) bool {
	switch v.kind {
	case span:
		for i := range v.n {
			m.regs[n.A] = whole(i)
			if n.D >= 0 {
				m.regs[n.D] = whole(i)
			}
			if m.holds(n.C) {
				return true
			}
		}
	case split:
		rest, sep := v.text(), m.p.Consts[v.elem].Text
		for i := int64(0); ; i++ {
			piece, after, more := strings.Cut(rest, sep)
			m.regs[n.A] = text(piece)
			if n.D >= 0 {
				m.regs[n.D] = whole(i)
			}
			if m.holds(n.C) {
				return true
			}
			if rest = after; !more {
				break
			}
		}
	case constant:
		c := &m.p.Consts[v.n]
		for i, item := range c.Items {
			m.regs[n.A] = m.p.values[item]
			if n.D >= 0 {
				switch c.Kind {
				case ConstObject:
					m.regs[n.D] = text(c.Keys[i])
				case ConstSet:
					m.regs[n.D] = m.p.values[item]
				default:
					m.regs[n.D] = whole(int64(i))
				}
			}
			if m.holds(n.C) {
				return true
			}
		}
	}
	return m.gaveUp
}

package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"

	"postern/policies"
	"postern/rules/pattern"
)

// New reads, checks and compiles the built-in policies and those of o. An Engine that it returns is complete: every rule that
// o names exists, every user policy is one that will be evaluated, every field of the input and every limit that a policy
// reads exists. All that is wrong with the policies comes back in one error, a line each, with file and line where there is
// one. ctx bounds nothing yet: compiling is short and OPA cannot be interrupted there.
func New(ctx context.Context, o Options) (*Engine, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := readPack(policies.FS, "policies", o.Policies, false)
	if err != nil {
		return nil, err
	}
	return p.engine(ctx, o)
}

// engine applies the options to a pack and compiles it.
func (p *pack) engine(ctx context.Context, o Options) (*Engine, error) {
	if err := p.apply(o); err != nil {
		return nil, err
	}
	data, err := p.data(o)
	if err != nil {
		return nil, err
	}
	e := engineOf(p.rules, o)
	enabled := 0
	for _, r := range p.rules {
		if !r.Enabled {
			continue
		}
		enabled++
		if s := r.lacks(o); s != nil {
			e.set(r.Input).skipped = append(e.set(r.Input).skipped, *s)
			continue
		}
		if r.ref != "" {
			e.set(r.Input).rules = append(e.set(r.Input).rules, r)
		}
	}
	if enabled == 0 {
		return nil, errors.New("no rule is left to judge by")
	}
	// One row of the problem table is enough for its rule to be run; which findings count is decided by their own ids.
	table := e.byID[problemRule]
	rows := slices.ContainsFunc(p.rules, func(r *Rule) bool { return r.ref == "" && r.Enabled })
	if table != nil && !table.Enabled && rows {
		e.message.rules = append(e.message.rules, table)
	}
	e.divide()
	if err := e.complete(o); err != nil {
		return nil, err
	}
	if e.compiler, err = compileModules(p.modules, data); err != nil {
		return nil, err
	}
	e.store = newStore(data)
	if e.txn, err = e.store.NewTransaction(ctx, storage.TransactionParams{}); err != nil {
		return nil, err
	}
	for _, set := range e.sets() {
		if err := set.compile(e.compiler); err != nil {
			return nil, err
		}
	}
	e.wanted = wantedBy(e.compiler, e.evaluated())
	e.guards.prepare(e, data, o.Guards)
	return e, nil
}

// engineOf makes an engine of rules, whose sets are still empty.
func engineOf(all []*Rule, o Options) *Engine {
	e := &Engine{rules: all, failOn: severityRank(o.FailOn), timeout: o.Timeout, byID: make(map[string]*Rule, len(all))}
	if o.FailOn == "" {
		e.failOn = severityRank(SeverityError)
	}
	if e.timeout == 0 {
		e.timeout = DefaultTimeout
	}
	for _, r := range all {
		e.byID[r.ID] = r
	}
	e.opaque.opaque = true
	return e
}

// complete does what is left to do when the sets have their rules.
func (e *Engine) complete(o Options) (err error) {
	if o.History {
		if e.windows, err = windowsOf(e.message.rules); err != nil {
			return err
		}
		e.history = true
	}
	for _, set := range e.sets() {
		set.prepare()
	}
	return nil
}

func (e *Engine) sets() []*ruleSet { return []*ruleSet{&e.message, &e.opaque, &e.settings} }

// evaluated gives the compiled rules that are asked for findings.
func (e *Engine) evaluated() []*ast.Rule {
	var all []*ast.Rule
	for _, set := range e.sets() {
		for _, q := range set.queries {
			all = append(all, e.compiler.GetRules(q.Operand(1).Value.(ast.Ref))...)
		}
	}
	return all
}

// divide fills the set of rules for templates whose values are not known from that for messages. What it leaves out is skipped,
// also rows of the problem table.
func (e *Engine) divide() {
	o := &e.opaque
	o.skipped = slices.Clone(e.message.skipped)
	for _, r := range e.message.rules {
		if r.Opaque {
			o.rules = append(o.rules, r)
		}
	}
	for _, r := range e.rules {
		if r.Enabled && !r.Opaque && r.Input == InputMessage && !slices.ContainsFunc(o.skipped, func(s Skipped) bool { return s.Rule == r.ID }) {
			o.skipped = append(o.skipped, Skipped{
				Rule: r.ID, Reason: "the message is a template; its values are not known", Remedy: "give sample data in postern.yaml",
			})
		}
	}
}

// set gives the rules of one kind of input.
func (e *Engine) set(in Input) *ruleSet {
	if in == InputSettings {
		return &e.settings
	}
	return &e.message
}

// apply puts the options into the rules. What the options name must exist.
func (p *pack) apply(o Options) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	ids := p.ids()
	find := func(what, id string) *Rule {
		id = CanonicalID(id)
		for _, r := range p.rules {
			if r.ID == id {
				return r
			}
		}
		bad("%s: no rule %q%s", what, id, nearest(id, ids))
		return nil
	}
	switch o.provider() {
	case "pair", "none":
	default:
		bad("provider %q is neither pair nor none", o.Provider)
	}
	errs = append(errs, o.running()...)
	if o.ServerSize < 0 {
		bad("server size %d is negative", o.ServerSize)
	}
	only := map[string]bool{}
	for _, id := range o.Only {
		if r := find("only", id); r != nil {
			only[r.ID] = true
		}
	}
	for _, r := range p.rules {
		r.Enabled = (len(o.Only) == 0 || only[r.ID]) && (o.provider() == "pair" || r.Category() != "pair")
	}
	for _, id := range o.Disabled {
		if r := find("disabled", id); r != nil {
			r.Enabled = false
		}
	}
	for _, id := range sortedKeys(o.Severities) {
		s := o.Severities[id]
		switch r := find("severities", id); {
		case r == nil:
		case severityRank(s) == 0:
			bad("severities: %s: %q is none of error, warning, info", r.ID, s)
		default:
			r.Severity, r.configured = s, true
		}
	}
	for _, id := range sortedKeys(o.Limits) {
		r := find("limits", id)
		if r == nil {
			continue
		}
		for _, name := range sortedKeys(o.Limits[id]) {
			if err := r.override(name, o.Limits[id][name]); err != nil {
				place := ""
				if at := o.LimitPlaces[id][name]; at != "" {
					place = at + ": "
				}
				bad("%s%w", place, err)
			}
		}
	}
	return errors.Join(errs...)
}

// running tells what is wrong with options that only say how an engine runs, not what it is made of.
func (o *Options) running() (errs []error) {
	if o.FailOn != "" && severityRank(o.FailOn) == 0 {
		errs = append(errs, fmt.Errorf("fail on %q: not one of error, warning, info", o.FailOn))
	}
	if o.Timeout < 0 || o.Timeout > time.Hour {
		errs = append(errs, fmt.Errorf("timeout %s is not between 0 and 1h", o.Timeout))
	}
	return errs
}

// override replaces a limit by the user's. It must be of the same kind, and a number must not be negative.
func (r *Rule) override(name string, value any) error {
	names := make([]string, len(r.Limits))
	for i := range r.Limits {
		l := &r.Limits[i]
		if names[i] = l.Name; l.Name != name {
			continue
		}
		if got, want := kindOf(value), kindOf(l.Value); got != want {
			switch v := value.(type) {
			case string:
				value = strconv.Quote(v)
			case int, int64, uint64, float64, bool:
			case nil:
				value = "empty"
			default: // its items are anybody's text
				value = "a list or a mapping"
			}
			return fmt.Errorf("limits.%s.%s: it is a %s, not %v (write a %s)", r.ID, name, want, value, want)
		}
		if number, ok := asFloat(value); ok && number < 0 {
			return fmt.Errorf("limits.%s.%s: it is negative (write 0 or more)", r.ID, name)
		}
		*l = Limit{Name: name, Value: value, Default: l.Value, Status: "configured"}
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("limits: %s: the rule has no limits", r.ID)
	}
	if hint := nearest(name, names); hint != "" {
		return fmt.Errorf("limits: %s: no limit %q%s", r.ID, name, hint)
	}
	return fmt.Errorf("limits: %s: no limit %q, only %s", r.ID, name, strings.Join(names, ", "))
}

func asFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

var dottedID = pattern.Of(`^([a-z0-9_]+)\.([a-z0-9_]+(?:\.[a-z0-9_]+)+)$`)

// sameRules are names under which people look for a rule, and the rule that says the same.
var sameRules = map[string]string{
	"pair.bulk_use_pairlist":       "bulk.use_pairlist",
	"size.header_block":            "rfc.header_total",
	"submission.8bitmime":          "submission.eightbit_mime", // a name in Rego cannot begin with a digit
	"submission.bare_lf":           "rfc.eol_barelf",
	"submission.bcc_in_wire":       "rfc.bcc_present",
	"submission.smtputf8":          "rfc.smtputf8",
	"template.size_clip":           "size.html_gmail_clip",
	"template.text_part_missing":   "rfc.mime_alt_missingtext",
	"template.unsubscribe_missing": "bulk.unsubscribe_body",
}

// CanonicalID gives the id that a rule has here for one written with more dots (pair.size.limit is pair.size_limit) or for another name
// of the same rule. An id that it does not know comes back as it is.
func CanonicalID(id string) string {
	id = strings.TrimSpace(id)
	if m := dottedID().FindStringSubmatch(id); m != nil {
		id = m[1] + "." + strings.ReplaceAll(m[2], ".", "_")
	}
	if same, ok := sameRules[id]; ok {
		return same
	}
	return id
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

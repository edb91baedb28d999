package rules

import (
	"encoding/json"
	"strconv"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

// inputOf builds the input of an evaluation from facts, field by field: a message is judged often enough that going by way of
// JSON or reflection would cost more than the rules do. TestInputIsFacts finds a field that was forgotten. Nil lists become
// empty ones, so that no rule is undefined for a list that is not there.
func inputOf(f *facts.Facts) *ast.Term { return factsTerm(f) }

var (
	emptyArray = ast.ArrayTerm()
	nullTerm   = ast.NullTerm()
	emptyText  = ast.StringTerm("")
	trueTerm   = ast.BooleanTerm(true)
	falseTerm  = ast.BooleanTerm(false)
	// smallNumbers are shared: most numbers of a message are small.
	smallNumbers = sync.OnceValue(func() *[1024]*ast.Term {
		var all [1024]*ast.Term
		for i := range all {
			all[i] = ast.IntNumberTerm(i)
		}
		return &all
	})
)

func number(n int64) *ast.Term {
	if n >= 0 && n < 1024 {
		return smallNumbers()[n]
	}
	return ast.NumberTerm(json.Number(strconv.FormatInt(n, 10)))
}

func numberOrNull(n *int64) *ast.Term {
	if n == nil {
		return nullTerm
	}
	return number(*n)
}

func text(s string) *ast.Term {
	if s == "" {
		return emptyText
	}
	return ast.StringTerm(s)
}

func truth(b bool) *ast.Term {
	if b {
		return trueTerm
	}
	return falseTerm
}

func texts(list []string) *ast.Term {
	if len(list) == 0 {
		return emptyArray
	}
	terms := make([]*ast.Term, len(list))
	for i, s := range list {
		terms[i] = text(s)
	}
	return ast.ArrayTerm(terms...)
}

func array[T any](list []T, term func(*T) *ast.Term) *ast.Term {
	if len(list) == 0 {
		return emptyArray
	}
	terms := make([]*ast.Term, len(list))
	for i := range list {
		terms[i] = term(&list[i])
	}
	return ast.ArrayTerm(terms...)
}

func orNull[T any](v *T, term func(*T) *ast.Term) *ast.Term {
	if v == nil {
		return nullTerm
	}
	return term(v)
}

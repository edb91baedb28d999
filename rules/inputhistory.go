package rules

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

func historyTerm(h *facts.History) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keySinceLastMs, numberOrNull(h.SinceLastMS)},
		[2]*ast.Term{keyWindows, array(h.Windows, windowTerm)},
	)
}

func windowTerm(w *facts.Window) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keySeconds, number(w.Seconds)},
		[2]*ast.Term{keyAccount, countsTerm(&w.Account)},
		[2]*ast.Term{keySender, countsTerm(&w.Sender)},
		[2]*ast.Term{keyWebScripts, countsTerm(&w.WebScripts)},
		[2]*ast.Term{keySimilar, countsTerm(&w.Similar)},
	)
}

func countsTerm(c *facts.Counts) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyMessages, number(c.Messages)},
		[2]*ast.Term{keyRecipients, number(c.Recipients)},
		[2]*ast.Term{keyAddresses, number(c.Addresses)},
		[2]*ast.Term{keyOctets, number(c.Octets)},
		[2]*ast.Term{keyLater, array(c.Later, laterTerm)},
	)
}

func laterTerm(l *facts.Later) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keySeconds, number(l.Seconds)},
		[2]*ast.Term{keyMessages, number(l.Messages)},
		[2]*ast.Term{keyRecipients, number(l.Recipients)},
		[2]*ast.Term{keyAddresses, number(l.Addresses)},
		[2]*ast.Term{keyOctets, number(l.Octets)},
	)
}

# METADATA
# scope: package
# title: Problem that no rule knows
# description: >-
#   Reading the message met a problem that the table of problems has no row for. What is not understood is not passed. All
#   problems of the table are rules of their own.
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 5322 section 2.1
#   remedy: Report the name of the problem to the makers of postern; until then the rule can be disabled by its id.
#   input: message
package postern.rules.rfc.problems

findings contains {
	"rule": problem.id,
	"message": _message(row.says, problem),
	"value": problem.count,
	"path": problem.path,
	"line": problem.line,
} if {
	some problem in input.problems
	row := data.postern.problems[problem.id]
	not _elevated(row, input.recipients.envelope_known)
}

findings contains {
	"rule": problem.id,
	"message": _message(row.says, problem),
	"value": problem.count,
	"path": problem.path,
	"line": problem.line,
	"severity": row.severity_with_envelope,
} if {
	some problem in input.problems
	row := data.postern.problems[problem.id]
	_elevated(row, input.recipients.envelope_known)
}

findings contains {
	"message": sprintf("unknown problem %s", [problem.id]),
	"value": problem.id,
	"path": problem.path,
	"line": problem.line,
} if {
	some problem in input.problems
	not data.postern.problems[problem.id]
}

# With an envelope the message is as it will be on the wire; without one sendmail may still take fields out of it.
_elevated(row, true) if row.severity_with_envelope

_message(says, problem) := sprintf("%s%s%s", [says, _times(problem.count), _detail(problem.detail)])

_times(1) := ""

_times(n) := sprintf(" (%d times)", [n]) if n != 1

_detail("") := ""

_detail(text) := sprintf(": %q", [text]) if text != ""

package postern.rules.rfc.problems_test

import data.postern.rules.rfc.problems

_table := {
	"rfc.plain": {"says": "a plain thing"},
	"rfc.wire": {"says": "a thing of the wire", "severity_with_envelope": "error"},
}

_problem(id, count, detail) := {"id": id, "path": "1", "line": 7, "count": count, "detail": detail}

_findings(list, known) := found if {
	found := problems.findings with input as {"problems": list, "recipients": {"envelope_known": known}}
		with data.postern.problems as _table
}

test_fails_with_the_rows_sentence if {
	_findings([_problem("rfc.plain", 1, "")], false) == {{
		"rule": "rfc.plain",
		"message": "a plain thing",
		"value": 1,
		"path": "1",
		"line": 7,
	}}
}

test_fails_with_the_count_and_a_quoted_detail if {
	some finding in _findings([_problem("rfc.plain", 3, "x\u001b\"y")], false)
	finding.message == `a plain thing (3 times): "x\x1b\"y"`
}

test_fails_graver_with_an_envelope if {
	some finding in _findings([_problem("rfc.wire", 1, "")], true)
	finding.severity == "error"
}

test_fails_as_usual_without_an_envelope if {
	some finding in _findings([_problem("rfc.wire", 1, "")], false)
	not finding.severity
}

test_fails_for_a_problem_that_no_row_knows if {
	some finding in _findings([_problem("rfc.unheard_of", 1, "")], false)
	finding.message == "unknown problem rfc.unheard_of"
	not finding.rule
}

test_passes_without_problems if {
	count(_findings([], true)) == 0
}

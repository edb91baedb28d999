package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// userBodies are bodies of users' rules in which Rego's meaning is easily missed. What is written before the last line that is
// empty stands outside the rule.
var userBodies = []string{
	// Undefined, false and null.
	`input.sender.envelope.domain == "example.com"`,
	`not input.sender.envelope.domain == "example.com"`,
	`input.sender.envelope == null`,
	`input.sender.envelope != null`,
	`not input.sender.envelope`,
	`not input.sender.envelope.mixed_script`,
	`input.header.date.unix == null`,
	`input.header.date.skew_seconds > 10800`,
	`not input.header.date.skew_seconds > 10800`,
	`input.header.date.skew_seconds < 10800`,
	`input.text.empty == false`,
	`not input.text.empty`,
	`not not_there(input.header.subject.text)` + "\n---\n" + `not_there(x) if x == "never"`,
	`input.attachments[0].decoded_bytes > 5`,
	`not input.attachments[0]`,
	`input.attachments[2].encoded_bytes >= 0`,
	`_half` + "\n---\n" + "default _half := false\n\n_half if input.text.letters > 3",
	`not _half` + "\n---\n" + "default _half := false\n\n_half if input.text.letters > 3",
	`_half == false` + "\n---\n" + "default _half := false\n\n_half if input.text.letters > 3",
	// Types.
	`input.header.date.unix < "a"`,
	`input.header.date.unix > false`,
	`input.header.subject.text > input.header.mailer`,
	`some x in [1, "a", null, true]; x == input.list.precedence`,
	`input.size.data_bytes == 41943040.0`,
	`input.size.data_bytes > 1e3`,
	`input.size.data_bytes / 7 > 3`,
	`input.size.data_bytes % 7 == 3`,
	`round(input.size.data_bytes / 3) == 333`,
	`input.size.data_bytes * input.size.body_bytes > 5`,
	`input.size.data_bytes - input.size.body_bytes < 0`,
	`abs(input.size.data_bytes) == 1`,
	`max([input.size.data_bytes, 5]) == 5`,
	// Negation, membership, every.
	`not "example.com" in input.recipients.domains`,
	`"example.com" in input.recipients.domains`,
	`some d in input.recipients.domains; not endswith(d, ".com")`,
	`every d in input.recipients.domains { endswith(d, ".com") }`,
	`every a in input.attachments { a.encoded_bytes > 0; not a.name_bidi }`,
	`not every_small` + "\n---\n" + `every_small if every i, a in input.attachments { a.encoded_bytes > i }`,
	`input.list.precedence in {"bulk", "list", 7}`,
	`not input.list.precedence in {"bulk", "list"}`,
	`some i; input.attachments[i].encoded_bytes > 1; input.sender.from[i].line > 1`,
	`some i, a in input.attachments; a.encoded_bytes == i`,
	`count(input.recipients.domains) > 2`,
	`count([d | some d in input.recipients.domains; contains(d, "e")]) == 2`,
	`count({d | some d in input.recipients.domains; contains(d, "e")}) == 2`,
	`count({a.extension | some a in input.attachments}) == 2`,
	`count({x | some a in input.sender.from; x := a.domain} | {"example.com"}) == 0`,
	`{x | some a in input.sender.from; x := a.domain} == {"example.com"}`,
	`sum([a.encoded_bytes | some a in input.attachments]) > 1000`,
	`sum({a.encoded_bytes | some a in input.attachments}) == 1000`,
	`some x in {a.domain | some a in input.sender.from} & {a.domain | some a in input.sender.reply_to}; x != ""`,
	`[x, y] := ["a", input.list.precedence]; x != y`,
	`"example.com" in {"a", input.sender.from[0].domain}`,
	// Texts.
	`lower(input.header.subject.text) == "re: x"`,
	`upper(input.header.subject.text) == "RE: X"`,
	`trim_space(input.header.subject.text) == ""`,
	`startswith(lower(input.list.precedence), "bu")`,
	`split(input.sender.from[0].address, "@")[1] == "example.com"`,
	`some label in split(input.sender.from[0].domain, "."); label == "com"`,
	`count(split(input.sender.from[0].domain, ".")) == 3`,
	`concat("@", [input.sender.from[0].local, input.sender.from[0].domain]) == input.sender.from[0].address`,
	`substring(input.header.subject.text, 1, 2) == "e:"`,
	`substring(input.header.subject.text, input.header.subject.length, -1) == ""`,
	`replace(input.header.subject.text, "e", "") == "R: x"`,
	`trim(input.sender.from[0].domain, ".x") == "example.com"`,
	`sprintf("%d", [input.header.fields]) == "3"`,
	`regex.match("^[a-z.]+$", input.sender.from[0].domain)`,
	`not regex.match("(?i)^re:", input.header.subject.text)`,
	`format_int(input.header.fields, 10) == "3"`,
	`count(input.header.subject.text) == input.header.subject.length`,
	// Errors, which must not be hidden.
	`to_number(input.header.subject.text) == 1; input.header.fields == 12345`,
	`to_number(input.header.subject.text) == 1; false`,
	`not _errs` + "\n---\n" + "_errs if input.header.fields == 0\n\n_errs if to_number(input.header.subject.text) == 1",
	`_errs; input.header.fields == 12345` + "\n---\n" + "_errs if input.header.fields == 0\n\n_errs if to_number(input.header.subject.text) == 1",
	`count([x | some a in input.attachments; x := to_number(a.filename)]) > 0; false`,
	`_two == 1` + "\n---\n" + "_two := 1 if input.header.fields == 0\n\n_two := 2 if input.text.letters == 0",
	`_many == "x"` + "\n---\n" + "_many := a.domain if some a in input.sender.from",
	`_pick(input.header.fields) == "x"` + "\n---\n" + "_pick(_) := a.domain if some a in input.sender.from",
	`input.size.data_bytes / input.header.fields > 2`,
	`net.cidr_contains("10.0.0.0/8", input.sender.from[0].domain)`,
	`substring(input.header.subject.text, input.header.fields - 1, 1) == "e"`,
	`_else == 2` + "\n---\n" + "_else := 1 if {\n\tinput.header.fields > 0\n} else := 2 if {\n\tinput.text.letters > 0\n}",
	`not _else == 2` + "\n---\n" + "_else := 1 if {\n\tinput.header.fields > 0\n} else := 2 if {\n\tinput.text.letters > 0\n}",
	`_f("bulk", input.list.precedence)` + "\n---\n" + "_f(x, x)",
	`_f(input.header.fields)` + "\n---\n" + "_f(0)\n\n_f(n) if n > 2",
	// What is known behind a test, and only there.
	`input.header.date.skew_seconds != null; input.header.date.skew_seconds - 5 > 100`,
	`input.header.date.skew_seconds - 5 > 100; input.header.date.skew_seconds != null`,
	`x := input.header.date.skew_seconds; x > 0; y := x / 7; y > 100`,
	`x := input.header.date.skew_seconds; x >= null; y := x / 7; y > 100`,
	`x := input.header.date.skew_seconds; x != 5; y := x / 7; y > 100`,
	`x := input.header.date.skew_seconds; null < x; y := x % 7; y == 3`,
	`_seconds > 100` + "\n---\n" + "_seconds := input.header.date.skew_seconds - 5 if input.header.date.skew_seconds != null",
	`not _known; input.header.date.skew_seconds - 5 > 100` + "\n---\n" + "_known if input.header.date.skew_seconds > 7",
	`_known; input.header.date.skew_seconds - 5 > 100` + "\n---\n" + "_known if input.header.date.skew_seconds > 7",
	`input.header.date.skew_seconds > 7; count(_late) > 0` + "\n---\n" + "_late contains x if {\n\tx := input.header.date.skew_seconds - 5\n\tx > 100\n}",
	`some a in input.attachments; a.decoded_bytes > 5; a.decoded_bytes / 3 > 20`,
	`some a in input.attachments; a.decoded_bytes > 5; some b in input.attachments; b.decoded_bytes / 3 > 20`,
	`input.sender.envelope.valid; input.sender.envelope.domain == "example.com"`,
	`input.sender.envelope.line == 1; not input.sender.envelope.valid; count(input.sender.envelope.local) > 2`,
	// Networks.
	`some a in input.sender.from; net.cidr_is_valid(a.domain)`,
	`some a in input.sender.from; net.cidr_is_valid(concat("", [a.domain, "/0"])); net.cidr_contains("127.0.0.0/8", a.domain)`,
	`some a in input.sender.from; net.cidr_is_valid(concat("", [a.domain, "/129"])); net.cidr_contains("127.0.0.0/8", a.domain)`,
	`some a in input.sender.from; not net.cidr_is_valid(concat("", [a.domain, "/0"])); net.cidr_contains("127.0.0.0/8", a.domain)`,
	`some a in input.sender.from; net.cidr_is_valid(concat("/", [a.domain, "0"])); net.cidr_contains("::/0", a.domain)`,
	`net.cidr_is_valid("::ffff:1.2.3.0/120"); input.text.empty`,
	`some n in ["::ffff:127.0.0.0/104", "::/90", "0.0.0.0/0", "::1/128", "10.1.2.3/31"]; _in(n, input.sender.from[0].domain)` + "\n---\n" +
		"_in(n, x) if {\n\tnet.cidr_is_valid(concat(\"\", [x, \"/0\"]))\n\tnet.cidr_contains(n, x)\n}",
	`net.cidr_is_valid(concat("", [input.list.id, "/0"])); net.cidr_contains("::/0", input.list.precedence)`,
	// Parts of lists, and matches.
	`array.slice(input.recipients.domains, 1, 3)[0] == "example.com"`,
	`some d in array.slice(input.recipients.domains, input.header.fields - 3, count(input.recipients.domains) - 1); contains(d, "e")`,
	`count(array.slice(input.sender.from, 1, 2)) == 1; array.slice(input.sender.from, 1, 2)[0].valid`,
	`some label in array.slice(split(input.sender.from[0].domain, "."), 1, 2); label == "example"`,
	`array.slice(split(input.sender.from[0].domain, "."), 1, count(input.sender.from) - 7)[0] == ""`,
	`count(array.slice(split(input.sender.from[0].address, "@"), -1, 1)) == 1`,
	`regex.find_all_string_submatch_n("^([a-z]+)[.](x)?(.*)", input.sender.from[0].domain, 1)[0][1] == "example"`,
	`regex.find_all_string_submatch_n("^([a-z]+)[.](x)?(.*)", input.sender.from[0].domain, 1)[0][2] == ""`,
	`not regex.find_all_string_submatch_n("^([a-z]+)[.](.*)", input.sender.from[0].domain, 1)[0]`,
	`regex.find_all_string_submatch_n("(.)e", input.sender.from[0].domain, 1)[0][2]`,
	`regex.find_all_string_submatch_n("(.)e", input.sender.from[0].domain, -1)[1][1] == "l"`,
	`regex.find_all_string_submatch_n("(.)e", input.sender.from[0].domain, 1)`,
	`count(regex.find_all_string_submatch_n("(.)e", input.sender.from[0].domain, 1)) == 1`,
	`concat("|", [upper(d) | some d in {a.domain | some a in input.sender.from}]) == "EXAMPLE.COM"`,
	`_total > 3.2; _total < 9` + "\n---\n" + "_total := sum([x | some a in input.sender.from; x := a.line * 0.1]) * 10",
	// What is beyond guards.
	`walk(input, [_, v]); v == "example.com"`,
	`some k; count(input[k]) == 3`,
	`object.get(input, "kind", "") == "message"`,
	`crypto.sha256(input.header.subject.text) != ""`,
	`input.header.fields > 1 with input.header.fields as 2`,
	`some x in {"a": input.list.precedence}; x == "bulk"`,
	`{"a": input.list.precedence}.a == "bulk"`,
	`numbers.range(0, input.header.fields)[_] == 3`,
	`some a in array.concat(input.sender.from, input.sender.reply_to); a.domain == "example.com"`,
	`json.marshal(input.sender.from) == "[]"`,
	`some name, row in data.postern.problems; some p in input.problems; p.id == name; row.says != ""`,
	`data.postern.problems[input.problems[0].id].says != ""`,
	`not data.postern.problems[input.problems[0].id]`,
	`data.postern.limits.pair[input.list.precedence]`,
	`count(data.postern.rules.pair.size_limit.findings) > 0`,
	`count(data.postern.rules.sender.homograph.findings) == 2`,
	`some f in data.postern.rules.rfc.problems.findings; f.line > 3`,
	`data.postern.lib.bulk.own; not data.postern.lib.bulk.readable`,
	`data.postern.lib.bulk.because == "3 recipients"`,
}

// userHeads are whole rules of users whose findings are easily made otherwise than OPA makes them.
var userHeads = []string{
	// Texts.
	`findings contains {"message": sprintf("%s|%q|%v|%%", [a.domain, a.display_name, a.local])} if some a in input.sender.from`,
	`findings contains {"message": sprintf("%d|%v|%5d|%02d|%03d", [a.line, a.line, a.line, a.line, a.line])} if some a in input.sender.from`,
	`findings contains {"message": sprintf("%s", [input.size.data_bytes])} if true`,
	`findings contains {"message": sprintf("%d", [input.header.subject.text])} if true`,
	`findings contains {"message": sprintf("%x %t", [input.size.data_bytes, input.opaque])} if true`,
	`findings contains {"message": sprintf("%s and", [input.kind, "more"])} if true`,
	`findings contains {"message": sprintf("%s and %s", [input.kind])} if true`,
	`findings contains {"message": sprintf("%d", [input.header.date.unix])} if true`,
	`findings contains {"message": sprintf("%v", [input.header.date.unix])} if true`,
	`findings contains {"message": sprintf("%v %v", [input.text.empty, input.sender.from])} if true`,
	`findings contains {"message": sprintf("%d of %d", [input.size.data_bytes / 3, input.size.data_bytes])} if true`,
	`findings contains {"message": sprintf("%d", [5.0 + input.header.fields])} if true`,
	`findings contains {"message": sprintf("%v", [x])} if some x in [1.0, 1e2, 7, 0.5]`,
	`findings contains {"message": sprintf("%-5s|%+d|%#q", [input.kind, input.header.fields, input.kind])} if true`,
	`findings contains {"message": sprintf("a\n\t%s\u00e4", [input.header.subject.text])} if true`,
	`findings contains {"message": concat(", ", input.recipients.domains)} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat(", ", sort(input.recipients.domains))} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat(", ", {lower(d) | some d in input.recipients.domains})} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat(", ", [lower(d) | some d in input.recipients.domains])} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat(", ", [sprintf("<%s>", [d]) | some d in {x | some x in input.recipients.domains}])} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat(", ", sort([sprintf("<%s>", [d]) | some d in input.recipients.domains]))} if count(input.recipients.domains) > 0`,
	`findings contains {"message": concat("", [d | some d in input.recipients.domains; _odd(d)])} if true` + "\n\n_odd(d) if contains(d, \"e\")\n\n_odd(d) if contains(d, \"x\")",
	`findings contains {"message": concat("-", ["a", "b", input.kind, "c", "d", input.origin])} if true`,
	`findings contains {"message": upper(substring(input.header.subject.text, 0, 3))} if true`,
	`findings contains {"message": format_int(input.header.fields, 10), "value": format_int(input.header.fields, 16)} if true`,
	`findings contains {"message": input.header.subject.text} if true`,
	`findings contains {"message": trim_space(input.header.subject.text), "remedy": "", "path": input.list.id, "file": input.list.precedence} if true`,
	// Values.
	`findings contains {"message": "x", "value": input.header.date.unix, "limit": null} if true`,
	`findings contains {"message": "x", "value": input.header.date.skew_seconds} if true`,
	`findings contains {"message": "x", "value": input.size.data_bytes / 4, "limit": 2.50} if true`,
	`findings contains {"message": "x", "value": round(input.size.data_bytes / 3), "limit": floor(input.size.data_bytes / 7)} if true`,
	`findings contains {"message": "x", "value": ceil(input.size.data_bytes / 10), "limit": abs(input.size.data_bytes - 50000)} if true`,
	`findings contains {"message": "x", "value": (input.header.fields - 40) / 80, "limit": ceil((input.header.fields - 40) / 80)} if true`,
	`findings contains {"message": "x", "value": floor((input.header.fields - 40) / 80)} if true`,
	`findings contains {"message": "x", "value": input.size.data_bytes * input.size.body_bytes, "limit": input.size.data_bytes % 7} if true`,
	`findings contains {"message": "x", "value": 41943040.0, "limit": 1e3} if input.size.data_bytes > 5`,
	`findings contains {"message": "x", "value": max([input.header.fields, 7.0]), "limit": min([input.header.fields, 7])} if true`,
	`findings contains {"message": "x", "value": max({a.line | some a in input.sender.from}), "limit": min([a.line | some a in input.sender.from])} if true`,
	`findings contains {"message": "x", "value": sum([a.encoded_bytes | some a in input.attachments]), "limit": count({a.extension | some a in input.attachments})} if true`,
	`findings contains {"message": "x", "value": count(input.header.subject.text)} if true`,
	`findings contains {"message": "x", "value": input.opaque} if true`,
	// Numbers that are not whole, to the last digit.
	`findings contains {"message": "x", "value": input.size.data_bytes / 3, "limit": input.size.body_bytes / 7 * 7} if true`,
	`findings contains {"message": "x", "value": input.size.data_bytes * 0.1, "limit": 0.1 + (input.header.fields * 0.2)} if true`,
	`findings contains {"message": "x", "value": round(input.size.data_bytes * 0.15) / 100, "limit": 2.675 - (input.header.fields / 1000)} if true`,
	`findings contains {"message": "x", "value": floor(input.header.fields * 0.7), "limit": ceil(input.header.fields * 1.4)} if true`,
	`findings contains {"message": "x", "value": ceil((input.header.fields - 40) / 80), "limit": abs((input.header.fields - 40) / 80)} if true`,
	`findings contains {"message": "x", "value": round((input.header.fields - 40) / 80), "limit": floor((input.header.fields - 400) / 80)} if true`,
	`findings contains {"message": "x", "value": input.size.data_bytes / 9007199254740993, "limit": 9007199254740993 * 1.5} if true`,
	`findings contains {"message": "x", "value": input.header.date.unix / 86400} if input.header.date.unix != null`,
	`findings contains {"message": "x"} if input.header.fields * 0.1 == 0.3` + "\n\n" + `findings contains {"message": "y"} if input.header.fields / 10 >= 0.3`,
	`findings contains {"message": "x"} if input.header.fields * 0.1 < 0.30000000000000000001`,
	`findings contains {"message": "x", "value": sum([x | some a in input.sender.from; x := a.line * 0.1])} if true`,
	`findings contains {"message": "x", "value": _rounded} if true` + "\n\n" + `_rounded := round(sum([x | some a in input.sender.from; x := a.line * 0.7]) * 10) / 10`,
	`findings contains {"message": "x", "value": p.line / 3} if some p in input.problems` + "\n\n" + `findings contains {"message": "x", "value": p.count / 3} if some p in input.problems`,
	`findings contains {"message": sprintf("%v %d", [input.header.fields / 8, input.header.fields])} if true`,
	`findings contains {"message": sprintf("%d", [input.header.fields / 8])} if true`,
	`findings contains {"message": "x", "value": max([input.header.fields / 8, 0.5]), "limit": min([input.header.fields, 7.5])} if true`,
	`findings contains {"message": "x", "value": _n, "limit": _n * 2} if _n > 3` + "\n\n" + `_n := input.header.fields if input.text.empty` + "\n\n" + `_n := input.text.letters if input.header.fields > 3`,
	`findings contains {"message": "x", "value": _n} if true` + "\n\n" + `_n := a.line if some a in input.sender.from`,
	`findings contains {"message": "x", "value": _n} if true` + "\n\n" + `default _n := 2.5` + "\n\n" + `_n := 1 if input.text.empty`,
	// Sets in their order.
	`findings contains {"message": concat(",", [upper(d) | some d in _set])} if true` + "\n\n" + `_set contains a.domain if some a in input.sender.from` + "\n\n" + `_set contains d if some d in input.recipients.domains`,
	`findings contains {"message": concat(",", [sprintf("%s %d", [d, count(d)]) | some d in sort({a.domain | some a in input.sender.from})])} if true`,
	`findings contains {"message": concat(",", [sprintf("%d", [n]) | some n in {a.line | some a in input.sender.from}])} if true`,
	`findings contains {"message": concat(",", [concat("", [d, "-", e]) | some d in {a.domain | some a in input.sender.from}; some e in {a.local | some a in input.sender.from}])} if true`,
	`findings contains {"message": "x", "value": count({d | some d in _set})} if count(_set) > 1` + "\n\n" + `_set contains lower(a.domain) if some a in input.sender.from`,
	`findings contains {"message": "x"} if count(_set) > 0` + "\n\n" + `_set contains {"a": sprintf("%d", [a.line]), "b": 2.50} if some a in input.sender.from`,
	`findings contains {"message": "x", "value": input.recipients.domains} if true`,
	`findings contains {"message": "x", "value": x} if some x in {"a", 3, null}`,
	`findings contains {"message": "x", "value": i, "limit": a.line} if some i, a in input.sender.from`,
	`findings contains {"message": "x", "value": input.sender.envelope.address} if true`,
	`findings contains {"message": "x", "value": data.postern.limits.pair.size_limit.largest_bytes - input.size.data_bytes} if true`,
	`findings contains {"message": "x", "line": a.line, "retry_seconds": a.line, "temporary": a.valid} if some a in input.sender.from`,
	`findings contains {"message": "x", "line": input.header.fields - 2} if true`,
	`findings contains {"message": "x", "temporary": input.text.empty} if true`,
	// Sets: what is equal is one, and the order.
	`findings contains {"message": "x", "value": p.count} if some p in input.problems` + "\n\n" + `findings contains {"message": "x", "value": p.line} if some p in input.problems`,
	`findings contains {"message": "x", "severity": "error"} if input.text.empty` + "\n\n" + `findings contains {"message": "x"} if input.header.fields > 0`,
	`findings contains {"message": "x", "temporary": true} if true` + "\n\n" + `findings contains {"message": "x"} if true`,
	`findings contains {"message": "x", "value": 1} if true` + "\n\n" + `findings contains {"message": "x", "value": "1"} if input.header.fields > 0`,
	`findings contains {"message": a.domain, "line": a.line} if some a in array.concat(input.sender.from, input.sender.reply_to)`,
	`findings contains f if some f in {{"message": "b"}, {"message": "a"}}`,
	`findings contains _made(a) if some a in input.sender.from` + "\n\n" + `_made(a) := {"message": a.domain, "value": a.line}`,
	`findings contains {"message": d} if some d in numbers.range(0, 60)`,
	`findings contains {"message": sprintf("%d", [d])} if some d in numbers.range(0, input.header.fields)`,
	// Severities and values with else, several bodies, defaults.
	`findings contains {"message": "x", "severity": _s} if true` + "\n\n" + `default _s := "info"` + "\n\n" + `_s := "error" if input.text.empty` + "\n\n" + `_s := "warning" if input.header.fields > 3`,
	`findings contains {"message": "x", "severity": _s(a)} if some a in input.sender.from` + "\n\n" + `_s(a) := "error" if {
	a.line > 1
} else := "warning" if {
	a.domain == "example.com"
} else := "info" if a.valid`,
	`findings contains {"message": "x", "severity": input.list.precedence} if true`,
	`findings contains {"message": "x", "severity": ""} if true`,
	`findings contains {"message": _m(a.line)} if some a in input.sender.from` + "\n\n" + `_m(0) := "none"` + "\n\n" + `_m(1) := "one"` + "\n\n" + `_m(n) := sprintf("%d", [n]) if n > 0`,
	`findings contains {"message": _w.path} if true` + "\n\n" + `_w := p if {
	some p in input.parts
	p.line == 2000
}`,
	`findings contains {"message": "x", "value": _w.line} if true` + "\n\n" + `_w := p if {
	some p in input.sender.from
	p.valid
}`,
	`findings contains {"message": "x", "value": _v} if true` + "\n\n" + `_v := a.line if {
	some a in input.sender.from
	a.line > 2
} else := input.header.fields if input.header.fields > 2`,
	`findings contains {"message": "x", "value": _e(input.header.fields)} if true` + "\n\n" + `_e(n) := input.attachments[n].line if n >= 0
else := 7`,
	// Findings that are refused.
	`findings contains {"message": " "} if true`,
	`findings contains {"message": 7} if true`,
	`findings contains {"mesage": "x", "message": "x"} if true`,
	`findings contains {"message": "x", "rule": input.list.id} if true`,
	`findings contains "x" if input.header.fields > 0`,
	`findings contains {"message": data.postern.lib.bulk.because, "severity": data.postern.lib.bulk.grave} if data.postern.lib.bulk.own`,
	`findings contains f if some f in data.postern.rules.rfc.problems.findings`,
}

func userHead(i int, text string) Module {
	return Module{Name: fmt.Sprintf("h%d.rego", i), Source: "# METADATA\n# scope: package\n# title: Rule\n# custom: {severity: warning, remedy: None}\n" +
		fmt.Sprintf("package custom.postern.rules.head.h%d\n\n%s\n", i, text)}
}

// TestHeadsOfUsersRules compares findings that are made with OPA's.
func TestHeadsOfUsersRules(t *testing.T) {
	alone(t)
	o := Options{Account: fixtureAccount()}
	for i, text := range userHeads {
		o.Policies = append(o.Policies, userHead(i, text))
		o.Only = append(o.Only, fmt.Sprintf("head.h%d", i))
	}
	made := 0
	for _, r := range tryGuards(t, o) {
		if r.Findings {
			made++
		}
	}
	t.Logf("findings of %d rules are made", made)
	if made < 35 {
		t.Errorf("findings of only %d rules are made", made)
	}
}

func userRule(i int, text string) Module {
	body, outside, _ := strings.Cut(text, "\n---\n")
	return Module{Name: fmt.Sprintf("u%d.rego", i), Source: "# METADATA\n# scope: package\n# title: Rule\n# custom: {severity: error, remedy: None}\n" +
		fmt.Sprintf("package custom.postern.rules.own.u%d\n\nfindings contains {\"message\": \"x\"} if {\n%s\n}\n\n%s\n", i, body, outside)}
}

// TestGuardsOfUsersRules compares guards with OPA on rules that try what Rego can mean.
func TestGuardsOfUsersRules(t *testing.T) {
	alone(t)
	if len(userBodies) < 80 {
		t.Fatal("rules are missing")
	}
	o := Options{Account: fixtureAccount()}
	for i, body := range userBodies {
		o.Policies = append(o.Policies, userRule(i, body))
		o.Only = append(o.Only, fmt.Sprintf("own.u%d", i))
	}
	exact := 0
	for _, r := range tryGuards(t, o) {
		if r.Exact {
			exact++
		}
	}
	if exact < len(userBodies)/2 {
		t.Errorf("only %d of %d rules are exact", exact, len(userBodies))
	}
}

// tryGuards compares each rule by itself on random facts: an error in one says nothing of the others.
func tryGuards(t *testing.T, o Options) []GuardReport {
	t.Helper()
	o.Guards = GuardsOn
	e := newEngine(t, o)
	if e.guards.once.Do(e.guards.make); e.guards.err != nil {
		t.Fatal(e.guards.err)
	}
	for _, r := range e.guards.reports {
		if !r.Exact || !r.Findings {
			t.Log(r.Rule, r.Exact, r.Reasons)
		}
	}
	m := newFactMaker(uint64(time.Now().UnixNano()), e.guards.program)
	n := 40
	if long() || os.Getenv("POSTERN_GUARD_FACTS") != "" {
		n = max(n, factsToTry()/500)
	}
	bad := map[string]bool{}
	for range n {
		f := m.make()
		f.Opaque = false
		input := inputOf(e.wanted.of(f))
		for i, r := range e.message.rules {
			whole := e.message
			whole.rules, whole.queries, whole.guards, whole.all = whole.rules[i:i+1], whole.queries[i:i+1], whole.guards[i:i+1], []int{0}
			if what := e.contradicts(e.guards.program, e.answersOf(t, &whole, f, input)); what != "" && !bad[r.ID] {
				bad[r.ID] = true
				t.Errorf("%s: %s\n%s\n%s", r.Origin, what, e.compiler.Modules[r.Origin], inputOf(f))
			}
		}
	}
	t.Logf("%d rules, %d facts", len(e.guards.reports), n)
	return e.guards.reports
}

// TestGuardsOfExamples does the same with every policy that the tests of the program write as an example.
func TestGuardsOfExamples(t *testing.T) {
	alone(t)
	scripts, err := filepath.Glob(filepath.Join("..", "testdata", "script", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	o := Options{Account: fixtureAccount()}
	for _, script := range scripts {
		a, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			name := filepath.Base(script) + "/" + f.Name
			m, err := parseModule(name, string(f.Data), true, false)
			if filepath.Ext(f.Name) != ".rego" || err != nil || m.kind != kindRule || slices.Contains(o.Only, m.id) {
				continue
			}
			with := o
			with.Policies = append(slices.Clip(o.Policies), Module{Name: name, Source: string(f.Data)})
			with.Only = append(slices.Clip(o.Only), m.id)
			if _, err := New(t.Context(), with); err == nil { // not an example of what does not load
				o = with
			}
		}
	}
	if len(o.Only) < 3 {
		t.Fatalf("only %d examples", len(o.Only))
	}
	tryGuards(t, o)
}

// Package audit turns the verdicts of an archive into answers: who sent what, which rules it broke, when, and what a stricter
// policy would have stopped.
//
// Everything rests on one thing, the log: a row for each message that was walked over, in the order of the walk. A report is
// made from the rows in that order and from nothing else. So a run that was killed goes on where its log ends, parts of a run
// are their logs laid together again, and in both cases the report is the same to the octet as that of one uninterrupted run.
//
// Memory does not grow with the archive. What tables, campaigns and hashes need beyond a bound lies in temporary files without
// names, which a run that is killed leaves nothing of; what was counted is exact all the same. Each bound on what a report lists,
// and on texts and copies that are told apart, is named in the report when it was reached.
package audit

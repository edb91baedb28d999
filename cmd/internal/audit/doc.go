// Package audit turns the verdicts of an archive into answers: who sent what, which rules it broke, when, and what a stricter
// policy would have stopped.
//
// Everything rests on one thing, the log: a row for each message that was walked over, in the order of the walk. A report is
// made from the rows in that order and from nothing else. So a run that was killed goes on where its log ends, parts of a run
// are their logs laid together again, and in both cases the report is the same to the octet as that of one uninterrupted run.
//
// Memory does not grow with the archive. Tables hold at most maxKeys keys, what has to be sorted is sorted on disk, and each
// bound that was reached is named in the report.
package audit

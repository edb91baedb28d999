// Package baseline keeps the findings that a repository had when postern was introduced, so that only new ones fail.
//
// The file has one entry for each rule and message with the number of findings, sorted, one a line, so that two branches that
// change it merge like any other text. A message is known by the SHA-256 of its octets with LF line ends: a renamed or moved
// file keeps its entries, and one that was edited is found by its path. Lines play no part.
//
// A file that is not exactly what Write writes is refused with the line of the fault. To read on would be to take findings
// for known that are not.
package baseline

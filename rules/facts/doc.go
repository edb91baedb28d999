// Package facts measures a message and its envelope: senders, recipients, attachments, text, links and the problems that
// were met while reading. A fact holds no opinion; Rego judges it.
//
// mimesize bounds every stretch of the message before go-message decodes it, because go-message alone is super-linear on
// hostile input, sees only the first of repeated fields and gives up a whole message for one bad line. Every address field is
// read in all its occurrences, and a list that does not parse is counted by a tolerant reader that never counts fewer
// addresses than the text supports.
//
// The package opens no files and no connections; its clock is the caller's.
package facts

// Package mimesize measures a message as it will be on the wire, from its raw octets, before anything is parsed.
//
// One linear pass over the octets, in memory that does not depend on the size of the message, gives the RFC 1870 size from
// LF, CRLF or mixed input alike, the place of every header field and of every MIME part, the encoded and the decoded octets
// of each part, and the problems that make two readers disagree. One bad line never costs the rest of the message.
//
// The package decodes nothing and has no opinion: what a header word means and whether a size is too large are others'
// business. It uses the standard library only.
package mimesize

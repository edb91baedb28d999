// Package suppress decides which findings the user accepts, and says which of his suppressions are expired, invalid or
// unused.
//
// A suppression stands in postern.yaml, or in the text of the message itself: as a comment of HTML or of a template engine,
//
//	<!-- postern:disable spam.phrase -- the offer is the point of this mail -->
//	{# postern:disable spam.phrase until=2027-01-31 -- until the campaign ends #}
//
// or as a header field,
//
//	X-Postern-Ignore: spam.phrase; reason=the offer is the point of this mail; until=2027-01-31
//
// Those in the message are for repositories, where a person has reviewed them. Whoever sends mail through a live gate could
// write them himself, so they count only with Options.HonourMessage, which only commands that judge files of a repository set;
// a test of the program holds the places where it is set. Comments are found in the source as it is stored: in a part
// encoded as base64 there are none.
package suppress

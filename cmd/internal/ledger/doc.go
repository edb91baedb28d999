// Package ledger remembers what was sent, so that limits over time can be held: a reservation before a message is judged, a
// commit before it is handed over, a release when it is not.
//
// The promise: if every message is reserved, judged by the history that its reservation returns, and released when it is
// refused, then a limit of N in a window never lets N+1 through, at any concurrency, across crashes, with SQLite and
// PostgreSQL. Reservations have an order, and each sees itself and all before it. A process that dies between Reserve and
// Commit has sent nothing; its reservation ends with its lease. One that dies after Commit has perhaps sent the message, and it
// stays counted: a crash can count one message too many, never one too few. Redis answers before other machines, and perhaps
// its disk, have what it was told: what a failover loses is not counted.
//
// The store holds no address: recipients, and identities that look like one, are keyed hashes, and the key is a file beside
// it. Any error means that nothing is known of the history; whoever gets one must not send.
package ledger

// Package sendmail is what a program is that stands in the place of sendmail, without the judging: it reads the arguments that
// callers give a sendmail, takes a message from standard input into a file that nobody can change any more, finds out who is to
// get it, and hands both to the real sendmail by execve, the message by the descriptor that was judged.
//
// It runs no shell, writes into no pipe, and reads no path twice. What it cannot read with certainty it refuses.
package sendmail

// Package git asks git which files changed and what they hold: in the index, or in the work tree since a revision.
//
// Git is run by its arguments, without a shell, in the working directory of the process. Of the caller's GIT_ variables only
// those remain that say where the repository, its index and its objects are, because git sets them for its hooks; whatever
// could make git run a program or open a connection is taken away: hooks of file system monitors, external diffs, transports
// (an object that a partial clone lacks is an error, not a download). Nothing is written, not even the refreshed index.
package git

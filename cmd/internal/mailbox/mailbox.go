// Package mailbox finds messages: in files, directories, Maildirs, MH folders and mbox files, compressed and in archives, and on
// standard input. It reads and splits; it does not understand mail, and writes nothing but temporary files without a name for
// what has to be read at random and is too large for memory. The octets of a message are those that were sent: the only thing
// that is taken away is the mark that an mbox sets before a line of a body that begins with "From ".
//
// Nothing is left out in silence. What cannot be read as a message comes out as an *Error in its place, and what a directory
// holds beside mail is told to Options.Skipped.
package mailbox

import (
	"context"
	"io"
	"iter"
)

// Stdin is the path that stands for standard input, and StdinName the name under which its message is reported.
const (
	Stdin     = "-"
	StdinName = "stdin"
)

// Message is the octets of one message, and where they were found.
type Message struct {
	// Name tells the message from all others of the run: the path of its file, "!" and the name of the member in an archive, and
	// "#3" for the third message of an mbox, or "@" and its offset with Options.OffsetNames.
	Name string
	// Path is the file that the message's lines belong to, StdinName for standard input; for a member it is Name without the
	// place in an mbox.
	Path string
	// Archive is the path of the outer file if that is compressed or an archive, "" otherwise. Offset and FirstLine then count
	// in what was unpacked.
	Archive string
	// Member is the name inside Archive, as the archive has it, those of nested archives joined by "!"; "" for a file that is
	// only compressed. A name that comes again has "@2" and so on behind it.
	Member string
	// Folder is the mail folder as the user knows it, "" if there is none: of a Maildir "INBOX" or "Sent/2025", of an mbox its
	// name without the ending, otherwise the directory, relative to the argument.
	Folder string
	// Flags are letters of Maildir in order (D draft, F flagged, P passed, R replied, S seen, T trashed), from the name of a
	// Maildir file, .mh_sequences, or the property list of an .emlx.
	Flags string
	// FirstLine is the 1-based line of Path on which the message begins; in a segment of an mbox it counts from the first
	// postmark of the segment.
	FirstLine int64
	// Index is the 1-based number of the message in its mbox; 0 if it lies in none, or the number is not known.
	Index int64
	// Offset is the place of the message in its file or member.
	Offset int64
	// StoredSize is the number of octets from Offset to the end of the message as stored, without an mbox postmark and the
	// empty line that ends a message of an mbox. It is Size and the marks of quoting that were taken away.
	StoredSize int64
	// Size is the number of octets of the message as it was sent.
	Size int64
	// Reader gives the octets of the message, from 0 to Size. It is Octets where they are in memory. It is valid until Close.
	Reader io.ReaderAt
	// Passed is how many octets of the message Options.Passer has taken in, 0 if the message did not pass it; Rest are the others.
	// They are valid until Close.
	Passed int64
	Rest   []byte
	// Notes say what was odd about the way the message was stored. They are no reason not to judge it.
	Notes []Note
	// Source is what the message was made from, nil if it was not made from anything. Walk does not set it.
	Source []byte

	hold   holder
	inMbox bool
}

// Note is something that is odd about the storage of a message.
type Note struct {
	ID   string // one of the Note... constants
	Text string
}

// The notes.
const (
	// NoteContentLength: the Content-Length does not end at a postmark or at the end of the file, so it was not used.
	NoteContentLength = "mbox.content_length"
	// NoteNoLineEnd: the last message of an mbox does not end with a line end, so it may be cut short.
	NoteNoLineEnd = "mbox.no_line_end"
	// NoteNoPostmark: the mbox begins with no postmark, so what stands before the first may be the rest of a message.
	NoteNoPostmark = "mbox.no_postmark"
	// NotePartial: Mail keeps the attachments of the message in other files.
	NotePartial = "emlx.partial"
	// NotePath: the member has an absolute path. Nothing is written there.
	NotePath = "archive.path"
	// NoteDuplicate: the archive has another member of that name before this one.
	NoteDuplicate = "archive.duplicate"
)

// Close gives back the file that the message is read from, which messages of one mbox share. Each message that Walk yields
// has to be closed once.
func (m *Message) Close() {
	if m.hold != nil {
		m.hold.release()
		m.hold = nil
	}
}

// Error says why something that was named, or found, could not be read as a message.
type Error struct {
	// Name is what could not be read.
	Name string
	// ID is one of the Err... constants for what is known to be wrong with archives and mailboxes, "" otherwise.
	ID string
	// Archive, Member and Offset are the place, as those of a Message.
	Archive string
	Member  string
	Offset  int64
	// Err is the reason, without the name.
	Err error
	// Hint says what the user can do, "" when there is nothing to say.
	Hint string
}

// What can be wrong with archives and mailboxes. The names are stable.
const (
	ErrRatio     = "archive.ratio"     // unpacks to more than Limits.Ratio times its size
	ErrBytes     = "archive.bytes"     // a member is larger than Limits.MemberBytes
	ErrDepth     = "archive.depth"     // archives in archives, deeper than Limits.Depth
	ErrEntries   = "archive.entries"   // more entries than Limits.Entries
	ErrWindow    = "archive.window"    // unpacking needs more memory than Limits.WindowBytes
	ErrEncrypted = "archive.encrypted" // needs a password
	ErrTruncated = "archive.truncated" // ends too early
	ErrCorrupt   = "archive.corrupt"   // cannot be decoded
	ErrChecksum  = "archive.checksum"  // decodes to something else than was packed
	ErrMethod    = "archive.method"    // a way of compression that is not known here
	ErrLink      = "archive.link"      // a member is a link
	ErrSpecial   = "archive.special"   // a member is a device, a FIFO or the like
	ErrOverlap   = "archive.overlap"   // members of a zip lie on each other
	ErrPath      = "archive.path"      // the name of a member leads out of the archive
	ErrTrailing  = "archive.trailing"  // something follows the end of the compressed data
	ErrMbox      = "mbox.truncated"    // an mbox became shorter while it was read
	ErrEmlx      = "emlx.truncated"    // an .emlx has less octets than its first line says
)

// Error gives the name and the reason.
func (e *Error) Error() string { return e.Name + ": " + e.Reason() }

// Reason is Err, with ID behind it if there is one.
func (e *Error) Reason() string {
	if e.ID == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + " [" + e.ID + "]"
}

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// Skip is an entry of a directory that was left out.
type Skip struct {
	Path   string
	Reason string // one of the Skipped... constants
}

// The reasons for leaving out an entry of a directory.
const (
	SkippedHidden  = "hidden"
	SkippedName    = "not named like mail"
	SkippedContent = "does not begin like a message"
	SkippedSpecial = "not a regular file"
	SkippedTmp     = "Maildir delivery in progress"
	SkippedLink    = "link to a directory"
	SkippedLinked  = "link in an archive"
	SkippedRemoved = "removed from its MH folder"
	SkippedArchive = "archive in a directory"
)

// Options adjust Walk. The zero value is useful.
type Options struct {
	// Skipped is called, if set, for each entry of a directory that is left out, from the goroutine that runs the iterator.
	Skipped func(Skip)
	// SpoolMemory is the number of octets of a message of standard input or of an archive that are kept in memory; 0 means
	// 1 MiB for standard input and 256 KiB for others. A longer one goes to a temporary file without a name.
	SpoolMemory int64
	// Deep looks into every file of a directory: archives are opened and files of any name are read if they begin like a
	// message. Without it archives in directories are left out, and files whose name is not one of mail. A file that is named
	// in paths is always looked into.
	Deep bool
	// Quoting says how lines "From " of messages in an mbox were quoted.
	Quoting Quoting
	// Limits bound what archives may cost.
	Limits Limits
	// OffsetNames names the messages of an mbox by their offset instead of their number.
	OffsetNames bool
	// Progress, if set, is told of octets of files that were read or passed by, in the sense of TotalBytes, from the goroutine
	// that runs the iterator.
	Progress func(bytes int64)
	// Claimed, if set, tells of a file of a directory whether it is judged in another way. Nothing is yielded for it, and it is
	// not left out either.
	Claimed func(path string) bool
	// Passer, if set, is shown the octets of long messages in an mbox before they are yielded.
	Passer Passer
	// Template, if set, is asked about each regular file of a directory that is no mail by its name or its beginning. If it
	// says true, the file is yielded like mail. An error is yielded as one of the file: by its name it may be a template, and it
	// cannot be read. Of a file that cannot be opened r gives the reason.
	Template func(path string, r io.ReaderAt, size int64) (bool, error)
}

// Quoting is the way an mbox quotes lines of messages that begin with "From ".
type Quoting uint8

// The ways of quoting.
const (
	// QuotingRD is that of mboxrd, one ">" before each line of any number of ">" and "From ". It reads mboxo and mboxcl as well,
	// which quote only "From " itself, but for lines that were ">From " when they were sent.
	QuotingRD Quoting = iota
	// QuotingO is that of mboxo and mboxcl.
	QuotingO
	// QuotingNone is that of mboxcl2.
	QuotingNone
)

// Limits bound what reading an archive may cost. 0 means the default, a negative number no limit.
type Limits struct {
	// Ratio is how many octets may come out of one; 200. The first 8 MiB are free.
	Ratio int64
	// MemberBytes is the largest member that is one message or has to be kept to be read at all, as a zip in a tar; 1 GiB. The
	// messages of an mbox are counted one by one.
	MemberBytes int64
	// Depth is how deep archives may lie in archives; 3. A compressed tar is one archive.
	Depth int
	// Entries is how many entries an archive may have; 250,000 for tar, and 40,000 for zip, whose directory is kept in memory.
	Entries int
	// WindowBytes is the memory that xz and zstd may ask for to unpack; 8 MiB, which xz needs up to -6, its standard, and zstd
	// up to -19.
	WindowBytes int64
}

const defaultSpoolMemory = 1 << 20

// Walk yields every message under paths, in the order of paths and, in directories, in the order of names. An *Error takes
// the place of what could not be read, and the walk goes on. It ends early only when ctx is done.
//
// A file that is named in paths is a message whatever its name is; in a directory only files that are named like mail, or lie
// in the cur or new folder of a Maildir, are taken. A directory without any message is an *Error.
func Walk(ctx context.Context, paths []string, stdin io.Reader, opts Options) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		w := &walker{ctx: ctx, opts: opts, yield: yield}
		for _, p := range paths {
			if w.done || ctx.Err() != nil {
				return
			}
			switch {
			case p == Stdin:
				w.stdin(stdin)
			case IsRemote(p):
				w.remote(p)
			default:
				w.path(p)
			}
		}
	}
}

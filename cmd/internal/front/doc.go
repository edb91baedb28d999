// Package front is what the small program in the place of sendmail knows of the whole one: an Entry that the whole program has
// written, which holds the settings it sends mail by and the guards (package guard) that tell whether a message is clean.
//
// An entry must never outlive what it was made of. It is valid only if
//
//   - both programs were built from the same sources (Build), and the whole program that would be started is the very file that has
//     written the entry: device, inode, size, times of change;
//   - postern.yaml and every policy that it names have the octets that were judged by then. The front finds and reads them all anew, by
//     the code that the whole program uses (package locate), and compares SHA-256. It trusts no time stamp: two changes within one
//     tick of a clock have the same;
//   - no variable POSTERN_... changes a setting, and the clock does not stand before the moment of writing;
//   - it belongs to root or to the user himself, nobody else can write it or the directory that it lies in, and neither is a link;
//   - its version and its checksum are right, and every index in the guards is in its bounds (guard.Program.Prepare).
//
// Built-in policies and their data, the capabilities of Rego and the version of OPA are parts of the whole program, so its file
// stands for them. All of that is looked at before the message is read, and whatever is not as it should be means that the whole
// program does everything, as if there were no front. So the worst that a wrong entry can do is to be slow.
//
// Entries lie in /var/cache/postern, which only root writes, and in the user's own cache directory, so that neither a
// directory like /tmp nor anybody's home but the caller's is ever looked at. A program without HOME, as web servers run them, has only
// the first. They appear under their names as a whole.
package front

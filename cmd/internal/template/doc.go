// Package template makes finished messages out of the mail templates that a repository holds.
//
// A Spec says which files are templates, which engine renders them and with which sample data. Units lists every pair of
// template and sample, Unit.Render gives the message that would be sent. Recognise needs no Spec: it tells whether a file
// is a template that nobody rendered, and Opaque makes such a file readable for a scanner.
//
// # Strictness
//
// A name that the sample data does not hold is an error in every engine, in conditions and loops too, also where the
// engine's library would print nothing: a typing mistake in a template is silence in production. A name may be null, which
// is how sample data says that it can be missing. Jinja2's default filter and its tests "defined" and "undefined" are the
// exception, because they ask for the case.
//
// # What a template may do
//
// A template reads files below the root only (os.Root refuses symbolic links that lead out of it): partials, includes and
// layouts from its own directory and from Spec.Includes, under names without "..". There is no access to the environment,
// the clock or the network. A rendered message has at most 64 MiB, a template or data file at most 1 and 8 MiB, and
// inclusions nest at most 50 deep. Rendering has 10 seconds, in which loops, recursions and everything that writes are stopped.
// A single step of a library is not: an expression that builds a huge value, a filter that computes for long, a parser that
// recurses. Unit.Render leaves such a step behind when time is up, and does not bound what it allocates.
//
// Renderer does: it renders in processes of their own, which are the same program again. They end when a message takes more
// than 512 MiB of memory, 64 MiB of stack or the time, and with them whatever the template does. That message is an error; the
// next one has a new process. There are at most 8 at once. A Command is a process anyway, which is killed with all that it started.
package template

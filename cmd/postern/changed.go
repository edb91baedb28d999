package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/git"
	"postern/cmd/internal/mailbox"
)

// changeFlags are the flags that limit a run to what has changed.
func changeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "staged", Usage: "judge what the next commit changes, as it is staged, not as it is in the work tree"},
		&cli.StringFlag{Name: "new-from", Usage: "judge the files that changed since the current branch left `REV`, such as origin/main", EnvVars: []string{"POSTERN_NEW_FROM"}},
	}
}

// changeOptions says which changes to judge; the zero value judges files whether they changed or not.
type changeOptions struct {
	staged bool
	from   string
}

func (o changeOptions) any() bool { return o.staged || o.from != "" }

func readChangeOptions(c *cli.Context) (o changeOptions, err error) {
	o.staged, o.from = c.Bool("staged"), c.String("new-from")
	switch {
	case o.staged && o.from != "":
		return o, gate.Usagef("leave out one of them", "--staged contradicts --new-from")
	case empty(c, "new-from", "POSTERN_NEW_FROM"):
		return o, gate.Usagef("a variable of a script may be unset; write a revision such as origin/main", "--new-from is empty")
	}
	if o.any() && slices.Contains(c.Args().Slice(), mailbox.Stdin) {
		return o, gate.Usagef("leave out one of them", "standard input is not in git")
	}
	return o, nil
}

// changes is what has changed in a repository.
type changes struct {
	repo  *git.Repo
	list  []git.Change
	paths []string // of the command line
	// templates are those of postern.yaml; their messages are judged when something that they are made of has changed.
	templates *templates
}

// find asks git. An error is the user's to mend: there is no repository, or not the history that the question needs.
func (o changeOptions) find(ctx context.Context, paths []string) (*changes, error) {
	c := &changes{paths: paths}
	var err error
	if c.repo, err = git.Open(ctx); err == nil {
		if o.staged {
			c.list, err = c.repo.Staged(ctx, paths)
		} else {
			c.list, err = c.repo.ChangedSince(ctx, o.from, paths)
		}
	}
	var own *git.Error
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() != nil:
		return nil, gate.Errorf(gate.Unjudged, "", "interrupted while git was asked")
	case errors.As(err, &own):
		return nil, &gate.Error{Cause: gate.Usage, Err: err, Hint: own.Hint}
	}
	return nil, &gate.Error{Cause: gate.Usage, Err: err}
}

// Reasons for leaving out a change, beside those of package mailbox.
const (
	leftOutLink      = "symbolic link"
	leftOutSubmodule = "submodule"
)

// walk yields the messages of the changed files, as mailbox.Walk does for directories: files that are named like mail, and
// those that the command line names.
func (c *changes) walk(ctx context.Context, skipped func(mailbox.Skip)) iter.Seq2[mailbox.Message, error] {
	// Messages of the index are in memory until they are judged; large ones go to a file without a name.
	opts := mailbox.Options{Skipped: skipped, SpoolMemory: 8 << 20}
	if len(c.templates.units) == 0 {
		// Whoever has said which files are templates has said it of all.
		opts.Template = isTemplate
	}
	return func(yield func(mailbox.Message, error) bool) {
		var blobs *git.Blobs
		defer func() {
			if blobs != nil {
				blobs.Close()
			}
		}()
		fail := func(name string, err error, hint string) bool {
			return yield(mailbox.Message{}, &mailbox.Error{Name: name, Err: err, Hint: hint})
		}
		for _, p := range c.paths {
			if !c.knows(ctx, p) && !fail(p, errors.New("is neither here nor in the last commit"), "check the spelling; paths are looked up in the current directory") {
				return
			}
		}
		for _, change := range c.list {
			if ctx.Err() != nil {
				return
			}
			if change.Kind == git.Deleted || change.Kind != git.Unmerged && c.templates.claimed(change.Path) {
				continue
			}
			claim, why := mailbox.Claims(change.Path)
			if slices.ContainsFunc(c.paths, func(p string) bool { return filepath.Clean(p) == change.Path }) {
				claim = mailbox.IsMail
			}
			switch {
			case change.Kind == git.Link:
				why = leftOutLink // what it leads to is judged when that changes
			case change.Kind == git.Submodule:
				why = leftOutSubmodule
			case claim != mailbox.NotMail || opts.Template != nil && why != mailbox.SkippedHidden && mayBeTemplate(change.Path):
				why = ""
			}
			if why != "" {
				skipped(mailbox.Skip{Path: change.Path, Reason: why})
				continue
			}
			if change.Kind == git.Unmerged {
				if !fail(change.Path, errors.New("has a merge conflict"), "resolve it and git add the file") {
					return
				}
				continue
			}
			messages := c.workTree(ctx, change.Path, claim, opts)
			if change.Staged() {
				var err error
				if blobs == nil {
					if blobs, err = c.repo.Blobs(ctx); err != nil {
						fail(change.Path, err, "")
						return
					}
				}
				var r io.Reader
				if r, err = blobs.Open(change); err != nil {
					if !fail(change.Path, err, "") {
						return
					}
					continue
				}
				messages = mailbox.Reader(ctx, change.Path, r, claim, opts)
			}
			for m, err := range messages {
				if !yield(m, err) {
					return
				}
			}
		}
		c.made(ctx, yield)
	}
}

// made yields the messages of the templates that a change could change. Templates are rendered from the work tree. So when the
// staged changes are to be judged and something that a template is made of is not staged, its message is unjudged.
func (c *changes) made(ctx context.Context, yield func(mailbox.Message, error) bool) {
	files := make([]string, len(c.list))
	staged := false
	for i, change := range c.list {
		files[i] = change.Path
		staged = staged || change.Staged()
	}
	units := c.templates.changed(files)
	var loose []string
	if staged && len(units) > 0 {
		list, err := c.repo.Unstaged(ctx)
		if err != nil {
			yield(mailbox.Message{}, &mailbox.Error{Name: "templates", Err: err})
			return
		}
		for _, change := range list {
			// A postern.yaml that git does not know is nothing that the commit could bring.
			if rel, ok := c.templates.below(change.Path); ok && change.Untracked && rel == c.templates.file {
				continue
			}
			loose = append(loose, change.Path)
		}
	}
	for _, i := range units {
		m := c.templates.message(i)
		if ctx.Err() != nil {
			return
		}
		if file := c.templates.differs(i, loose); file != "" {
			if !yield(mailbox.Message{}, &mailbox.Error{Name: m.Name, Err: errors.New("it is made of files that are not staged as they are: " + file),
				Hint: "git add them, or put them aside: git stash --keep-index --include-untracked"}) {
				return
			}
			continue
		}
		if !yield(m, nil) {
			return
		}
	}
}

// mayBeTemplate tells whether a file's name lets it be a template that nobody has configured, so that it is worth reading.
func mayBeTemplate(file string) bool {
	return named(file, pages) || named(file, templateNames)
}

// differs gives the first of files that the message of a unit depends on, "" if there is none.
func (t *templates) differs(unit int, files []string) string {
	for _, f := range files {
		if slices.Contains(t.changed([]string{f}), unit) {
			return f
		}
	}
	return ""
}

// workTree yields the messages of a file of the work tree.
func (c *changes) workTree(ctx context.Context, name string, claim mailbox.Claim, opts mailbox.Options) iter.Seq2[mailbox.Message, error] {
	if claim != mailbox.IsMail {
		// What cannot be read is met again by Walk, which tells it.
		if f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			defer f.Close()
			head := make([]byte, 4096)
			n, err := io.ReadFull(f, head)
			info, errStat := f.Stat()
			readable := errStat == nil && (err == nil || err == io.EOF || err == io.ErrUnexpectedEOF)
			mail := claim == mailbox.MayBeMail && mailbox.LooksLikeMail(head[:n])
			is := false
			if readable && !mail && opts.Template != nil {
				is, err = opts.Template(name, f, info.Size())
				readable = err == nil
			}
			if readable && !mail && !is {
				opts.Skipped(mailbox.Skip{Path: name, Reason: mailbox.SkippedContent})
				return func(func(mailbox.Message, error) bool) {}
			}
		}
	}
	return mailbox.Walk(ctx, []string{name}, nil, opts)
}

// knows tells whether a path of the command line is there, has changed, or was deleted: a mistyped one must not look like one
// without changes.
func (c *changes) knows(ctx context.Context, p string) bool {
	if _, err := os.Lstat(p); err == nil {
		return true
	}
	clean := filepath.Clean(p)
	for _, change := range c.list {
		if change.Path == clean || strings.HasPrefix(change.Path, clean+string(filepath.Separator)) {
			return true
		}
	}
	return c.repo.Had(ctx, "", p)
}

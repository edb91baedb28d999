package mailbox

import (
	"bufio"
	"context"
	"io"
	"iter"
	"path"
	"path/filepath"
	"strings"
)

// Claim says whether a file that was found, not named, is mail.
type Claim uint8

// The claims of names.
const (
	NotMail Claim = iota
	// MayBeMail are names of text files and names without extension: what they hold decides, as Reader has it.
	MayBeMail
	IsMail
)

// Claims tells by its path whether a file is taken as mail where nobody named it, as Walk does in a directory; reason is why
// not.
func Claims(file string) (c Claim, reason string) {
	p := filepath.ToSlash(file)
	name := path.Base(p)
	switch path.Base(path.Dir(p)) {
	case "cur", "new": // of a Maildir
		if !strings.HasPrefix(name, ".") {
			return IsMail, ""
		}
	}
	for part := range strings.SplitSeq(p, "/") {
		if len(part) > 1 && part[0] == '.' && part != ".." {
			return NotMail, SkippedHidden
		}
	}
	named, sniff := nameIsMail(name)
	switch {
	case named:
		return IsMail, ""
	case sniff:
		return MayBeMail, ""
	}
	return NotMail, SkippedName
}

// Reader yields the messages that r gives to its end, as those of the file name. Unless the claim is IsMail, nothing comes, but
// a Skip, when the content does not begin like a message and Options.Template does not take it.
func Reader(ctx context.Context, name string, r io.Reader, claim Claim, opts Options) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		w := &walker{ctx: ctx, opts: opts, yield: yield}
		br := bufio.NewReaderSize(r, 4096)
		mail := claim == IsMail
		if !mail {
			head, err := br.Peek(4096)
			if err != nil && err != io.EOF {
				w.fail(name, reason(err), "")
				return
			}
			mail = claim == MayBeMail && LooksLikeMail(head)
			if !mail && opts.Template == nil {
				w.skip(name, SkippedContent)
				return
			}
		}
		limit := opts.SpoolMemory
		if limit <= 0 {
			limit = defaultSpoolMemory
		}
		f, size, err := spool(br, limit, -1)
		if err != nil {
			w.fail(name, reason(err), "")
			return
		}
		defer f.release()
		if !mail {
			is, err := opts.Template(name, f, size)
			if err != nil {
				w.fail(name, reason(err), "")
				return
			}
			if !is {
				w.skip(name, SkippedContent)
				return
			}
		}
		w.content(source{at: f, size: size}, place{path: name, name: name, rel: filepath.ToSlash(name), claim: IsMail, root: &outer{size: size}})
	}
}

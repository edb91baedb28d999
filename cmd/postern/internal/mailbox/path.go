package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// openFlags keep a FIFO or a device that stands where a file was expected from stopping the program.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

var (
	errNoMessage = errors.New("no message found")
	errEscapes   = errors.New("is a link out of the directory")
)

// path walks one path of the command line. A link that the user names himself is followed.
func (w *walker) path(p string) {
	info, err := os.Stat(p)
	if err != nil {
		hint := ""
		if errors.Is(err, fs.ErrNotExist) {
			hint = "check the spelling; paths are looked up in the current directory"
		}
		w.fail(p, reason(err), hint)
		return
	}
	if info.IsDir() {
		w.dir(p)
		return
	}
	if !info.Mode().IsRegular() {
		w.fail(p, fmt.Errorf("is %s, not a regular file", kind(info.Mode())), "to judge what a program writes, pipe it to - (standard input)")
		return
	}
	f, err := os.OpenFile(p, openFlags, 0)
	if err != nil {
		w.fail(p, reason(err), readHint(err))
		return
	}
	w.open(f, p)
}

// dir walks a directory. All its files are opened below one os.Root, so that no link leads out of it.
func (w *walker) dir(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		w.fail(dir, reason(err), readHint(err))
		return
	}
	defer root.Close()
	before, skipped := w.found, 0
	count := *w
	count.opts.Skipped = func(s Skip) { skipped++; w.skip(s.Path, s.Reason) }
	t := &tree{walker: &count, root: root, dir: dir, base: baseName(dir)}
	t.top, _ = entries(root, ".")
	err = fs.WalkDir(root.FS(), ".", t.visit)
	w.done, w.found, w.stdinRead = count.done, count.found, count.stdinRead
	if err != nil && !errors.Is(err, fs.SkipAll) && w.ctx.Err() == nil && !w.done {
		w.fail(dir, reason(err), readHint(err))
	}
	if w.found == before && !w.done && w.ctx.Err() == nil {
		err := errNoMessage
		if skipped > 0 {
			err = fmt.Errorf("no message found, %d other %s left out", skipped, plural(skipped, "entry", "entries"))
		}
		w.fail(dir, err, "in a directory files named *.eml, *.mbox, *.txt, *.msg, *.raw or without extension are read; name any other file itself")
	}
}

// tree is the walk of one directory.
type tree struct {
	*walker
	root *os.Root
	dir  string          // as the user named it
	base string          // its own last name
	top  map[string]bool // the directories directly inside
}

func (t *tree) visit(p string, d fs.DirEntry, err error) error {
	if t.ctx.Err() != nil || t.done {
		return fs.SkipAll
	}
	shown := filepath.Join(t.dir, filepath.FromSlash(p))
	if err != nil {
		t.fail(shown, reason(err), readHint(err))
		if d != nil && d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if d.IsDir() {
		return t.visitDir(p, shown)
	}
	name := d.Name()
	inMaildir := t.inMaildir(p)
	if strings.HasPrefix(name, ".") {
		t.skip(shown, SkippedHidden)
		return nil
	}
	if t.opts.Claimed != nil && t.opts.Claimed(shown) {
		t.found++
		return nil
	}
	named, sniff := nameIsMail(name)
	if inMaildir {
		named, sniff = true, false
	}
	switch {
	case !named && !sniff:
		if f := t.template(p, shown, d); f != nil {
			t.open(f, shown)
		} else {
			t.skip(shown, SkippedName)
		}
		return nil
	case d.Type()&fs.ModeSymlink != 0:
		// A link inside the directory is followed by os.Root; one to a directory would be walked twice.
		if info, err := t.root.Stat(filepath.FromSlash(p)); err == nil && info.IsDir() {
			t.skip(shown, SkippedLink)
			return nil
		}
	case !d.Type().IsRegular():
		if sniff {
			t.skip(shown, SkippedSpecial)
		} else {
			t.fail(shown, fmt.Errorf("is %s, not a regular file", kind(d.Type())), "")
		}
		return nil
	}
	f, err := t.root.OpenFile(filepath.FromSlash(p), openFlags, 0)
	if err != nil {
		hint := readHint(err)
		if d.Type()&fs.ModeSymlink != 0 && escapes(err) {
			err, hint = errEscapes, "name the file that it points to on the command line"
		}
		t.fail(shown, reason(err), hint)
		return nil
	}
	if sniff && !beginsLikeMail(f) && !t.isTemplate(f, shown) {
		f.Close()
		t.skip(shown, SkippedContent)
		return nil
	}
	t.open(f, shown)
	return nil
}

// template opens a file that is not named like mail if it is a template, and gives nil if it is none or cannot be read.
func (t *tree) template(p, shown string, d fs.DirEntry) *os.File {
	if t.opts.Template == nil || !d.Type().IsRegular() {
		return nil
	}
	f, err := t.root.OpenFile(filepath.FromSlash(p), openFlags, 0)
	if err != nil {
		return nil
	}
	if !t.isTemplate(f, shown) {
		f.Close()
		return nil
	}
	return f
}

func (t *tree) isTemplate(f *os.File, shown string) bool {
	if t.opts.Template == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular() && t.opts.Template(shown, f, info.Size())
}

// visitDir tells whether the walk goes into a directory. A hidden directory is entered only if it is a Maildir++ folder.
func (t *tree) visitDir(p, shown string) error {
	if p == "." {
		return nil
	}
	name := path.Base(p)
	if strings.HasPrefix(name, ".") {
		if in, err := entries(t.root, p); err != nil || !in["cur"] {
			t.skip(shown, SkippedHidden)
			return fs.SkipDir
		}
	}
	if name == "tmp" && t.hasCur(path.Dir(p)) {
		t.skip(shown, SkippedTmp)
		return fs.SkipDir
	}
	return nil
}

// inMaildir tells whether the file p lies directly in the cur folder of a Maildir, or in the new folder beside one.
func (t *tree) inMaildir(p string) bool {
	parent := path.Dir(p)
	if parent == "." {
		// The user named the folder itself.
		if t.base == "cur" {
			return true
		}
		if t.base == "new" {
			info, err := os.Stat(filepath.Join(t.dir, "..", "cur"))
			return err == nil && info.IsDir()
		}
		return false
	}
	switch path.Base(parent) {
	case "cur":
		return true
	case "new":
		return t.hasCur(path.Dir(parent))
	}
	return false
}

// hasCur tells whether directory p holds a directory called cur.
func (t *tree) hasCur(p string) bool {
	if p == "." {
		return t.top["cur"]
	}
	info, err := t.root.Stat(filepath.FromSlash(path.Join(p, "cur")))
	return err == nil && info.IsDir()
}

// entries gives the names of the directories in directory p of root.
func entries(root *os.Root, p string) (map[string]bool, error) {
	list, err := fs.ReadDir(root.FS(), p)
	if err != nil {
		return nil, err
	}
	dirs := map[string]bool{}
	for _, e := range list {
		if e.IsDir() {
			dirs[e.Name()] = true
		}
	}
	return dirs, nil
}

// mailNames are the name endings of files that hold mail.
var mailNames = []string{".eml", ".email", ".mbox", ".mbx", ".msg", ".raw"}

// packed are the endings that compression adds to a name.
var packed = []string{".gz", ".bz2", ".xz", ".zst", ".zip", ".z"}

// nameIsMail tells whether a file of that name in a directory is taken as mail: always (named), or only if it begins like a
// message (sniff), which goes for plain text files and files without extension.
func nameIsMail(name string) (named, sniff bool) {
	lower := strings.ToLower(name)
	for _, p := range packed {
		// archive.mbox.gz is mail that cannot be read, which has to be said; pictures.zip is something else.
		if rest, ok := strings.CutSuffix(lower, p); ok {
			named, _ := nameIsMail(rest)
			return named, false
		}
	}
	for _, s := range mailNames {
		if strings.HasSuffix(lower, s) {
			return true, false
		}
	}
	ext := path.Ext(lower)
	return false, ext == "" || ext == ".txt"
}

// baseName is the last name of a directory, also of "." and "..".
func baseName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return filepath.Base(abs)
	}
	return filepath.Base(dir)
}

// open yields the messages of a file that was opened, and takes over its closing.
func (w *walker) open(f *os.File, name string) {
	shared := newFile(f)
	defer shared.release()
	info, err := f.Stat()
	if err != nil {
		w.fail(name, reason(err), "")
		return
	}
	if !info.Mode().IsRegular() {
		w.fail(name, fmt.Errorf("is %s, not a regular file", kind(info.Mode())), "")
		return
	}
	w.content(shared, info.Size(), name)
}

// content yields the messages in the octets of f.
func (w *walker) content(f *file, size int64, name string) {
	one := Message{Name: name, Path: name, FirstLine: 1, Size: size, Reader: io.NewSectionReader(f, 0, size)}
	if w.whole {
		one.file = f.retain()
		w.message(one)
		return
	}
	head := make([]byte, 4096)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		w.fail(name, reason(err), "")
		return
	}
	head = head[:n]
	if what, hint := foreign(head); what != "" {
		w.fail(name, fmt.Errorf("is %s, not a message", what), hint)
		return
	}
	if !w.mbox(f, size, name, head) {
		one.file = f.retain()
		w.message(one)
	}
}

// reason takes the operation and the path out of an error: the name of what could not be read is told beside it.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func readHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "you have no right to read it; see its owner and mode with ls -l"
	}
	return ""
}

// escapes tells whether os.Root refused to follow a link out of the directory. The error has no name in package os.
func escapes(err error) bool { return strings.Contains(err.Error(), "escapes") }

func kind(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m.IsDir():
		return "a directory"
	}
	return "a special file"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

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
	"sync"
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
	x := &fileEntry{place: place{path: p, name: p, rel: filepath.Base(p), claim: IsMail}}
	if w.pieces != nil {
		w.piece(x, info.Size(), info.ModTime())
		w.emit(&Piece{Name: p, End: true})
		return
	}
	before := w.found
	x.read(w)
	if w.found == before && !w.done && w.ctx.Err() == nil {
		w.fail(p, errNoMessage, "")
	}
}

// dir walks a directory. All its files are opened below one os.Root, so that no link leads out of it.
func (w *walker) dir(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		w.fail(dir, reason(err), readHint(err))
		return
	}
	if w.pieces == nil {
		defer root.Close() // pieces hold it open
	}
	before, skipped := w.found, 0
	count := *w
	count.opts.Skipped = func(s Skip) { skipped++; w.skip(s.Path, s.Reason) }
	t := &tree{walker: &count, root: root, dir: dir, base: baseName(dir)}
	t.top = sync.OnceValue(func() bool {
		info, err := root.Lstat("cur")
		return err == nil && info.IsDir()
	})
	err = fs.WalkDir(root.FS(), ".", t.visit)
	w.done, w.found = count.done, count.found
	if err != nil && !errors.Is(err, fs.SkipAll) && w.ctx.Err() == nil && !w.done {
		w.fail(dir, reason(err), readHint(err))
	}
	if w.pieces != nil {
		w.emit(&Piece{Name: dir, End: true, Dir: true})
		return
	}
	if w.found == before && !w.done && w.ctx.Err() == nil {
		w.error(NoMessage(dir, true, skipped))
	}
}

// NoMessage is the error of a path in which no message was found, and of what there is skipped entries were left out.
func NoMessage(name string, dir bool, skipped int) *Error {
	if !dir {
		return &Error{Name: name, Err: errNoMessage}
	}
	err := errNoMessage
	if skipped > 0 {
		err = fmt.Errorf("no message found, %d other %s left out", skipped, plural(skipped, "entry", "entries"))
	}
	return &Error{Name: name, Err: err,
		Hint: "in a directory files named *.eml, *.mbox, *.txt, *.msg, *.raw or without extension are read; name any other file itself"}
}

// tree is the walk of one directory.
type tree struct {
	*walker
	root *os.Root
	dir  string      // as the user named it
	base string      // its own last name
	top  func() bool // whether a directory "cur" lies directly inside
	// mh is the MH folder mhDir, if it is one.
	mh     *mhFolder
	mhDir  string
	mhRead bool
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
	before := t.opened
	t.file(p, shown, d)
	if t.opened == before && t.opts.Progress != nil && d.Type().IsRegular() {
		if info, err := d.Info(); err == nil {
			t.opts.Progress(info.Size())
		}
	}
	return nil
}

// file yields the messages of a file, or says why there are none.
func (t *tree) file(p, shown string, d fs.DirEntry) {
	name := d.Name()
	inMaildir := t.inMaildir(p)
	if strings.HasPrefix(name, ".") {
		t.skip(shown, SkippedHidden)
		return
	}
	if t.opts.Claimed != nil && t.opts.Claimed(shown) {
		t.found++
		return
	}
	pl := place{path: shown, name: shown, rel: p, flags: maildirFlags(p)}
	named, sniff := nameIsMail(name)
	switch mh := t.mhFolder(path.Dir(p)); {
	case inMaildir:
		named, sniff = true, false
	case mh != nil && isNumber(name):
		named, sniff = true, false
		pl.flags = mh.flags(name)
	case mh != nil && strings.HasPrefix(name, ","):
		t.skip(shown, SkippedRemoved)
		return
	case !named && t.beside(p+".msf"):
		named, sniff, pl.mbox = true, false, true
	}
	deep := t.opts.Deep && d.Type().IsRegular()
	switch {
	case !named && !sniff && !deep:
		f, err := t.template(p, shown, d)
		if err != nil {
			t.fail(shown, reason(err), readHint(err))
		} else if f != nil {
			pl.claim = IsMail
			t.open(f, pl)
		} else if isArchiveName(name) {
			t.skip(shown, SkippedArchive)
		} else {
			t.skip(shown, SkippedName)
		}
		return
	case d.Type()&fs.ModeSymlink != 0:
		// A link inside the directory is followed by os.Root; one to a directory would be walked twice.
		if info, err := t.root.Stat(filepath.FromSlash(p)); err == nil && info.IsDir() {
			t.skip(shown, SkippedLink)
			return
		}
	case !d.Type().IsRegular():
		if sniff {
			t.skip(shown, SkippedSpecial)
		} else {
			t.fail(shown, fmt.Errorf("is %s, not a regular file", kind(d.Type())), "")
		}
		return
	}
	x := &fileEntry{place: pl, tree: t, inside: p, link: d.Type()&fs.ModeSymlink != 0}
	switch {
	case named:
		x.place.claim = IsMail
	case sniff:
		x.place.claim = MayBeMail
	}
	x.ask = !named && (deep || sniff) && t.opts.Template != nil
	if t.pieces == nil {
		x.read(t.walker)
		return
	}
	info, err := d.Info()
	if err != nil {
		t.fail(shown, reason(err), readHint(err))
		return
	}
	t.piece(x, info.Size(), info.ModTime())
}

// fileEntry is a file that is to be read.
type fileEntry struct {
	place  place
	tree   *tree  // that it lies in, nil for a file that was named
	inside string // its path there
	link   bool
	ask    bool    // whether it is a template
	object *Object // of a store, nil for a file
}

// read yields the messages of the file, or says why there are none.
func (x *fileEntry) read(w *walker) {
	if o := x.object; o != nil {
		w.openFile(newFile(o.Reader, o.Closer), o.Size, x.place)
	} else if f := x.open(w); f != nil {
		w.open(f, x.place)
	}
}

// open gives nil for a file that cannot be opened, and tells of it.
func (x *fileEntry) open(w *walker) *os.File {
	if x.tree == nil {
		f, err := os.OpenFile(x.place.path, openFlags, 0)
		if err != nil {
			w.fail(x.place.name, reason(err), readHint(err))
			return nil
		}
		return f
	}
	f, err := x.tree.root.OpenFile(filepath.FromSlash(x.inside), openFlags, 0)
	if err != nil {
		hint := readHint(err)
		if x.link && escapes(err) {
			err, hint = errEscapes, "name the file that it points to on the command line"
		}
		w.fail(x.place.name, reason(err), hint)
		return nil
	}
	if x.ask && !beginsLikeMail(f) {
		is, err := x.tree.isTemplate(f, x.place.name)
		if err != nil {
			f.Close()
			w.fail(x.place.name, reason(err), readHint(err))
			return nil
		}
		if is {
			x.place.claim = IsMail
		}
	}
	return f
}

// beside tells whether there is a file p, as Thunderbird has one beside each mbox.
func (t *tree) beside(p string) bool {
	if path.Ext(p) != ".msf" {
		return false
	}
	info, err := t.root.Lstat(filepath.FromSlash(p))
	return err == nil && info.Mode().IsRegular()
}

// mhFolder gives the sequences of the MH folder p, nil if it is none.
func (t *tree) mhFolder(p string) *mhFolder {
	if t.mhDir != p || !t.mhRead {
		t.mhDir, t.mhRead, t.mh = p, true, nil
		f, err := t.root.OpenFile(filepath.FromSlash(path.Join(p, ".mh_sequences")), openFlags, 0)
		if err != nil {
			return nil
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		b, _ := io.ReadAll(io.LimitReader(f, 1<<20))
		t.mh = readMH(string(b))
	}
	return t.mh
}

// template opens a file that is not named like mail if it is a template, and gives nil if it is none. A file that cannot be read
// is an error if its name is one of a template.
func (t *tree) template(p, shown string, d fs.DirEntry) (*os.File, error) {
	if t.opts.Template == nil || !d.Type().IsRegular() {
		return nil, nil
	}
	f, err := t.root.OpenFile(filepath.FromSlash(p), openFlags, 0)
	if err != nil {
		_, err = t.opts.Template(shown, unreadable{err}, 1)
		return nil, err
	}
	is, err := t.isTemplate(f, shown)
	if !is || err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// unreadable is a file of which nothing can be read.
type unreadable struct{ err error }

func (u unreadable) ReadAt([]byte, int64) (int, error) { return 0, u.err }

// isTemplate tells whether f is a template.
func (t *tree) isTemplate(f *os.File, shown string) (bool, error) {
	if t.opts.Template == nil {
		return false, nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	return t.opts.Template(shown, f, info.Size())
}

// visitDir tells whether the walk goes into a directory. A hidden directory is entered only if it is a Maildir++ folder.
func (t *tree) visitDir(p, shown string) error {
	if p == "." {
		return nil
	}
	name := path.Base(p)
	if strings.HasPrefix(name, ".") {
		in, err := entries(t.root, p)
		switch {
		case err != nil && t.hasCur(path.Dir(p)):
			// Beside a cur it is most likely a folder of mail, which is not left out because nobody may look.
			t.fail(shown, reason(err), readHint(err))
			return fs.SkipDir
		case err != nil || !in["cur"]:
			t.skip(shown, SkippedHidden)
			return fs.SkipDir
		}
	}
	if name == "tmp" && t.hasCur(path.Dir(p)) {
		if !t.isEmpty(p) {
			t.skip(shown, SkippedTmp)
		}
		return fs.SkipDir
	}
	return nil
}

// isEmpty tells whether directory p holds nothing, as the tmp of most Maildirs does. One that cannot be read may hold something.
func (t *tree) isEmpty(p string) bool {
	d, err := t.root.Open(filepath.FromSlash(p))
	if err != nil {
		return false
	}
	defer d.Close()
	_, err = d.Readdirnames(1)
	return err == io.EOF
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
		return t.top()
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

// baseName is the last name of a directory, also of "." and "..".
func baseName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return filepath.Base(abs)
	}
	return filepath.Base(dir)
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

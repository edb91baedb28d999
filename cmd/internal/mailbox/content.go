package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// open yields the messages of a file of the file system that was opened, and takes over its closing.
func (w *walker) open(f *os.File, pl place) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("is %s, not a regular file", kind(info.Mode()))
	}
	if err != nil {
		f.Close()
		w.fail(pl.name, reason(err), "")
		return
	}
	w.openFile(newFile(f, f), info.Size(), pl)
}

// openFile yields the messages of f, and takes over its closing.
func (w *walker) openFile(shared *file, size int64, pl place) {
	defer shared.release()
	w.opened++
	pl.root = &outer{size: size, tell: w.opts.Progress}
	defer pl.root.finish()
	if size <= windowBytes {
		// One read is cheaper than several, and the messages of many small files do not keep the files open.
		if x := inMemory(shared, size); x != nil {
			defer x.release()
			w.guarded(pl, func() { w.content(source{at: x, size: size}, pl) })
			return
		}
	}
	w.guarded(pl, func() { w.content(source{at: shared, size: size}, pl) })
}

// inMemory gives the octets of a small file, or nil if it does not have that size any more.
func inMemory(f io.ReaderAt, size int64) *file {
	win := newWindow()
	if n, err := f.ReadAt(win.b[:size], 0); err != nil && err != io.EOF || int64(n) != size {
		win.release()
		return nil
	}
	return newFile(Octets(win.b[:size]), win)
}

// headBytes is how much of a file is looked at to know what it is.
const headBytes = 4096

// content yields the messages in src.
func (w *walker) content(src source, pl place) {
	if w.whole {
		w.single(src, pl)
		return
	}
	head, err := peek(&src)
	if err != nil {
		w.broken(pl, 0, err)
		return
	}
	if f := packedAs(head); f != nil {
		w.unpack(src, pl, f)
		return
	}
	switch {
	case isZip(head):
		w.zip(src, pl)
		return
	case isTar(head):
		w.tar(src, pl)
		return
	case pl.claim != IsMail && !pl.mbox && !looksLike(head, pl.claim):
		what, _ := unreadStore(head)
		if _, _, ok := emlxHead(head); (!ok || pl.claim == NotMail && !isEmlxName(pl.rel)) && (what == "" || pl.claim == NotMail) {
			w.skip(pl.name, SkippedContent)
			return
		}
	}
	if what, hint := foreign(head); what != "" {
		w.failAt(pl, "", 0, fmt.Errorf("is %s, not a message", what), hint)
		return
	}
	named := pl.mbox || isMboxName(pl.rel)
	if named && len(head) == 0 {
		return // a folder without messages
	}
	if lead, ok := mboxLead(head, named); ok {
		if endsLinesInCR(head) && (named || secondInCR(src, head)) {
			w.failAt(pl, "", 0, errors.New("is an mbox whose lines end in CR, which is not read"), "convert it first: tr '\\r' '\\n' <FILE >NEW.mbox")
			return
		}
		w.mbox(src, pl, named, lead)
		return
	}
	if _, _, ok := emlxHead(head); ok {
		if src.at == nil {
			f, size, err := spool(src.r, w.memory(), w.most(pl))
			if err != nil {
				w.broken(pl, 0, w.spoolError(err))
				return
			}
			defer f.release()
			src = source{at: f, size: size}
		}
		if w.emlx(src.at, src.size, pl, head) {
			return
		}
	}
	if named {
		w.mbox(src, pl, named, -1)
		return
	}
	w.single(src, pl)
}

// peek gives the first octets of src, which stay in it.
func peek(src *source) ([]byte, error) {
	if src.at == nil {
		br := bufio.NewReaderSize(src.r, headBytes)
		src.r = br
		head, err := br.Peek(headBytes)
		if err == io.EOF || len(head) > 0 && err != nil {
			err = nil // an error comes again when what lies before it has been read
		}
		return head, err
	}
	if o, ok := src.at.ReaderAt.(Octets); ok && src.size <= int64(len(o)) {
		return o[:min(headBytes, src.size)], nil
	}
	head := make([]byte, min(headBytes, src.size))
	n, err := src.at.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

// looksLike tells whether what begins with head is taken as mail.
func looksLike(head []byte, claim Claim) bool {
	if claim == NotMail {
		return isMail(head)
	}
	return LooksLikeMail(head)
}

// single yields src as one message.
func (w *walker) single(src source, pl place) {
	m := Message{FirstLine: 1}
	if src.at != nil {
		m.Size, m.Reader, m.hold = src.size, section(src.at, 0, src.size), src.at.retain()
	} else {
		f, size, err := spool(src.r, w.memory(), w.most(pl))
		if err != nil {
			w.broken(pl, 0, w.spoolError(err))
			return
		}
		m.Size, m.Reader, m.hold = size, section(f, 0, size), f
	}
	m.StoredSize = m.Size
	w.found1(m, pl)
}

// most is how large a message at pl may be. Only what was packed has a limit.
func (w *walker) most(pl place) int64 {
	if !pl.packed {
		return -1
	}
	return w.opts.Limits.memberBytes()
}

// spoolError gives an error of spool its name.
func (w *walker) spoolError(err error) error {
	if errors.Is(err, errTooMuch) {
		return &packError{
			id: ErrBytes, err: fmt.Errorf("is larger than %s unpacked", sizeText(w.opts.Limits.memberBytes())),
			hint: "unpack it first, or raise the limit (--archive-limit)",
		}
	}
	return err
}

// mbox yields the messages of an mbox whose first line "From " lies lead octets behind its beginning; a negative lead tells that it
// does not begin with one. An mbox that is not known by its name has to have two or more postmarks. A file with one at its beginning
// is a single message; its line is left to mimesize, which does not count it.
func (w *walker) mbox(src source, pl place, named bool, lead int) {
	s := &splitter{ctx: w.ctx, in: src.reader(), at: src.at, size: src.size, quoting: w.opts.Quoting, memory: w.memory(), most: w.most(pl), read: func(int64) {}}
	if src.at != nil && !pl.packed {
		s.read = pl.root.add
	}
	s.passing.to = w.opts.Passer
	if pl.segment != nil {
		s.passing.from, s.near = pl.segment.From, pl.segment.To+beyond
	}
	defer s.close()
	index, byOffset, cut := int64(0), w.opts.OffsetNames, lead < 0
	seg := pl.segment
	if seg != nil && seg.From > 0 {
		s.length, s.to = -1, seg.To
		if s.base = seg.At; s.base < 0 {
			// The octet before tells whether a line begins at the place.
			s.base = max(seg.From-max(seg.Back, 1), 0)
			s.mid = s.base > 0
		}
		s.in, s.line = io.NewSectionReader(src.at, s.base, src.size-s.base), 1
	} else if cut {
		if s.beginWithout() != nil {
			return
		}
	} else if err := s.begin(lead); err != nil {
		return
	} else if !named {
		s.start = 0 // as a single message it has what stands before its postmark
	}
	err := s.run(func(stop int64, last bool) bool {
		index++
		more := !w.done
		if seg != nil {
			if s.start < seg.From {
				return stop < seg.To || seg.end(s, stop)
			}
			seg.begin(s)
			more = stop < seg.To || seg.end(s, stop)
		}
		var m Message
		var err error
		switch {
		case (!named || cut) && last && index == 1 && seg == nil:
			if m, err = s.whole(stop); err != nil {
				w.broken(pl, 0, w.spoolError(err))
			} else {
				w.found1(m, pl)
			}
			return true
		default:
			m, err = s.take(stop, last)
			m.inMbox = true
			if cut && index == 1 {
				m.Notes = append(m.Notes, Note{NoteNoPostmark, "the mbox does not begin with a postmark, so its beginning may be cut off"})
			}
		}
		m.Index = index
		if byOffset {
			m.Name = numbered(pl.name, '@', s.body)
		} else {
			m.Name = numbered(pl.name, '#', index)
		}
		if seg != nil {
			m.Index, m.FirstLine = 0, m.FirstLine-seg.before
		}
		if err != nil {
			e := pl
			e.name = m.Name
			w.broken(e, s.body, w.spoolError(err))
			return more && !w.done
		}
		w.found1(m, pl)
		return more && !w.done
	})
	if seg != nil && seg.First < 0 {
		seg.Next = seg.To
	}
	if err != nil && w.ctx.Err() == nil {
		if src.at != nil && errors.Is(err, io.ErrUnexpectedEOF) {
			err = &packError{id: ErrMbox, err: errors.New("the mbox became shorter while it was read")}
		}
		var known *packError
		if !errors.As(err, &known) {
			err = fmt.Errorf("the rest of the mbox cannot be read: %w", reason(err))
		}
		at := s.base
		if s.open {
			at = s.start
		}
		w.broken(pl, at, err)
	}
}

// beyond is how much is read at first of what comes after a segment: the last message of it mostly ends there.
const beyond = 32 << 10

// numbered is the name of a message of an mbox.
func numbered(name string, sign byte, n int64) string {
	var buf [128]byte
	return string(strconv.AppendInt(append(append(buf[:0], name...), sign), n, 10))
}

// endsLinesInCR tells whether a file is one of old Macs. A first line without any end tells nothing.
func endsLinesInCR(head []byte) bool {
	return bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0
}

// secondInCR tells whether there is a second postmark in the first octets of a file whose lines end in CR.
func secondInCR(src source, head []byte) bool {
	if src.at != nil {
		head = make([]byte, min(src.size, windowBytes))
		n, _ := src.at.ReadAt(head, 0)
		head = head[:n]
	}
	for line := range bytes.SplitSeq(head[1:], []byte{'\r'}) {
		if isPostmark(line) {
			return true
		}
	}
	return false
}

// isMboxName tells whether a file is an mbox even if it holds one message.
func isMboxName(rel string) bool {
	name := unpackedName(rel)
	for _, ending := range mboxEndings {
		if _, ok := cutSuffixFold(name, ending); ok {
			return true
		}
	}
	return false
}

var mboxEndings = []string{".mbox.txt", ".mbox", ".mbx"}

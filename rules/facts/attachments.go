package facts

import (
	"bytes"
	"io"
	"strings"

	"postern/mimesize"
)

const (
	// sniffBytes are the decoded octets that a type is told from, as mimetype wants them.
	sniffBytes = 3072
	// maxSniffed bounds the attachments whose content is looked at; more than that are no attachments but an attack.
	maxSniffed = 1000
	// maxWeighed bounds the octets of all attachments that are decoded to learn whether another encoding were shorter.
	maxWeighed = 32 << 20
)

// attachment notes part i if it is an attachment.
func (c *contents) attachment(i int) {
	p, info := &c.res.Parts[i], &c.parts[i]
	if p.MediaType == "message/external-body" && !p.Embedded {
		c.externalBody(i)
	}
	if !info.attachment {
		c.unnamed(i)
		return
	}
	a := Attachment{
		Path: c.path(i), Filename: info.filename, DeclaredType: clean(p.MediaType), Disposition: info.disposition,
		Encoding: p.Encoding.String(), EncodedBytes: p.EncodedBytes, DecodedBytes: c.decodedBytes(p), Line: p.Header.Line,
		NameBidi: hasInvisible(info.filename), NamePath: hasPath(info.filename),
	}
	if a.Extension, a.DoubleExtension = extension(info.filename); info.filename == "" {
		a.Extension = programOfType(p.MediaType)
	}
	if p.Children == 0 && p.Encoding != mimesize.EncodingUnknown && !strings.HasPrefix(p.MediaType, "message/") {
		c.look(p, &a)
	}
	if p.Embedded {
		c.f.Embedded = append(c.f.Embedded, a)
		return
	}
	c.f.Attachments = append(c.f.Attachments, a)
	s := &c.f.Size
	s.AttachmentsBytes += a.EncodedBytes
	s.LargestAttachment = max(s.LargestAttachment, a.EncodedBytes)
	if a.DecodedBytes != nil {
		s.LargestDecodedBytes = max(s.LargestDecodedBytes, *a.DecodedBytes)
	}
}

// look fills in what the content tells.
func (c *contents) look(p *mimesize.Part, a *Attachment) {
	if c.without&Inside != 0 && c.without&Archived != 0 {
		return
	}
	head := c.head(p)
	n := len(head)
	if n == 0 {
		return
	}
	if c.without&Archived == 0 {
		c.archived(p, a, head)
	}
	if c.without&Inside != 0 || len(c.f.Attachments)+len(c.f.Embedded) >= maxSniffed {
		return
	}
	a.SniffedType, _, _ = strings.Cut(lib.MediaType(head), ";")
	// General-purpose bit 0 of the first local file header (APPNOTE.TXT section 4.4.4).
	a.EncryptedZip = n > 6 && bytes.HasPrefix(head, []byte("PK\x03\x04")) && head[6]&1 != 0
	c.weigh(p, a, head)
}

// head gives the first sniffBytes decoded octets of a part. They are valid until the next octets of a part are read.
func (c *contents) head(p *mimesize.Part) []byte {
	switch n := min(p.Body.Length, sniffBytes/3*4+sniffBytes/8); p.Encoding {
	case mimesize.EncodingBase64:
		// Line ends and a little more do not make it longer than this.
		c.encoded, c.encodedOf = c.readAt(c.encoded[:0], p.Body.Offset, n), nil
		c.body = appendBase64(c.body[:0], c.encoded)
		if n == p.Body.Length || len(c.body) >= sniffBytes+3 { // the last group may go on
			return c.body[:min(len(c.body), sniffBytes)]
		}
	case mimesize.EncodingQuotedPrintable:
		if p.Body.Length <= maxAtOnce {
			b := c.decodedAtOnce(p)
			return b[:min(len(b), sniffBytes)]
		}
	default:
		c.body = c.readAt(c.body[:0], p.Body.Offset, min(p.Body.Length, sniffBytes))
		return c.body
	}
	if cap(c.body) < sniffBytes {
		c.body = make([]byte, sniffBytes)
	}
	got, _ := io.ReadFull(c.decoded(p), c.body[:sniffBytes])
	return c.body[:got]
}

// maxAtOnce bounds the octets of a body that are decoded at once: what reads a longer one in pieces costs more to make than that.
const maxAtOnce = 32 << 10

// decodeTo writes the part's body without its transfer encoding.
func (c *contents) decodeTo(w io.Writer, p *mimesize.Part) {
	if p.Body.Length > maxAtOnce {
		_, _ = io.Copy(w, c.decoded(p))
		return
	}
	_, _ = w.Write(c.decodedAtOnce(p))
}

// decodedAtOnce gives the decoded body of a part that has base64 or quoted-printable and at most maxAtOnce octets. It is valid until
// the next octets of a part are read.
func (c *contents) decodedAtOnce(p *mimesize.Part) []byte {
	c.encoded, c.encodedOf = c.readAt(c.encoded[:0], p.Body.Offset, p.Body.Length), nil
	if p.Encoding == mimesize.EncodingBase64 {
		c.body = appendBase64(c.body[:0], c.encoded)
	} else {
		c.body = appendQP(c.body[:0], c.encoded, c.eol)
	}
	return c.body
}

// decoded gives the part's body without its transfer encoding.
func (c *contents) decoded(p *mimesize.Part) io.Reader {
	return transferReader(p.Encoding, c.eol, io.NewSectionReader(c.r, p.Body.Offset, p.Body.Length))
}

// weigh counts what the attachment would be in the other transfer encoding, exactly, where the first octets make it likely
// that it would be smaller.
func (c *contents) weigh(p *mimesize.Part, a *Attachment, head []byte) {
	var other int64
	var name mimesize.Encoding
	switch p.Encoding {
	case mimesize.EncodingBase64:
		// Only of text: quoted-printable of anything else is asking for damaged line ends.
		if !strings.HasPrefix(p.MediaType, "text/") || likelyQP(head) > 1.3 || !c.spend(p) {
			return
		}
		var count mimesize.QPCounter
		c.decodeTo(&count, p)
		other, name = count.Size(), mimesize.EncodingQuotedPrintable
	case mimesize.EncodingQuotedPrintable:
		if p.EncodedBytes < p.DecodedBytes+p.DecodedBytes/3 || !c.spend(p) {
			return
		}
		// In base64 text has CRLF line ends (RFC 2045 section 6.8).
		var lf newlines
		c.decodeTo(&lf, p)
		other, name = mimesize.Base64Size(p.DecodedLFBytes+lf.n, mimesize.CRLF), mimesize.EncodingBase64
	default:
		return
	}
	if saved := p.EncodedBytes - other; saved > 0 && saved >= p.EncodedBytes/10 {
		a.Wasteful, a.SavedBytes = name.String(), saved
	}
}

// spend tells whether the part may be decoded as a whole, and counts it if so.
func (c *contents) spend(p *mimesize.Part) bool {
	if c.weighed+p.Body.Length > maxWeighed {
		return false
	}
	c.weighed += p.Body.Length
	return true
}

// newlines counts LF.
type newlines struct{ n int64 }

func (l *newlines) Write(p []byte) (int, error) {
	l.n += int64(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}

// likelyQP estimates how many octets of quoted-printable an octet becomes.
func likelyQP(head []byte) float64 {
	n := 0
	for _, b := range head {
		if b > '~' || b == '=' || b < ' ' && b != '\n' && b != '\r' && b != '\t' {
			n += 2
		}
	}
	return 1 + float64(n)/float64(len(head))
}

// documents are extensions that a second one is hung on to make a program look like one: "invoice.pdf.exe".
var documents = words("pdf,doc,docx,docm,rtf,odt,ods,odp,xls,xlsx,xlsm,csv,ppt,pptx,txt,htm,html,xml,eml,msg,jpg,jpeg,png,gif,bmp,tif,tiff," +
	"webp,svg,mp3,mp4,avi,mov,wav,zip,rar,7z,gz,tgz,tar,iso")

// wrappers are second extensions that only say how the first is packed or signed: "a.tar.gz".
var wrappers = words("gz,bz2,xz,zst,z,asc,sig,p7s,p7m,gpg,pgp,md5,sha1")

// extension gives the last extension in lower case, and tells whether a document's stands before it. Both extensions of a
// double one have 1 to 5 letters or digits.
func extension(name string) (ext string, double bool) {
	// Windows drops dots and blanks at the end of a name, and invisible characters are not seen: "a.exe. " runs as a.exe.
	if !isASCII(name) {
		name = strings.Map(func(r rune) rune {
			if isInvisible(r) {
				return -1
			}
			return r
		}, name)
	}
	name = strings.TrimRight(name, ". ")
	i := strings.LastIndexByte(name, '.')
	if i < 0 || strings.ContainsAny(name[i:], `/\ `) {
		return "", false
	}
	ext = strings.ToLower(name[i+1:])
	// Blanks between the two push the last one out of sight: "invoice.pdf      .exe".
	rest := strings.TrimRight(name[:i], " _")
	j := strings.LastIndexByte(rest, '.')
	if j < 1 || !shortExtension(ext) {
		return ext, false
	}
	return ext, documents.has(strings.ToLower(rest[j+1:])) && !wrappers.has(ext)
}

func shortExtension(s string) bool {
	if len(s) == 0 || len(s) > 5 {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

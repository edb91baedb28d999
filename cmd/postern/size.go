package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sort"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules/facts"
)

func sizeCommand() *cli.Command {
	return &cli.Command{
		Name:      "size",
		Usage:     "show where a message's octets go, or what another file becomes as an attachment",
		ArgsUsage: "FILE|-...",
		Flags: append(configFlags(), formatFlag(), colorFlag(),
			&cli.StringFlag{Name: "as", Usage: "take the files as `KIND`: message or file; by default a file that begins with a mail header is a message",
				Action: oneOf("as", "message", "file")},
		),
		Action: size,
	}
}

// The three readings of "40 MB" on Pair's page. Which one the server means only its own SIZE announcement tells.
var readings = []report.Fit{
	{LimitBytes: 40_000_000, Reading: "40 MB as 40 x 1,000,000"},
	{LimitBytes: 40_960_000, Reading: "40 MB as 40 x 1,024,000"},
	{LimitBytes: 41_943_040, Reading: "40 MB as 40 x 1,048,576"},
}

// becomeMultipart is what it costs about to make a message of one part a multipart: a Content-Type with a boundary, the
// boundary line and the separator of what was the body, and the closing boundary.
var becomeMultipart = mimesize.Overhead{Octets: 160, Lines: 5}

// minimalHeaderBytes is the header of the message that mimesize.MinimalMessageBytes describes, its separator included.
const minimalHeaderBytes = 272

// sizer measures files.
type sizer struct {
	limits  []report.Fit
	as      string
	scanner mimesize.Scanner
	large   bool // some file was so large that the limit matters
}

func size(c *cli.Context) error {
	list, err := somePaths(c)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(c, list[0])
	if err != nil {
		return err
	}
	z := &sizer{limits: readings, as: c.String("as")}
	if n := cfg.ServerSize; n > 0 {
		z.limits = []report.Fit{{LimitBytes: n, Reading: "SIZE of your server, from the configuration"}}
	}
	out := bufio.NewWriter(c.App.Writer)
	p := printer(out, c.App.Writer, c.String("color"))
	var all []report.Size
	var failed []error
	json := c.String("format") == "json"
	first := true
	for _, path := range list {
		err := z.path(c.Context, path, c.App.Reader, func(s *report.Size) {
			if json {
				all = append(all, *s)
				return
			}
			if !first {
				p.Line("")
			}
			first = false
			p.Size(s)
		})
		if err != nil {
			failed = append(failed, err)
		}
	}
	if json {
		err = report.WriteSizesJSON(out, all)
	} else {
		if z.large {
			p.Line("")
			p.About35MB(mimesize.LargestAttachment(readings[0].LimitBytes, mimesize.CRLF, "data.bin"),
				mimesize.LargestAttachment(readings[len(readings)-1].LimitBytes, mimesize.CRLF, "data.bin"))
		}
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	return unread(failed)
}

// unread is the error of a command that could not read some of its files.
func unread(failed []error) error {
	if len(failed) == 0 {
		return nil
	}
	return &gate.Error{Cause: gate.Unjudged, Err: errors.Join(failed...)}
}

// path measures one file, or each message of an mbox.
func (z *sizer) path(ctx context.Context, path string, stdin io.Reader, emit func(*report.Size)) error {
	m, err := mailbox.Open(ctx, path, stdin)
	if err != nil {
		return err
	}
	defer m.Close()
	head := make([]byte, 4096)
	n, err := m.Reader.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return &mailbox.Error{Name: m.Name, Err: err}
	}
	if z.as == "file" || z.as == "" && !mailbox.LooksLikeMail(head[:n]) {
		f, err := z.file(&m)
		if err != nil {
			return &mailbox.Error{Name: m.Name, Err: err}
		}
		emit(&report.Size{Name: m.Name, Kind: "file", File: f})
		return nil
	}
	for one, err := range mailbox.Split(ctx, m) {
		if err != nil {
			return err
		}
		s, err := z.message(&one)
		one.Close()
		if err != nil {
			return &mailbox.Error{Name: one.Name, Err: err}
		}
		emit(&report.Size{Name: one.Name, Kind: "message", Message: s})
	}
	return nil
}

// message measures a message.
func (z *sizer) message(m *mailbox.Message) (*report.MessageSize, error) {
	f, err := measure.Facts(&z.scanner, m, nil, facts.Options{})
	if err != nil {
		return nil, err
	}
	s := &report.MessageSize{
		StoredBytes: f.Size.StoredBytes, WireBytes: f.Size.WireBytes, DataBytes: f.Size.DataBytes, LFBytes: f.Size.LFBytes,
		HeaderBytes: f.Size.HeaderBytes, SeparatorBytes: f.Size.SeparatorBytes, BodyBytes: f.Size.BodyBytes,
		OverheadBytes: f.Size.OverheadBytes, Parts: []report.PartSize{},
	}
	names := map[string]string{}
	for _, list := range [][]facts.Attachment{f.Attachments, f.Embedded} {
		for _, a := range list {
			names[a.Path] = a.Filename
		}
	}
	multipart := false
	for i, p := range f.Parts {
		if i > 0 {
			s.PartHeaderBytes += p.HeaderBytes
		}
		if p.Children > 0 {
			multipart = multipart || i == 0
			continue
		}
		s.Parts = append(s.Parts, report.PartSize{
			Path: p.Path, MediaType: p.MediaType, Filename: names[p.Path], Encoding: p.Encoding,
			EncodedBytes: p.EncodedBytes, DecodedBytes: p.DecodedBytes, Share: share(p.EncodedBytes, f.Size.WireBytes),
		})
	}
	for _, p := range f.Problems {
		if len(p.ID) > 6 && p.ID[:6] == "limit." {
			s.Truncated = true
		}
	}
	part := mimesize.PartOverhead("data.bin")
	if !multipart {
		part.Octets += becomeMultipart.Octets
		part.Lines += becomeMultipart.Lines
	}
	ended := f.Size.DataBytes - f.Size.WireBytes // the line end that the last line lacks
	for _, fit := range z.limits {
		fit.RFC1870 = room(fit.LimitBytes, f.Size.DataBytes, mimesize.CRLF, part)
		fit.BodyOnly = room(fit.LimitBytes, f.Size.BodyBytes+ended, mimesize.CRLF, part)
		fit.StoredLF = room(fit.LimitBytes, f.Size.LFBytes, mimesize.LF, part)
		s.Limits = append(s.Limits, fit)
	}
	z.large = z.large || f.Size.DataBytes > readings[0].LimitBytes/2
	return s, nil
}

// room is what a limit leaves for one more attachment.
func room(limit, counted int64, eol int, part mimesize.Overhead) report.Room {
	return report.Room{CountedBytes: counted, LeftBytes: limit - counted, LargestFileBytes: mimesize.LargestInMessage(limit, counted, eol, part)}
}

// file measures what is not a message.
func (z *sizer) file(m *mailbox.Message) (*report.FileSize, error) {
	crlf, lf := mimesize.QPCounter{EOL: mimesize.CRLF}, mimesize.QPCounter{EOL: mimesize.LF}
	var text textCheck
	if _, err := io.Copy(io.MultiWriter(&crlf, &lf, &text), io.NewSectionReader(m.Reader, 0, m.Size)); err != nil {
		return nil, err
	}
	f := &report.FileSize{StoredBytes: m.Size, Text: text.ok() && m.Size > 0}
	f.Encodings = append(f.Encodings, z.encoded("base64", m.Name, mimesize.Base64Size(m.Size, mimesize.CRLF), mimesize.Base64Size(m.Size, mimesize.LF)))
	if f.Text {
		f.Encodings = append(f.Encodings, z.encoded("quoted-printable", m.Name, crlf.Size(), lf.Size()))
	}
	sort.SliceStable(f.Encodings, func(i, j int) bool { return f.Encodings[i].CRLFBytes < f.Encodings[j].CRLFBytes })
	z.large = z.large || m.Size > readings[0].LimitBytes/2
	return f, nil
}

// encoded holds an encoded file of one name against the limits.
func (z *sizer) encoded(encoding, name string, crlf, lf int64) report.Encoded {
	name = attachmentName(name)
	over := mimesize.MessageOverhead(name)
	e := report.Encoded{Encoding: encoding, CRLFBytes: crlf, LFBytes: lf, MessageBytes: crlf + over.Size(mimesize.CRLF)}
	whole := func(limit, counted int64, eol int, reserve int64) report.Room {
		return report.Room{CountedBytes: counted, LeftBytes: limit - counted, LargestFileBytes: mimesize.LargestAttachment(limit+reserve, eol, name)}
	}
	for _, fit := range z.limits {
		fit.RFC1870 = whole(fit.LimitBytes, e.MessageBytes, mimesize.CRLF, 0)
		fit.BodyOnly = whole(fit.LimitBytes, e.MessageBytes-minimalHeaderBytes, mimesize.CRLF, minimalHeaderBytes)
		fit.StoredLF = whole(fit.LimitBytes, lf+over.Size(mimesize.LF), mimesize.LF, 0)
		e.Limits = append(e.Limits, fit)
	}
	return e
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

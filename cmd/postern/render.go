package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/preview"
	"postern/cmd/internal/template"
	"postern/rules/facts"
)

func renderCommand() *cli.Command {
	return &cli.Command{
		Name:      "render",
		Usage:     "print the message that a template makes, octet for octet as it is judged",
		ArgsUsage: "FILE",
		Flags: append([]cli.Flag{
			dataFlag(),
			&cli.StringFlag{Name: "part", Usage: "print only the body of that `KIND`, decoded: html or text", Action: oneOf("part", "html", "text")},
			&cli.BoolFlag{Name: "all", Usage: "write the messages of all samples, into the directory of --out"},
			&cli.StringFlag{Name: "out", Usage: "`DIRECTORY` for --all"},
		}, configFlags()...),
		Action: render,
	}
}

func dataFlag() cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: "take the sample `FILE`, where a template has several"}
}

// messagesOf gives the messages that stand for the file of the command line: those of its samples, or of the one that --data names,
// or the file itself where postern.yaml does not know it.
func messagesOf(c *cli.Context, t *templates) ([]mailbox.Message, error) {
	list, err := somePaths(c)
	switch {
	case err != nil:
		return nil, err
	case len(list) > 1:
		return nil, gate.Usagef("call it once for each", "%s takes one file", c.Command.HelpName)
	case list[0] == mailbox.Stdin:
		return nil, gate.Usagef("name a file", "a template is not read from standard input")
	}
	units := t.of(list[0])
	if data := c.String("data"); data != "" {
		rel, _ := t.below(data)
		var own []int
		var names []string
		for _, i := range units {
			if t.units[i].Data == rel && rel != "" {
				own = append(own, i)
			}
			if t.units[i].Data != "" {
				names = append(names, t.show(t.units[i].Data))
			}
		}
		if len(own) == 0 {
			hint := "add it to data in postern.yaml"
			if len(names) > 0 {
				hint += "; there are " + strings.Join(names, ", ")
			}
			return nil, gate.Usagef(hint, "%s is no sample of %s", data, list[0])
		}
		units = own
	}
	var out []mailbox.Message
	for _, i := range units {
		out = append(out, t.message(i))
	}
	if len(out) > 0 {
		return out, nil
	}
	m, err := mailbox.Open(c.Context, list[0], nil)
	if err != nil {
		return nil, unread([]error{err})
	}
	return []mailbox.Message{m}, nil
}

// oneMessage refuses a choice that the user has to make.
func oneMessage(list []mailbox.Message, hint string) error {
	if len(list) == 1 {
		return nil
	}
	var names []string
	for i, m := range list {
		if i == 10 {
			names = append(names, "...")
			break
		}
		names = append(names, m.Name)
	}
	return gate.Usagef(hint, "there are %d messages: %s", len(list), strings.Join(names, ", "))
}

// octets gives the octets of a message, which is rendered if it is a template.
func (j *judge) octets(ctx context.Context, m *mailbox.Message) ([]byte, error) {
	var opts facts.Options
	if _, err := j.prepare(ctx, m, &opts); err != nil {
		if errors.Is(err, errNoTemplate) {
			err = &mailbox.Error{Name: m.Name, Err: err, Hint: templateHint(err)}
		}
		var data *template.DataError
		if errors.As(err, &data) {
			return nil, &gate.Error{Cause: gate.Config, Err: err, Hint: templateHint(err)}
		}
		return nil, &gate.Error{Cause: gate.Unjudged, Err: err, Hint: templateHint(err)}
	}
	b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
	if err != nil {
		return nil, &gate.Error{Cause: gate.Unjudged, Err: err}
	}
	return b, nil
}

func render(c *cli.Context) error {
	dir, all, part := c.String("out"), c.Bool("all"), c.String("part")
	if all != (dir != "") {
		return gate.Usagef("postern render --all --out DIRECTORY FILE", "--all and --out go together")
	}
	cfg, err := loadConfig(c, c.Args().First())
	if err != nil {
		return err
	}
	t, err := newTemplates(cfg)
	if err != nil {
		return err
	}
	defer t.renderer.Close()
	list, err := messagesOf(c, t)
	if err != nil {
		return err
	}
	defer func() {
		for i := range list {
			list[i].Close()
		}
	}()
	if !all {
		if err := oneMessage(list, "choose one with --data FILE, or write all with --all --out DIRECTORY"); err != nil {
			return err
		}
	}
	j := &judge{templates: t, recognise: true}
	var failed []error
	for i := range list {
		b, err := j.octets(c.Context, &list[i])
		if err == nil {
			b, err = bodyOf(b, part, list[i].Name)
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if !all {
			if _, err := c.App.Writer.Write(b); err != nil {
				return cannotWrite(err)
			}
			continue
		}
		name := filepath.Join(dir, fileName(list[i].Name, part))
		err = os.MkdirAll(dir, 0o777)
		if err == nil {
			err = os.WriteFile(name, b, 0o666)
		}
		if err != nil {
			return &gate.Error{Cause: gate.Internal, Err: err}
		}
	}
	if len(failed) == 1 {
		return failed[0]
	}
	if len(failed) > 1 {
		return &gate.Error{Cause: gate.Unjudged, Err: errors.Join(failed...)}
	}
	return nil
}

// bodyOf gives a body of a message, or the message itself for "".
func bodyOf(b []byte, part, name string) ([]byte, error) {
	if part == "" {
		return b, nil
	}
	m := preview.Read(b)
	switch {
	case part == "html" && m.HasHTML:
		return m.HTML, nil
	case part == "text" && m.HasText:
		return m.Text, nil
	}
	return nil, gate.Errorf(gate.Unjudged, "", "%s has no %s part", name, part)
}

// fileName makes the name of a message fit for a file.
func fileName(name, part string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\' || r == ' ':
			return '_'
		case r < ' ' || strings.ContainsRune(`[]<>:"|?*`, r):
			return -1
		}
		return r
	}, filepath.ToSlash(name))
	ext := ".eml"
	if part != "" {
		ext = map[string]string{"html": ".html", "text": ".txt"}[part]
	}
	return fmt.Sprintf("%s%s", strings.TrimLeft(name, "._"), ext)
}

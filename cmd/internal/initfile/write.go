package initfile

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/config"
)

// Answers are what the file is made of. Only what is set is written as a value; everything else stands in the file as a
// comment with an example.
type Answers struct {
	Provider     string // "pair" (also ""), or "none"
	Username     string
	Created      string // YYYY-MM-DD
	Plan         string
	ServerNumber int
	Domains      []string
	Addresses    []string
	// Host, Port and TLS are those of the submission server. Without a Host it is the one that the account has, if username
	// and date, or the server number of an old account, tell it. Without Port and TLS they are 465 and implicit.
	Host       string
	Port       int
	TLS        string
	ServerSize int64
	// Now is the clock that dates are checked against; the zero value is the time of the call.
	Now time.Time
}

// newHostsFrom is the first day whose accounts submit to username.mail.pairserver.com.
const newHostsFrom = "2011-06-01"

//go:embed postern.yaml.tmpl
var text string

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New(config.FileName).Funcs(template.FuncMap{"yaml": scalar}).Parse(text))
})

// Write writes postern.yaml. An error about an answer is of type config.Errors and names the key; nothing is written then.
func Write(w io.Writer, a Answers) error {
	if a.Now.IsZero() {
		a.Now = time.Now()
	}
	if a.Provider == "" {
		a.Provider = "pair"
	}
	// These two are written as they are; a line end in them would be a key of its own.
	for _, x := range [][2]string{{"provider", a.Provider}, {"account.created", a.Created}} {
		key, value := x[0], x[1]
		if value == "" {
			continue
		}
		if err := config.Check(key, value, a.Now); err != nil {
			var bad *config.Error
			if errors.As(err, &bad) {
				return config.Errors{bad}
			}
			return err
		}
	}
	if a.Host == "" && a.Provider == "pair" {
		a.Host = host(a)
	}
	if a.Host != "" && a.TLS == "" {
		a.TLS = map[int]string{0: "implicit", 465: "implicit"}[a.Port]
		if a.TLS == "" {
			a.TLS = "starttls"
		}
	}
	if a.Host != "" && a.Port == 0 {
		if a.Port = 465; a.TLS == "starttls" {
			a.Port = 587
		}
	}
	var b bytes.Buffer
	err := page().Execute(&b, struct {
		Answers
		Account bool
	}{a, a.Username+a.Created+a.Plan != "" || a.ServerNumber != 0 || len(a.Domains)+len(a.Addresses) > 0})
	if err != nil {
		return fmt.Errorf("make %s: %w", config.FileName, err)
	}
	if _, err := config.Parse(config.FileName, b.Bytes(), a.Now); err != nil {
		var bad config.Errors
		if errors.As(err, &bad) {
			for _, e := range bad {
				e.File, e.Line = "", 0 // of a text that nobody has seen
			}
		}
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", config.FileName, err)
	}
	return nil
}

// host is the account's submission host as far as the answers tell it, "" if they do not.
func host(a Answers) string {
	switch {
	case a.Created == "":
	case a.Created < newHostsFrom && a.ServerNumber > 0:
		return fmt.Sprintf("mail%d.pair.com", a.ServerNumber)
	case a.Created >= newHostsFrom && a.Username != "":
		return a.Username + ".mail.pairserver.com"
	}
	return ""
}

// scalar writes a text so that YAML reads the same text back.
func scalar(s string) (string, error) {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	b, err := yaml.Marshal(&n)
	return strings.TrimSuffix(string(b), "\n"), err
}

package initfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/quote"
)

const (
	maxAnswer = 4096 // octets of one answer
	maxTries  = 10   // of one question; a program that answers wrongly for ever must not be asked for ever
)

// question asks for one key.
type question struct {
	key      string
	text     string
	optional bool
	list     bool
	wanted   func(*Answers) bool // false when the answer is there or does not matter
	put      func(*Answers, []string)
}

var questions = []question{
	{key: "provider", text: "Whose rules apply, pair or none?", wanted: func(a *Answers) bool { return a.Provider == "" },
		put: func(a *Answers, v []string) { a.Provider = v[0] }},
	{key: "account.username", text: "Username of the account, as you log in to the ACC?", wanted: func(a *Answers) bool { return pair(a) && a.Username == "" },
		put: func(a *Answers, v []string) { a.Username = v[0] }},
	{key: "account.created", text: "Day on which the account was created, year-month-day?", optional: true,
		wanted: func(a *Answers) bool { return pair(a) && a.Created == "" }, put: func(a *Answers, v []string) { a.Created = v[0] }},
	{key: "account.server_number", text: "Mail server number, NNN in mailNNN.pair.com (the ACC shows it with each mailbox)?", optional: true,
		wanted: func(a *Answers) bool { return pair(a) && a.ServerNumber == 0 && a.Created < newHostsFrom },
		put:    func(a *Answers, v []string) { a.ServerNumber, _ = strconv.Atoi(v[0]) }},
	{key: "account.domains", text: "Your domains, separated by blanks?", optional: true, list: true,
		wanted: func(a *Answers) bool { return len(a.Domains) == 0 }, put: func(a *Answers, v []string) { a.Domains = v }},
	{key: "account.addresses", text: "Single addresses that are yours at other domains, separated by blanks?", optional: true, list: true,
		wanted: func(a *Answers) bool { return len(a.Addresses) == 0 }, put: func(a *Answers, v []string) { a.Addresses = v }},
	{key: "server_size", text: "Octets that the server's EHLO shows as SIZE?", optional: true,
		wanted: func(a *Answers) bool { return a.ServerSize == 0 }, put: func(a *Answers, v []string) { a.ServerSize, _ = strconv.ParseInt(v[0], 10, 64) }},
}

func pair(a *Answers) bool { return a.Provider == "pair" }

// Ask asks on out for what a does not have and reads the answers from in, a line each. An answer is checked as package config
// checks the key; a bad one is explained and the question put again. An empty line is no answer; what is optional is then
// left out. When in ends before the last question is answered, that is an error, and a holds the answers up to there.
func Ask(in io.Reader, out io.Writer, a *Answers) error {
	r := bufio.NewReaderSize(in, maxAnswer)
	now := a.Now
	if now.IsZero() {
		now = time.Now()
	}
	for i := range questions {
		q := &questions[i]
		if !q.wanted(a) {
			continue
		}
		values, err := q.ask(r, out, now)
		if err != nil {
			return err
		}
		if len(values) > 0 {
			q.put(a, values)
		}
	}
	return nil
}

func (q *question) ask(r *bufio.Reader, out io.Writer, now time.Time) ([]string, error) {
	for range maxTries {
		prompt := q.text
		switch {
		case q.key == "provider":
			prompt += " [pair]"
		case q.optional:
			prompt += " (empty: leave out)"
		}
		if _, err := fmt.Fprint(out, prompt+" "); err != nil {
			return nil, fmt.Errorf("ask for %s: %w", q.key, err)
		}
		line, err := readLine(r)
		switch {
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("the input ended before %s was answered", q.key)
		case errors.Is(err, bufio.ErrBufferFull):
			if _, err := fmt.Fprintf(out, "  an answer has at most %d octets\n", maxAnswer-1); err != nil {
				return nil, fmt.Errorf("ask for %s: %w", q.key, err)
			}
			continue
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", q.key, err)
		}
		values, problem := q.values(line, now)
		if problem == "" {
			return values, nil
		}
		if _, err := fmt.Fprintf(out, "  %s\n", problem); err != nil {
			return nil, fmt.Errorf("ask for %s: %w", q.key, err)
		}
	}
	return nil, fmt.Errorf("%s: no usable answer in %d tries", q.key, maxTries)
}

// values takes an answer apart; problem says what is wrong with it.
func (q *question) values(line string, now time.Time) (values []string, problem string) {
	values = []string{strings.TrimSpace(line)}
	if q.list {
		values = strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == ';' })
	}
	if len(values) == 0 || values[0] == "" {
		switch {
		case q.key == "provider":
			return []string{"pair"}, ""
		case q.optional:
			return nil, ""
		}
		return nil, "this is needed"
	}
	seen := map[string]bool{}
	for _, v := range values {
		if err := config.Check(q.key, v, now); err != nil {
			var e *config.Error
			if errors.As(err, &e) {
				return nil, e.Message + " (" + e.Remedy + ")"
			}
			return nil, err.Error()
		}
		if k := strings.ToLower(v); seen[k] {
			return nil, `"` + quote.Short(v, 60) + `" is named twice`
		} else {
			seen[k] = true
		}
	}
	return values, ""
}

// readLine reads a line without its end. The last line needs none. A line that is too long is read to its end and is then
// bufio.ErrBufferFull.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err != nil {
			return "", err
		}
		return "", bufio.ErrBufferFull
	}
	if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

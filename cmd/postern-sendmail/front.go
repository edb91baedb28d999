//go:build unix

package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/decisions"
	"postern/cmd/internal/front"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/locate"
	"postern/cmd/internal/sendmail"
	"postern/rules/facts"
)

// handover is one message on its way.
type handover struct {
	name    string   // what this program counts as: sendmail or postern-sendmail
	args    []string // after the name
	environ []string
	now     time.Time
	full    string // the whole program

	entry  *front.Entry
	asked  *sendmail.Args
	real   sendmail.Program
	log    *decisions.Log
	raw    *sendmail.Raw // once standard input is being read
	whole  bool          // all of it has been read
	place  place         // of the message in a ledger, nil if none counts it
	answer sendmail.Answerer
}

func newFront() *handover {
	h := &handover{name: "sendmail", environ: os.Environ(), now: time.Now(), answer: sendmail.Answerer{Stdout: os.Stdout, Stderr: os.Stderr}}
	if len(os.Args) > 0 {
		h.args = os.Args[1:]
		if filepath.Base(os.Args[0]) == "postern-sendmail" {
			h.name = "postern-sendmail"
		}
	}
	return h
}

// run gives the exit status. It returns only if another program could not take the place of this one, or none is needed.
func (h *handover) run() int {
	id, bad := h.find()
	if bad != nil {
		return h.refuse(bad)
	}
	why, bad := h.try(id)
	if uncounted := h.giveBack(); bad == nil {
		bad = uncounted
	}
	if bad != nil {
		return h.refuse(bad)
	}
	return h.refuse(h.leave(why))
}

// refuse tells the caller why the message is not taken, in the words of the whole program.
func (h *handover) refuse(bad *sendmail.Error) int {
	// A reader of our messages that has gone away is no reason to end by a signal.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return h.answer.Error(bad)
}

// try hands a clean message to the real sendmail. It returns why the whole program is to be asked, or an answer that needs no rules.
func (h *handover) try(full cache.FileID) (why *front.Doubt, bad *sendmail.Error) {
	defer func() {
		if r := recover(); r != nil {
			why, bad = &front.Doubt{Reason: fmt.Sprintf("internal error: %v", r)}, nil
		}
	}()
	if why := h.prepare(full); why != nil {
		return why, nil
	}
	message, bad := h.take()
	if bad != nil || message == nil {
		return &front.Doubt{Reason: "the message cannot be kept"}, bad
	}
	env, f, why := h.judge(message)
	if why == nil && h.counts() {
		why, bad = h.count(f, env)
	}
	if why != nil || bad != nil {
		return why, bad
	}
	return h.send(message, env)
}

// prepare does everything that can be done before the message is read.
func (h *handover) prepare(full cache.FileID) *front.Doubt {
	doubt := func(format string, args ...any) *front.Doubt {
		return &front.Doubt{Reason: fmt.Sprintf(format, args...)}
	}
	vars := locate.Variables(h.environ, "POSTERN_CONFIG", "HOME", "XDG_CONFIG_HOME")
	file, rest := "", h.args
	if h.name == "postern-sendmail" {
		var bad *sendmail.Error
		if file, rest, bad = sendmail.OwnFlags(h.args); bad != nil {
			return doubt("%v", bad)
		}
	}
	file, problem := locate.Find(".", file, vars)
	if problem != nil {
		return doubt("%s: %s", problem.File, problem.Message)
	}
	var why *front.Doubt
	if h.entry, why = front.Load(h.environ, file, full, h.now); why != nil {
		return why
	}
	if h.counts() && reserve == nil {
		return doubt("a ledger counts what is sent")
	}
	set := &h.entry.Settings
	asked, bad := sendmail.Parse(rest, set.Allow)
	if bad != nil {
		return doubt("%v", bad)
	}
	if asked.Mode != "" {
		return doubt("the mode %s takes no message", asked.Mode)
	}
	if asked.Sender == nil && set.Sender == "" {
		return doubt("the sender has to be made of the user's name")
	}
	h.asked = asked
	h.real = sendmail.Program{Path: set.Path, Args: set.Args, Environment: set.Environment}
	if bad := h.real.Check(h.environ); bad != nil {
		return doubt("%v", bad)
	}
	if id, err := cache.Identify(set.Path); err != nil || id == full {
		return doubt("the real sendmail is postern itself")
	}
	if set.Log != "" {
		dir := filepath.Dir(file)
		name, key := locate.Path(dir, set.Log), locate.Path(dir, set.Log)+".key"
		if set.LogKey != "" {
			key = locate.Path(dir, set.LogKey)
		}
		log, err := decisions.Open(name, key, set.LogAddresses)
		if err != nil {
			return doubt("%v", err)
		}
		h.log = log
	}
	return nil
}

// take reads the message. It gives none if nothing has been read yet and nothing could be kept of it.
func (h *handover) take() (*sendmail.Message, *sendmail.Error) {
	raw, err := sendmail.NewRaw(os.Stdin)
	if err != nil {
		return nil, nil
	}
	h.raw = raw
	set := &h.entry.Settings
	m, bad := sendmail.Read(raw, sendmail.Options{IgnoreDots: h.asked.IgnoreDots, Normalize: set.LineEnds == "normalize", MaxOctets: set.MaxOctets})
	if storage := raw.Err(); storage != nil {
		return nil, storage
	}
	h.whole = bad == nil
	return m, bad
}

const lacking = "the message has a form that only the whole program reads"

// judge tells who gets the message if it is certain that no rule finds anything in it, those on what was sent before left aside.
func (h *handover) judge(m *sendmail.Message) (env sendmail.Envelope, f *facts.Facts, why *front.Doubt) {
	doubt := func(format string, args ...any) *front.Doubt {
		return &front.Doubt{Reason: fmt.Sprintf(format, args...)}
	}
	set := &h.entry.Settings
	env, bad := h.asked.Resolve(m, sendmail.Defaults{Sender: set.Sender, Domain: set.Domain})
	switch {
	case facts.Lacking():
		return env, nil, doubt(lacking)
	case bad != nil:
		return env, nil, doubt("%v", bad)
	}
	f, bad = m.Facts(env, sendmail.WebScript(set.WebScript, h.environ), h.entry.Facts(h.now))
	switch {
	case facts.Lacking():
		return env, nil, doubt(lacking)
	case bad != nil:
		return env, nil, doubt("%v", bad)
	case f.Kind != facts.KindMessage || f.Opaque || f.SchemaVersion != facts.SchemaVersion:
		return env, nil, doubt("these are no facts of a message")
	}
	return env, f, h.clean(f, h.entry.Rules)
}

// clean tells which of the rules may find something; nil if it is certain that none does.
func (h *handover) clean(f *facts.Facts, rules []int32) *front.Doubt {
	may := h.may(f, rules)
	if facts.Lacking() { // what only the text shows is made when a guard reads it
		return &front.Doubt{Reason: lacking}
	}
	for _, i := range may {
		return &front.Doubt{Reason: fmt.Sprintf("the rule %s may find something", h.entry.Guards.Rules[i].Name)}
	}
	return nil
}

// may gives those of the rules that may find something that counts, by their index in the guards. What the real sendmail will write
// itself does not, see sendmail.Writes.
func (h *handover) may(f *facts.Facts, rules []int32) (may []int32) {
	guards := &h.entry.Guards
	for _, at := range guards.Run(f, rules, nil) {
		i := rules[at]
		if i == h.entry.Problems && !h.problems(f, i) || slices.Contains(sendmail.Writes, guards.Rules[i].Name) {
			continue
		}
		may = append(may, i)
	}
	return may
}

// problems tells whether the rule about problems may find one that counts. It looks at each by itself.
func (h *handover) problems(f *facts.Facts, rule int32) bool {
	f.Complete()
	left := *f
	left.Problems = slices.DeleteFunc(slices.Clone(f.Problems), func(p facts.Problem) bool {
		return slices.Contains(sendmail.Writes, p.ID) || slices.Contains(h.entry.Ignored, p.ID)
	})
	return len(h.entry.Guards.Run(&left, []int32{rule}, nil)) > 0
}

// send hands the message to the real sendmail, which takes the place of this program. It returns if that failed.
func (h *handover) send(m *sendmail.Message, env sendmail.Envelope) (why *front.Doubt, bad *sendmail.Error) {
	if h.place != nil {
		if bad := h.place.commit(); bad != nil {
			return nil, bad
		}
	}
	if err := h.note(m, env, "handed over", gate.Taken); err != nil {
		return &front.Doubt{Reason: err.Error()}, nil
	}
	bad = h.real.Replace(h.asked.Command(h.real.Path, h.real.Args, env), h.real.Clean(h.environ), m)
	h.note(m, env, "not sent: "+bad.Error(), bad.Live)
	return nil, bad
}

// note writes the decision into the log, as the whole program does it.
func (h *handover) note(m *sendmail.Message, env sendmail.Envelope, result string, l gate.Live) error {
	if h.log == nil {
		return nil
	}
	return h.log.Write(decisions.Entry{
		Time: time.Now().UTC().Truncate(time.Millisecond), Message: hex.EncodeToString(m.SHA256[:]), Octets: m.Octets,
		Verdict: "pass", Rules: []string{}, Policy: h.entry.Digest, Transport: "exec", Result: result, Status: l.Answer().Status,
	}, env.Sender, env.Recipients)
}

// leave has the whole program do everything. It returns if that failed.
func (h *handover) leave(why *front.Doubt) *sendmail.Error {
	environ := slices.DeleteFunc(slices.Clone(h.environ), func(v string) bool { return strings.HasPrefix(v, front.Wish+"=") })
	if slices.Contains(h.environ, front.Wish+"=explain") {
		sendmail.Write(os.Stderr, "postern: front: "+why.Reason+"\n")
	}
	if why.Curable {
		environ = append(environ, front.Wish+"=write")
	}
	if h.raw != nil {
		if !h.whole {
			return &sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("%s", why.Reason), Hint: "nothing was sent"}
		}
		if bad := h.raw.Stdin(); bad != nil {
			return bad
		}
	}
	err := syscall.Exec(h.full, append([]string{h.name}, h.args...), environ)
	return &sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("%s cannot be started: %w", h.full, err), Hint: "nothing was sent"}
}

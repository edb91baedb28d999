package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/decisions"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/held"
	"postern/cmd/internal/sendmail"
	"postern/rules"
)

// inForce is the SHA-256 of everything that a verdict rests on besides the message: the program, the built-in policies, the user's
// own, and the settings that rules see. Two decisions with the same hash were made by the same rules.
func inForce(cfg *config.Config) (string, error) {
	o, err := cfg.RuleOptions()
	if err != nil {
		return "", err
	}
	return inForceBy(o)
}

func inForceBy(o rules.Options) (string, error) {
	builtin, err := policyDigest()
	if err != nil {
		return "", err
	}
	o.LimitPlaces, o.Guards = nil, 0 // they change no verdict
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %d\n", version(), opaVersion(), builtin, len(text))
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// logPaths gives the decision log and its key, "" if there is none.
func logPaths(cfg *config.Config) (log, key string) {
	if cfg.Sendmail == nil || cfg.Sendmail.Log == "" {
		return "", ""
	}
	log = cfg.Path(cfg.Sendmail.Log)
	key = log + ".key"
	if cfg.Sendmail.LogKey != "" {
		key = cfg.Path(cfg.Sendmail.LogKey)
	}
	return log, key
}

// openLog opens the decision log if there is to be one. Without it no mail goes out.
func (h *handover) openLog() *sendmail.Error {
	name, key := logPaths(h.cfg)
	if name == "" {
		return nil
	}
	var err error
	if h.log, err = decisions.Open(name, key, h.set.LogAddresses); err != nil {
		return &sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("the decision log cannot be opened: %w", err), Hint: "nothing was sent; sendmail.log in postern.yaml names it"}
	}
	return nil
}

// digest gives inForce, reckoned once.
func (h *handover) digest() (string, error) {
	var err error
	if h.policy == "" {
		h.policy, err = inForce(h.cfg)
	}
	return h.policy, err
}

// note writes the decision into the log.
func (h *handover) note(result string, l gate.Live) *sendmail.Error {
	return h.noteStatus(result, l.Answer().Status)
}

// noteStatus is note with a status that a server has given.
func (h *handover) noteStatus(result, status string) *sendmail.Error {
	if h.log == nil {
		return nil
	}
	verdict, reason := h.verdict.Outcome, h.verdict.Reason
	if h.force {
		verdict, reason = rules.Unjudged, "held release --force"
	}
	policy, err := h.digest()
	if err == nil {
		err = h.log.Write(decisions.Entry{
			Time: time.Now().UTC().Truncate(time.Millisecond), Message: hex.EncodeToString(h.message.SHA256[:]), Octets: h.message.Octets, Added: h.message.Added,
			Verdict: string(verdict), Reason: reason, Rules: ruleNames(h.verdict.Findings), Policy: policy,
			Transport: h.transport(), Result: result, Status: status,
		}, h.env.Sender, h.env.Recipients)
	}
	if err != nil {
		return &sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("the decision log cannot be written: %w", err), Hint: "nothing was sent; sendmail.log in postern.yaml names it"}
	}
	return nil
}

func (h *handover) transport() string {
	if h.set.Transport == "" {
		return "exec"
	}
	return h.set.Transport
}

// ruleNames gives the ids of the rules that found something, each once.
func ruleNames(list []rules.Finding) []string {
	ids := []string{}
	for i := range list {
		if !slices.Contains(ids, list[i].Rule) {
			ids = append(ids, list[i].Rule)
		}
	}
	return ids
}

// hold keeps a message that is refused, if the configuration wants it, and gives the id that it has then.
func (h *handover) hold(rule string) (id string, bad *sendmail.Error) {
	if h.set.Held == "" {
		return "", nil
	}
	failed := func(err error) *sendmail.Error {
		hint := "sendmail.held in postern.yaml names the directory; it has to belong to the user that postern runs as, mode 0700"
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			hint = "make room there; nothing was sent, and the caller may try again"
		}
		return &sendmail.Error{Live: gate.NoSpace, Err: fmt.Errorf("the message is refused and cannot be held: %w", err), Rule: rule, Hint: hint}
	}
	policy, err := h.digest()
	if err != nil {
		return "", failed(err)
	}
	store, err := held.Open(h.cfg.Path(h.set.Held))
	if err != nil {
		return "", failed(err)
	}
	defer store.Close()
	r := &held.Record{
		Time: h.now.UTC().Truncate(time.Second), SHA256: hex.EncodeToString(h.message.SHA256[:]), Octets: h.message.Octets,
		Sender: h.env.Sender, Recipients: h.env.Recipients, Notify: h.args.Notify, Return: h.args.Return, EnvelopeID: h.args.EnvelopeID,
		Body: h.args.Body, WebScript: h.webScript, Policy: policy, Rule: rule, Findings: h.verdict.Findings,
	}
	if err := store.Keep(io.NewSectionReader(h.message.File, 0, h.message.Octets), r); err != nil {
		return "", failed(err)
	}
	return r.ID, nil
}

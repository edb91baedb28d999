package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Settings are all that decides what stands in the log of a run, and how a report is made of it. Two logs belong to one run if
// their settings are equal.
type Settings struct {
	Paths    []string `json:"paths"`
	Since    string   `json:"since"`
	Until    string   `json:"until"`
	Senders  []string `json:"sender"`
	Folders  []string `json:"folder"`
	Rules    []string `json:"rule"`
	Sample   string   `json:"sample"`
	Dedup    bool     `json:"dedup"`
	Now      string   `json:"now"`
	Strict   bool     `json:"strict"`
	FailOn   string   `json:"fail-on"`
	Policies string   `json:"policies"` // digest of rules, limits, severities and account
	WhatIf   string   `json:"what-if"`  // the same of the other policy, "" without one
	Pace     Pace     `json:"pace"`
	Campaign int64    `json:"campaign-recipients"` // least number of different recipients of a campaign
	Archive  []string `json:"archive-limit"`
	Version  string   `json:"version"` // of postern
}

// ID is a digest of the settings.
func (s *Settings) ID() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds strings and numbers only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// differ names what differs between the settings of two runs, as flags where they are flags.
func (s *Settings) differ(o *Settings) string {
	a, b := s.values(), o.values()
	var names []string
	for k := range a {
		if !bytes.Equal(a[k], b[k]) {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for i, n := range names {
		switch n {
		case "paths":
			names[i] = "the paths"
		case "policies":
			names[i] = "rules, limits, severities or account"
		case "version":
			names[i] = fmt.Sprintf("the version of postern (%s and %s)", s.Version, o.Version)
		case "pace":
			names[i] = "the limits of the sending pace"
		default:
			names[i] = "--" + n
		}
	}
	return strings.Join(names, ", ")
}

func (s *Settings) values() map[string]json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	return m
}

// RuleInfo is what reports say of a rule.
type RuleInfo struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Clause   string `json:"clause"`
	Source   string `json:"source"`
	Remedy   string `json:"remedy"`
}

// Head says what a log belongs to.
type Head struct {
	Settings Settings   `json:"settings"`
	Other    string     `json:"other"` // what the other policy is called, "" without one
	Rules    []RuleInfo `json:"rules"` // of both policies, by id
	// Skipped are the rules that are skipped for every message, as one text that names them.
	Skipped string `json:"skipped"`
}

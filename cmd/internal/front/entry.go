package front

import (
	"crypto/sha256"
	"time"

	"postern/cmd/internal/cache"
	"postern/rules/facts"
	"postern/rules/guard"
)

// Entry is what the whole program has found out once for all messages.
type Entry struct {
	// Build is that of both programs, Full the whole one.
	Build string
	Full  cache.FileID
	// Config is the absolute path of postern.yaml, ConfigSum the SHA-256 of its octets.
	Config    string
	ConfigSum [sha256.Size]byte
	// Policies are the names of policies in postern.yaml; PoliciesSum is that of the files, see Policies.Sum.
	Policies    []string
	PoliciesSum [sha256.Size]byte
	Written     time.Time
	// Unfit says why the whole program has to do everything all the same; the rest is not filled in then. "" is the usual case.
	Unfit string

	Settings Settings
	Ledger   Ledger
	// Digest is what the decision log calls the policies in force.
	Digest string
	// Rules are the guards that are asked, by their index in Guards; Problems is that of the rule about facts.Facts.Problems, or -1.
	Rules    []int32
	Problems int32
	// History are the guards of rules on what was sent before, if there is a Ledger. They are asked together with Rules, when the message
	// has been counted.
	History []int32
	// Ignored are the ids of problems of which that rule says nothing.
	Ignored []string
	// Without is that of facts.Options.
	Without facts.Set
	Guards  guard.Program
}

// Settings are what postern.yaml says of sendmail. Paths are as they stand there.
type Settings struct {
	Path                     string
	Args, Environment, Allow []string
	LineEnds, Sender, Domain string
	MaxOctets                int64
	WebScript                string
	Log, LogKey              string
	LogAddresses             bool
}

// Ledger is where messages are counted before they are judged by what was sent before. Without a File they are not.
type Ledger struct {
	File, KeyFile string // absolute; KeyFile is "" where it has the usual name
	Account       string
	Windows       []int32 // of histories, in seconds
}

// Facts say what has to be measured of a message.
func (e *Entry) Facts(now time.Time) facts.Options {
	return facts.Options{Now: now, Without: e.Without, Later: true}
}

// format is that of entries.
var format = cache.Format{Magic: "postern front\n\x00\x00", Version: 3}

// Encode gives the octets of an entry.
func (e *Entry) Encode() ([]byte, error) { return format.Encode(e.code) }

// Decode reads an entry. Its texts are parts of data, which must not be changed afterwards. The guards are not prepared yet.
func Decode(data []byte) (*Entry, error) {
	e := &Entry{}
	if err := format.Decode(data, e.code); err != nil {
		return nil, err
	}
	return e, nil
}

// code lists what an entry holds, for both directions.
func (e *Entry) code(c *cache.Coder) {
	c.Text(&e.Build)
	c.File(&e.Full)
	c.Text(&e.Config)
	c.Octets(e.ConfigSum[:])
	c.Texts(&e.Policies)
	c.Octets(e.PoliciesSum[:])
	written := e.Written.UnixNano()
	c.Number(&written)
	e.Written = time.Unix(0, written)
	c.Text(&e.Unfit)
	s := &e.Settings
	for _, t := range []*string{&s.Path, &s.LineEnds, &s.Sender, &s.Domain, &s.WebScript, &s.Log, &s.LogKey, &e.Digest, &e.Ledger.File, &e.Ledger.KeyFile, &e.Ledger.Account} {
		c.Text(t)
	}
	for _, l := range []*[]string{&s.Args, &s.Environment, &s.Allow} {
		c.Texts(l)
	}
	c.Number(&s.MaxOctets)
	c.Truth(&s.LogAddresses)
	c.Small((*int32)(&e.Without))
	c.Small(&e.Problems)
	c.Texts(&e.Ignored)
	c.Smalls(&e.Rules)
	c.Smalls(&e.History)
	c.Smalls(&e.Ledger.Windows)
	c.Program(&e.Guards)
}

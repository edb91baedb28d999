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
	// Digest is what the decision log calls the policies in force.
	Digest string
	// Rules are the guards that are asked, by their index in Guards; Problems is that of the rule about facts.Facts.Problems, or -1.
	Rules    []int32
	Problems int32
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

// Facts say what has to be measured of a message.
func (e *Entry) Facts(now time.Time) facts.Options {
	return facts.Options{Now: now, Without: e.Without, Later: true}
}

// format is that of entries.
var format = cache.Format{Magic: "postern front\n\x00\x00", Version: 2}

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
	for _, t := range []*string{&s.Path, &s.LineEnds, &s.Sender, &s.Domain, &s.WebScript, &s.Log, &s.LogKey, &e.Digest} {
		c.Text(t)
	}
	for _, l := range []*[]string{&s.Args, &s.Environment, &s.Allow} {
		c.Texts(l)
	}
	c.Number(&s.MaxOctets)
	c.Truth(&s.LogAddresses)
	c.Octet((*uint8)(&e.Without))
	c.Small(&e.Problems)
	c.Texts(&e.Ignored)
	c.Smalls(&e.Rules)
	c.Program(&e.Guards)
}

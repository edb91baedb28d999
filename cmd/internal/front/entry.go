package front

import (
	"crypto/sha256"
	"time"
	"unsafe"

	"postern/rules/facts"
	"postern/rules/guard"
)

// Entry is what the whole program has found out once for all messages.
type Entry struct {
	// Build is that of both programs, Full the whole one.
	Build string
	Full  FileID
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
	Without int64
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
	return facts.Options{Now: now, Without: facts.Set(e.Without), Later: true}
}

// FileID tells a file from every other, and from itself after a change.
type FileID struct {
	Dev, Ino, Size uint64
	// Modified and Changed are times in nanoseconds.
	Modified, Changed int64
}

// code lists what an entry holds, for both directions.
func (e *Entry) code(c *coder) {
	c.text(&e.Build)
	for _, n := range []*uint64{&e.Full.Dev, &e.Full.Ino, &e.Full.Size} {
		c.unsigned(n)
	}
	c.number(&e.Full.Modified)
	c.number(&e.Full.Changed)
	c.text(&e.Config)
	c.octets(e.ConfigSum[:])
	c.texts(&e.Policies)
	c.octets(e.PoliciesSum[:])
	written := e.Written.UnixNano()
	c.number(&written)
	e.Written = time.Unix(0, written)
	c.text(&e.Unfit)
	s := &e.Settings
	for _, t := range []*string{&s.Path, &s.LineEnds, &s.Sender, &s.Domain, &s.WebScript, &s.Log, &s.LogKey, &e.Digest} {
		c.text(t)
	}
	for _, l := range []*[]string{&s.Args, &s.Environment, &s.Allow} {
		c.texts(l)
	}
	c.number(&s.MaxOctets)
	c.truth(&s.LogAddresses)
	c.number(&e.Without)
	c.small(&e.Problems)
	c.texts(&e.Ignored)
	c.smalls(&e.Rules)
	c.program(&e.Guards)
}

func (c *coder) program(p *guard.Program) {
	version := int64(p.Version)
	c.number(&version)
	p.Version = int(version)
	list(c, &p.Rules, 8, func(r *guard.Rule) {
		c.text(&r.Name)
		c.small(&r.Root)
	})
	flat(c, &p.Nodes, int(unsafe.Sizeof(guard.Node{})), func(n *guard.Node) {
		op := int32(n.Op) // the octets after it are nothing
		c.small(&op)
		n.Op = guard.Op(op)
		c.small(&n.A)
		c.small(&n.B)
		c.small(&n.C)
		c.small(&n.D)
	})
	c.smalls(&p.Args)
	list(c, &p.Fields, 8, func(f *guard.Field) {
		c.text(&f.Record)
		c.text(&f.Path)
	})
	list(c, &p.Consts, 29, func(k *guard.Const) {
		c.octet((*uint8)(&k.Kind))
		c.number(&k.Int)
		c.float(&k.Float)
		c.text(&k.Text)
		c.smalls(&k.Items)
		c.texts(&k.Keys)
	})
	c.smalls(&p.Memos)
	c.small(&p.Registers)
	c.small(&p.Sets)
	c.small(&p.Sums)
}

// Package snapshot keeps compiled rules between runs of postern, so that most runs start without OPA.
//
// A snapshot (rules.Snapshot) is used only if it is exactly right: its name and the key in it are the SHA-256 of the options that it was
// made of, with the octets of the user's policies, and of the program's own file: device, inode, size, times of change. Built-in policies
// and their data, the capabilities of Rego and the version of OPA are parts of the program, so its file stands for them. No time stamp of
// a policy or of postern.yaml counts. Package cache says who must have written the file. Whatever is not as it should be means that
// everything is compiled, as if there were no snapshot, and policies that do not compile never have one.
//
// Snapshots lie in the user's own cache directory, for nobody else to read: they hold what the configuration says of the account. They
// are bounded in number and octets; the oldest go first. A user without a directory that can be written has none.
package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/locate"
	"postern/rules"
)

// Switch is the variable that has snapshots neither read nor written if its value is "off".
const Switch = "POSTERN_CACHE"

const (
	prefix    = "rules-"
	maxFiles  = 32
	maxOctets = 16 << 20
)

// Directory is where the snapshots of the caller lie, "" if none are to be used. It is an error if Switch has a value that means nothing.
func Directory(environ []string) (string, error) {
	switch value := locate.Variables(environ, Switch)[Switch]; value {
	case "off":
		return "", nil
	case "", "on":
	default:
		return "", fmt.Errorf("%s is neither on nor off", Switch)
	}
	if locate.Privileged() {
		return "", nil
	}
	return cache.OwnDirectory(environ), nil
}

// Engine gives the engine that rules.New gives, and the same errors, from a snapshot in dir if there is one; a dir of "" has none. leave,
// which may be nil, leaves a snapshot for the next run: it takes longer than New, so it is for when the verdict is out. It is to be called
// at most once, and what goes wrong in it is no concern of the run's.
func Engine(ctx context.Context, o rules.Options, dir string) (e *rules.Engine, leave func(), err error) {
	k, ok := key{}, false
	if dir != "" && o.Guards != rules.GuardsOff {
		k, ok = keyOf(&o)
	}
	if ok {
		if e := load(dir, k, o); e != nil {
			return e, nil, nil
		}
	}
	if e, err = rules.New(ctx, o); err != nil || !ok {
		return e, nil, err
	}
	return e, func() { save(dir, k, e) }, nil
}

// load gives the engine of a snapshot, nil if there is no valid one.
func load(dir string, k key, o rules.Options) *rules.Engine {
	data, err := cache.Read(dir, k.name())
	if err != nil {
		return nil
	}
	f := file{}
	if format.Decode(data, f.code) != nil || f.key != k {
		return nil
	}
	e, err := rules.Resume(&f.rules, o)
	if err != nil {
		return nil
	}
	return e
}

// save writes the snapshot of an engine.
func save(dir string, k key, e *rules.Engine) {
	defer func() {
		_ = recover() // the verdict is out, and it was reached without any of this
	}()
	err := cache.Write(dir, k.name(), 0o600, os.Getegid(), func() ([]byte, error) {
		s, err := e.Snapshot()
		if err != nil {
			return nil, err
		}
		f := file{k, *s}
		return format.Encode(f.code)
	})
	if err == nil || errors.Is(err, cache.ErrBusy) {
		cache.Prune(dir, prefix, maxFiles, maxOctets)
	}
}

// key stands for all that an engine is made of.
type key [sha256.Size]byte

func (k key) name() string { return prefix + hex.EncodeToString(k[:20]) }

// keyOf gives the key of options, false if there is none. What only says how an engine runs does not count: FailOn, Timeout, Guards,
// LimitPlaces.
func keyOf(o *rules.Options) (key, bool) {
	self, err := cache.Self()
	if err != nil {
		return key{}, false
	}
	sum := cache.Sum(func(c *cache.Coder) {
		c.File(&self)
		codeOptions(c, *o)
	})
	return sha256.Sum256(sum), sum != nil
}

package front

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/locate"
)

// Wish is the variable by which the front asks the whole program to write an entry, and by which a user asks the front (with the value
// "explain") to say on standard error why it leaves a message to the whole program.
const Wish = "POSTERN_FRONT"

// Doubt is why the front leaves a message to the whole program.
type Doubt struct {
	Reason string
	// Curable tells that a new entry would help.
	Curable bool
}

func doubt(reason string) *Doubt   { return &Doubt{Reason: reason} }
func curable(reason string) *Doubt { return &Doubt{Reason: reason, Curable: true} }

// Load gives the entry for a postern.yaml, if there is one and it is valid for the whole program full. Its guards are ready to be run.
func Load(environ []string, config string, full cache.FileID, now time.Time) (*Entry, *Doubt) {
	build := Build()
	switch {
	case build == "":
		return nil, doubt("it is not known what this program was built from")
	case !filepath.IsAbs(config):
		return nil, doubt("the path of the configuration is relative")
	case locate.Privileged():
		return nil, doubt("the program has more rights than its caller")
	}
	if d := overridden(environ); d != nil {
		return nil, d
	}
	data, bad := locate.ReadFile(config)
	if bad != nil {
		return nil, doubt("the configuration cannot be read")
	}
	sum := sha256.Sum256(data)
	last := curable("there is no entry")
	for _, dir := range cache.Directories(environ) {
		e, d := read(dir, config)
		if d == nil {
			d = e.check(build, config, sum, full, now)
		}
		if d == nil {
			return e, nil
		}
		if d.Reason != "there is no entry" {
			last = d
		}
	}
	return nil, last
}

// overridden finds variables that change settings.
func overridden(environ []string) *Doubt {
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "POSTERN_") && name != "POSTERN_CONFIG" && name != Wish && value != "" {
			return doubt("the variable " + name + " is set")
		}
	}
	return nil
}

func (e *Entry) check(build, config string, sum [sha256.Size]byte, full cache.FileID, now time.Time) *Doubt {
	switch {
	case e.Build != build:
		return curable("the entry is of another build")
	case e.Full != full:
		return curable("the entry was written by another program than the one that would be started")
	case e.Config != config, e.ConfigSum != sum:
		return curable("the configuration has changed")
	case now.Before(e.Written):
		return curable("the entry is from the future")
	}
	if policies, ok := current(filepath.Dir(config), e.Policies); !ok || policies != e.PoliciesSum {
		return curable("a policy has changed")
	}
	if e.Unfit != "" {
		return doubt(e.Unfit)
	}
	if err := e.Guards.Prepare(); err != nil {
		return curable(err.Error())
	}
	if len(e.Rules) == 0 {
		return curable("the entry has no rules")
	}
	for _, r := range slices.Concat(e.Rules, e.History, []int32{max(e.Problems, 0)}) {
		if r < 0 || int(r) >= len(e.Guards.Rules) {
			return curable("the entry names a rule that it does not have")
		}
	}
	return nil
}

// read reads the entry of a configuration.
func read(dir, config string) (*Entry, *Doubt) {
	data, err := cache.Map(dir, name(config))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, curable("there is no entry")
	}
	if err != nil {
		return nil, curable(err.Error())
	}
	e, err := Decode(data)
	if err != nil {
		return nil, curable("the entry: " + err.Error())
	}
	return e, nil
}

// Save writes the entry that build makes for a postern.yaml: for all users if root does it, else for the caller. It asks for the
// entry only when it can be written, and gives the path. Of many that write at once one does. mode is that of the file; who cannot read
// the configuration need not read what was made of it.
func Save(environ []string, config string, mode fs.FileMode, gid int, build func() (*Entry, error)) (path string, err error) {
	dir := cache.SystemDir
	if os.Geteuid() != 0 {
		dir = cache.OwnDirectory(environ)
	}
	if dir == "" {
		return "", errors.New("there is no directory for entries: HOME is not set, and only root writes " + cache.SystemDir)
	}
	path = filepath.Join(dir, name(config))
	var own error // an error of build is about what it makes
	err = cache.Write(dir, name(config), mode, gid, func() ([]byte, error) {
		e, err := build()
		if err != nil {
			own = err
			return nil, err
		}
		return e.Encode()
	})
	if own != nil {
		return "", own
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return path, nil
}

// name is that of the entry of a configuration.
func name(config string) string {
	sum := sha256.Sum256([]byte(config))
	return hex.EncodeToString(sum[:20])
}

package submit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"postern/cmd/internal/child"
	"postern/cmd/internal/quote"
)

// Source is where a password comes from. Exactly one of the fields is set; a password itself is never one of them.
type Source struct {
	// File holds the password as its only line, and must be readable by its owner alone, who must be us.
	File string
	// Command prints the password. There is no shell. It runs in Dir, may take CommandTime, and what it writes to standard
	// error is not shown, because it can hold the password.
	Command []string
	Dir     string
	// Credential is the name of a systemd credential (LoadCredential=), a file in $CREDENTIALS_DIRECTORY.
	Credential string
	// Env is the name of an environment variable.
	Env string
}

// CommandTime is how long a command that prints a password may take; somebody may have to type something.
const CommandTime = 30 * time.Second

// maxPassword bounds a password, in octets.
const maxPassword = 4096

// Password gives a password when it is asked for.
type Password struct {
	source Source
	mu     sync.Mutex
	got    bool
	value  string
	time   time.Duration
}

// NewPassword prepares to fetch a password. A password from the environment is taken out of it at once, so that no program
// that is started later inherits it.
func NewPassword(s Source) *Password {
	p := &Password{source: s, time: CommandTime}
	if s.Env != "" {
		p.value, p.got = os.LookupEnv(s.Env)
		os.Unsetenv(s.Env)
	}
	return p
}

// Get fetches the password, once. Its errors name the source and never hold the password.
func (p *Password) Get(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.got {
		return p.value, p.check()
	}
	var raw []byte
	var err error
	switch s := p.source; {
	case s.File != "":
		raw, err = readSecret(s.File, true)
	case s.Credential != "":
		raw, err = s.credential()
	case len(s.Command) > 0:
		raw, err = p.run(ctx)
	case s.Env != "":
		err = fmt.Errorf("the environment variable %s is not set", quote.Text(s.Env))
	default:
		err = errors.New("nothing says where it is: set password_file, password_command, password_credential or password_env under submission")
	}
	if err != nil {
		return "", err
	}
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	p.value, p.got = string(bytes.TrimSuffix(raw, []byte("\r"))), true
	return p.value, p.check()
}

func (p *Password) check() error {
	switch {
	case p.value == "":
		return fmt.Errorf("%s holds none", p.source)
	case strings.ContainsAny(p.value, "\r\n"):
		return fmt.Errorf("%s holds more than one line", p.source)
	case strings.ContainsRune(p.value, 0):
		return fmt.Errorf("%s holds a NUL octet", p.source)
	}
	return nil
}

// String names the source. It is safe to print.
func (s Source) String() string {
	switch {
	case s.File != "":
		return quote.Text(s.File)
	case s.Credential != "":
		return "the credential " + quote.Text(s.Credential)
	case len(s.Command) > 0:
		return "the output of " + quote.Short(filepath.Base(s.Command[0]), 100)
	case s.Env != "":
		return "the environment variable " + quote.Text(s.Env)
	}
	return "no source"
}

func (s Source) credential() ([]byte, error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return nil, fmt.Errorf("%s: CREDENTIALS_DIRECTORY is not set: only a systemd unit with LoadCredential=%[2]s: has it", s, quote.Text(s.Credential))
	}
	if s.Credential != filepath.Base(s.Credential) || s.Credential == "." || s.Credential == ".." {
		return nil, fmt.Errorf("%s is no name of a credential", s)
	}
	// systemd makes the directory and its owner; the files in it can be root's, with an ACL for us.
	return readSecret(filepath.Join(dir, s.Credential), false)
}

// readSecret reads a small file after it has looked at what it has open, not at a name. With private the file must be ours and
// for us alone.
func readSecret(path string, private bool) ([]byte, error) {
	shown := quote.Text(path)
	// O_NONBLOCK: to open a FIFO must not wait for its writer.
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	switch {
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", shown)
	case st.Size() > maxPassword:
		return nil, fmt.Errorf("%s is larger than a password: %d octets", shown, st.Size())
	}
	if problem := exposed(st, private); problem != "" {
		return nil, fmt.Errorf("%s %s", shown, problem)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxPassword+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	return raw, nil
}

// run runs the command. Its standard input is empty and its standard error is thrown away.
func (p *Password) run(ctx context.Context) ([]byte, error) {
	argv := p.source.Command
	name := quote.Short(filepath.Base(argv[0]), 100)
	out, err := child.Command{Argv: argv, Dir: p.source.Dir, Time: p.time, MaxOutput: maxPassword}.Output(ctx)
	var start *exec.Error
	var exit *exec.ExitError
	var path *fs.PathError
	switch {
	case errors.Is(err, child.ErrLarge):
		return nil, fmt.Errorf("%s prints more than %d octets", name, maxPassword)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s was not done after %s, and was killed", name, p.time)
	case errors.Is(err, context.Canceled):
		return nil, err
	case errors.As(err, &start):
		return nil, fmt.Errorf("%s cannot be run: %w", name, start.Err)
	case errors.As(err, &path):
		return nil, fmt.Errorf("%s cannot be run: %w", name, path.Err)
	case errors.As(err, &exit):
		return nil, fmt.Errorf("%s: %s (what it wrote to standard error is not shown; run it by hand)", name, exit.ProcessState)
	case err != nil:
		return nil, fmt.Errorf("%s: it did not end as it should", name)
	}
	return out, nil
}

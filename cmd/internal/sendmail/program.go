package sendmail

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"postern/cmd/internal/gate"
)

// guard is the variable that the real sendmail is given, so that a chain of programs that leads back here is noticed.
const guard = "POSTERN_SENDMAIL_CALLED"

// Program is the real sendmail.
type Program struct {
	Path string
	Args []string
	// Environment names variables that it gets besides the usual ones.
	Environment []string
}

// Check tells why the program cannot be used: it is not there, or it is this program itself.
func (p Program) Check(environ []string) *Error {
	if p.Path == "" {
		return refuse(gate.Misconfigured, "set sendmail.path in postern.yaml, such as /usr/sbin/sendmail", "the configuration names no real sendmail")
	}
	if slices.ContainsFunc(environ, func(v string) bool { return strings.HasPrefix(v, guard+"=") }) {
		return refuse(gate.Misconfigured, "set sendmail.path in postern.yaml to the real sendmail, not to what leads back to postern",
			"postern was called by the sendmail that it called: %s", p.Path)
	}
	st, err := os.Stat(p.Path)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	hint := "set sendmail.path in postern.yaml to the real sendmail"
	switch {
	case err != nil:
		return refuse(gate.Misconfigured, hint, "the real sendmail %s: %w", p.Path, err)
	case !st.Mode().IsRegular() || st.Mode()&0o111 == 0:
		return refuse(gate.Misconfigured, hint, "the real sendmail %s is no program", p.Path)
	case st.Mode()&0o002 != 0:
		return refuse(gate.Misconfigured, "chmod o-w "+p.Path, "everybody can write the real sendmail %s", p.Path)
	}
	own, err := os.Executable()
	if err == nil {
		var self fs.FileInfo
		if self, err = os.Stat(own); err == nil && os.SameFile(self, st) {
			return refuse(gate.Misconfigured, hint, "the real sendmail %s is postern itself", p.Path)
		}
	}
	if err != nil {
		return refuse(gate.Failed, "", "postern cannot tell where it is: %w", err)
	}
	return nil
}

// Writes are the rules about fields that every sendmail writes where they are missing (RFC 6409 sections 8.2 and 8.3). Programs such
// as PHP leave them to it.
var Writes = []string{"rfc.date_missing", "rfc.msgid_missing", "submission.msa_will_fix"}

// usual are the variables that the real sendmail always gets, if the caller has them: where a user's own configuration is, who he
// is, and how dates and texts are to look.
var usual = []string{"HOME", "USER", "LOGNAME", "TZ", "LANG", "LC_ALL"}

// Clean gives the environment for the real sendmail: the usual variables, those that are named, and a PATH that no caller chose. Of
// a caller with fewer rights than the program nothing is taken over.
func (p Program) Clean(environ []string) []string {
	out := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", guard + "=1"}
	if privileged() {
		return out
	}
	for _, v := range environ {
		name, value, ok := strings.Cut(v, "=")
		if ok && (slices.Contains(usual, name) || slices.Contains(p.Environment, name)) && name != "PATH" && name != guard &&
			!slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(o, name+"=") }) && !strings.ContainsRune(value, 0) {
			out = append(out, v)
		}
	}
	return out
}

func privileged() bool { return os.Geteuid() != os.Getuid() || os.Getegid() != os.Getgid() }

// unstarted is the answer when the real sendmail could not be started. Nothing was sent then.
func unstarted(path string, err error) *Error {
	return refuse(gate.Failed, "nothing was sent", "the real sendmail %s cannot be started: %w", path, err)
}

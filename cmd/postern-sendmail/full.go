//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/locate"
	"postern/cmd/internal/sendmail"
)

// places are where the whole program is looked for besides the directory of this one.
var places = []string{"/usr/local/bin/postern", "/usr/bin/postern"}

// find finds the whole program. PATH is the caller's and plays no part; nor does the directory of this program if it has more rights
// than its caller, who may have made a link to it in a directory of his own.
func (h *handover) find() (cache.FileID, *sendmail.Error) {
	list := places
	own, err := os.Executable()
	if err == nil && !locate.Privileged() {
		list = append([]string{filepath.Join(filepath.Dir(own), "postern")}, places...)
	}
	var bad error
	for _, p := range list {
		st, err := os.Stat(p)
		switch {
		case err != nil:
		case !st.Mode().IsRegular() || st.Mode()&0o111 == 0:
			bad = fmt.Errorf("%s is no program", p)
		case st.Mode()&0o002 != 0:
			bad = fmt.Errorf("everybody can write %s", p)
		default:
			id, err := cache.Identify(p)
			if own, e := cache.Self(); err != nil || e != nil || own == id {
				bad = fmt.Errorf("%s is postern-sendmail itself", p)
				continue
			}
			h.full = p
			return id, nil
		}
	}
	if bad == nil {
		bad = fmt.Errorf("the program postern is not there: %s", list[0])
	}
	return cache.FileID{}, &sendmail.Error{Live: gate.Misconfigured, Err: bad, Hint: "put postern beside postern-sendmail, or into /usr/local/bin"}
}

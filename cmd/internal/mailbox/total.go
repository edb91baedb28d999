package mailbox

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// TotalBytes is the number of octets of the regular files under paths, which a walk tells Progress in
// all. known is false if a path is standard input or cannot be read, or ctx was done; the number is then what was found.
func TotalBytes(ctx context.Context, paths []string) (total int64, known bool) {
	known = true
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case p == Stdin || err != nil:
			known = false
		case info.Mode().IsRegular():
			total += info.Size()
		case info.IsDir():
			err := filepath.WalkDir(p, func(file string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() && file != p && (d.Name() == "tmp" && hasCur(filepath.Dir(file)) || strings.HasPrefix(d.Name(), ".") && !hasCur(file)) {
					return fs.SkipDir // as the walk has it
				}
				if err == nil && d.Type().IsRegular() {
					if info, err := d.Info(); err == nil {
						total += info.Size()
					}
				}
				return ctx.Err()
			})
			known = known && err == nil
		}
	}
	return total, known
}

func hasCur(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "cur"))
	return err == nil && info.IsDir()
}

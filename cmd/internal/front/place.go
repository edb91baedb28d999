package front

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// SystemDir is where root keeps entries for all users. It is a variable for the tests only.
var SystemDir = "/var/cache/postern"

// maxEntry bounds an entry, in octets. One with all built-in rules has less than 100 KiB.
const maxEntry = 8 << 20

// directories gives the directories in which an entry of the caller's may lie: that of root, and his own by the XDG base directory
// specification.
func directories(environ []string) []string {
	dirs := []string{SystemDir}
	if own := ownDirectory(environ); own != "" && os.Geteuid() != 0 {
		dirs = append(dirs, own)
	}
	return dirs
}

func ownDirectory(environ []string) string {
	value := func(name string) string {
		for _, v := range environ {
			if n, value, ok := strings.Cut(v, "="); ok && n == name {
				return value
			}
		}
		return ""
	}
	if dir := value("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "postern")
	}
	if home := value("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "postern")
	}
	return ""
}

// name is that of the entry of a configuration.
func name(config string) string {
	sum := sha256.Sum256([]byte(config))
	return hex.EncodeToString(sum[:20])
}

package submit

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// FormatPin writes the digest of a key as ParsePin reads it.
func FormatPin(key [32]byte) string { return "sha256//" + base64.StdEncoding.EncodeToString(key[:]) }

// ParsePin reads the SHA-256 of a public key (SubjectPublicKeyInfo): base64, as curl and HPKP write it, or 64 hexadecimal
// digits, with or without colons. A prefix sha256//, sha256/ or sha256: is allowed.
func ParsePin(s string) (key [32]byte, ok bool) {
	for _, prefix := range []string{"sha256//", "sha256/", "sha256:"} {
		if rest, found := strings.CutPrefix(s, prefix); found {
			s = rest
			break
		}
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(key) {
		if raw, err = hex.DecodeString(strings.ReplaceAll(s, ":", "")); err != nil || len(raw) != len(key) {
			return key, false
		}
	}
	return [32]byte(raw), true
}

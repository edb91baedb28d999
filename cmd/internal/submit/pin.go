package submit

import "encoding/base64"

// FormatPin writes the digest of a key as submission.pin in postern.yaml takes it.
func FormatPin(key [32]byte) string { return "sha256//" + base64.StdEncoding.EncodeToString(key[:]) }

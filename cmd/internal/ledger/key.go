package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const keyOctets = 32

// key hashes what must not stand in a store in clear.
type key []byte

func (k key) sum(kind, s string) []byte {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(kind))
	m.Write([]byte{0})
	m.Write([]byte(s))
	return m.Sum(nil)
}

// recipient gives the hash of an address. 64 bits tell millions of addresses apart, and a store of short hashes says less.
func (k key) recipient(addr string) uint64 {
	return binary.BigEndian.Uint64(k.sum("recipient", strings.ToLower(strings.TrimSpace(addr))))
}

// label gives the name that an account or sender has in the store: itself when it is a plain name, else a hash. A mail address
// is no plain name.
func (k key) label(name string) string {
	plain := name != "" && len(name) <= 64
	for _, r := range name {
		plain = plain && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:", r))
	}
	if plain {
		return name
	}
	return "#" + hex.EncodeToString(k.sum("name", name)[:12])
}

// check tells keys apart without giving them away.
func (k key) check() string { return hex.EncodeToString(k.sum("check", "postern ledger")[:16]) }

// readKey reads a key file, or makes it.
func readKey(file string, create bool) (key, error) {
	if err := private(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	raw, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		if err := makeKey(file); err != nil {
			return nil, fault("name another file as ledger.key_file, or make its directory", "the key file cannot be made: %w", err)
		}
		if raw, err = os.ReadFile(file); err != nil {
			return nil, fault("", "key file: %w", err)
		}
	case err != nil:
		return nil, fault("it was made with the ledger; without it, what the ledger holds cannot be compared", "key file: %w", err)
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(k) != keyOctets {
		return nil, fault("restore it from a copy, or remove it together with the ledger", "%s is no key of a ledger", file)
	}
	return k, nil
}

// makeKey writes a new key. Of several processes that do so at once, the first one's key holds: a file is only ever linked to its
// name when it is whole.
func makeKey(file string) error {
	raw := make([]byte, keyOctets)
	rand.Read(raw)
	tmp, err := os.CreateTemp(filepath.Dir(file), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.WriteString(tmp, base64.StdEncoding.EncodeToString(raw)+"\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(file))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// readPassword reads the first line of a file that is the user's alone.
func readPassword(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	if err := private(file); err != nil {
		return "", err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fault("", "password file: %w", err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fault("its first line is the password", "the password file %s is empty", file)
	}
	return line, nil
}

// private refuses a file that is not regular, not ours, or that others can read or write. One that does not exist is
// fs.ErrNotExist.
func private(file string) error {
	info, err := os.Lstat(file)
	switch {
	case err != nil:
		return fault("", "%w", err)
	case !info.Mode().IsRegular():
		return fault("name the file itself", "%s is no regular file", file)
	case info.Mode().Perm()&0o077 != 0:
		return fault("chmod 600 "+file, "%s can be read or written by other users (mode %04o)", file, info.Mode().Perm())
	case !ours(info):
		return fault("the user who sends must own it", "%s belongs to another user", file)
	}
	return nil
}

// safeDir refuses a directory in which others could put another file in place of ours.
func safeDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return fault("make the directory, mode 0700", "%w", err)
	case !info.IsDir():
		return fault("", "%s is no directory", dir)
	case info.Mode().Perm()&0o022 != 0:
		return fault("chmod 700 "+dir+", or name another directory", "other users can write into %s (mode %04o)", dir, info.Mode().Perm())
	case !ours(info) && !roots(info):
		return fault("name a directory of your own", "%s belongs to another user", dir)
	}
	return nil
}

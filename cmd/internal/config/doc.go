// Package config reads postern.yaml and the POSTERN_ environment variables: what the user tells of his account with the
// provider, of his submission settings, and which limits, severities and policies he wants.
//
// It is strict, because a setting that is misread is worse than one that is missing: an unknown key, a date that no calendar
// has or a host that cannot be the account's is an error that names file, line, key and remedy, and all errors of a file
// are reported at once. It guesses no identity: without a file there is no account, and it opens nothing but the file it
// looks for and the policies that the file names.
//
// The file is read as yaml.Node and not by a configuration library such as koanf, because those merge files into maps and
// lose the line that a key stands on, the second of two equal keys, and the difference between an absent and an empty key.
package config

// Package initfile writes the first postern.yaml: commented, from flags or from answers to questions. It writes to what it is
// handed and decides on no path; what it writes is read back by package config first, so that it never leaves a file behind
// that does not load.
package initfile

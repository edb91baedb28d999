package main

import "path/filepath"

// textCheck is an io.Writer that finds out whether a file is text: it holds no control characters but those of text.
type textCheck struct{ binary bool }

func (t *textCheck) Write(p []byte) (int, error) {
	if !t.binary {
		for _, c := range p {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' || c == 0x7f {
				t.binary = true
				break
			}
		}
	}
	return len(p), nil
}

func (t *textCheck) ok() bool { return !t.binary }

// attachmentName is the name under which a file would be attached.
func attachmentName(path string) string {
	if path == "stdin" {
		return "data.bin"
	}
	return filepath.Base(path)
}

package sendmail

import "os"

// removed makes a file and takes its name away at once.
func removed(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "postern-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

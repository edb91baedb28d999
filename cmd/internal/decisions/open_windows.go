package decisions

import "os"

func openFile(name string, flags int) (*os.File, error) { return os.OpenFile(name, flags, 0o600) }

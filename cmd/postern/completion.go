package main

// generate is the flag that a shell's completion function adds at the end.
const generate = "--generate-bash-completion"

// completion prepares arguments that ask for shell completion and tells whether they do. The library panics on a flag that is
// not finished ("check --for") and runs the command itself after a bare "--"; so what is being typed is taken off, and
// everything that begins with a dash completes as a lone "-", which lists all flags.
func completion(args []string) ([]string, bool) {
	n := len(args) - 1
	if n < 1 || args[n] != generate {
		return args, false
	}
	out := []string{args[0]}
	flags := false
	for i, a := range args[1:n] {
		if len(a) > 0 && a[0] == '-' {
			flags = i == n-2 // only of what is being typed
			continue
		}
		out = append(out, a)
	}
	if flags {
		out = append(out, "-")
	}
	return append(out, generate), true
}

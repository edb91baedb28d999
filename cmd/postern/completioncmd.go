package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
)

// The words of a command line are handed on as they were typed, never evaluated again. What follows a command without an answer
// is a path, which the shell completes itself.
const (
	bashCompletion = `_postern() {
	local IFS=$'\n' cur=${COMP_WORDS[COMP_CWORD]}
	local -a words=("${COMP_WORDS[@]:0:COMP_CWORD}")
	[[ $cur != -* ]] || words+=("$cur")
	COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -F _postern postern
`
	zshCompletion = `#compdef postern
_postern() {
	local -a words_ answers
	words_=("${(@)words[1,CURRENT-1]}")
	[[ $words[CURRENT] != -* ]] || words_+=("$words[CURRENT]")
	answers=("${(@f)$("${words_[@]}" --generate-bash-completion 2>/dev/null)}")
	if [[ -n $answers[1] ]]; then
		compadd -a answers
	else
		_files
	fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
	_postern "$@"
else
	compdef _postern postern
fi
`
	fishCompletion = `function __postern_complete
	set -l words (commandline -opc)
	set -l cur (commandline -ct)
	if string match -q -- '-*' $cur
		set -a words $cur
	end
	$words[1] $words[2..-1] --generate-bash-completion 2>/dev/null
end
complete -c postern -a '(__postern_complete)'
`
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print what makes a shell complete commands and flags",
		ArgsUsage: "bash|zsh|fish",
		Description: "For bash put it into ~/.local/share/bash-completion/completions/postern, for zsh as _postern into a directory of\n" +
			"$fpath, for fish into ~/.config/fish/completions/postern.fish.",
		BashComplete: func(c *cli.Context) { fmt.Fprint(c.App.Writer, "bash\nzsh\nfish\n") },
		Action: func(c *cli.Context) error {
			script, ok := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Args().First()]
			if !ok || c.Args().Len() != 1 {
				return gate.Usagef("postern completion bash, zsh or fish prints it", "completion takes the name of a shell")
			}
			if _, err := io.WriteString(c.App.Writer, script); err != nil {
				return cannotWrite(err)
			}
			return nil
		},
	}
}

//go:build unix

package child

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the program the leader of a process group, all of which is killed when its time is up.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return endGroup(cmd.Process.Pid) }
}

// endGroup kills what is left of the group that pid was made the leader of.
func endGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

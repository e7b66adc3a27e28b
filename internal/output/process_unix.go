//go:build !windows

package output

import (
	"errors"
	"syscall"
)

// running reports whether there is a process with the ID, whoever owns it.
func running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

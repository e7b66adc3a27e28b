package output

import "os"

// running reports whether there is a process with the ID. Windows finds only
// processes that exist.
func running(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	process.Release() //nolint:errcheck // it is only a handle
	return true
}

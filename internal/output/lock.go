package output

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Each process of the CDK CLI keeps a lock in the directory that it works with, so that
// an assembly does not change while it is deployed: synth.lock while it writes,
// read.PID.N.lock while it reads.
const writeLock = "synth.lock"

var readLock = regexp.MustCompile(`^read\.(\d+)\.\d+\.lock$`)

func isLock(name string) bool {
	return name == writeLock || readLock.MatchString(name)
}

// refuseInUse returns an error while a CDK CLI that runs reads or writes dir.
func refuseInUse(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil //nolint:nilerr // what cannot be listed is not in use; writing reports what is wrong with it
	}
	for _, entry := range entries {
		if pid := holder(dir, entry.Name()); pid != 0 && running(pid) {
			return fmt.Errorf("%s: a CDK CLI (process %d) works with it: wait for its end, or stop it", dir, pid)
		}
	}
	return nil
}

// holder returns the process that holds the lock, or zero if the file is no lock.
func holder(dir, name string) int {
	text := ""
	if found := readLock.FindStringSubmatch(name); found != nil {
		text = found[1]
	} else if name == writeLock {
		content, _ := os.ReadFile(filepath.Join(dir, name)) // gone in the meantime: not held
		text = strings.TrimSpace(string(content))
	}
	pid, _ := strconv.Atoi(text) // zero if it is not a number
	return pid
}

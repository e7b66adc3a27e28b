// Package output replaces cloud assemblies as a whole, and only if they would change.
package output

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// stampFile holds hashes of the inputs and of the contents of an assembly.
const stampFile = "catalog-infra.json"

type stamp struct {
	Inputs   string `json:"inputs"`
	Contents string `json:"contents"`
}

// Write replaces the assembly in dir. The function write is called with another
// directory; if it succeeds, that directory takes the place of dir. Write does nothing
// and returns false if dir was made from the same inputs and has not changed since. It
// returns an error while a CDK CLI works with dir.
func Write(dir, inputs string, write func(dir string) error) (written bool, err error) {
	if upToDate(dir, inputs) {
		return false, nil
	}
	if err := refuseInUse(dir); err != nil {
		return false, err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return false, err
	}
	fresh, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(fresh) //nolint:errcheck // nothing is left of it once it has taken its place
	if err := os.Chmod(fresh, 0o755); err != nil {
		return false, err
	}
	if err := write(fresh); err != nil {
		return false, err
	}
	if err := sign(fresh, inputs); err != nil {
		return false, err
	}
	return true, replace(dir, fresh)
}

// replace renames fresh to dir, and removes the directory that was there.
func replace(dir, fresh string) error {
	if err := refuseInUse(dir); err != nil {
		return err
	}
	before := fresh + ".before"
	if err := os.Rename(dir, before); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	defer os.RemoveAll(before) //nolint:errcheck // a leftover is hidden and ignored by git
	return os.Rename(fresh, dir)
}

func upToDate(dir, inputs string) bool {
	content, err := os.ReadFile(filepath.Join(dir, stampFile))
	if err != nil {
		return false
	}
	var was stamp
	if json.Unmarshal(content, &was) != nil || was.Inputs != inputs {
		return false
	}
	contents, err := hash(dir)
	return err == nil && contents == was.Contents
}

func sign(dir, inputs string) error {
	contents, err := hash(dir)
	if err != nil {
		return err
	}
	content, err := json.Marshal(stamp{inputs, contents})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, stampFile), content, 0o644)
}

// hash returns a hash of the names and contents of the files in dir, except the stamp
// and the CLI's locks, which are not part of the assembly.
func hash(dir string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == stampFile || isLock(entry.Name()) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		fmt.Fprintf(sum, "%q %d ", name, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
